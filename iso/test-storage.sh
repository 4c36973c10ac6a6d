# Run inside the helper by test-boot.sh: /dev/sda (pvscsi) and /dev/nvme0n1, 1 GB each, empty. Prints "ok WHAT" or "failed WHAT".
disk=$(ls -d /sys/block/sd* | head -n 1); disk=/dev/${disk##*/}
step() {
    what=$1; shift
    if out=$("$@" 2>&1); then echo "ok $what"; else echo "failed $what: $out" | tr '\n' ' '; echo; fi
}
# Makes, mounts, fills and checks one file system.
filesystem() {
    name=$1 device=$2; shift 2
    step "$name made" "$@" "$device"
    mkdir -p /mnt/t
    step "$name mounted and written" sh -c "mount $device /mnt/t && echo hello > /mnt/t/f && umount /mnt/t && mount $device /mnt/t && grep -q hello /mnt/t/f && umount /mnt/t"
}
step "partitions" sh -c "printf 'label: gpt\n,100M,U\n,\n' | sfdisk -q $disk && printf 'label: dos\n,200M\n,200M\n,200M\n,\n' | sfdisk -q /dev/nvme0n1"
filesystem vfat "${disk}1" mkfs.vfat -F 32
step "LVM group" sh -c "pvcreate -q ${disk}2 && vgcreate -q vg ${disk}2 && lvcreate -q -y -Wn -L 320M -n a vg && lvcreate -q -y -Wn -L 200M -n b vg"
filesystem xfs /dev/vg/a mkfs.xfs -q -f
filesystem btrfs /dev/vg/b mkfs.btrfs -q -f
filesystem ext4 /dev/vg/a mkfs.ext4 -q -F
step "LVM snapshot" sh -c "lvcreate -q -y -s -L 20M -n s vg/a && mount -o ro /dev/vg/s /mnt/t && umount /mnt/t && lvremove -q -y vg/s"
step "LVM thin pool" sh -c "lvcreate -q -y --type thin-pool -L 64M -Zn -n tp vg && lvcreate -q -y -V 100M --thinpool tp -n thin vg && lvremove -q -y vg/tp"
step "RAID 1" sh -c "mdadm --create /dev/md1 --run --assume-clean -e 1.2 --level 1 -n 2 /dev/nvme0n1p1 /dev/nvme0n1p2 && mdadm --stop /dev/md1"
step "RAID 5" sh -c "mdadm --zero-superblock /dev/nvme0n1p1 /dev/nvme0n1p2; mdadm --create /dev/md5 --run --assume-clean --level 5 -n 3 /dev/nvme0n1p1 /dev/nvme0n1p2 /dev/nvme0n1p3 && mdadm --stop /dev/md5"
step "LUKS 2" sh -c "printf secret | cryptsetup -q luksFormat --pbkdf pbkdf2 --pbkdf-force-iterations 1000 /dev/nvme0n1p4 - && printf secret | cryptsetup -q open --key-file - /dev/nvme0n1p4 c"
filesystem "ext4 on LUKS" /dev/mapper/c mkfs.ext4 -q -F
step "LUKS closed" cryptsetup close c
step "swap" sh -c "mkswap -q -U 11111111-2222-3333-4444-555555555555 /dev/vg/b && swapon /dev/vg/b && swapoff /dev/vg/b"
step "extended attributes" sh -c "mount /dev/vg/a /mnt/t && setfattr -n security.test -v x /mnt/t/f && setfacl -m u:99:r /mnt/t/f && chattr +i /mnt/t/f && tar -C /mnt/t --xattrs --xattrs-include='*' --acls -cf /run/t.tar f && chattr -i /mnt/t/f && umount /mnt/t"
step "loop device" sh -c "truncate -s 20M /run/l && mkfs.ext4 -q -F /run/l && mount -o loop /run/l /mnt/t && umount /mnt/t"
step "records of udev" sh -c "udevadm settle --timeout=20; ls /dev/disk/by-uuid/11111111-2222-3333-4444-555555555555 || { /usr/sbin/linuxp2v-udev; udevadm trigger --settle --subsystem-match=block; ls /dev/disk/by-uuid/11111111-2222-3333-4444-555555555555; }"
step "logical volumes off" vgchange -q -an vg
step "ssh key agent" sh -c 'eval "$(ssh-agent -s)" > /dev/null; ssh-add -q /run/linuxp2v/ssh_host_ed25519_key; code=$?; ssh-agent -k > /dev/null; exit $code'
echo done
