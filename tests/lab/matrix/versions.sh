# Run as root inside a source: three lines, its Debian, its kernel, its boot loaders.
cat /etc/debian_version
uname -r
dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' 'grub-pc' 'grub-efi-amd64*' 'systemd-boot' 'extlinux' 'shim-signed' 2>/dev/null |
  awk '$1 == "installed" { printf "%s%s %s", separator, $2, $3; separator = ", " } END { print "" }'
