# systemd-boot with entries in text files (BLS), as kernel-install leaves them on the EFI partition.

install_systemd_boot() {
  local esp=$work/esp kernel token folder loader
  kernel=$(kernel_version)
  token=$(cat "$mnt/etc/machine-id")
  folder=$esp/$token/$kernel
  loader=$mnt/usr/lib/systemd/boot/efi/systemd-bootx64.efi
  mkdir -p "$folder" "$esp/EFI/systemd" "$esp/EFI/BOOT" "$esp/loader/entries" "$mnt/etc/kernel"
  cp "$loader" "$esp/EFI/systemd/"
  cp "$loader" "$esp/EFI/BOOT/BOOTX64.EFI"
  cp "$mnt/boot/vmlinuz-$kernel" "$folder/linux"
  cp "$mnt/boot/initrd.img-$kernel" "$folder/initrd.img-$kernel"
  command_line > "$mnt/etc/kernel/cmdline"
  printf 'timeout 1\nconsole-mode keep\n' > "$esp/loader/loader.conf"
  echo type1 > "$esp/loader/entries.srel"
  {
    echo "title      Debian GNU/Linux"
    echo "version    $kernel"
    echo "machine-id $token"
    echo "sort-key   debian"
    echo "options    $(command_line)"
    echo "linux      /$token/$kernel/linux"
    echo "initrd     /$token/$kernel/initrd.img-$kernel"
  } > "$esp/loader/entries/$token-$kernel.conf"
  fill_esp
}
