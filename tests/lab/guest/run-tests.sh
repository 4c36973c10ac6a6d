#!/bin/sh
# Runs tests in a QEMU guest whose kernel has what this machine's may lack: device-mapper, FAT, quotas, traffic control.
# The guest's root is this machine's, read-only over 9p; what the tests write goes to memory.
#   run-tests.sh ASSEMBLY FILTER RESULTS CACHE
# ASSEMBLY: a test assembly that is built. FILTER: as of dotnet test. RESULTS: a folder, gets guest.trx and guest.log.
# CACHE: a folder that keeps the kernel, a Debian package. Needs root and the packages of build/packages-full.txt.
set -eu
assembly=$(readlink -f "$1") filter=$2 results=$(readlink -f "$3") cache=$4
fail() { echo "guest: $*" >&2; exit 1; }

newest_kernel() { apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1; }

# The newest kernel of this Debian, unpacked once. Nothing of it is installed.
fetch_kernel() {
  package=$(newest_kernel)
  if [ -z "$package" ]; then
    apt-get -q update >&2
    package=$(newest_kernel)
  fi
  [ -n "$package" ] || fail "apt knows no linux-image-amd64: is this a Debian for amd64?"
  version=${package#linux-image-}
  tree=$cache/$version
  [ -e "$tree/complete" ] && return
  rm -rf "$cache"; mkdir -p "$tree"
  (cd "$cache" && { apt-get -q download "$package" || { apt-get -q update && apt-get -q download "$package"; }; } >&2)
  dpkg-deb -x "$cache/$package"_*.deb "$tree"
  rm "$cache/$package"_*.deb
  # Where lib is no link to usr/lib, as modprobe expects it.
  [ -d "$tree/lib/modules" ] || { mkdir -p "$tree/lib"; ln -s ../usr/lib/modules "$tree/lib/modules"; }
  depmod -b "$tree" "$version"
  touch "$tree/complete"
}

fetch_kernel
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/bin" "$work/root/lib/modules"
cp "$(command -v busybox)" "$work/root/bin/busybox"
for name in overlay virtio_pci 9pnet_virtio 9p loop dm-mod dm-snapshot dm-thin-pool ext4 xfs btrfs vfat nls_ascii nls_cp437 nls_utf8 \
  quota_v2 veth sch_netem af_packet; do
  modprobe -S "$version" -d "$tree" --show-depends "$name" | sed -n 's/^insmod \(\S*\).*/\1/p'
done | awk '!seen[$0]++' > "$work/list"
while read -r file; do
  name=$(basename "$file")
  cp "$file" "$work/root/lib/modules/$name"
  case $name in *.xz) xz -d "$work/root/lib/modules/$name" ;; *.zst) zstd -q -d --rm "$work/root/lib/modules/$name" ;; esac
  echo "$name" | sed 's/\.xz$//; s/\.zst$//' >> "$work/root/modules"
done < "$work/list"

quote() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }
cat > "$work/root/init" <<EOF
#!/bin/busybox sh
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /new /rw /host /results
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
ifconfig lo up
while read -r module; do insmod /lib/modules/\$module; done < /modules
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host || echo guest: no root
mount -t tmpfs tmpfs /rw && mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work overlay /new
mount -t tmpfs tmpfs /new/run
mount -t tmpfs tmpfs /new/tmp
mkdir /new/run/results
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 results /new/run/results || echo guest: no results
mount -t proc proc /new/proc
mount -t sysfs sysfs /new/sys
mount -t devtmpfs devtmpfs /new/dev
mkdir -p /new/dev/shm /new/dev/pts
mount -t tmpfs tmpfs /new/dev/shm
mount -t devpts devpts /new/dev/pts
# There is no udev, so LVM makes its device nodes itself, and no tool that checks thin pools.
mkdir -p /new/etc/lvm && printf 'activation {\n udev_sync=0\n udev_rules=0\n}\nglobal {\n thin_check_executable=""\n}\n' > /new/etc/lvm/lvmlocal.conf
export PATH=$(quote "$PATH") HOME=/root TMPDIR=/tmp DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_TieredPGO=0
export TERM=dumb LINUXP2V_TEST_GUEST=yes DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 VSTEST_CONNECTION_TIMEOUT=900
chroot /new dotnet vstest $(quote "$assembly") --TestCaseFilter:$(quote "$filter") '--logger:trx;LogFileName=guest.trx' '--logger:console;verbosity=normal' --ResultsDirectory:/run/results
echo "guest: the tests ended with \$?"
sync
poweroff -f
EOF
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) > "$work/initrd"

timeout 3600 qemu-system-x86_64 -accel tcg -cpu max -m 4096 -smp 2 -nographic -no-reboot -nic none \
  -kernel "$tree/boot/vmlinuz-$version" -initrd "$work/initrd" -append "console=ttyS0 quiet panic=-1 no_timer_check" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -virtfs "local,path=$results,mount_tag=results,security_model=none" < /dev/null | sed -u 's|\r||' | tee "$results/guest.log"
grep -q 'guest: the tests ended with 0' "$results/guest.log"
