# The system itself: Debian and its settings.

# Every machine has the features base and that of its boot loader.
all_features() { printf '%s\n' base "$(loader_feature)" "${features[@]}"; }

loader_feature() { case $loader in grub) echo "grub-$firmware" ;; *) echo "$loader" ;; esac; }

feature_packages() {
  local feature
  for feature in $(all_features); do
    if [ -e "$here/features/$feature/packages.txt" ]; then sed 's/#.*//' "$here/features/$feature/packages.txt"; fi
  done | xargs | tr ' ' ,
}

copy_feature_files() {
  local feature
  for feature in $(all_features); do
    if [ -d "$here/features/$feature/files" ]; then cp -a --no-preserve=ownership "$here/features/$feature/files/." "$1/"; fi
  done
  chmod 0440 "$1/etc/sudoers.d/lab"
  # NetworkManager passes over a connection that others may read.
  chmod -fR go= "$1/etc/NetworkManager/system-connections" || true
  initramfs_settings "$1"
}

# As MODULES=dep or hostonly leave it on a physical server: only what this machine's own disks need, so nothing of VMware's.
initramfs_settings() {
  case " ${features[*]} " in
    *" dracut "*)
      mkdir -p "$1/etc/dracut.conf.d"
      printf 'hostonly="no"\ndrivers="%s"\n' "${drivers[*]}" > "$1/etc/dracut.conf.d/lab.conf" ;;
    *)
      mkdir -p "$1/etc/initramfs-tools"
      printf '%s\n' "${drivers[@]}" > "$1/etc/initramfs-tools/modules" ;;
  esac
}

# Twelve characters that change with what the unpacked packages depend on.
packages_key() {
  local feature
  {
    declare -p firmware loader features drivers suite
    declare -f make_root
    for feature in $(all_features); do find "$here/features/$feature" -type f -print0 | sort -z | xargs -0 cat; done
  } | sha256sum | cut -c1-12
}

# make_root FOLDER: the machine's packages, unpacked and configured once.
make_root() {
  local mirrors
  # The host's own Debian mirrors, whatever they are; of another release than the host's they have at least the main archive.
  mirrors=$(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
    awk -v suite="$suite" '$NF == "Debian" && $3 ~ (suite == "bookworm" ? "^bookworm(-updates|-security)?$" : "^bookworm$") {
      sub(/^bookworm/, suite, $3); NF--; print }' | sort -u)
  say "installing Debian's $suite for $machine"
  cat > "$work/prepare.sh" <<'HOOK'
#!/bin/sh
# Before the initramfs tool and GRUB are installed: their packages' scripts read these.
set -e
cp -a --no-preserve=ownership "$LAB_FILES/." "$1/"
HOOK
  chmod +x "$work/prepare.sh"
  # A mirror may stand still for longer than the lists of testing and sid are valid.
  # hosts and resolv.conf come last: mmdebstrap lends the chroot the host's while it installs.
  mkdir -p "$work/early" && copy_feature_files "$work/early" && rm "$work/early/etc/resolv.conf" "$work/early/etc/hosts" "$work/early/etc/hostname"
  LAB_FILES=$work/early mmdebstrap --quiet --mode=root --variant=essential --format=directory \
    --include="$(feature_packages)" --essential-hook="$work/prepare.sh" \
    --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
    --dpkgopt='force-confold' \
    "$suite" "$work/root" - <<< "$mirrors" > "$work/mmdebstrap.log" 2>&1 || { tail -20 "$work/mmdebstrap.log" >&2; exit 1; }
  # Newer kernels are hard links into /usr/lib/modules, which no /boot of its own can be.
  find "$work/root/boot" -type f -links +1 -exec sh -c 'cp -p "$1" "$1.own" && mv "$1.own" "$1"' sh {} \;
  rm -rf "${1:?}"
  mv "$work/root" "$1"
}

configure() {
  copy_feature_files "$mnt"
  tr -d - < /proc/sys/kernel/random/uuid > "$mnt/etc/machine-id"
  ln -sf /etc/machine-id "$mnt/var/lib/dbus/machine-id" 2>/dev/null || true
  add_logins
  fstab > "$mnt/etc/fstab"
  # The network may not be awaited, nor package lists be fetched, while a test looks on.
  chroot "$mnt" systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer systemd-networkd-wait-online.service
  # The network's own service is not there unless it is asked for, other than ifupdown's.
  case " ${features[*]} " in
    *" ifupdown "* | *" networkmanager "*) ;;
    *) chroot "$mnt" systemctl --quiet enable systemd-networkd.service ;;
  esac
  if [ -d "$mnt/etc/mdadm" ]; then
    { printf 'HOMEHOST <system>\nMAILADDR root\n' && mirror_lines; } > "$mnt/etc/mdadm/mdadm.conf"
  fi
  make_initramfs > "$work/initramfs.log" 2>&1 || { cat "$work/initramfs.log" >&2; exit 1; }
}

add_logins() {
  local home user
  rm -f "$mnt"/etc/ssh/ssh_host_*
  chroot "$mnt" ssh-keygen -A > /dev/null
  chroot "$mnt" useradd -m -s /bin/bash admin
  chroot "$mnt" useradd -m -s "$deploy_shell" deploy
  printf '%s\n' "admin:$password" "deploy:$password" | chroot "$mnt" chpasswd
  for user in root admin deploy; do
    home=$(chroot "$mnt" sh -c "echo ~$user")
    install -d -m 0700 "$mnt$home/.ssh"
    echo "$key" > "$mnt$home/.ssh/authorized_keys"
    chroot "$mnt" chown -R "$user:" "$home/.ssh"
  done
}

kernel_version() { basename -a "$mnt"/boot/vmlinuz-* | sed 's/^vmlinuz-//' | sort -V | tail -n 1; }

make_initramfs() {
  local kernel
  kernel=$(kernel_version)
  case " ${features[*]} " in
    *" dracut "*) chroot "$mnt" dracut --force "/boot/initrd.img-$kernel" "$kernel" ;;
    *)
      echo "RESUME=$(swap_name)" > "$mnt/etc/initramfs-tools/conf.d/resume"
      chroot "$mnt" update-initramfs -u -k "$kernel" ;;
  esac
}
