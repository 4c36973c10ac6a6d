#!/bin/sh
# What the lab's -agent-command starts in a guest's place: the real agent behind an sshd of its own, on the VM's own disk
# files. Usage: agent.sh SETTINGS NAME; announcements go out and new settings come in as framed lines, as in the lab.
# Mounts and processes are in namespaces of their own: many run side by side, and whoever kills this one kills them all.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${LINUXP2V_GUEST-}" ]; then
  # Process ids are unique on this machine, so the loopback address is.
  LINUXP2V_GUEST=127.$((100 + $$ / 62500 % 100)).$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1))
  export LINUXP2V_GUEST
  exec unshare --mount --propagation slave --pid --fork --kill-child --mount-proc -- "$0" "$@"
fi
settings=$1
agent=$(readlink -f "${LINUXP2V_LAB:-$here/../../../../.lab}/agent/linuxp2v-agent")
state=/run/linuxp2v
exec 4<&0

# As in the helper, where /run is memory.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sshd "$state"
chmod 700 "$state"

# A loop device for each disk. Held open by this shell alone, it goes with it, however that ends.
disks=
number=5
for file in "$(dirname "$settings")"/*-flat.vmdk; do
  device=$(losetup --find --show --partscan "$file")
  eval "exec $number<>$device"
  losetup --detach "$device"
  disks=$disks,$device
  number=$((number + 1))
done
disks=${disks#,}

ssh-keygen -q -t ed25519 -N '' -C '' -f "$state/ssh_host_ed25519_key"
key=$(cut -d ' ' -f 1-2 "$state/ssh_host_ed25519_key.pub")

value() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

# The settings' words go back as they stand in JSON; in the file a plus must be one.
take() {
  id=$(printf '%s' "$1" | value conversionId)
  authorized=$(printf '%s' "$1" | value authorizedKey)
  printf '%s\n' "$authorized" | sed 's/\\u002[bB]/+/g' > "$state/authorized_keys.new"
  chmod 600 "$state/authorized_keys.new"
  mv "$state/authorized_keys.new" "$state/authorized_keys"
  printf '%s\n%s\n' "$id" "$authorized" > "$state/settings"
}

announce() {
  { read -r id; read -r authorized; } < "$state/settings"
  printf '\nlinuxp2v:{"conversionId":"%s","bootId":"%s","addresses":["%s"],"hostKey":"%s","authorizedKey":"%s","isFinished":%s}\n' \
    "$id" "$boot" "$LINUXP2V_GUEST" "$key" "$authorized" "$1"
}

if [ -e "$settings" ]; then
  take "$(cat "$settings")"
else
  # Lost with a host that died: the engine writes them again.
  read -r line <&4
  while [ "${line#linuxp2v:}" = "$line" ]; do read -r line <&4; done
  take "${line#linuxp2v:}"
fi
"$agent" daemon --socket "$state/agent.sock" --state "$state" --disks "$disks" &
daemon=$!
# The name of this daemon, by which the engine knows that no other answers in its place.
while ! [ -S "$state/agent.sock" ]; do kill -0 $daemon; sleep 0.1; done
boot=$(echo | "$agent" attach --socket "$state/agent.sock" | value bootId | head -n 1)
sed -e "s|^ForceCommand .*|ForceCommand $agent attach|" "$here/../../../../iso/root/etc/ssh/sshd_config" > /run/sshd_config
echo "ListenAddress $LINUXP2V_GUEST" >> /run/sshd_config
/usr/sbin/sshd -f /run/sshd_config -E /run/sshd.log
announce false
while read -r line; do
  case $line in
    linuxp2v:*) take "${line#linuxp2v:}"; announce false ;;
  esac
done <&4 &

wait $daemon || true
cat "$state/events.log" /run/sshd.log >&2
if grep -q ' completed finish-' "$state/events.log"; then
  announce true
  # A guest's power does not go at once either.
  sleep 1
fi
