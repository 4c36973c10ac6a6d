# UEFI with systemd-boot, its entries and kernels on the EFI partition, and a swap file; no GRUB.
firmware=uefi
loader=systemd-boot
features=(networkd initramfs-tools)
drivers=(virtio_pci virtio_blk ext4)
disks=(3584)

storage() {
  partition 0 gpt efi=160 linux
  volume 0:2 ext4 / errors=remount-ro
  volume 0:1 vfat /boot/efi umask=0077
}

fill() { swap_file 128; }
