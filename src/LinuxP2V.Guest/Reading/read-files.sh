# Reads the configuration of a running Linux machine and writes nothing on it. POSIX sh with basic tools.
# The caller sets R before: the folder where the machine's root is, empty for the machine itself.
# Standard output is one line: how it is encoded, and the records of all that was found.
# A record is a letter and fields that end with a zero byte, since a name may hold any other:
#   D path        a folder
#   F path size   a file that is not empty; the size is right for kernels and EFI programs
#   E path        an empty file
#   T path size   a text of that many bytes, which follows
#   A             the last: a tar archive of the links, and of the files whose text is needed, by names that begin with a dot
# Processes are few, as each takes a hundredth of a second on a slow machine: the folders are walked twice by the shell
# alone, once for the records and once for the list of what goes into the archive.

LC_ALL=C
export LC_ALL
longest=1024 # blocks of 512 bytes

has() { command -v "$1" >/dev/null 2>&1; }
encode() {
  if has gzip && has base64; then printf 'gzip '; gzip -c | base64 | tr -d '\n'
  elif has base64; then printf 'base64 '; base64 | tr -d '\n'
  else printf 'hex '; od -An -v -tx1 | tr -d ' \n'; fi
  echo
}

# What is at a path, without its text. A link goes into the archive, which tells where it leads.
name() {
  if [ "$pass" = list ]; then
    if [ -h "$R$1" ]; then printf '.%s\n' "$1"; fi
    return
  fi
  if [ -h "$R$1" ]; then :
  elif [ -d "$R$1" ]; then printf 'D%s\0' "$1"
  elif [ -f "$R$1" ] && [ -s "$R$1" ]; then
    # For most it only matters that something is in it, and asking would start a process for each.
    case $1 in
      *.efi | *.EFI | */vmlinuz* | */linux) size=$(wc -c <"$R$1" 2>/dev/null) || size=1 ;;
      *) size=1 ;;
    esac
    printf 'F%s\0%s\0' "$1" "$((${size:-1}))"
  elif [ -f "$R$1" ]; then printf 'E%s\0' "$1"
  fi
}
# A file with its text.
text() {
  if [ "$pass" = list ] && [ -f "$R$1" ] && [ -s "$R$1" ] && [ ! -h "$R$1" ]; then printf '.%s\n' "$1"; else name "$1"; fi
}
# The text that a command prints, for a file that is long where most of it tells nothing.
part() {
  [ "$pass" = records ] || return 0
  path=$1
  shift
  [ -f "$R$path" ] || return 0
  value=$("$@" "$R$path" 2>/dev/null)
  printf 'T%s\0%s\0%s' "$path" "${#value}" "$value"
}

# The command line and the version inside a unified kernel image, as files below it. Sections of an EFI program are listed
# ten numbers each: the name as two of them, lengths in memory and in the file, and where they begin.
unified() {
  [ "$pass" = records ] && [ -f "$R$1" ] && has od || return 0
  image=$1
  set -- $(od -An -v -tu4 -j60 -N4 "$R$image" 2>/dev/null)
  [ "${1:-0}" -gt 0 ] || return 0
  start=$1
  set -- $(od -An -v -tu2 -j$((start + 6)) -N16 "$R$image" 2>/dev/null)
  [ "${1:-97}" -le 96 ] || return 0
  set -- $(od -An -v -tu4 -j$((start + 24 + ${8:-0})) -N$(($1 * 40)) "$R$image" 2>/dev/null)
  while [ $# -ge 10 ]; do
    case $1,$2 in
      1684890414,1701734764) section=.cmdline ;;
      1634628910,25965) section=.uname ;;
      *) section= ;;
    esac
    if [ -n "$section" ] && [ "$3" -le 65536 ]; then
      value=$(dd if="$R$image" bs=1 skip="$6" count="$3" 2>/dev/null | tr -d '\0')
      printf 'T%s/%s\0%s\0%s' "$image" "$section" "${#value}" "$value"
    fi
    shift 10
  done
}

