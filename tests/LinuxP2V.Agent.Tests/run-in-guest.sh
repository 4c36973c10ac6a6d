#!/bin/sh
# Runs the storage tests in a QEMU guest whose kernel has device-mapper, for machines that have none.
# The guest's root is this machine's, read-only over 9p; what the tests write goes to memory.
# Usage: run-in-guest.sh KERNEL MODULES-FOLDER [FILTER]
#   KERNEL          a distribution's vmlinuz
#   MODULES-FOLDER  its /lib/modules/VERSION
# Needs root, qemu-system-x86_64, busybox-static, cpio, xz, kmod, and the tests built (dotnet build).
set -eu
kernel=$1 modules=$2 filter=${3:-FullyQualifiedName~TargetStorageTests}
here=$(cd "$(dirname "$0")" && pwd)
version=$(basename "$modules")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/root/bin" "$work/root/host" "$work/root/lib/modules/$version"
cp "$(command -v busybox)" "$work/root/bin/busybox"
for name in overlay virtio_pci 9pnet_virtio 9p loop dm-mod dm-snapshot dm-thin-pool ext4 xfs btrfs vfat nls_ascii nls_cp437 nls_utf8; do
  modprobe -S "$version" -d "$work/tree" --show-depends "$name" 2>/dev/null || {
    mkdir -p "$work/tree/lib/modules"
    [ -e "$work/tree/lib/modules/$version" ] || ln -s "$(readlink -f "$modules")" "$work/tree/lib/modules/$version"
    modprobe -S "$version" -d "$work/tree" --show-depends "$name"
  }
done | sed -n 's/^insmod \(\S*\).*/\1/p' | awk '!seen[$0]++' > "$work/list"
while read -r file; do
  copy="$work/root/lib/modules/$version/$(basename "$file")"
  cp "$file" "$copy"
  case $copy in *.xz) xz -d "$copy" ;; *.zst) zstd -q -d --rm "$copy" ;; esac
  basename "$copy" | sed 's/\.xz$//; s/\.zst$//' >> "$work/root/modules"
done < "$work/list"

cat > "$work/root/init" <<EOF
#!/bin/busybox sh
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /new /rw /host
mount -t proc proc /proc
ifconfig lo up
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
while read -r module; do insmod /lib/modules/$version/\$module 2>/dev/null; done < /modules
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /host || echo linuxp2v-guest: no root
mount -t tmpfs tmpfs /rw && mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work overlay /new
mount -t tmpfs tmpfs /new/run
mkdir /new/run/tests
mount -t proc proc /new/proc
mount -t sysfs sysfs /new/sys
mount -t devtmpfs devtmpfs /new/dev
mkdir -p /new/dev/shm && mount -t tmpfs tmpfs /new/dev/shm
# There is no udev: LVM makes its device nodes itself.
mkdir -p /new/etc/lvm && printf 'activation {\\n udev_sync=0\\n udev_rules=0\\n}\\n' > /new/etc/lvm/lvmlocal.conf
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TMPDIR=/run/tests DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_TieredPGO=0 VSTEST_CONNECTION_TIMEOUT=900 LINUXP2V_TEST_CACHE='${LINUXP2V_TEST_CACHE:-}'
chroot /new dotnet vstest '$here/bin/Debug/net10.0/LinuxP2V.Agent.Tests.dll' '--TestCaseFilter:$filter' --ResultsDirectory:/run/tests
echo "linuxp2v-guest: \$?"
poweroff -f
EOF
chmod +x "$work/root/init"
(cd "$work/root" && find . | cpio -o -H newc --quiet) > "$work/initrd"

qemu-system-x86_64 -accel tcg -cpu max -m 3072 -smp 2 -nographic -no-reboot -nic none \
  -kernel "$kernel" -initrd "$work/initrd" -append "console=ttyS0 quiet panic=-1 no_timer_check" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap | tee "$work/log"
grep -q 'linuxp2v-guest: 0' "$work/log"
