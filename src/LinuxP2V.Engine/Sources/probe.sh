# Reads a running Linux machine and writes nothing on it. POSIX sh with basic tools: dash, busybox and old bash run it.
# The engine sets M to a random word in the line before; "<M> name argument" opens a section on standard output.
# All of it is a function, so that the shell has read it whole before a command could take its input.

s() { printf '\n%s %s\n' "$M" "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

# Nothing may hang on a dead path or server. Old busybox wants "timeout -t".
limit=
if has timeout; then
  if timeout 5 true >/dev/null 2>&1; then limit="timeout 20"; elif timeout -t 5 true >/dev/null 2>&1; then limit="timeout -t 20"; fi
fi
t() { $limit "$@"; }

# Bytes as one line: "base64 …" or "hex …".
encode() {
  if has base64; then printf 'base64 '; base64 | tr -d '\n'; echo
  else printf 'hex '; od -An -v -tx1 | tr -d ' \n'; echo; fi
}
sectors() { t dd if="$1" bs="$2" skip="$3" count="$4" 2>/dev/null | encode; }

file() { if [ -f "$1" ] && [ -r "$1" ]; then s file "$1"; cat "$1" 2>/dev/null; fi; }
attribute() {
  if [ -r "$1/$2" ]; then
    v=
    { IFS= read -r v <"$1/$2"; } 2>/dev/null
    [ -n "$v" ] && printf '%s=%s\n' "$2" "$v"
  fi
}
unescape() { printf '%b' "$(printf '%s' "$1" | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"; }

identity() {
  s uid; id -u
  # Whether sudo records what its commands write, by a setting or for a rule.
  [ -n "${SUDO_USER:-}" ] && has sudo && {
    s sudo-log
    t sudo -n -l -U "$SUDO_USER" 2>/dev/null | tr ',: \t' '\n\n\n\n' | grep -xiE 'log_(output|stdout|stderr)'
  }
  s uname; uname -s; uname -r; uname -m; uname -n
  s hostname; hostname 2>/dev/null || uname -n
  for f in /etc/os-release /usr/lib/os-release /etc/redhat-release /etc/SuSE-release /etc/debian_version /etc/issue \
    /etc/machine-id /var/lib/dbus/machine-id /etc/hostname; do file "$f"; done
}

# Empty on a machine of its own.
container() {
  s container
  file=/run/systemd/container
  if [ -r "$file" ]; then cat "$file"; echo
  elif [ -e /.dockerenv ]; then echo docker
  elif [ -e /run/.containerenv ]; then echo podman
  elif [ -d /proc/vz ] && [ ! -d /proc/bc ]; then echo openvz
  elif [ -r /proc/1/environ ]; then tr '\0' '\n' </proc/1/environ 2>/dev/null | sed -n 's/^container=//p'; fi
}

hardware() {
  s firmware
  if [ -d /sys/firmware/efi ]; then
    echo uefi
    for f in /sys/firmware/efi/efivars/SecureBoot-* /sys/firmware/efi/vars/SecureBoot-*/data; do
      [ -r "$f" ] && { printf 'secureboot '; od -An -v -tu1 "$f" | tr '\n' ' '; echo; }
    done
    has efibootmgr && { s efibootmgr; t efibootmgr -v 2>/dev/null; }
  else
    echo bios
  fi
  [ -e /sys/class/tpm/tpm0 ] && echo tpm
  s cpu
  grep -c '^processor' /proc/cpuinfo
  grep -m 1 -i '^model name' /proc/cpuinfo
  sed -n 's/^physical id[^:]*:/socket/p' /proc/cpuinfo | sort -u
  s memory; grep '^MemTotal' /proc/meminfo
  s dmi
  attribute /sys/class/dmi/id sys_vendor
  attribute /sys/class/dmi/id product_name
}

kernels() {
  drivers='vmw_pvscsi|vmxnet3|mptsas|mptspi|ahci|nvme|virtio_scsi|virtio_blk|virtio_net|e1000|e1000e'
  for d in /lib/modules/*/; do
    d=${d%/}
    k=${d##*/}
    [ -d "$d" ] || continue
    s kernel "$k"
    base=
    [ -r "$d/pkgbase" ] && { IFS= read -r base <"$d/pkgbase"; } 2>/dev/null
    for f in "/boot/vmlinuz-$k" "/boot/vmlinux-$k" "/boot/kernel-$k" "/boot/bzImage-$k" "/boot/Image-$k" ${base:+"/boot/vmlinuz-$base"} \
      /boot/*/"$k"/linux /boot/efi/*/"$k"/linux /efi/*/"$k"/linux; do
      [ -e "$f" ] && echo "image=$f"
    done
    for f in "/boot/initrd.img-$k" "/boot/initramfs-$k.img" "/boot/initrd-$k" "/boot/initrd-$k.img" "/boot/initramfs-$k" ${base:+"/boot/initramfs-$base.img"} \
      /boot/*/"$k"/initrd /boot/efi/*/"$k"/initrd /efi/*/"$k"/initrd /boot/*/"$k"/initrd.img-"$k"; do
      [ -e "$f" ] && echo "initramfs=$f"
    done
    for f in "$d/modules.dep" "$d/modules.builtin"; do
      [ -r "$f" ] && echo "list=${f##*/}" && sed 's/:.*//' "$f" | grep -E "(^|/)($(printf %s "$drivers" | sed 's/_/[-_]/g'))\.ko" | sed 's/^/module=/'
    done
    # Without it modprobe finds nothing: depmod has not run.
    [ -d "$d/kernel" ] && [ ! -e "$d/modules.dep" ] && [ ! -e "$d/modules.dep.bin" ] && echo "lacks=modules.dep"
    [ -r "/boot/config-$k" ] &&
      grep -E '^CONFIG_(VMWARE_PVSCSI|VMXNET3|FUSION_SAS|FUSION_SPI|SATA_AHCI|BLK_DEV_NVME|SCSI_VIRTIO|VIRTIO_BLK|VIRTIO_NET|E1000|E1000E)=y' "/boot/config-$k" | sed 's/^/config=/'
  done
  s boot-folder; ls -1 /boot 2>/dev/null
  file /proc/cmdline
}

