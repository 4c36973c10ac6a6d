# GRUB. Its own installer wants partition devices, which a build host need not have: the same writes by hand.

# What GRUB has to know of the file system that holds /boot: sets boot_uuid, boot_path (from the file system's top),
# boot_table and boot_modules.
locate_boot() {
  local boot place options subvolume
  boot=$(index_of /boot)
  place=${volume_places[boot]} options=${volume_options[boot]}
  boot_uuid=${uuid_of[$place]} boot_path=
  if [ "${volume_points[boot]}" = / ]; then boot_path=/boot; fi
  subvolume=$(subvolume_of "$options")
  if [ -n "$subvolume" ]; then boot_path=/$subvolume$boot_path; fi
  boot_modules="part_gpt"
  if [ "${table_of[0]}" = dos ]; then boot_modules="part_msdos"; fi
  # Where it looks first, as GRUB's installer writes it for an array.
  boot_device=
  if [ -n "${mirror_id[$place]:-}" ]; then boot_modules+=" mdraid1x" boot_device=mduuid/${mirror_id[$place]}; fi
  case ${volume_types[boot]} in btrfs) boot_modules+=" btrfs" ;; *) boot_modules+=" ext2" ;; esac
}

install_loader() { case $loader in systemd-boot | extlinux) "install_${loader//-/_}" ;; *) install_grub ;; esac; }

install_grub() {
  locate_boot
  write_menu
  "install_grub_$firmware"
}

# The kernel's command line. The options after the consoles spare an emulated processor a third of the boot and a quarter
# of what it reads.
command_line() {
  local root options subvolume
  root=$(index_of /) options=
  subvolume=$(subvolume_of "${volume_options[root]}")
  if [ -n "$subvolume" ]; then options=" rootflags=subvol=$subvolume"; fi
  echo "root=${fstab_name[${volume_places[root]}]} ro$options console=tty0 console=ttyS0,115200" \
    "mitigations=off nokaslr init_on_alloc=0 cryptomgr.notests"
}

write_menu() {
  local kernel module
  kernel=$(kernel_version)
  mkdir -p "$mnt/boot/grub"
  {
    echo "set timeout=1"
    echo "menuentry 'Debian GNU/Linux' --class debian {"
    for module in $boot_modules; do echo "  insmod $module"; done
    if [ -n "$boot_device" ]; then echo "  set root='$boot_device'"; fi
    echo "  search --no-floppy --fs-uuid --set=root${boot_device:+ --hint='$boot_device'} $boot_uuid"
    echo "  linux $boot_path/vmlinuz-$kernel $(command_line)"
    echo "  initrd $boot_path/initrd.img-$kernel"
    echo "}"
  } > "$mnt/boot/grub/grub.cfg"
}

# early_script PREFIX: what the image does before it reads its menu.
early_script() { printf "search.fs_uuid %s root\nset prefix=(\$root)'%s/grub'\n" "$boot_uuid" "$boot_path" > "$mnt/tmp/early.cfg"; }

# Boot code and core image on each disk that the firmware may boot from.
install_grub_bios() {
  local disk core_lba core early=() prefix=$boot_path/grub
  mkdir -p "$mnt/boot/grub/i386-pc"
  cp "$mnt"/usr/lib/grub/i386-pc/*.{mod,lst,img} "$mnt/boot/grub/i386-pc/"
  if [ -n "$boot_device" ]; then
    prefix="($boot_device)$prefix"
  else
    early_script
    early=(-c /tmp/early.cfg)
  fi
  for disk in "${boot_disks[@]}"; do
    # Behind the table of an MBR disk are 2047 free sectors; GPT has a partition for it.
    core_lba=1
    if [ "${table_of[$disk]}" = gpt ]; then core_lba=$((place_offset[$disk:1] / 512)); fi
    chroot "$mnt" grub-mkimage -O i386-pc -o /boot/grub/i386-pc/core.img -p "$prefix" "${early[@]}" \
      biosdisk $boot_modules search_fs_uuid
    core=$mnt/boot/grub/i386-pc/core.img
    cp "$mnt/usr/lib/grub/i386-pc/boot.img" "$work/boot.img"
    little_endian "$core_lba" 8 | dd of="$work/boot.img" bs=1 seek=$((0x5c)) conv=notrunc status=none
    little_endian $((core_lba + 1)) 8 | dd of="$core" bs=1 seek=$((0x1f4)) conv=notrunc status=none
    dd if="$work/boot.img" of="$work/disk$disk.raw" bs=440 count=1 conv=notrunc status=none
    dd if="$core" of="$work/disk$disk.raw" bs=512 seek="$core_lba" conv=notrunc status=none
  done
}

install_grub_uefi() {
  local esp=$work/esp
  mkdir -p "$esp/EFI/debian" "$esp/EFI/BOOT" "$mnt/boot/grub/x86_64-efi"
  cp "$mnt"/usr/lib/grub/x86_64-efi/*.{mod,lst} "$mnt/boot/grub/x86_64-efi/"
  early_script
  chroot "$mnt" grub-mkimage -O x86_64-efi -o /tmp/grubx64.efi -p "$boot_path/grub" -c /tmp/early.cfg \
    fat $boot_modules search_fs_uuid normal linux
  # A signed image would read this one beside it.
  { cat "$mnt/tmp/early.cfg" && echo 'configfile $prefix/grub.cfg'; } > "$esp/EFI/debian/grub.cfg"
  if [ "$loader" = grub-signed ]; then
    copy_signed "$esp/EFI"
  else
    cp "$mnt/tmp/grubx64.efi" "$esp/EFI/debian/grubx64.efi"
    cp "$mnt/tmp/grubx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
  fi
  fill_esp
}

# shim and the signed GRUB, in the vendor's folder and in the fallback's.
copy_signed() {
  local folder
  for folder in debian BOOT; do
    cp "$mnt/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" "$1/$folder/grubx64.efi"
    cp "$mnt/usr/lib/shim/mmx64.efi.signed" "$1/$folder/mmx64.efi"
  done
  cp "$mnt/usr/lib/shim/shimx64.efi.signed" "$1/debian/shimx64.efi"
  cp "$mnt/usr/lib/shim/shimx64.efi.signed" "$1/BOOT/BOOTX64.EFI"
}

# What was gathered in $work/esp goes to the EFI partition. mtools ask the loop device for a geometry, get none, and say so.
fill_esp() {
  local place=${volume_places[$(index_of /boot/efi)]}
  mcopy -s -i "${device_of[$place]}" "$work"/esp/* :: 2> "$work/mcopy.log" || { cat "$work/mcopy.log" >&2; exit 1; }
}
