# Plain partitions on an MBR disk, logical ones among them: ext3, separate /usr, /var and /home, a label and a mount point
# with a space. /boot is ext2.
firmware=bios
features=(ifupdown initramfs-tools)
drivers=(virtio_pci virtio_blk ext4)
disks=(4352)

storage() {
  partition 0 dos linux=256 linux=500 extended swap=256 linux=1300 linux=1200 linux=200 linux
  volume 0:2 ext3 / errors=remount-ro
  volume 0:1 ext2 /boot
  volume 0:6 ext4 /usr
  volume 0:7 ext4 /var
  volume 0:8 ext3 /home
  fstab_name[0:9]='LABEL=my\040data'
  volume 0:9 xfs "/srv/my data"
  volume 0:5 swap
}
