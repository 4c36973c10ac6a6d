#!/bin/bash
# Makes the disks of a source machine of the lab: a Debian with its own kernel. Everything runs natively: the kernel of
# the build host needs loop devices and the file systems, neither the device mapper nor md.
#
#   build.sh MACHINE CACHE OUTPUT KEY LARGE
#     MACHINE   a recipe of the folder machines; README.md tells what it says
#     CACHE     folder for the unpacked packages, kept between runs
#     OUTPUT    folder for disk0.qcow2, disk1.qcow2... and the file "firmware" (bios or uefi); replaced
#     KEY       public key for root, admin and deploy
#     LARGE     size of the largest file in MB
#   The password of admin and deploy comes on standard input.
set -euo pipefail
machine=$1 cache=$2 output=$3 key=$4 large=$5
here=$(cd "$(dirname "$0")" && pwd)
IFS= read -r password
for step in host places mirrors volumes system grub systemd-boot extlinux; do . "$here/steps/$step.sh"; done
suite=bookworm loader=grub deploy_shell=/bin/bash
boot_disks=(0)
fill() { :; }
. "$here/machines/$machine.sh"

work=$cache/work-$machine.$$ mnt=$cache/work-$machine.$$/mnt
trap 'give_back; rm -rf --one-file-system "$work"' EXIT
mkdir -p "$cache" "$mnt"

# Machines of the same packages share them, and one makes them at a time.
root_cache=$cache/root-$(packages_key)
exec 9> "$root_cache.lock"
flock 9
[ -d "$root_cache" ] || make_root "$root_cache"
flock -u 9

say "partitioning, making file systems"
storage
mount_volumes

say "filling the disks"
cp -a "$root_cache/." "$mnt/"
for folder in dev proc sys; do bound "/$folder" "$mnt/$folder"; done
configure
install_loader
rm -f "$mnt"/tmp/*
"$here/dataset.sh" "$mnt" "$large"
fill
sync_volumes
give_back
finish_mirrors

say "packing the disks"
rm -rf "${output:?}.new" && mkdir -p "$output.new"
for disk in "${!disks[@]}"; do qemu-img convert -O qcow2 "$work/disk$disk.raw" "$output.new/disk$disk.qcow2"; done
echo "$firmware" > "$output.new/firmware"
rm -rf "${output:?}"
mv "$output.new" "$output"
