#!/bin/sh
# Installs open-vm-tools when the VM first starts.
#
#   New-P2VHook -Path ./install-open-vm-tools.sh -Moment FirstBoot -ContinueOnError
#
# The moment is FirstBoot, since packages come from a network, and a hook in the helper has none. What this prints is in
# /var/log/linuxp2v-first-boot.log of the VM.
set -eu

# A machine that was a VM before has them.
if command -v vmtoolsd >/dev/null; then
  echo "open-vm-tools are there already"
  exit 0
fi

# The network may need a moment longer than the service that waits for it.
try() {
  for pause in 5 15 30 0; do
    if "$@"; then return 0; fi
    sleep "$pause"
  done
  return 1
}

if command -v apt-get >/dev/null; then
  DEBIAN_FRONTEND=noninteractive
  export DEBIAN_FRONTEND
  try apt-get -q update
  apt-get -q -y install open-vm-tools
elif command -v dnf >/dev/null; then
  try dnf -y install open-vm-tools
elif command -v yum >/dev/null; then
  try yum -y install open-vm-tools
elif command -v zypper >/dev/null; then
  try zypper --non-interactive install open-vm-tools
elif command -v apk >/dev/null; then
  try apk add open-vm-tools
  rc-update add open-vm-tools default
else
  echo "no package manager is known here" >&2
  exit 1
fi

# Some packages leave the service off.
if command -v systemctl >/dev/null; then
  systemctl enable --now vmtoolsd.service 2>/dev/null || systemctl enable --now open-vm-tools.service
fi