# A program: where a link leads is not asked, as there are hundreds, each of which would start a process.
program() { [ "$pass" = records ] && [ -f "$R$1" ] && printf 'F%s\0001\0' "$1"; }

# names FOLDER: what is in it. texts FOLDER: the same, with the texts of its files. Both go DEPTH folders down.
names() { walk name "$1" "${2:-1}"; }
texts() { walk text "$1" "${2:-1}"; }
walk() {
  name "$2"
  [ -d "$R$2" ] || return 0
  for w in "$R$2"/* "$R$2"/.[!.]*; do
    [ -e "$w" ] || [ -h "$w" ] || continue
    w=${w#"$R"}
    "$1" "$w"
    if [ "$3" -gt 1 ] && [ -d "$R$w" ] && [ ! -h "$R$w" ]; then (walk "$1" "$w" $(($3 - 1))); fi
  done
}

system() {
  names ''
  for f in /lib /lib64 /bin /sbin /boot /etc /usr/lib /usr/lib64; do name "$f"; done
  for f in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do
    name "$f"
    if [ ! -h "$R$f" ]; then walk program "$f" 1; fi
  done
  names /etc
  for f in /etc/os-release /usr/lib/os-release /etc/hostname /etc/inittab /etc/blkid.tab /etc/blkid/blkid.tab /etc/rc.local \
    /etc/rc.d/rc.local /etc/init.d/boot.local; do text "$f"; done
}

storage() {
  for f in /etc/fstab /etc/crypttab /etc/mdadm.conf /etc/multipath.conf /etc/lvm/cache/.cache /etc/suspend.conf /etc/uswsusp.conf \
    /etc/raw /etc/mtools.conf /etc/security/pam_mount.conf.xml; do text "$f"; done
  for f in /etc/mdadm /etc/mdadm/mdadm.conf.d /etc/mdadm.conf.d /etc/lvm /etc/lvm/devices /etc/lvm/profile /etc/multipath \
    /etc/multipath/conf.d /etc/conf.d; do texts "$f"; done
  names /etc/iscsi 4
  names /var/lib/iscsi/nodes 3
  # All but this one setting: some hold passwords.
  for f in "$R"/etc/iscsi/nodes/*/* "$R"/etc/iscsi/nodes/*/*/* "$R"/var/lib/iscsi/nodes/*/* "$R"/var/lib/iscsi/nodes/*/*/*; do
    [ -f "$f" ] && part "${f#"$R"}" grep '^[[:space:]]*node\.startup'
  done
}

boot() {
  for f in /etc/cmdline /etc/dracut.conf /etc/mkinitcpio.conf /etc/modprobe.conf /etc/modules /etc/modules.conf /etc/default/grub \
    /etc/default/grub_installdevice /etc/default/kexec /etc/lilo.conf /etc/elilo.conf /etc/zipl.conf /etc/kernel-img.conf \
    /etc/modprobe.conf.local /etc/conf.modules /etc/tuned/bootcmdline; do text "$f"; done
  for f in /etc/default/grub.d /etc/cmdline.d /etc/dracut.conf.d /etc/mkinitcpio.conf.d /etc/mkinitcpio.d /etc/modprobe.d \
    /usr/lib/modprobe.d /lib/modprobe.d /usr/local/lib/modprobe.d /run/modprobe.d /usr/lib/dracut/dracut.conf.d /etc/modules-load.d /etc/grub.d /etc/default; do texts "$f"; done
  texts /etc/kernel 3
  text /usr/lib/kernel/cmdline
  texts /usr/lib/kernel/cmdline.d
  texts /etc/initramfs-tools 3
  names /usr/lib/dracut 2
  names /usr/share/initramfs-tools/scripts 2
  names /boot 4
  for d in /boot /boot/grub /boot/grub2 /boot/loader /boot/loader/entries /boot/efi/loader/entries /efi/loader /efi/loader/entries /boot/extlinux /boot/syslinux; do
    for f in "$R$d"/*.cfg "$R$d"/*.conf "$R$d"/*.lst "$R$d"/grubenv "$R$d"/device.map "$R$d"/entries.srel; do [ -f "$f" ] && text "${f#"$R"}"; done
  done
  for d in /boot/efi /efi /esp; do names "$d" 5; done
  for f in "$R"/boot/efi/*/*/*.cfg "$R"/boot/efi/*/*/*.conf "$R"/boot/efi/*/*/grubenv "$R"/boot/efi/loader/*.conf \
    "$R"/boot/efi/loader/entries/*.conf "$R"/efi/*/*/*.cfg "$R"/efi/*/*/*.conf "$R"/boot/EFI/*/*.cfg "$R"/esp/*/*/*.cfg "$R"/esp/loader/*.conf \
    "$R"/esp/loader/entries/*.conf; do [ -f "$f" ] && text "${f#"$R"}"; done
  for f in "$R"/boot/efi/EFI/Linux/*.efi "$R"/efi/EFI/Linux/*.efi "$R"/boot/EFI/Linux/*.efi "$R"/esp/EFI/Linux/*.efi; do unified "${f#"$R"}"; done
  for d in /usr/lib/grub /usr/lib64/grub /usr/share/grub2 /usr/lib/grub2 /usr/share/grub; do names "$d" 2; done
  name /var/lib/dpkg/info/grub-pc.list
  part /var/cache/debconf/config.dat sed -n '/^Name: grub/,/^$/p'
}

kernels() {
  for l in /lib/modules /usr/lib/modules; do
    names "$l"
    for d in "$R$l"/*/; do
      d=${d%/}
      d=${d#"$R"}
      [ -d "$R$d" ] || continue
      names "$d"
      text "$d/pkgbase"
    # Without the list of its modules their files tell what a kernel has.
    [ -f "$R$d/modules.dep" ] || names "$d" 8
      part "$d/modules.dep" sed 's/:.*/:/'
      part "$d/modules.builtin" cat
    done
  done
  for f in "$R"/boot/config-*; do
    [ -f "$f" ] && part "${f#"$R"}" grep -E \
      '^CONFIG_(VMWARE_PVSCSI|FUSION_S(PI|AS)|SATA_AHCI|BLK_DEV_(NVME|SD|DM)|VIRTIO_PCI|SCSI_VIRTIO|VMXNET3|(EXT[34]|XFS|BTRFS|VFAT)_FS)='
  done
}

network() {
  for d in /etc/network /etc/NetworkManager /etc/sysconfig/network /etc/sysconfig/network-scripts /etc/wicked \
    /usr/lib/NetworkManager; do texts "$d" 3; done
  for f in /etc/resolv.conf /etc/iftab /etc/mactab /etc/dhcpcd.conf /etc/ethers /sbin/ifup-local; do text "$f"; done
  for f in "$R"/etc/dhclient*.conf; do [ -f "$f" ] && text "${f#"$R"}"; done
  for d in /etc/netplan /usr/lib/netplan /lib/netplan /run/netplan /etc/local.d /usr/local/lib/systemd/network /etc/systemd/network /usr/lib/systemd/network /lib/systemd/network /etc/udev/rules.d \
    /etc/cloud /etc/cloud/cloud.cfg.d /etc/networkd-dispatcher /etc/dhcp; do texts "$d" 2; done
  for d in /lib/udev/rules.d /usr/lib/udev/rules.d; do names "$d"; text "$d/69-lvm.rules"; done
  for f in "$R"/lib/systemd/libsystemd-shared* "$R"/usr/lib/systemd/libsystemd-shared* "$R"/usr/lib64/systemd/libsystemd-shared* \
    "$R"/usr/lib/*-linux-gnu*/systemd/libsystemd-shared*; do [ -f "$f" ] && name "${f#"$R"}"; done
  for d in /etc/dropbear /etc/dropbear-initramfs /usr/libexec/netplan; do names "$d" 2; done
}

services() {
  texts /etc/sysconfig
  for f in /etc/X11/xorg.conf /etc/systemd/system.conf; do text "$f"; done
  for d in /etc/X11/xorg.conf.d /etc/systemd/system.conf.d; do texts "$d"; done
  for d in /etc/runlevels/default /etc/init.d/rc3.d /etc/init.d/rc5.d /etc/systemd /etc/systemd/system /usr/local/lib/systemd/system /etc/init /etc/init.d /etc/rc2.d /etc/rc3.d /etc/rc5.d /etc/rc.d /etc/rc.d/rc3.d /etc/rc.d/rc5.d; do names "$d"; done
  for f in "$R"/etc/init/ttyS*.conf; do [ -f "$f" ] && text "${f#"$R"}"; done
  for d in "$R"/etc/systemd/system/*.wants "$R"/etc/systemd/system/*.requires "$R"/etc/systemd/system/*.d; do [ -d "$d" ] && texts "${d#"$R"}"; done
  for d in /etc/systemd/system /usr/local/lib/systemd/system; do
    for f in "$R$d"/*.service "$R$d"/*.target "$R$d"/*.mount "$R$d"/*.swap "$R$d"/*.automount "$R$d"/*.path "$R$d"/*.socket \
      "$R$d"/*.timer "$R$d"/*.slice "$R$d"/*.scope "$R$d"/*.device; do
      [ -f "$f" ] && text "${f#"$R"}"
    done
  done
  for f in /etc/sysctl.conf /etc/selinux/config /etc/watchdog.conf /etc/kdump.conf; do text "$f"; done
  texts /etc/sysctl.d
  for f in "$R"/etc/selinux/*/contexts/files/file_contexts; do [ -f "$f" ] && name "${f#"$R"}"; done
}

# What the machine is known by. Of keys and leases the names tell enough.
identity() {
  for f in /etc/machine-id /etc/HOSTNAME /etc/hosts /etc/mailname /etc/ssh/sshd_config; do text "$f"; done
  texts /etc/ssh/sshd_config.d
  for d in /etc/ssh /var/lib/dhcp /var/lib/dhclient /var/lib/dhcp3 /var/lib/dhcpcd /var/db/dhcpcd /var/lib/NetworkManager \
    /var/lib/wicked /etc/puppetlabs/puppet/ssl/private_keys /var/lib/puppet/ssl/private_keys /etc/openvpn /etc/wireguard; do names "$d"; done
  for f in /usr/lib/systemd/systemd /lib/systemd/systemd /var/lib/dbus/machine-id /var/lib/systemd/random-seed \
    /var/lib/urandom/random-seed /var/lib/random-seed /var/lib/misc/random-seed /var/lib/samba/private/secrets.tdb \
    /etc/pki/consumer/cert.pem /etc/sysconfig/rhn/systemid /etc/zypp/credentials.d/SCCcredentials \
    /var/lib/ubuntu-advantage/private/machine-token.json /etc/salt/pki/minion/minion.pem /etc/chef/client.pem /etc/nvme/hostid \
    /var/lib/tailscale/tailscaled.state /etc/corosync/corosync.conf; do name "$f"; done
}

collect() { pass=$1; system; storage; boot; kernels; network; services; identity; }
# A name with a line break in it could name another file, and stands for none.
archive() {
  cd "$R/" && collect list | grep '^\./' | tr '\n' '\0' |
    xargs -0 sh -c 'find "$@" -prune "(" -type l -o -type f -size -"$0" ")" -print' "$longest" 2>/dev/null |
    tar -cf - -T - 2>/dev/null
}
{ collect records; printf 'A'; archive; } | encode
