# extlinux in the first partition, which holds /boot/extlinux, and its boot code on the disk.

install_extlinux() {
  local kernel
  kernel=$(kernel_version)
  mkdir -p "$mnt/boot/extlinux"
  {
    echo "default debian"
    echo "label debian"
    echo "  kernel /boot/vmlinuz-$kernel"
    echo "  append initrd=/boot/initrd.img-$kernel $(command_line)"
  } > "$mnt/boot/extlinux/extlinux.conf"
  chroot "$mnt" extlinux --install /boot/extlinux > "$work/extlinux.log" 2>&1 || { cat "$work/extlinux.log" >&2; exit 1; }
  dd if="$mnt/usr/lib/EXTLINUX/mbr.bin" of="$work/disk0.raw" bs=440 count=1 conv=notrunc status=none
  sfdisk --quiet --no-reread --no-tell-kernel --activate "$work/disk0.raw" 1
}
