#!/bin/bash
# Builds the helper ISO from Debian packages.
#   build.sh --agent FILE --output FILE.iso [--cache DIR] [--fast] [--sources LIST]
# FILE: the linuxp2v-agent program. --cache: kept between runs (default: ~/.cache/linuxp2v-iso); holds the trimmed root and its
# compressed form, so that a new agent costs seconds. --fast: light compression (bigger image).
# --sources: an APT sources list to take the packages from, such as one of a dated mirror; else what mmdebstrap takes for the release.
# Writes FILE.iso, and beside it FILE.iso.manifest (package, version, source, source version) and FILE.iso.sha256.
# Needs root. Installs nothing: missing tools are named. Messages on standard error, exit code 1 on failure.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=settings.sh
. "$here/settings.sh"
export LC_ALL=C TZ=UTC
umask 022

say() { echo "iso: $*" >&2; }
fail() { say "ERROR: $*"; exit 1; }

agent= output= cache=${HOME:-/root}/.cache/linuxp2v-iso level=19 sources=
while [ $# -gt 0 ]; do
    case $1 in
        --agent) agent=${2:?--agent wants a file}; shift 2 ;;
        --output) output=${2:?--output wants a file}; shift 2 ;;
        --cache) cache=${2:?--cache wants a folder}; shift 2 ;;
        --sources) sources=${2:?--sources wants a file}; shift 2 ;;
        --fast) level=3; shift ;;
        -h|--help) sed -n '2,10s/^# \?//p' "$0"; exit 0 ;;
        *) fail "unknown argument $1 (--help lists them)" ;;
    esac
done
[ -n "$agent" ] && [ -n "$output" ] || fail "--agent and --output are needed"
[ -f "$agent" ] || fail "there is no agent at $agent"
[ "$(id -u)" = 0 ] || fail "root is needed: the packages' owners and chroot"
[ "$(dpkg --print-architecture 2> /dev/null)" = amd64 ] || fail "an amd64 Debian or Ubuntu is needed"

