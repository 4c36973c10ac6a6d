# Debian testing: BIOS, root in LVM, netplan; NVMe and e1000e in the VM.
suite=testing
firmware=bios
features=(netplan initramfs-tools)
drivers=(virtio_pci virtio_blk dm_mod ext4)
disks=(4096)
controller=Nvme
adapter=E1000e

storage() {
  partition 0 gpt bios=1 linux=320 lvm
  volume_group web01-vg 0:3 root=2900 swap=256
  volume web01-vg/root ext4 / errors=remount-ro
  volume 0:2 ext4 /boot
  volume web01-vg/swap swap
}
