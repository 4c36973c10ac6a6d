#!/bin/bash
# Makes the helper's root out of unpacked packages.
#   trim.sh RAW LISTS OUT
# RAW: root made by mmdebstrap (variant extract). LISTS: folder with NAME.files (paths of each package) and
# versions (name, version, source, source version; tab separated). OUT: new folder; gets root/ (merged /usr), vmlinuz, manifest,
# licenses/ (copyright files). Fails when a path of packages.txt, a module or a library is missing.
set -euo pipefail
shopt -s extglob nullglob
raw=$1 lists=$2 out=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$out/root
lib=usr/lib/x86_64-linux-gnu
mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,etc,home,mnt,proc,root,run,sys,tmp,var/lib,var/log,var/tmp} "$out/licenses"
chmod 700 "$root/root"; chmod 1777 "$root/tmp" "$root/var/tmp"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
ln -s /run "$root/var/run"; ln -s /run/lock "$root/var/lock"
used=$out/used; : > "$used"

fail() { echo "trim: $*" >&2; exit 1; }

# Where a path of a package lies after /bin, /sbin and /lib have become links into /usr.
merged() {
    case $1 in
        /bin/*|/sbin/*|/lib/*|/lib64/*) echo "usr$1" ;;
        *) echo "${1#/}" ;;
    esac
}

unwanted() {
    case $1 in
        # Documents, translations, completions, and what belongs to an init system or to an installed Debian.
        /usr/share/@(doc|man|info|locale|lintian|bash-completion|zsh|fish|bug|doc-base|menu|applications|pixmaps|apport|misc)/*) return 0 ;;
        /usr/share/@(debianutils|gdb|polkit-1|pkgconfig|mdadm|readline|ucf|util-linux|xfsprogs|initramfs-tools)/*) return 0 ;;
        /etc/@(init.d|cron.d|cron.daily|default|logrotate.d|pam.d|profile.d|skel|apt|dpkg|alternatives|rc?.d|security|systemd)/*) return 0 ;;
        */initramfs-tools/*|/lib/systemd/system/*|/usr/lib/systemd/*|/usr/lib/tmpfiles.d/*|/usr/lib/ocf/*|*/e2fsprogs/e2scrub*) return 0 ;;
        # Programs that need perl, python, a login session or special hardware.
        */@(e2scrub|e2scrub_all|mklost+found|fsadm|lvmdump|blkdeactivate|lvmpolld|lvm_import_vdo)) return 0 ;;
        */@(agetty|getty|su|login|runuser|sulogin|chsh|chfn|newgrp|lslogins|utmpdump|mesg|wall|write.ul|last|lastb)) return 0 ;;
        */@(chmem|lsmem|chcpu|rtcwake|wdctl|zramctl|ldattach|tunelp|readprofile|lsirq|lsns|lsipc|ipcmk|ipcrm|ipcs|uclampset|choom|prlimit)) return 0 ;;
        */@(mkfs.cramfs|fsck.cramfs|mkfs.minix|fsck.minix|mkfs.bfs|isosize|fincore|pivot_root|ctrlaltdel|addpart|delpart|resizepart|raw)) return 0 ;;
        */@(script|scriptlive|scriptreplay|rename.ul|hardlink|mcookie|whereis|setarch|i386|linux32|linux64|x86_64|namei|ul|rev|look|line|pg)) return 0 ;;
        */@(col|colcrt|colrm|column|getopt|pinky|ptx|factor|vdir|dir|dircolors|tsort|csplit|pathchk|pr|fmt|fold|hostid|runcon|chcon|nl)) return 0 ;;
        */@(shred|users|who|logname|sha224sum|sha384sum|gzexe|zmore|zless|zdiff|zcmp|zgrep|zegrep|zfgrep|zforce|znew)) return 0 ;;
    esac
    return 1
}

put() {
    local package=$1 path=$2 to
    to=$root/$(merged "$path")
    if [ -d "$raw$path" ] && [ ! -L "$raw$path" ]; then mkdir -p "$to"; return; fi
    [ -e "$raw$path" ] || [ -L "$raw$path" ] || fail "$package lists $path, which was not unpacked"
    mkdir -p "${to%/*}"
    cp -a --no-preserve=links "$raw$path" "$to"
    echo "$package" >> "$used"
}

