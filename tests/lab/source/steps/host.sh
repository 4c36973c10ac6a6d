# What is taken from the build host, loop devices and mounts, and given back.
loops=() mounts=()

say() { echo "source: $*"; }

# attach FILE OFFSET SIZE: sets $loop, in this shell so that the cleanup knows of it.
attach() {
  loop=$(losetup -f --show --offset "$2" --sizelimit "$3" "$1")
  loops+=("$loop")
}

# The one that was attached last.
detach() {
  losetup -d "${loops[-1]}"
  unset 'loops[-1]'
}

# mounted DEVICE FOLDER [OPTIONS]
mounted() {
  mount "$1" "$2" -o "${3:-defaults}"
  mounts+=("$2")
}

bound() {
  mount --bind "$1" "$2"
  mounts+=("$2")
}

give_back() {
  local i
  for ((i = ${#mounts[@]} - 1; i >= 0; i--)); do umount "${mounts[i]}" 2>/dev/null || umount -l "${mounts[i]}"; done
  # Where the host has udev and the device mapper it may have activated our groups behind our back.
  if [ -e /dev/mapper/control ] && [ ${#loops[@]} -gt 0 ]; then
    for i in "${loops[@]}"; do lvm vgchange -an --devices "$i" >/dev/null 2>&1 || true; done
  fi
  for i in "${loops[@]}"; do losetup -d "$i" 2>/dev/null || true; done
  loops=() mounts=()
}

# little_endian NUMBER BYTES: a number as it stands on a disk.
little_endian() {
  local i
  for ((i = 0; i < $2; i++)); do printf "\\x$(printf %02x $(($1 >> (8 * i) & 255)))"; done
}