check_tools() {
    local missing=() pair
    for pair in mmdebstrap:mmdebstrap cpio:cpio zstd:zstd xorriso:xorriso mcopy:mtools mkfs.vfat:dosfstools readelf:binutils \
        grub-mkimage:grub-common /usr/lib/grub/i386-pc/cdboot.img:grub-pc-bin /usr/lib/grub/x86_64-efi/normal.mod:grub-efi-amd64-bin; do
        [ -e "${pair%%:*}" ] || command -v "${pair%%:*}" > /dev/null || missing+=("${pair#*:}")
    done
    [ ${#missing[@]} -eq 0 ] || fail "missing tools; as root: apt-get install ${missing[*]}"
}

# Hash of what the arguments name: names, modes, contents.
hash_of() {
    (cd "$here" && find "$@" -type f -printf '%p %m\n' | sort; cd "$here" && find "$@" -type f -print0 | sort -z | xargs -0 cat) |
        sha256sum | cut -c1-16
}

build_root() {
    local work=$cache/work.$$ raw
    say "packages -> $1"
    rm -rf "$work"; mkdir -p "$work/lists"
    raw=$work/raw
    # Nothing is installed, only unpacked: no maintainer script runs, so nothing of this machine gets in.
    local include
    include=$(sed -E 's/#.*//; s/:.*//' "$here/packages.txt" | xargs | tr ' ' ,)
    mmdebstrap --quiet --variant=extract --mode=root --include="$include" \
        --aptopt='APT::Install-Recommends "0"' --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Retries "3"' \
        --extract-hook="$here/list-packages.sh \"\$1\" '$work/lists'" \
        "$suite" "$raw" ${sources:+"$sources"} >&2
    "$here/trim.sh" "$raw" "$work/lists" "$work/out" >&2
    rm -rf "$raw" "$work/lists"
    mkdir -p "${1%/*}"; rm -rf "$1"; mv "$work/out" "$1"; rm -rf "$work"
}

# Writes the cpio of ROOT to standard output in the order of the names on standard input.
archive() { (cd "$1" && cpio --quiet --reproducible --null -o -H newc -R 0:0); }

stamp_times() { find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +; }

pack() { zstd -q -c "-$1" -T2; }

pad() { local size; size=$(stat -c %s "$1"); truncate -s $(((size + 3) / 4 * 4)) "$1"; }

build_base() {
    local tree=$work/tree
    say "base archive (zstd -$level) -> $1"
    cp -a "$rootdir/root" "$tree"
    cp -a --no-preserve=ownership "$here/root/." "$tree/"
    sed -i -e "s/@MINIMUM@/$minimum_memory/g" -e "s/@FREE@/$minimum_free/g" "$tree/init"
    rm -f "$tree/etc/resolv.conf"; : > "$tree/etc/resolv.conf"
    chown -R 0:0 "$tree"; chmod 640 "$tree/etc/shadow"
    mkdir -p "$tree/etc/linuxp2v"
    cp "$rootdir/manifest" "$tree/etc/linuxp2v/packages"
    stamp_times "$tree"
    # Folders, then what /init needs to complain, then all else.
    { (cd "$tree" && find . -mindepth 1 -type d -print0 | sort -z
        printf '%s\0' ./bin ./sbin ./lib ./lib64 ./init ./usr/bin/busybox
        find . -mindepth 1 ! -type d -print0 | sort -z |
            grep -zvxE '\./(bin|sbin|lib|lib64|init|usr/bin/busybox)'); } | archive "$tree" > "$work/base.cpio"
    stat -c %s "$work/base.cpio" > "$1.size"
    pack "$level" < "$work/base.cpio" > "$1.part"
    pad "$1.part"
    rm -rf "$tree" "$work/base.cpio"
    mv "$1.part" "$1"
}

build_agent_archive() {
    local tree=$work/agent
    mkdir -p "$tree/usr/bin" "$tree/etc/linuxp2v"
    install -m 755 "$agent" "$tree/usr/bin/linuxp2v-agent"
    echo "The last file of the image: all before it was unpacked." > "$tree/etc/linuxp2v/complete"
    stamp_times "$tree"
    printf '%s\0' ./usr/bin/linuxp2v-agent ./etc/linuxp2v ./etc/linuxp2v/complete | archive "$tree" | pack "$level" > "$1"
    pad "$1"
}

build_efi_image() {
    local efi=$work/efi
    mkdir -p "$efi/EFI/BOOT"
    grub-mkimage -O x86_64-efi -c "$here/boot/early.cfg" -p /boot/grub -o "$efi/EFI/BOOT/BOOTX64.EFI" \
        "${grub_common[@]}" efi_gop efi_uga video_bochs video_cirrus
    stamp_times "$efi"
    local kib=$(( ($(stat -c %s "$efi/EFI/BOOT/BOOTX64.EFI") / 1024 + 128 + 31) / 32 * 32 ))
    truncate -s "${kib}K" "$1"
    mkfs.vfat --invariant -i "$fat_serial" -n P2VEFI "$1" > /dev/null
    MTOOLS_SKIP_CHECK=1 mmd -i "$1" ::/EFI ::/EFI/BOOT
    MTOOLS_SKIP_CHECK=1 mcopy -m -i "$1" "$efi/EFI/BOOT/BOOTX64.EFI" ::/EFI/BOOT/
}

check_tools
mkdir -p "$cache" "$(dirname "$output")"
cache=$(cd "$cache" && pwd)
exec 9> "$cache/lock"
flock 9
work=$(mktemp -d "$cache/build.XXXXXX")
trap 'rm -rf "$work" "$cache/work.$$"' EXIT

root_key=$({ hash_of packages.txt modules.txt applets.txt trim.sh list-packages.sh; echo "$suite"; cat ${sources:+"$sources"} < /dev/null; } | sha256sum | cut -c1-16)
rootdir=$cache/root-$root_key
[ -e "$rootdir/manifest" ] || build_root "$rootdir"
base=$cache/base-$root_key-$(hash_of root settings.sh build.sh)-$level.zst
[ -e "$base" ] || build_base "$base"

say "image"
tree=$work/iso
mkdir -p "$tree/boot/grub"
cp "$rootdir/vmlinuz" "$tree/boot/vmlinuz"
build_agent_archive "$work/agent.zst"
cat "$base" "$work/agent.zst" > "$tree/boot/helper.img"
echo "LinuxP2V helper" > "$tree/boot/linuxp2v-helper"
sed "s|@CMDLINE@|$kernel_command_line|" "$here/boot/grub.cfg" > "$tree/boot/grub/grub.cfg"
grub-mkimage -O i386-pc-eltorito -c "$here/boot/early.cfg" -p /boot/grub -o "$tree/boot/grub/bios.img" "${grub_common[@]}" biosdisk
build_efi_image "$tree/boot/grub/efi.img"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C "$rootdir" -c licenses | zstd -q -19 -c > "$tree/licenses.tar.zst"
cp "$rootdir/manifest" "$tree/manifest"
stamp_times "$tree"
rm -f "$output"
date=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d%H%M%S00)
xorriso -as mkisofs -quiet -r -V "$volume_id" --modification-date="$date" --set_all_file_dates "$date" \
    -b boot/grub/bios.img -no-emul-boot -boot-load-size 4 -boot-info-table --grub2-boot-info \
    -eltorito-alt-boot -e boot/grub/efi.img -no-emul-boot \
    -o "$work/out.iso" "$tree" >&2
mv "$work/out.iso" "$output"
cp "$rootdir/manifest" "$output.manifest"
(cd "$(dirname "$output")" && sha256sum "$(basename "$output")" > "$(basename "$output").sha256")
say "$(basename "$output"): $(($(stat -c %s "$output") / 1000000)) MB, root $(($(cat "$base.size") / 1000000)) MB unpacked, $(wc -l < "$rootdir/manifest") packages"
