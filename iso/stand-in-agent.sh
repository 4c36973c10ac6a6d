#!/bin/sh
# Stands in for the agent in tests of the image: network by DHCP, host key, sshd. The public key comes through fw_cfg.
#   boot: bring the machine up.   attach: what sshd runs for whoever enters.
set -u
run=/run/linuxp2v
case "${1:-}" in
    boot)
        for interface in /sys/class/net/*; do
            interface=${interface##*/}
            [ "$interface" = lo ] && continue
            ip link set "$interface" up
            udhcpc -q -n -t 5 -T 1 -i "$interface" -s /etc/udhcpc/default.script > $run/udhcpc.log 2>&1 && break
        done
        [ -e $run/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f $run/ssh_host_ed25519_key
        cat /sys/firmware/qemu_fw_cfg/by_name/opt/linuxp2v/test-key/raw > $run/authorized_keys 2> /dev/null
        chmod 600 $run/authorized_keys
        /usr/sbin/sshd || exit 1
        read -r up _ < /proc/uptime
        echo "stand-in agent: ready after $up s"
        ;;
    attach)
        exec /bin/sh -c "${SSH_ORIGINAL_COMMAND:-uname -a}"
        ;;
esac
