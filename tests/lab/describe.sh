# What a machine is, as "name<TAB>value" lines: run as root inside the source and inside its copy, and compared.
# POSIX sh. Reads, but for a private mount namespace, nothing is written.
export LC_ALL=C
line() { printf '%s\t%s\n' "$1" "$2"; }

# The driver that carries a block device: down from LVM or a partition to the disk, then up the PCI path.
driver_of_block() {
  disk=$(lsblk -nso NAME,TYPE -r "$1" | awk '$2 == "disk" { print $1; exit }')
  path=$(readlink -f "/sys/block/$disk/device")
  while [ -n "$path" ] && [ "$path" != /sys/devices ]; do
    case $(readlink -f "$path/subsystem" 2>/dev/null) in
      */pci | */virtio)
        if [ -e "$path/driver" ]; then
          basename "$(readlink -f "$path/driver")"
          return
        fi ;;
    esac
    path=${path%/*}
  done
  echo unknown
}

# A logical volume by its name; of a partition its number, since disks are named by their driver.
place_of_block() {
  if [ -e "/sys/class/block/${1##*/}/partition" ]; then echo "partition $(cat "/sys/class/block/${1##*/}/partition")"; else echo "$1"; fi
}

# One record for each entry of a tree: type, mode, owner, links, size, blocks below, time, target, and content where there is one.
tree() {
  (
    cd "$1" || exit 1
    echo "== $1"
    find . -xdev -type d -printf '%P\t%y %m %U:%G %T@\0' | sort -z | tr '\0' '\n'
    find . -xdev ! -type d -printf '%P\t%y %m %U:%G %n %s %T@ %l\0' | sort -z | tr '\0' '\n'
    find . -xdev -type f -print0 | sort -z | xargs -0 -r sha256sum -b --
    find . -xdev -type f -links +1 -printf '%i %P\n' | sort -k2 | awk '!($1 in first) { first[$1] = $2 } { print "link", $2, "=", first[$1] }'
    find . -xdev \( -type b -o -type c \) -print0 | sort -z | xargs -0 -r stat -c '%n %t:%T' --
    find . -xdev -print0 | sort -z | xargs -0 -r getfattr -h -d -m - -e hex -- 2>/dev/null
    find . -xdev ! -type l -print0 | sort -z | xargs -0 -r getfacl -n -p -- 2>/dev/null
    # "e" and "X" say how the file system stores a file, not what the file is.
    find . -xdev \( -type f -o -type d \) -print0 | sort -z | xargs -0 -r lsattr -d -- 2>/dev/null | sed 's/^\([-a-zA-Z]*\) /\1\t/' |
      awk -F '\t' '{ gsub(/[-eNIxX]/, "", $1); if ($1 != "") print }'
  )
}

line host "$(hostname)"
line machine-id "$(cat /etc/machine-id)"
line kernel "$(uname -r)"
root=$(findmnt -nvo SOURCE /)
line root-device "$(place_of_block "$root")"
line root-driver "$(driver_of_block "$root")"
# Real file systems by their mount points. Some options tell of the disk, or number a subvolume: these may differ.
points=$(findmnt -rno TARGET -t ext2,ext3,ext4,xfs,btrfs,vfat | sed 's/\\x20/ /g' | sort)
words=$IFS
IFS='
'
for mount in $points; do
  line "file-system $mount" "$(findmnt -no FSTYPE,UUID,LABEL -r "$mount")"
  line "mount $mount" "$(findmnt -no FSROOT,OPTIONS -r "$mount" | sed -E 's/,(ssd|discard=async|subvolid=[0-9]+)\b//g')"
done
IFS=$words
# Subvolumes of btrfs, without their numbers: which there are, and which one is mounted when none is named.
nested=
if [ "$(findmnt -no FSTYPE /)" = btrfs ]; then
  subvolumes=$(btrfs subvolume list -a / | sed 's/.* path //; s|^<FS_TREE>/||' | sort)
  line subvolumes "$(echo "$subvolumes" | paste -sd ' ')"
  line default-subvolume "$(btrfs subvolume get-default / | sed 's/.* path //')"
  # Those in the root's have no mount of their own, and no walk over a file system shows them.
  nested=$(echo "$subvolumes" | sed -n "s|^$(findmnt -no FSROOT / | cut -c2-)/|/|p")
fi
line swap "$(swapon --show=TYPE,UUID,LABEL --noheadings --raw)"
for adapter in /sys/class/net/*; do
  [ -e "$adapter/device" ] || continue
  name=${adapter##*/}
  line "adapter $name address" "$(ip -4 -o addr show dev "$name" scope global | awk '{ print $4 }' | paste -sd ' ')"
  line "adapter $name driver" "$(basename "$(readlink -f "$adapter/device/driver")")"
done
line gateway "$(ip -4 route show default | awk '{ print $3; exit }')"
line ssh-host-key "$(ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub | awk '{ print $2 }')"

# In a mount namespace of its own / is bound aside, to see what lies below the mount points.
aside=$(mktemp -d /run/lab.XXXXXX)
manifest=$(mktemp /run/lab.XXXXXX)
trap 'rmdir "$aside"; rm -f "$manifest"' EXIT
export aside points
hidden=$(unshare -m sh -c 'IFS="
" && mount --bind / "$aside" && for point in $points; do
  [ "$point" = / ] || (cd "$aside$point" && echo "$point" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum -b)
done' | sha256sum | cut -c1-16)
folders="/srv/data /var/data $nested"
for folder in $folders; do tree "$folder"; done > "$manifest"
line data-entries "$(find $folders -xdev -print0 | tr -dc '\0' | wc -c)"
line data-bytes "$(find $folders -xdev -type f -printf '%s\n' | awk '{ s += $1 } END { printf "%.0f", s }')"
line data-checksum "$(sha256sum < "$manifest" | cut -c1-32)"
line data-below-mount "$hidden"
# The system's own files, where they are asked for. depmod writes the lists of modules, and no copy needs the same ones.
if [ -n "$WHOLE" ]; then
  line system-files "$({
    find /usr /home /root /opt -type d -printf 'd %m %U:%G %p\0' | sort -z
    find /usr /home /root /opt ! -type d ! -path '*/modules/*/modules.*' -printf '%y %m %U:%G %n %s %T@ %l %p\0' | sort -z
    find /usr /home /root /opt -type f ! -path '*/modules/*/modules.*' -print0 | sort -z | xargs -0 sha256sum -b --
  } | sha256sum | cut -c1-32)"
fi
line sparse-allocated "$(stat -c '%b*%B' /srv/data/sparse.img /var/data/sparse.img | paste -sd+ | sed 's/^/(/;s/$/)/' | { read -r e; echo $(($e)); })"
line system "$(timeout 120 systemctl is-system-running --wait)"
line failed-units "$(systemctl --failed --no-legend --plain | awk '{ print $1 }' | paste -sd ' ')"
if [ -n "$MANIFEST_TO" ]; then cp "$manifest" "$MANIFEST_TO"; fi
