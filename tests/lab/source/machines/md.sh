# Two disks that mirror each other, as Debian's installer sets them up: /boot, LVM with the root, and /var on arrays of
# their own, MBR partitions, GRUB on both disks. fstab names one array by its device.
firmware=bios
features=(md ifupdown initramfs-tools)
drivers=(virtio_pci virtio_blk raid1 dm_mod ext4)
disks=(3584 3584)
boot_disks=(0 1)

storage() {
  partition 0 dos raid=256 raid=2200 raid
  partition 1 dos raid=256 raid=2200 raid
  mirror 0 0:1 1:1
  mirror 1 0:2 1:2
  mirror 2 0:3 1:3
  volume_group web01-vg md1 root=1800 swap=256
  volume web01-vg/root ext4 / errors=remount-ro
  volume md0 ext4 /boot
  fstab_name[md2]=/dev/md2
  volume md2 xfs /var
  volume web01-vg/swap swap
}