# Whether folder $1 is a partition of disk $2: eMMC's boot areas lie below their disk, too.
is_partition() {
  [ -d "$1" ] || return 1
  rest=${1#"$2/${2##*/}"}
  rest=${rest#p}
  case $rest in '' | *[!0-9]*) return 1 ;; esac
}

# $1 sysfs folder, $2 folder of the disk when it is a partition
device() {
  [ -r "$1/size" ] || return
  n=$(printf %s "${1##*/}" | tr '!' '/')
  s block "$n"
  link=$(readlink -f "$1" 2>/dev/null)
  [ -n "$link" ] && echo "link=$link"
  [ -n "$2" ] && echo "disk=$(printf %s "${2##*/}" | tr '!' '/')"
  for a in dev size ro removable hidden partition start dm/name dm/uuid md/level md/metadata_version loop/backing_file queue/logical_block_size \
    queue/hw_sector_size device/model device/vendor device/type; do attribute "$1" "$a"; done
  # Only the device that holds the data has it; one that caches for it has not.
  [ -e "$1/bcache/cache_mode" ] && echo "bcache=backing"
  for f in "$1"/slaves/*; do [ -e "$f" ] && echo "slave=$(printf %s "${f##*/}" | tr '!' '/')"; done
  for f in "$1"/holders/*; do [ -e "$f" ] && echo "holder=$(printf %s "${f##*/}" | tr '!' '/')"; done
  id=
  { IFS= read -r id <"$1/dev"; } 2>/dev/null
  for f in "/run/udev/data/b$id" "/dev/.udev/db/block:${1##*/}"; do
    [ -n "$id" ] && [ -r "$f" ] && grep -E '^E:ID_(FS_TYPE|FS_UUID|FS_LABEL_ENC|PART_TABLE_TYPE|PART_TABLE_UUID|PART_ENTRY_(TYPE|UUID|NAME|FLAGS))=' "$f"
  done
}

