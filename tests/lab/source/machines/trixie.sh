# Debian 13: UEFI, root in LVM, NetworkManager with a keyfile that names the adapter's address.
suite=trixie
firmware=uefi
features=(networkmanager initramfs-tools)
drivers=(virtio_pci virtio_blk dm_mod ext4)
disks=(4096)

storage() {
  partition 0 gpt efi=64 linux=256 lvm
  volume_group web01-vg 0:3 root=2800 swap=256
  volume web01-vg/root ext4 / errors=remount-ro
  volume 0:2 ext4 /boot
  volume 0:1 vfat /boot/efi umask=0077
  volume web01-vg/swap swap
}
