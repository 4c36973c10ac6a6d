# BIOS with extlinux, which LinuxP2V cannot set up.
firmware=bios
loader=extlinux
features=(ifupdown initramfs-tools)
drivers=(virtio_pci virtio_blk ext4)
disks=(3584)
refused=BootLoaderNotSupported

storage() {
  partition 0 dos linux
  volume 0:1 ext3 / errors=remount-ro
}