echo "trim: packages"
while IFS= read -r line; do
    line=${line%%#*}
    [ -n "${line// /}" ] || continue
    package=${line%%:*}; patterns=
    [[ $line == *:* ]] && patterns=${line#*:}
    list=$lists/$package.files
    [ -e "$list" ] || fail "package $package was not downloaded"
    if [[ $line == *:* ]]; then
        set -f
        for pattern in $patterns; do
            hit=
            while IFS= read -r path; do
                # shellcheck disable=SC2053
                if [[ $path == $pattern && ! -d $raw$path ]] && ! unwanted "$path"; then hit=1; put "$package" "$path"; fi
            done < "$list"
            [ -n "$hit" ] || fail "$package has nothing at $pattern"
        done
        set +f
    else
        while IFS= read -r path; do
            [ -d "$raw$path" ] && [ ! -L "$raw$path" ] && continue
            unwanted "$path" || put "$package" "$path"
        done < "$list"
    fi
done < "$here/packages.txt"

echo "trim: libraries"
declare -A owner have
while IFS=$'\t' read -r package path; do owner[$path]=$package; done < <(
    grep -HE '^/(usr/)?lib/x86_64-linux-gnu/[^/]*\.so|^/lib64/' "$lists"/*.files | sed -E 's#^.*/([^/]+)\.files:#\1\t#')
add_library() {
    local name=$1 dir path target
    [ -z "${have[$name]:-}" ] || return 0
    for dir in /lib/x86_64-linux-gnu /usr/lib/x86_64-linux-gnu /lib64; do
        path=$dir/$name
        [ -e "$raw$path" ] || continue
        have[$name]=1
        target=$(readlink -f "$raw$path")
        mkdir -p "$root/$lib"
        # One file under the name that programs ask for; version links only cost space.
        cp -a "$target" "$root/$lib/$name"
        target=${target#"$(readlink -f "$raw")"}
        echo "${owner[$target]:-${owner[$path]:-unknown}}" >> "$used"
        return 0
    done
    fail "library $name is nowhere"
}
add_library ld-linux-x86-64.so.2
# Loaded by name at run time, so that no program names it: the agent's hashes and tokens come from OpenSSL.
add_library libssl.so.3
ln -s "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" "$root/usr/lib64/ld-linux-x86-64.so.2"
while :; do
    before=${#have[@]}
    while read -r name; do add_library "$name"; done < <(
        find "$root/usr" -type f \( -perm /111 -o -name '*.so*' \) -print0 | xargs -0 readelf -d 2> /dev/null |
            sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' | LC_ALL=C sort -u)
    [ "$before" -eq ${#have[@]} ] && break
done

echo "trim: modules"
kernel=$(ls "$raw/lib/modules")
chroot "$raw" /sbin/depmod "$kernel"
modules=$root/usr/lib/modules/$kernel
mkdir -p "$modules"
cp -a "$raw/lib/modules/$kernel"/modules.{builtin,builtin.modinfo,order} "$modules/"
declare -A deps file
while IFS=: read -r path rest; do
    name=${path##*/}; name=${name%.ko}; name=${name//-/_}
    file[$name]=$path; deps[$name]=$rest
done < "$raw/lib/modules/$kernel/modules.dep"
builtin=" $(sed -E 's#.*/##; s/\.ko$//; s/-/_/g' "$modules/modules.builtin" | xargs) "
add_module() {
    local path=$1
    [ -e "$modules/$path" ] && return 0
    mkdir -p "$modules/${path%/*}"
    cp -a "$raw/lib/modules/$kernel/$path" "$modules/$path"
}
for wanted in $(sed 's/#.*//' "$here/modules.txt"); do
    name=${wanted//-/_}
    if [ -z "${file[$name]:-}" ]; then
        [[ $builtin == *" $name "* ]] && continue
        fail "the kernel has no module $wanted"
    fi
    add_module "${file[$name]}"
    for path in ${deps[$name]}; do add_module "$path"; done
done
# The package that holds the files, not the one that only depends on it.
basename -s .files "$lists"/linux-image-"$kernel".files >> "$used"
cp "$raw/boot/vmlinuz-$kernel" "$out/vmlinuz"

echo "trim: finishing"
while read -r applet; do
    [ -e "$root/usr/bin/$applet" ] || [ -e "$root/usr/sbin/$applet" ] || ln -s busybox "$root/usr/bin/$applet"
done < "$here/applets.txt"
ln -sf mawk "$root/usr/bin/awk"
[ -e "$root/usr/bin/sh" ] || ln -s dash "$root/usr/bin/sh"
ln -sf /proc/self/mounts "$root/etc/mtab"
ln -sf /run/machine-id "$root/etc/machine-id"
find "$root" -xdev -type f -perm /6000 -exec chmod ug-s {} +
chroot "$root" /usr/sbin/depmod "$kernel"
chroot "$root" /usr/sbin/ldconfig
rm -rf "$root/var/cache" "$modules"/modules.{dep,alias,symbols,builtin.alias}
find "$root" -type d -empty \( -path '*/usr/*' -o -path '*/etc/*' \) -delete

LC_ALL=C sort -u -o "$used" "$used"
grep -qx unknown "$used" && fail "a library belongs to no package"
: > "$out/manifest"
while read -r package; do
    awk -F '\t' -v p="$package" '$1 == p { printf "%s\t%s\t%s\t%s\n", $1, $2, $3, $4 }' "$lists/versions" >> "$out/manifest"
    # /usr/share/doc/NAME is often a link to the folder of a sister package.
    copyright=$(cd "$raw/usr/share/doc" && readlink -e "$package/copyright" || true)
    [ -n "$copyright" ] || fail "$package has no copyright file"
    mkdir -p "$out/licenses/$package" && cp "$copyright" "$out/licenses/$package/copyright"
done < "$used"
cp -rL "$raw/usr/share/common-licenses" "$out/licenses/common-licenses"
