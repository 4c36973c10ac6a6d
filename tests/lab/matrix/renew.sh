# Run as root inside a copy: makes initramfs and menu anew as an update of each kernel would, by the hooks of the copy's packages.
export LC_ALL=C DEBIAN_FRONTEND=noninteractive DEB_MAINT_PARAMS='configure'
set -e
for kernel in /boot/vmlinuz-*; do
  version=${kernel#/boot/vmlinuz-}
  run-parts --verbose --exit-on-error --arg="$version" --arg="$kernel" /etc/kernel/postinst.d
done
sync