# Contents: enough for a partition table or a superblock.
contents() {
  case ${1##*/} in ram* | zram* | fd* | sr* | nbd* | mtd*) return ;; esac
  size=0
  { read -r size <"$1/size"; } 2>/dev/null
  [ "${size:-0}" -gt 16 ] || return
  [ -e "$1/loop/backing_file" ] && return
  for f in "$1"/holders/*/dm/uuid; do
    # A path of a multipath device: the device itself is read, and a path may be dead.
    [ -r "$f" ] && grep -q '^mpath-' "$f" && return
  done
  n=$(printf %s "${1##*/}" | tr '!' '/')
  node=/dev/$n
  if [ -r "$1/dm/name" ]; then
    { IFS= read -r v <"$1/dm/name"; } 2>/dev/null
    [ -b "/dev/mapper/$v" ] && node=/dev/mapper/$v
  fi
  [ -r "$node" ] || return
  count=3
  # The longer read has the GPT entries for sectors of 512 and of 4096 bytes.
  if [ -z "$2" ]; then
    for f in "$1/${1##*/}"*; do is_partition "$f" "$1" && count=9; done
    # Partitions of a multipath device are devices of the mapper.
    for f in "$1"/holders/*/dm/uuid; do [ -r "$f" ] && grep -q '^part' "$f" && count=9; done
  fi
  s head "$n"; sectors "$node" 4096 0 "$count"
  grep -q " - btrfs " /proc/self/mountinfo 2>/dev/null && { s btrfs "$n"; sectors "$node" 4096 16 1; }
  [ "$count" = 9 ] && extended "$1" "$node" "$n"
}

number() { od -An -v -tu1 | { read -r a b c d rest; echo $((${a:-0} + ${b:-0} * 256 + ${c:-0} * 65536 + ${d:-0} * 16777216)); }; }
# $1 device, $2 sector, $3 offset in it, $4 length
bytes() { t dd if="$1" bs="$sector" skip="$2" count=1 2>/dev/null | dd bs=1 skip="$3" count="$4" 2>/dev/null; }
type_of() { bytes "$1" "$2" "$3" 1 | od -An -v -tx1 | tr -d ' \n'; }

# Walks the chain of an MBR's extended partition; each link is a sector that holds one entry and the next link.
extended() {
  sector=512
  { read -r sector <"$1/queue/logical_block_size"; } 2>/dev/null
  for entry in 446 462 478 494; do
    case $(type_of "$2" 0 $((entry + 4))) in
      05 | 0f | 85)
        first=$(bytes "$2" 0 $((entry + 8)) 4 | number)
        at=$first
        links=0
        while [ "$at" -gt 0 ] && [ "$links" -lt 60 ]; do
          s extended "$3" "$at"
          sectors "$2" "$sector" "$at" 1
          case $(type_of "$2" "$at" 466) in 05 | 0f | 85) ;; *) break ;; esac
          next=$(bytes "$2" "$at" 470 4 | number)
          [ "$next" -gt 0 ] || break
          at=$((first + next))
          links=$((links + 1))
        done
        ;;
    esac
  done
}

# Rescue systems have lvm without its many names.
l() {
  c=$1
  shift
  if has "$c"; then t "$c" --noheadings --nosuffix --units b --separator '|' "$@"; else t lvm "$c" --noheadings --nosuffix --units b --separator '|' "$@"; fi 2>/dev/null
}

# Of each btrfs once: $1 mount point, $2 the same without escapes, $3 its device and options
subvolumes() {
  has btrfs || return
  case " $listed " in *" ${3%% *} "*) return ;; esac
  listed="$listed ${3%% *}"
  s btrfs-list "$1"; t btrfs subvolume list -a "$2" 2>/dev/null
  s btrfs-snapshots "$1"; t btrfs subvolume list -a -s "$2" 2>/dev/null
  s btrfs-default "$1"; t btrfs subvolume get-default "$2" 2>/dev/null
}

storage() {
  listed=
  for b in /sys/block/*; do
    [ -e "$b" ] || continue
    device "$b" ""
    for p in "$b/${b##*/}"*; do is_partition "$p" "$b" && device "$p" "$b"; done
  done
  for b in /sys/block/*; do
    [ -e "$b" ] || continue
    contents "$b" ""
    for p in "$b/${b##*/}"*; do is_partition "$p" "$b" && contents "$p" "$b"; done
  done
  if has blkid; then
    s blkid
    # Without -c it writes what it finds to a cache file; busybox's has neither.
    case $(readlink -f "$(command -v blkid)") in *busybox*) t blkid 2>/dev/null ;; *) t blkid -c /dev/null 2>/dev/null ;; esac
  fi
  file /proc/mdstat
  if has lvm || has vgs; then
    s vgs; l vgs -o vg_name,vg_extent_size,vg_size,vg_free,vg_uuid
    s lvs; l lvs -o vg_name,lv_name,lv_size,segtype,lv_attr,vg_uuid,lv_uuid
    s pvs; l pvs -o pv_name,vg_name,vg_uuid
  fi
  has drbdsetup && { s drbd; t drbdsetup show 2>/dev/null; }
  # A database may use a disk or a logical volume without any file system on it.
  s open-devices
  { t ls -ln /proc/[0-9]*/fd 2>/dev/null; [ $? -lt 124 ] || echo ' -> /dev/linuxp2v-untold'; } | sed -n 's|^.* -> \(/dev/.*\)$|\1|p' | sort -u
  file /proc/swaps
  file /etc/fstab
  file /proc/self/mountinfo
  # Figures of local file systems only: a server that is gone would never answer.
  while IFS=' ' read -r id parent numbers root point rest; do
    case $numbers in
      0:*) case $rest in *" - btrfs "* | *" - zfs "* | *" - bcachefs "*) ;; *) continue ;; esac ;;
    esac
    s usage "$point"
    p=$(unescape "$point")
    t stat -f -c '%S %b %f %c %d' "$p" 2>/dev/null || { t df -P -k "$p"; t df -P -i "$p"; } 2>/dev/null
    case $rest in
      *" - xfs "*) has xfs_info && { s xfs_info "$point"; t xfs_info "$p" 2>/dev/null; } ;;
      *" - btrfs "*) subvolumes "$point" "$p" "${rest##* - btrfs }" ;;
    esac
  done </proc/self/mountinfo
}

