# md RAID 1, written without the kernel's md, which build hosts in containers lack: the first leg is filled, then copied
# to the second one, and both get a superblock (metadata 1.2) that calls them in sync.
declare -A mirror_legs mirror_id
md_data_offset=$mib
# One for both legs: mdadm takes those of different times for different arrays.
md_time=$(date +%s)

# mirror NUMBER LEG LEG: makes the place mdNUMBER.
mirror() {
  local name=md$1
  mirror_legs[$name]="$2 $3"
  mirror_id[$name]=$(random_hex)
  make_place "$name" "${place_file[$2]}" $((place_offset[$2] + md_data_offset)) $((place_size[$2] - md_data_offset))
}

# As mdadm --detail --scan prints them.
mirror_lines() {
  local name
  for name in $(printf '%s\n' "${!mirror_legs[@]}" | sort); do
    echo "ARRAY /dev/md/${name#md}  metadata=1.2 UUID=$(sed 's/.\{8\}/&:/g; s/:$//' <<< "${mirror_id[$name]}") name=web01:${name#md}"
  done
}

# When everything is in place, and nothing attached.
finish_mirrors() {
  local name first second size
  for name in "${!mirror_legs[@]}"; do
    read -r first second <<< "${mirror_legs[$name]}"
    # Zeros stay holes.
    dd if="${place_file[$first]}" of="${place_file[$second]}" bs=1M conv=notrunc,sparse status=none iflag=skip_bytes,count_bytes \
      oflag=seek_bytes skip="${place_offset[$first]}" seek="${place_offset[$second]}" count="${place_size[$first]}"
    size=$(((place_size[$first] - md_data_offset) / 512))
    md_superblock "$name" 0 "$size" | write_at "$first" 4096
    md_superblock "$name" 1 "$size" | write_at "$second" 4096
  done
}

random_hex() { tr -d - < /proc/sys/kernel/random/uuid; }

from_hex() { printf "$(sed 's/../\\x&/g' <<< "$1")"; }

write_at() { dd of="${place_file[$1]}" bs=4096 conv=notrunc status=none oflag=seek_bytes seek=$((place_offset[$1] + $2)); }

# md_superblock NAME LEG SECTORS: struct mdp_superblock_1 of the kernel's md_p.h, with its checksum.
md_superblock() {
  local roles=128 file=$work/md-superblock sum i
  {
    # magic, major version, features, padding
    little_endian $((0xa92b4efc)) 4 && little_endian 1 4 && little_endian 0 8
    from_hex "${mirror_id[$1]}"
    printf '%s' "web01:${1#md}" | dd bs=32 conv=sync status=none
    # creation, level, layout, size, chunk, disks
    little_endian "$md_time" 8 && little_endian 1 4 && little_endian 0 4 && little_endian "$3" 8 && little_endian 0 4 && little_endian 2 4
    # no bitmap, no reshape
    little_endian 0 32
    # data offset and size, place of the superblock, recovery
    little_endian $((md_data_offset / 512)) 8 && little_endian "$3" 8 && little_endian 8 8 && little_endian 0 8
    # this device: number, corrected reads, id, flags
    little_endian "$2" 4 && little_endian 0 4
    from_hex "$(random_hex)"
    little_endian 0 8
    # update, events, resync at the end: in sync
    little_endian "$md_time" 8 && little_endian 20 8 && little_endian -1 8
    # checksum, to come; roles
    little_endian 0 4 && little_endian "$roles" 4 && little_endian 0 32
    little_endian 0 2 && little_endian 1 2
    for ((i = 2; i < roles; i++)); do little_endian $((0xffff)) 2; done
  } > "$file"
  sum=$(od -An -v -tu4 "$file" | awk '{ for (i = 1; i <= NF; i++) s += $i } END { printf "%.0f", s }')
  little_endian $(((sum & 0xffffffff) + (sum >> 32))) 4 | dd of="$file" bs=1 seek=$((0xd8)) conv=notrunc status=none
  cat "$file"
}
