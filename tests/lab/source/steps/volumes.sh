# File systems and swaps, in the order in which fstab names and the system mounts them.
volume_places=() volume_types=() volume_points=() volume_options=()
declare -A fstab_name uuid_of device_of

# volume PLACE TYPE [MOUNT POINT [OPTIONS]]. Several of one btrfs differ by their subvol= option.
# fstab names a volume by its UUID, or as fstab_name[PLACE] says.
volume() {
  local place=$1 type=$2 point=${3:-none} options=${4:-defaults} label
  volume_places+=("$place") volume_types+=("$type") volume_points+=("$point") volume_options+=("$options")
  if [ -z "${device_of[$place]:-}" ]; then
    attach_place "$place"
    device_of[$place]=$loop
    label=${point##*/}
    case $type in
      ext2 | ext3 | ext4 | xfs) "mkfs.$type" -q -L "${label:-root}" "$loop" ;;
      btrfs) mkfs.btrfs -q -L "${label:-root}" "$loop" > /dev/null ;;
      vfat) mkfs.vfat -F 32 -n EFI "$loop" > /dev/null ;;
      swap) mkswap -L swap "$loop" > /dev/null ;;
    esac
    uuid_of[$place]=$(blkid -p -s UUID -o value "$loop")
    : "${fstab_name[$place]:=UUID=${uuid_of[$place]}}"
  fi
  [ "$type" != btrfs ] || make_subvolume "${device_of[$place]}" "$(subvolume_of "$options")"
}

subvolume_of() { sed -n 's/.*subvol=\([^,]*\).*/\1/p' <<< "$1"; }

make_subvolume() {
  mkdir -p "$work/top"
  mount -o subvolid=5 "$1" "$work/top"
  btrfs --quiet subvolume create "$work/top/$2"
  if [ "$2" = "${default_subvolume:-}" ]; then btrfs --quiet subvolume set-default "$work/top/$2"; fi
  umount "$work/top"
}

# The root first; below each mount point lies what only the root's own file system shows.
mount_volumes() {
  local i point options
  for i in "${!volume_places[@]}"; do
    point=${volume_points[i]} options=${volume_options[i]}
    # The EFI partition is filled by mtools: not every build host's kernel knows FAT.
    case ${volume_types[i]} in swap) continue ;; vfat) mkdir -p "$mnt$point" && continue ;; esac
    mkdir -p "$mnt$point"
    case $point in
      / | /boot) ;;
      *)
        echo "below the mount point of $point" > "$mnt$point/hidden-file"
        mkdir "$mnt$point/hidden-folder" && echo "and deeper" > "$mnt$point/hidden-folder/file" ;;
    esac
    mounted "${device_of[${volume_places[i]}]}" "$mnt${point%/}" "$options"
  done
}

fstab() {
  local i pass
  echo "# <file system> <mount point> <type> <options> <dump> <pass>"
  for i in "${!volume_places[@]}"; do
    pass=2
    if [ "${volume_points[i]}" = / ]; then pass=1; fi
    case ${volume_types[i]} in xfs | btrfs | swap) pass=0 ;; esac
    echo "${fstab_name[${volume_places[i]}]} ${volume_points[i]// /\\040} ${volume_types[i]} ${volume_options[i]} 0 $pass"
  done
}

# index_of POINT: the volume that is mounted there; of a path the root's, where none is.
index_of() {
  local i
  for i in "${!volume_points[@]}"; do
    if [ "${volume_points[i]}" = "$1" ]; then echo "$i" && return; fi
  done
  index_of /
}

swap_name() {
  local i
  for i in "${!volume_types[@]}"; do
    if [ "${volume_types[i]}" = swap ]; then echo "${fstab_name[${volume_places[i]}]}"; fi
  done
}

sync_volumes() {
  local i
  for i in "${!volume_points[@]}"; do
    case ${volume_types[i]} in swap | vfat) ;; *) sync -f "$mnt${volume_points[i]}" ;; esac
  done
}

# swap_file MIB: for a recipe's function fill.
swap_file() {
  dd if=/dev/zero of="$mnt/swapfile" bs=1M count="$1" status=none
  chmod 0600 "$mnt/swapfile"
  mkswap "$mnt/swapfile" > /dev/null
  echo "/swapfile none swap sw 0 0" >> "$mnt/etc/fstab"
}

# leave_free POINT MIB: fills a volume; for a recipe's function fill.
leave_free() {
  local free
  free=$(df --output=avail --block-size=1M "$mnt$1" | tail -n 1)
  head -c "$((free - $2))M" /dev/urandom > "$mnt$1/ballast"
}
