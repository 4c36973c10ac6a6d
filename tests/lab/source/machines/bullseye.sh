# Debian 11 with /bin and /lib beside /usr: BIOS, root in LVM, ifupdown; AHCI and e1000e in the VM.
suite=bullseye
firmware=bios
features=(ifupdown initramfs-tools)
drivers=(virtio_pci virtio_blk dm_mod ext4)
disks=(4096)
controller=Ahci
adapter=E1000e

storage() {
  partition 0 gpt bios=1 linux=256 lvm
  volume_group web01-vg 0:3 root=2800 swap=256
  volume web01-vg/root ext4 / errors=remount-ro
  volume 0:2 ext4 /boot
  volume web01-vg/swap swap
}
