#!/bin/bash
# Makes the disks of the lab's source machine: Debian 12 with its own kernel, two disks, root on ext4 in LVM, /var on XFS
# on the second disk. Everything runs natively. LVM's metadata is written without the device mapper, which build
# hosts in containers lack; each logical volume is then a loop device at its offset.
#
#   build.sh FIRMWARE CACHE OUTPUT KEY LARGE
#     FIRMWARE  bios or uefi
#     CACHE     folder for the unpacked packages, kept between runs
#     OUTPUT    folder for disk0.qcow2 and disk1.qcow2; replaced
#     KEY       public key for root, admin and deploy
#     LARGE     size of the largest file in MB
#   The password of admin and deploy comes on standard input.
set -euo pipefail
firmware=$1 cache=$2 output=$3 key=$4 large=$5
here=$(cd "$(dirname "$0")" && pwd)
IFS= read -r password

mib=$((1024 * 1024))
disk0_mib=4096 disk1_mib=2048
boot_mib=256 esp_mib=64 root_mib=1600 swap_mib=256 var_mib=1200

work=$cache/work-$firmware.$$
loops=() mounts=()

say() { echo "source: $*"; }

cleanup() {
  local i
  for ((i = ${#mounts[@]} - 1; i >= 0; i--)); do umount "${mounts[i]}" 2>/dev/null || umount -l "${mounts[i]}"; done
  # Where the host has udev and the device mapper it may have activated our groups behind our back.
  if [ -e /dev/mapper/control ] && [ ${#loops[@]} -gt 0 ]; then
    for i in "${loops[@]}"; do lvm vgchange -an --devices "$i" >/dev/null 2>&1 || true; done
  fi
  for i in "${loops[@]}"; do losetup -d "$i" 2>/dev/null || true; done
  loops=() mounts=()
}
trap 'cleanup; rm -rf --one-file-system "$work"' EXIT

# attach FILE OFFSET SIZE: sets $loop, in this shell so that the cleanup knows of it.
attach() {
  loop=$(losetup -f --show --offset "$2" --sizelimit "$3" "$1")
  loops+=("$loop")
}

mounted() {
  mount "$1" "$2" -o "${3:-defaults}"
  mounts+=("$2")
}

bound() {
  mount --bind "$1" "$2"
  mounts+=("$2")
}

# LVM that touches nothing but the given device: no device mapper, no udev, no state of the host.
quiet_lvm() {
  local command=$1 device=$2
  shift 2
  LVM_SYSTEM_DIR=$work/lvm LVM_SUPPRESS_FD_WARNINGS=1 lvm "$command" --driverloaded n --devices "$device" --config '
    devices { use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source="none" }
    activation { udev_sync=0 udev_rules=0 monitoring=0 }
    backup { backup=0 archive=0 }' "$@" 2>> "$work/lvm.log"
}

# The machine's packages, unpacked and configured once.
make_root() {
  local mirrors packages
  packages=$(sed 's/#.*//' "$here/packages.txt" "$here/$firmware/packages.txt" | xargs | tr ' ' ,)
  # The host's own Debian mirrors, whatever they are.
  mirrors=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    awk '$NF == "Debian" && $3 ~ /^bookworm(-updates|-security)?$/ { NF--; print }' | sort -u)
  say "installing Debian 12 for $firmware"
  cat > "$work/prepare.sh" <<'HOOK'
#!/bin/sh
# Before the initramfs tool and GRUB are installed: their packages' scripts read these.
set -e
cp -a --no-preserve=ownership "$LAB_FILES/." "$1/"
chmod 0440 "$1/etc/sudoers.d/lab"
HOOK
  chmod +x "$work/prepare.sh"
  # hosts and resolv.conf come last: mmdebstrap lends the chroot the host's while it installs.
  mkdir -p "$work/early" && cp -a "$here/files/." "$here/$firmware/files/." "$work/early/" && rm "$work/early/etc/resolv.conf" "$work/early/etc/hosts" "$work/early/etc/hostname"
  LAB_FILES=$work/early mmdebstrap --quiet --mode=root --variant=essential --format=directory \
    --include="$packages" --essential-hook="$work/prepare.sh" \
    --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
    --dpkgopt='force-confold' \
    bookworm "$work/root" - <<< "$mirrors" > "$work/mmdebstrap.log" 2>&1 || { tail -20 "$work/mmdebstrap.log" >&2; exit 1; }
  rm -rf "${root_cache:?}"
  mv "$work/root" "$root_cache"
}

partition() {
  local disk=$1 size=$2
  truncate -s "${size}M" "$disk"
  sfdisk --quiet "$disk"
}

# partition_range DISK NUMBER: offset and size in bytes.
# mawk's %d ends at 2 GiB.
partition_range() {
  sfdisk --json "$1" | awk -v n="$2" -v RS='{' '/"node"/ && ++i == n {
    match($0, /"start": *[0-9]+/); split(substr($0, RSTART, RLENGTH), s, ": *")
    match($0, /"size": *[0-9]+/); split(substr($0, RSTART, RLENGTH), z, ": *")
    printf "%.0f %.0f\n", s[2] * 512, z[2] * 512 }'
}

# volume_group DISK PARTITION GROUP NAME=MIB...: fills lv_offset[NAME] and lv_size[NAME], bytes on the disk.
declare -A lv_offset lv_size
volume_group() {
  local disk=$1 number=$2 group=$3 start size device pe_start extent spec name
  shift 3
  read -r start size < <(partition_range "$disk" "$number")
  attach "$disk" "$start" "$size" && device=$loop
  quiet_lvm pvcreate "$device" -q -y "$device" >/dev/null
  quiet_lvm vgcreate "$device" -q "$group" "$device" >/dev/null
  for spec in "$@"; do
    quiet_lvm lvcreate "$device" -q -y -an -Zn -Wn -n "${spec%=*}" -L "${spec#*=}M" "$group" >/dev/null
  done
  read -r pe_start < <(quiet_lvm pvs "$device" --units b --nosuffix --noheadings -o pe_start)
  while read -r name range bytes extent; do
    range=${range##*:}
    lv_offset[$name]=$((start + pe_start + ${range%-*} * extent))
    lv_size[$name]=$bytes
  done < <(quiet_lvm lvs "$device" --units b --nosuffix --noheadings -o lv_name,seg_pe_ranges,lv_size,vg_extent_size "$group")
  losetup -d "$device"
  unset 'loops[-1]'
}

# GRUB's own installer wants partition devices, which a build host need not have: the same three writes by hand.
install_grub_bios() {
  local disk=$1 core_lba core
  read -r core_lba _ < <(partition_range "$disk" 1)
  core_lba=$((core_lba / 512))
  mkdir -p "$mnt/boot/grub/i386-pc"
  cp "$mnt"/usr/lib/grub/i386-pc/*.{mod,lst,img} "$mnt/boot/grub/i386-pc/"
  printf 'search.fs_uuid %s root\nset prefix=($root)/grub\n' "$boot_uuid" > "$mnt/tmp/early.cfg"
  chroot "$mnt" grub-mkimage -O i386-pc -o /boot/grub/i386-pc/core.img -p /grub -c /tmp/early.cfg \
    biosdisk part_gpt ext2 search_fs_uuid
  core=$mnt/boot/grub/i386-pc/core.img
  cp "$mnt/usr/lib/grub/i386-pc/boot.img" "$work/boot.img"
  little_endian "$core_lba" 8 | dd of="$work/boot.img" bs=1 seek=$((0x5c)) conv=notrunc status=none
  little_endian $((core_lba + 1)) 8 | dd of="$core" bs=1 seek=$((0x1f4)) conv=notrunc status=none
  dd if="$work/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$core" of="$disk" bs=512 seek="$core_lba" conv=notrunc status=none
}

# The EFI partition is filled by mtools: not every build host's kernel knows FAT.
install_grub_uefi() {
  local esp=$work/esp
  mkdir -p "$esp/EFI/debian" "$esp/EFI/BOOT" "$mnt/boot/grub/x86_64-efi"
  cp "$mnt"/usr/lib/grub/x86_64-efi/*.{mod,lst} "$mnt/boot/grub/x86_64-efi/"
  printf 'search.fs_uuid %s root\nset prefix=($root)/grub\nconfigfile $prefix/grub.cfg\n' "$boot_uuid" > "$mnt/tmp/early.cfg"
  chroot "$mnt" grub-mkimage -O x86_64-efi -o /tmp/grubx64.efi -p /grub -c /tmp/early.cfg \
    part_gpt fat ext2 search_fs_uuid configfile normal linux
  cp "$mnt/tmp/early.cfg" "$esp/EFI/debian/grub.cfg"
  cp "$mnt/tmp/grubx64.efi" "$esp/EFI/debian/grubx64.efi"
  cp "$mnt/tmp/grubx64.efi" "$esp/EFI/BOOT/BOOTX64.EFI"
  # It asks the loop device for a geometry, gets none, and says so.
  mcopy -s -i "$esp_device" "$esp/EFI" :: 2> "$work/mcopy.log" || { cat "$work/mcopy.log" >&2; exit 1; }
}

little_endian() {
  local value=$1 i
  for ((i = 0; i < $2; i++)); do printf "\\x$(printf %02x $((value >> (8 * i) & 255)))"; done
}

make_initramfs_bios() { chroot "$mnt" update-initramfs -u -k "$1"; }

# The network's own service is not there unless it is asked for, other than ifupdown's.
make_initramfs_uefi() {
  chroot "$mnt" systemctl --quiet enable systemd-networkd.service
  chroot "$mnt" dracut --force "/boot/initrd.img-$1" "$1"
}

configure() {
  local kernel home user
  cp -a --no-preserve=ownership "$here/files/etc/." "$here/$firmware/files/etc/." "$mnt/etc/"
  chmod 0440 "$mnt/etc/sudoers.d/lab"
  tr -d - < /proc/sys/kernel/random/uuid > "$mnt/etc/machine-id"
  ln -sf /etc/machine-id "$mnt/var/lib/dbus/machine-id" 2>/dev/null || true
  rm -f "$mnt"/etc/ssh/ssh_host_*
  chroot "$mnt" ssh-keygen -A > /dev/null
  for user in admin deploy; do chroot "$mnt" useradd -m -s /bin/bash "$user"; done
  printf '%s\n' "admin:$password" "deploy:$password" | chroot "$mnt" chpasswd
  for user in root admin deploy; do
    home=$(chroot "$mnt" sh -c "echo ~$user")
    install -d -m 0700 "$mnt$home/.ssh"
    echo "$key" > "$mnt$home/.ssh/authorized_keys"
    chroot "$mnt" chown -R "$user:" "$home/.ssh"
  done
  {
    echo "# <file system> <mount point> <type> <options> <dump> <pass>"
    echo "/dev/mapper/web01--vg-root / ext4 errors=remount-ro 0 1"
    echo "UUID=$boot_uuid /boot ext4 defaults 0 2"
    if [ "$firmware" = uefi ]; then echo "UUID=$esp_uuid /boot/efi vfat umask=0077 0 1"; fi
    echo "UUID=$var_uuid /var xfs defaults 0 0"
    echo "/dev/mapper/web01--vg-swap none swap sw 0 0"
  } > "$mnt/etc/fstab"
  # The network may not be awaited, nor package lists be fetched, while a test looks on.
  chroot "$mnt" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer systemd-networkd-wait-online.service
  kernel=$(basename "$mnt"/boot/vmlinuz-*)
  kernel=${kernel#vmlinuz-}
  say "making the initramfs of $kernel"
  "make_initramfs_$firmware" "$kernel" > "$work/initramfs.log" 2>&1 || { cat "$work/initramfs.log" >&2; exit 1; }
  mkdir -p "$mnt/boot/grub"
  # The options after the consoles spare an emulated processor a third of the boot and a quarter of what it reads.
  cat > "$mnt/boot/grub/grub.cfg" <<CFG
set timeout=1
menuentry 'Debian GNU/Linux' --class debian {
  insmod part_gpt
  insmod ext2
  search --no-floppy --fs-uuid --set=root $boot_uuid
  linux /vmlinuz-$kernel root=/dev/mapper/web01--vg-root ro console=tty0 console=ttyS0,115200 mitigations=off nokaslr init_on_alloc=0 cryptomgr.notests
  initrd /initrd.img-$kernel
}
CFG
}

mkdir -p "$cache" "$work/lvm"
recipe=$({ cat "$here/packages.txt" "$here/$firmware/packages.txt"; declare -f make_root; find "$here/files" "$here/$firmware/files" -type f -print0 | sort -z | xargs -0 cat; } | sha256sum | cut -c1-12)
root_cache=$cache/root-$firmware-$recipe
[ -d "$root_cache" ] || make_root

say "partitioning"
disk0=$work/disk0.raw disk1=$work/disk1.raw mnt=$work/mnt
lvm_type=E6D6D379-F507-44C2-A23C-238F2A3DF928
if [ "$firmware" = bios ]; then
  printf 'label: gpt\nsize=1MiB, type=21686148-6449-6E6F-744E-656564454649\nsize=%dMiB, type=linux\ntype=%s\n' "$boot_mib" "$lvm_type" | partition "$disk0" "$disk0_mib"
else
  printf 'label: gpt\nsize=%dMiB, type=uefi\nsize=%dMiB, type=linux\ntype=%s\n' "$esp_mib" "$boot_mib" "$lvm_type" | partition "$disk0" "$disk0_mib"
fi
# No second volume group: Debian 12 now and then does not activate one that the root does not need, and waits for it at boot.
printf 'label: gpt\nsize=%dMiB, type=linux\n' "$var_mib" | partition "$disk1" "$disk1_mib"
volume_group "$disk0" 3 web01-vg root="$root_mib" swap="$swap_mib"

say "making file systems"
read -r start size < <(partition_range "$disk0" 2)
attach "$disk0" "$start" "$size" && boot_device=$loop
attach "$disk0" "${lv_offset[root]}" "${lv_size[root]}" && root_device=$loop
attach "$disk0" "${lv_offset[swap]}" "${lv_size[swap]}" && swap_device=$loop
read -r start size < <(partition_range "$disk1" 1)
attach "$disk1" "$start" "$size" && var_device=$loop
mkfs.ext4 -q -L boot "$boot_device"
mkfs.ext4 -q -L root "$root_device"
mkfs.xfs -q -L var "$var_device"
mkswap -L swap "$swap_device" > /dev/null
boot_uuid=$(blkid -p -s UUID -o value "$boot_device")
var_uuid=$(blkid -p -s UUID -o value "$var_device")
mkdir -p "$mnt"
mounted "$root_device" "$mnt"
mkdir "$mnt/boot" "$mnt/var"
echo "below the mount point of /var" > "$mnt/var/hidden-file"
mkdir "$mnt/var/hidden-folder" && echo "and deeper" > "$mnt/var/hidden-folder/file"
mounted "$boot_device" "$mnt/boot"
mounted "$var_device" "$mnt/var"
if [ "$firmware" = uefi ]; then
  read -r start size < <(partition_range "$disk0" 1)
  attach "$disk0" "$start" "$size" && esp_device=$loop
  mkfs.vfat -F 32 -n EFI "$esp_device" > /dev/null
  esp_uuid=$(blkid -p -s UUID -o value "$esp_device")
  mkdir "$mnt/boot/efi"
fi

say "filling the disks"
cp -a "$root_cache/." "$mnt/"
for folder in dev proc sys; do bound "/$folder" "$mnt/$folder"; done
configure
"install_grub_$firmware" "$disk0"
rm -f "$mnt"/tmp/*
"$here/dataset.sh" "$mnt" "$large"
sync -f "$mnt" && sync -f "$mnt/var" && sync -f "$mnt/boot"
cleanup

say "packing the disks"
rm -rf "${output:?}.new" && mkdir -p "$output.new"
for disk in disk0 disk1; do qemu-img convert -O qcow2 "$work/$disk.raw" "$output.new/$disk.qcow2"; done
rm -rf "${output:?}"
mv "$output.new" "$output"
