#!/bin/bash
# Fills a mounted source with everything that a copy likes to lose.
#   dataset.sh ROOT LARGE   (ROOT/var mounted; what lies below that mount point is made by the caller)
#     LARGE  size of the large file in MB
set -euo pipefail
root=$1 large=$2
data=$root/srv/data
log=$root/var/data
mkdir -p "$data" "$log"

noise() { head -c "$1" /dev/urandom; }
text() { yes "$2" 2>/dev/null | head -c "$1" || true; }

# Small files: contents differ, so that a mix-up shows in the checksum.
for folder in $(seq 1 40); do
  mkdir -p "$data/small/$folder"
  for file in $(seq 1 75); do
    echo "folder $folder file $file $RANDOM$RANDOM" > "$data/small/$folder/$file.txt"
  done
done

# Half of it compressible, on the XFS volume.
{ noise $((large / 4))M; text $((large / 2))M 'a line of a log file that compresses well'; noise $((large / 4))M; } > "$log/large.bin"

# Sparse: 200 MB apparent, 1 MB there.
for volume in "$data" "$log"; do
  truncate -s 200M "$volume/sparse.img"
  noise 512K | dd of="$volume/sparse.img" bs=64K seek=100 conv=notrunc status=none
  noise 512K | dd of="$volume/sparse.img" bs=64K seek=2000 conv=notrunc status=none
done

# Hard links, within a folder and across folders.
mkdir -p "$data/links/a" "$data/links/b"
noise 100K > "$data/links/a/first"
ln "$data/links/a/first" "$data/links/a/second"
ln "$data/links/a/first" "$data/links/b/third"
ln -s ../a/first "$data/links/b/symbolic"
ln -s /nowhere/at/all "$data/links/b/dangling"

# Names.
mkdir -p "$data/names"
for name in $'new\nline' ' leading and trailing ' '-rf' "quote's \"and\" \$dollar" 'back\slash' $'tab\there' 'ünïcödé' '*' $'\x01control' $'not-utf8-\xff'; do
  echo "$name" > "$data/names/$name"
done
deep=$data/names
for level in $(seq 1 30); do deep=$deep/a-folder-with-a-rather-long-name-$level; done
mkdir -p "$deep"
echo deep > "$deep/file"

# Attributes, ACLs, capability, flags, owners, modes, times.
mkdir -p "$data/meta/folder"
echo x > "$data/meta/xattr"
setfattr -n user.comment -v 'kept' "$data/meta/xattr"
setfattr -n user.binary -v 0x00ff0a0d "$data/meta/xattr"
setfattr -n trusted.lab -v 'root only' "$data/meta/xattr"
setfattr -n user.comment -v 'on XFS' "$log/large.bin"
echo x > "$data/meta/acl"
setfacl -m u:12345:rw,g:54321:r "$data/meta/acl"
setfacl -m u:12345:rwx -d -m u:12345:rwx "$data/meta/folder"
cp "$root/bin/true" "$data/meta/tool"
chroot "$root" setcap cap_net_raw,cap_net_admin+ep /srv/data/meta/tool
cp "$root/bin/true" "$data/meta/setuid"
chmod 4755 "$data/meta/setuid"
mkdir "$data/meta/sticky" && chmod 3777 "$data/meta/sticky"
echo x > "$data/meta/owned" && chown 12345:54321 "$data/meta/owned" && chmod 0640 "$data/meta/owned"
ln -s owned "$data/meta/owned-link" && chown -h 12345:54321 "$data/meta/owned-link"
mkfifo "$data/meta/fifo"
mknod "$data/meta/device" b 7 99
mknod "$log/device" c 1 3
: > "$data/meta/empty"
touch -d '2001-02-03 04:05:06.123456789' "$data/meta/old"
touch -h -d '2001-02-03 04:05:06.987654321' "$data/links/b/dangling"
touch -d '2038-02-03 04:05:06.5' "$data/meta/future"
echo never > "$data/meta/immutable" && chattr +i "$data/meta/immutable"
echo never > "$log/immutable" && chattr +i "$log/immutable"
touch -d '2010-10-10 10:10:10.101010101' "$data/names" "$data/meta/folder"
