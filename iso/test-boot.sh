#!/bin/bash
# Boots an image under QEMU (TCG) and checks what it must do.
#   test-boot.sh FILE.iso [CASE...]
# Cases: bios uefi storage small finished-bios finished-lvm finished-uefi (default: all). The image must hold stand-in-agent.sh as its agent:
#   build.sh --agent stand-in-agent.sh --output FILE.iso
# Prints PASS or FAIL and times for each; exit code 1 when one failed. TEST_MEMORY: MB for bios and uefi (default 768).
# Needs qemu-system-x86, ovmf, openssh-client, mtools, dosfstools, fdisk, e2fsprogs, grub-efi-amd64-bin; finished-lvm needs lvm2 and root.
set -uo pipefail
iso=$(realpath "${1:?which image?}"); shift
cases=("$@"); [ ${#cases[@]} -gt 0 ] || cases=(bios uefi storage small finished-bios finished-lvm finished-uefi)
here=$(cd "$(dirname "$0")" && pwd)
memory=${TEST_MEMORY:-768}
work=$(mktemp -d)
vm= failures=0
trap '[ -n "$vm" ] && kill "$vm" 2> /dev/null; rm -rf "$work"' EXIT
PATH=$PATH:/usr/sbin:/sbin

ovmf=
for ovmf in /usr/share/OVMF/OVMF_CODE_4M.fd /usr/share/OVMF/OVMF_CODE.fd; do [ -e "$ovmf" ] && break; done
uefi=(-drive "if=pflash,format=raw,readonly=on,file=$ovmf")

# SATA and no floppy: the BIOS reads an IDE drive word by word and waits for the floppy. TEST_CDROM=ide shows what that costs.
cdrom=(-machine q35 -device ich9-ahci,id=sata -drive "if=none,id=cd,media=cdrom,readonly=on,file=$iso" -device ide-cd,drive=cd,bus=sata.0,bootindex=0)
[ "${TEST_CDROM:-sata}" = ide ] && cdrom=(-cdrom "$iso" -boot d)

report() {
    if [ "$2" = 0 ]; then echo "PASS $1: $3"; else echo "FAIL $1: $3"; failures=$((failures + 1)); tail -n 15 "$work/serial" | tr -d '\r' | sed 's/^/     | /'; fi
}

start() {
    : > "$work/serial"
    began=$(date +%s%N)
    qemu-system-x86_64 -accel tcg -smp 1 -display none -monitor none -no-reboot -serial "file:$work/serial" "${cdrom[@]}" "$@" 2> "$work/qemu" &
    vm=$!
}

stop() { [ -n "$vm" ] && { kill "$vm"; wait "$vm"; } 2> /dev/null; vm=; }

elapsed() { echo "$(( ($(date +%s%N) - began) / 100000000 ))" | sed -E 's/(.)$/.\1/; s/^\./0./'; }
# Processor seconds of the VM: what a quiet machine would take, whoever else is at work on this one.
processor() { awk '{ printf "%.1f", ($14 + $15) / 100 }' "/proc/$vm/stat" 2> /dev/null; }

# Waits for a line in the serial log; seconds as second argument.
await() {
    local i
    for ((i = 0; i < $2 * 5; i++)); do
        grep -aq "$1" "$work/serial" && return 0
        kill -0 "$vm" 2> /dev/null || return 1
        sleep 0.2
    done
    return 1
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 20000))
        (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
    done
}

enter() {
    timeout "${login_timeout:-60}" ssh -p "$port" -i "$work/key" -o StrictHostKeyChecking=no -o "UserKnownHostsFile=/dev/null" -o LogLevel=ERROR \
        -o BatchMode=yes root@127.0.0.1 "$@"
}

# Starts the VM with two disks and a vmxnet3 adapter and waits for its SSH banner; sets port, times, banner.
start_to_banner() {
    local i
    banner=
    [ -e "$work/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$work/key"
    rm -f "$work/a.img" "$work/b.img"; truncate -s 1G "$work/a.img" "$work/b.img"
    port=$(free_port)
    start -m "$memory" "$@" -fw_cfg "name=opt/linuxp2v/test-key,file=$work/key.pub" \
        -nic "user,model=vmxnet3,hostfwd=tcp:127.0.0.1:$port-:22" \
        -device pvscsi,id=scsi9 -drive "if=none,id=a,format=raw,file=$work/a.img" -device scsi-hd,bus=scsi9.0,drive=a,serial=pvdisk \
        -drive "if=none,id=b,format=raw,file=$work/b.img" -device nvme,drive=b,serial=nvdisk
    await 'Booting' 120; times="loader $(elapsed) s ($(processor) s CPU)"
    await 'helper: starting' 120; times="$times, init $(elapsed) s ($(processor) s CPU)"
    for ((i = 0; i < 400; i++)); do
        banner=$(timeout 3 bash -c "exec 3<> /dev/tcp/127.0.0.1/$port && head -c 4 <&3" 2> /dev/null)
        [ "$banner" = SSH- ] && break
        kill -0 "$vm" 2> /dev/null || break
        sleep 0.2
    done
    times="$times, SSH banner $(elapsed) s ($(processor) s CPU)"
}

boots() {
    local name=$1 facts; shift
    start_to_banner "$@"
    [ "$banner" = SSH- ]; report "$name" $? "$times"
    # shellcheck disable=SC2016
    facts=$(enter 'for d in /sys/block/*; do echo "disk ${d##*/} $(readlink -f "$d" | grep -oE "(nvme|host)[0-9]+" | head -n 1) $(cat "$d/device/vendor" 2> /dev/null)"; done
        echo "net $(basename "$(readlink /sys/class/net/eth0/device/driver)") $(ip -4 -o addr show dev eth0 | mawk "{ print \$4 }") $(ip route show default)"
        ls /sys/bus/pci/drivers/vmw_pvscsi; free -m | grep Mem; dmesg | grep linuxp2v-init:; cat /proc/uptime; cat /etc/resolv.conf; ls /sys/firmware/efi/efivars 2> /dev/null | wc -l')
    grep -q '^disk nvme0n1' <<< "$facts"; report "$name" $? "NVMe disk"
    grep -q '^disk sd[a-z] .*QEMU' <<< "$facts" && grep -q ^0000: <<< "$facts"; report "$name" $? "pvscsi disk"
    grep -q '^net vmxnet3 10\.0\.2\.15/24 default via 10\.0\.2\.2' <<< "$facts" && grep -q ^nameserver <<< "$facts"; report "$name" $? "vmxnet3 adapter with address, route and resolver"
    [ "$name" = bios ] || { [ "$(tail -n 1 <<< "$facts")" -gt 0 ]; report "$name" $? "efivarfs"; }
    grep -E '^Mem|linuxp2v-init:' <<< "$facts" | sed 's/^/     /'
    enter 'sh -c "exit 7"'; [ $? = 7 ]; report "$name" $? "exit code of a command through SSH"
    facts=$(ssh -p "$port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o PubkeyAuthentication=no \
        -o BatchMode=yes root@127.0.0.1 true 2>&1)
    grep -q 'Permission denied (publickey)' <<< "$facts"; report "$name" $? "no way in but the key"
    stop
}

# The marker on the second disk, behind an empty first one; its boot record writes a line to the serial port.
boot_record() {
    printf '\x31\xc0\x8e\xd8\xbe\x15\x7c\xba\xf8\x03\xac\x84\xc0\x74\x03\xee\xeb\xf8\xf4\xeb\xfdSTARTED-FROM-DISK\r\n\0' |
        dd of="$1" conv=notrunc status=none
}

finished_bios() {
    truncate -s 64M "$work/a.img"; rm -f "$work/m.img"; truncate -s 64M "$work/m.img"
    echo '2048,,83' | sfdisk -q --label dos "$work/m.img"
    mkdir -p "$work/files"; echo x > "$work/files/.linuxp2v-finished"
    mkfs.ext4 -q -F -d "$work/files" -E offset=1048576 "$work/m.img" 62M
    boot_record "$work/m.img"
    start -m "$memory" -nic none -drive "format=raw,if=virtio,file=$work/a.img" -drive "format=raw,if=virtio,file=$work/m.img"
    await STARTED-FROM-DISK 90; report finished-bios $? "the finished disk, second of two, was started in $(elapsed) s"
    stop
}

finished_lvm() {
    local loop
    rm -f "$work/l.img"; truncate -s 64M "$work/l.img"
    echo '2048,,8e' | sfdisk -q --label dos "$work/l.img"
    loop=$(losetup --find --show -o 1048576 "$work/l.img") || { report finished-lvm 1 "no loop device"; return; }
    # Without activation, so that a kernel without device mapper will do; the first extent lies 1 MB into the partition.
    { pvcreate -q -y --dataalignment 1m "$loop" && vgcreate -q -y p2vtest "$loop" && lvcreate -q -y --driverloaded n -an -Zn -Wn -l 100%FREE -n boot p2vtest; } > "$work/lvm" 2>&1
    losetup -d "$loop"
    mkdir -p "$work/files"; echo x > "$work/files/.linuxp2v-finished"
    mkfs.ext4 -q -F -d "$work/files" -E offset=2097152 "$work/l.img" 40M
    boot_record "$work/l.img"
    start -m "$memory" -nic none -drive "format=raw,if=virtio,file=$work/l.img"
    await STARTED-FROM-DISK 90; report finished-lvm $? "a marker on LVM starts the first disk ($(elapsed) s)"
    stop
}

finished_uefi() {
    rm -f "$work/m.img"; truncate -s 64M "$work/a.img" "$work/m.img"
    echo '2048,,U' | sfdisk -q --label gpt "$work/m.img"
    mkfs.vfat --offset 2048 "$work/m.img" 40000 > /dev/null
    # shellcheck disable=SC2016
    printf 'echo STARTED-FROM-DISK\nsleep 60\n' > "$work/early.cfg"
    grub-mkimage -O x86_64-efi -c "$work/early.cfg" -p / -o "$work/BOOTX64.EFI" echo sleep
    mmd -i "$work/m.img@@1M" ::/EFI ::/EFI/BOOT
    mcopy -i "$work/m.img@@1M" "$work/BOOTX64.EFI" ::/EFI/BOOT/
    echo x > "$work/marker"; mcopy -i "$work/m.img@@1M" "$work/marker" ::/.linuxp2v-finished
    start -m "$memory" "${uefi[@]}" -nic none -drive "format=raw,if=none,id=a,file=$work/a.img" -device virtio-blk-pci,drive=a \
        -drive "format=raw,if=none,id=m,file=$work/m.img" -device virtio-blk-pci,drive=m
    await STARTED-FROM-DISK 120 && grep -aq 'converted machine' "$work/serial"; report finished-uefi $? "the finished disk was started by this CD in $(elapsed) s"
    stop
}

# Each kind of storage and file system that a copy may need, made and used once: proves tools and modules.
storage() {
    local out
    start_to_banner
    out=$(login_timeout=600 enter sh -s < "$here/test-storage.sh" 2>&1)
    while read -r word what; do
        case $word in
            ok) report storage 0 "$what" ;;
            failed) report storage 1 "$what" ;;
        esac
    done <<< "$out"
    grep -q '^done' <<< "$out"; report storage $? "all steps were run ($(elapsed) s)"
    grep -q '^failed' <<< "$out" && sed 's/^/     | /' <<< "$out"
    stop
}

small() {
    local mb=${TEST_SMALL:-192}
    start -m "$mb" -nic none
    await 'helper: ERROR' 120 && ! grep -aq 'agent: ready' "$work/serial"; report small $? "$mb MB: $(grep -a ERROR "$work/serial" | tr -d '\r')"
    stop
}

for name in "${cases[@]}"; do
    case $name in
        bios) boots bios ;;
        uefi) boots uefi "${uefi[@]}" ;;
        storage) storage ;;
        small) small ;;
        finished-bios) finished_bios ;;
        finished-lvm) finished_lvm ;;
        finished-uefi) finished_uefi ;;
        *) echo "no case $name"; failures=$((failures + 1)) ;;
    esac
done
[ "$failures" = 0 ]
