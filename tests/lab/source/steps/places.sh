# Places for volumes: a partition is DISK:NUMBER, an array mdNUMBER, a logical volume GROUP/NAME. Each is a range of one
# disk's file, so that the kernel needs neither partition devices nor the device mapper nor md.
declare -A place_file place_offset place_size table_of
mib=$((1024 * 1024))

# partition DISK LABEL TYPE[=MIB]...: makes the places DISK:1, DISK:2... The last one may take what is left. Behind one of
# the type extended come logical ones: DISK:5, DISK:6...
partition() {
  local number=$1 label=$2 disk=$work/disk$1.raw spec type lines="label: $2" i=0 numbers=() start size
  shift 2
  for spec in "$@"; do
    type=${spec%%=*}
    numbers+=($((++i)))
    case $type in
      bios) type=21686148-6449-6E6F-744E-656564454649 ;;
      efi) type=uefi ;;
      extended) i=4 ;;
    esac
    lines+=$'\n'"disk${numbers[-1]}: type=$type"
    [ "$spec" = "${spec%%=*}" ] || lines+=", size=${spec#*=}MiB"
  done
  truncate -s "${disks[number]}M" "$disk"
  sfdisk --quiet "$disk" <<< "$lines"
  table_of[$number]=$label
  for ((i = 1; i <= $#; i++)); do
    read -r start size < <(partition_range "$disk" "$i")
    make_place "$number:${numbers[i - 1]}" "$disk" "$start" "$size"
  done
}

# whole_disk DISK: makes the place DISK, without partitions.
whole_disk() {
  truncate -s "${disks[$1]}M" "$work/disk$1.raw"
  make_place "$1" "$work/disk$1.raw" 0 $((disks[$1] * mib))
}

# make_place NAME FILE OFFSET SIZE, in bytes.
make_place() { place_file[$1]=$2 place_offset[$1]=$3 place_size[$1]=$4; }

attach_place() { attach "${place_file[$1]}" "${place_offset[$1]}" "${place_size[$1]}"; }

# partition_range DISK NUMBER: offset and size in bytes.
# mawk's %d ends at 2 GiB.
partition_range() {
  sfdisk --json "$1" | awk -v n="$2" -v RS='{' '/"node"/ && ++i == n {
    match($0, /"start": *[0-9]+/); split(substr($0, RSTART, RLENGTH), s, ": *")
    match($0, /"size": *[0-9]+/); split(substr($0, RSTART, RLENGTH), z, ": *")
    printf "%.0f %.0f\n", s[2] * 512, z[2] * 512 }'
}

# LVM that touches nothing but the given device: no device mapper, no udev, no state of the host.
quiet_lvm() {
  local command=$1 device=$2
  shift 2
  mkdir -p "$work/lvm"
  LVM_SYSTEM_DIR=$work/lvm LVM_SUPPRESS_FD_WARNINGS=1 lvm "$command" --driverloaded n --devices "$device" --config '
    devices { use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source="none" }
    activation { udev_sync=0 udev_rules=0 monitoring=0 }
    backup { backup=0 archive=0 }' "$@" 2>> "$work/lvm.log"
}

# volume_group GROUP PLACE NAME=MIB...: makes the places GROUP/NAME.
volume_group() {
  local group=$1 place=$2 extent spec name range bytes pe_start device
  shift 2
  attach_place "$place"
  device=$loop
  quiet_lvm pvcreate "$device" -q -y "$device" >/dev/null
  quiet_lvm vgcreate "$device" -q "$group" "$device" >/dev/null
  for spec in "$@"; do
    quiet_lvm lvcreate "$device" -q -y -an -Zn -Wn -n "${spec%=*}" -L "${spec#*=}M" "$group" >/dev/null
  done
  read -r pe_start < <(quiet_lvm pvs "$device" --units b --nosuffix --noheadings -o pe_start)
  while read -r name range bytes extent; do
    range=${range##*:}
    make_place "$group/$name" "${place_file[$place]}" $((place_offset[$place] + pe_start + ${range%-*} * extent)) "$bytes"
    fstab_name[$group/$name]=/dev/mapper/${group//-/--}-${name//-/--}
  done < <(quiet_lvm lvs "$device" --units b --nosuffix --noheadings -o lv_name,seg_pe_ranges,lv_size,vg_extent_size "$group")
  detach
}