network() {
  for d in /sys/class/net/*; do
    [ -e "$d/address" ] || continue
    s adapter "${d##*/}"
    for a in address operstate mtu type carrier flags bonding_slave/perm_hwaddr; do attribute "$d" "$a"; done
    if [ -e "$d/device" ]; then
      echo "device=$(readlink -f "$d/device" 2>/dev/null)"
      v=$(readlink -f "$d/device/driver" 2>/dev/null)
      echo "driver=${v##*/}"
      has ethtool && t ethtool -P "${d##*/}" 2>/dev/null | sed 's/.*: */permanent=/'
    fi
  done
  if has ip; then
    s ip-link; t ip -o -d link show 2>/dev/null
    s ip-address; t ip -o addr show 2>/dev/null
    s ip-route; t ip route show 2>/dev/null; t ip -6 route show 2>/dev/null
  else
    has ifconfig && { s ifconfig; t ifconfig -a 2>/dev/null; }
    file /proc/net/route
    file /proc/net/if_inet6
  fi
  file /etc/resolv.conf
  # The stub resolver's own address would be of no use to anybody else.
  file /run/systemd/resolve/resolv.conf
  s ifupdown; grep -hE '^[[:space:]]*iface[[:space:]]' /etc/network/interfaces /etc/network/interfaces.d/* 2>/dev/null
  s network-files
  for f in /etc/netplan/*.yaml /run/netplan/*.yaml /lib/netplan/*.yaml /etc/sysconfig/network-scripts/ifcfg-* /etc/sysconfig/network/ifcfg-* \
    /etc/systemd/network/*.network; do [ -e "$f" ] && echo "$f"; done
}

boot() {
  s boot-files
  for f in /boot/grub2/grub.cfg /boot/grub/grub.cfg /boot/efi/EFI/*/grub.cfg /efi/EFI/*/grub.cfg /boot/EFI/*/grub.cfg \
    /boot/grub/menu.lst /boot/grub/grub.conf /boot/efi/EFI/redhat/grub.conf \
    /boot/loader/loader.conf /boot/efi/loader/loader.conf /efi/loader/loader.conf \
    /boot/efi/loader/entries/*.conf /boot/efi/EFI/*/grub.efi /boot/efi/EFI/*/grubx64.efi \
    /boot/EFI/systemd/systemd-bootx64.efi /boot/efi/EFI/systemd/systemd-bootx64.efi /efi/EFI/systemd/systemd-bootx64.efi \
    /boot/extlinux/extlinux.conf /boot/extlinux.conf /extlinux.conf /boot/syslinux/syslinux.cfg /boot/syslinux/extlinux.conf \
    /etc/lilo.conf /etc/elilo.conf /boot/efi/EFI/*/elilo.conf; do [ -s "$f" ] && echo "$f"; done
  s initramfs-tools
  for f in mkinitramfs update-initramfs dracut mkinitcpio mkinitrd; do has "$f" && echo "$f"; done
  for f in /etc/mkinitcpio.d/*.preset; do [ -e "$f" ] && echo 'preset of mkinitcpio'; done
  s selinux
  if has getenforce; then t getenforce 2>/dev/null
  elif [ -r /sys/fs/selinux/enforce ]; then cat /sys/fs/selinux/enforce; echo
  elif [ -r /selinux/enforce ]; then cat /selinux/enforce; echo
  elif [ -e /etc/selinux/config ]; then echo Disabled; fi
}

tools() {
  for f in tar find zstd gzip lz4 rsync sha256sum b2sum xxhsum getfattr unshare dd base64 stat perl python3 timeout; do
    has "$f" || continue
    s tool "$f"
    t "$f" --version </dev/null 2>&1 | sed -n 1,4p
  done
  for f in lsattr nice ionice fsfreeze lvcreate sudo cat od; do has "$f" && s tool "$f"; done
}

processes() {
  s processes
  for f in /proc/[0-9]*/status; do { IFS= read -r v <"$f" && printf '%s\n' "$v"; } 2>/dev/null; done | sort -u
}

probe() { identity; container; hardware; kernels; storage; network; boot; tools; processes; s end; }
probe </dev/null
