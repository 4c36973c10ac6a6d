# A login by a user who may only sudo and whose shell is csh; a whole disk as one XFS, /boot with 10 MB free, LSI SAS.
firmware=bios
features=(ifupdown initramfs-tools csh)
drivers=(virtio_pci virtio_blk ext4)
disks=(3584 1200)
deploy_shell=/bin/tcsh
user=deploy
controller=LsiLogicSas

storage() {
  partition 0 dos linux=96 linux=2900 swap
  whole_disk 1
  volume 0:2 ext4 / errors=remount-ro
  volume 0:1 ext4 /boot
  volume 1 xfs /var
  volume 0:3 swap
}

fill() { leave_free /boot 10; }
