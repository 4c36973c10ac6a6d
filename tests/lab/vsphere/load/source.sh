#!/bin/sh
# A small source for many conversions at once: a root file system of a few MB behind an sshd on 127.0.0.1.
# Usage: source.sh FOLDER PORT [NAME]; FOLDER gets the keys (host.pub, user), the file system, and tree, its description
# by tree.sh. With a NAME a discovery sees a machine of that name. Runs until its standard input closes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
port=$2
machine=${3-}
if [ -z "${LINUXP2V_SOURCE-}" ]; then
  LINUXP2V_SOURCE=1 exec unshare --mount --propagation slave --pid --fork --kill-child --mount-proc -- "$0" "$@"
fi
# sshd wants a path to the root that nobody else can write to.
mount -t tmpfs -o mode=755 tmpfs /run
root=/run/root
mkdir -p "$root"
truncate -s 48M "$folder/root.img"
mkfs.ext4 -q -U 5a5a5a5a-1111-4222-8333-444444444444 -L load-root -E lazy_itable_init=1,lazy_journal_init=1 "$folder/root.img"
mount -o loop "$folder/root.img" "$root"

mkdir -p "$root/bin" "$root/proc" "$root/dev" "$root/mnt" "$root/root" "$root/run" "$root/etc" "$root/srv/data"
ln -s bin "$root/sbin"
mkdir -p "$root/usr"
ln -s ../bin "$root/usr/bin"
for program in sh tar find sed cut grep id env cat date unshare mount lsattr tr printf mktemp rm gzip dirname uname sync head tail dd stat; do
  path=$(command -v "$program" || true)
  case $path in
    /*) ;;
    *) path=/usr/bin/$program ;;
  esac
  cp -L "$path" "$root/bin/"
  ldd "$path" | grep -o '/[^ ]*' | while read -r library; do
    [ -e "$root$library" ] || { mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"; }
  done
done
# sshd starts the account's own shell.
ln -sf sh "$root/bin/bash"
# What a copy can get wrong.
for n in 1 2 3 4 5 6 7 8 9; do
  mkdir -p "$root/srv/data/$n"
  dd if=/dev/urandom of="$root/srv/data/$n/random" bs=32k count=$n status=none
  printf 'file %s\n' $n > "$root/srv/data/$n/a name with  spaces"
done
ln "$root/srv/data/1/random" "$root/srv/data/hard link"
ln -s ../nowhere "$root/srv/data/dangling"
truncate -s 5M "$root/srv/data/sparse"
printf end >> "$root/srv/data/sparse"
chown 1234:5678 "$root/srv/data/2/random"
chmod 4711 "$root/srv/data/3/random"
setfattr -n user.note -v kept "$root/srv/data/4/random"
touch -d '2001-02-03 04:05:06.789' "$root/srv/data/5/random"
mkfifo "$root/srv/data/pipe"

# What a discovery is told: a machine with one disk, whose one partition holds this file system. The disks of the machine
# that runs the test are not part of it.
if [ -n "$machine" ]; then
  mkdir -p "$root/tmp" "$root/srv/answers/tree"
  cp "$here/../../../shared/RecordedSource/answer.sh" "$root/srv/answers/"
  sync
  truncate -s 50M "$folder/disk.img"
  printf 'label: dos\nlabel-id: 0x0badcafe\nstart=2048,size=98304,type=83,bootable\n' | sfdisk -q "$folder/disk.img"
  head_of() { dd if="$folder/$1" bs=4096 count="$2" status=none | base64 | tr -d '\n'; }
  sed -e "s|{NAME}|$machine|" -e "s|{DISK}|$(head_of disk.img 9)|" -e "s|{ROOT}|$(head_of root.img 3)|" "$here/machine.txt" |
    gzip > "$root/srv/answers/machine.txt.gz"
fi
"$here/tree.sh" "$root" > "$folder/tree"

mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
# Where mount itself writes, for which a copy is reason enough.
mount -t tmpfs tmpfs "$root/run"
for name in null zero random urandom; do
  cp -a "/dev/$name" "$root/dev/"
done
mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -C '' -f "$folder/host"
ssh-keygen -q -t ed25519 -N '' -C '' -f "$folder/user"
cat > "$folder/sshd_config" <<END
Port $port
ListenAddress 127.0.0.1
HostKey $folder/host
AuthorizedKeysFile $folder/user.pub
PidFile $folder/sshd.pid
ChrootDirectory $root
StrictModes no
UsePAM no
PermitRootLogin yes
MaxStartups 1000
PrintMotd no
${machine:+ForceCommand /srv/answers/answer.sh}
END
/usr/sbin/sshd -f "$folder/sshd_config" -E "$folder/sshd.log"
echo ready
cat > /dev/null
