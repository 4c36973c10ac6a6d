# The same disks the other way: UEFI, netplan with systemd-networkd, and dracut, as on other families.
firmware=uefi
features=(netplan dracut)
drivers=(virtio_pci virtio_blk dm_mod ext4)
disks=(4096 2048)

storage() {
  partition 0 gpt efi=64 linux=256 lvm
  partition 1 gpt linux=1200
  volume_group web01-vg 0:3 root=1600 swap=256
  volume web01-vg/root ext4 / errors=remount-ro
  volume 0:2 ext4 /boot
  volume 0:1 vfat /boot/efi umask=0077
  volume 1:1 xfs /var
  volume web01-vg/swap swap
}
