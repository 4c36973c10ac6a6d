# A package database that is broken; all in one ext4, without a swap area; AHCI.
firmware=bios
features=(ifupdown initramfs-tools)
drivers=(virtio_pci virtio_blk ext4)
disks=(3584)
controller=Ahci

storage() {
  partition 0 dos linux
  volume 0:1 ext4 / errors=remount-ro
}

fill() { printf 'Package: half\n' > "$mnt/var/lib/dpkg/status"; }
