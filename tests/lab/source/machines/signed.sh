# UEFI by Secure Boot's signed loaders, shim and a GRUB that reads its menu's place from a file beside it; netplan, dracut.
firmware=uefi
loader=grub-signed
features=(netplan dracut)
drivers=(virtio_pci virtio_blk ext4)
disks=(3840)

storage() {
  partition 0 gpt efi=64 linux=3500 swap
  volume 0:2 ext4 / errors=remount-ro
  volume 0:1 vfat /boot/efi umask=0077
  volume 0:3 swap
}
