# UEFI, all in one btrfs as Ubuntu and SUSE lay it out: /boot in the subvolume of the root, which is the default one, and
# nested subvolumes without a mount of their own, as systemd-tmpfiles makes them. Compressed. systemd-networkd alone.
firmware=uefi
features=(btrfs networkd initramfs-tools)
drivers=(virtio_pci virtio_blk btrfs)
disks=(4096)
default_subvolume=@

storage() {
  partition 0 gpt efi=64 linux=3600 swap
  volume 0:2 btrfs / compress=zstd:1,subvol=@
  volume 0:2 btrfs /home compress=zstd:1,subvol=@home
  volume 0:1 vfat /boot/efi umask=0077
  volume 0:3 swap
}

fill() {
  local place
  for place in var/lib/machines var/lib/machines/web var/lib/portables; do
    btrfs --quiet subvolume create "$mnt/$place"
    chmod 0700 "$mnt/$place"
  done
  mkdir "$mnt/var/lib/machines/web/etc"
  echo web > "$mnt/var/lib/machines/web/etc/hostname"
  echo "in a nested subvolume" > "$mnt/var/lib/portables/file"
  setfattr -n user.comment -v 'kept' "$mnt/var/lib/portables/file"
}
