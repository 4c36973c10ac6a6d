# Debian's own way: root on ext4 in LVM, /var on XFS on the second disk; ifupdown and initramfs-tools.
# No second volume group: Debian 12 now and then does not activate one that the root does not need, and waits for it at boot.
firmware=bios
features=(ifupdown initramfs-tools)
drivers=(virtio_pci virtio_blk dm_mod ext4)
disks=(4096 2048)

storage() {
  partition 0 gpt bios=1 linux=256 lvm
  partition 1 gpt linux=1200
  volume_group web01-vg 0:3 root=1600 swap=256
  volume web01-vg/root ext4 / errors=remount-ro
  volume 0:2 ext4 /boot
  volume 1:1 xfs /var
  volume web01-vg/swap swap
}
