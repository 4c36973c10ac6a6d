# shellcheck shell=bash disable=SC2034
# What fixes the image's bytes beside the packages. Read by build.sh.
# Date of the recipe: every time stamp in the image is this one. Move it on when the recipe changes.
export SOURCE_DATE_EPOCH=1795392000
suite=bookworm
fat_serial=4C503256
volume_id=LINUXP2V_HELPER
# Least memory in MB of a VM that starts the helper, as test-boot.sh measures it, and what must then be free.
minimum_memory=512
minimum_free=160
# vsyscall: programs of very old copies run in a chroot here. net.ifnames: the agent finds adapters by MAC. The last two
# save time of the boot: tests of ciphers, and clearing memory that the kernel gives to itself. The processor's mitigations and
# random addresses stay on, as programs of the copy run here.
kernel_command_line="console=tty0 console=ttyS0,115200 quiet loglevel=3 vsyscall=emulate net.ifnames=0 panic=30 loop.max_loop=0 cryptomgr.notests init_on_alloc=0"
grub_common=(normal test echo configfile search search_fs_file regexp chain linux iso9660 fat ext2 xfs btrfs
             part_gpt part_msdos diskfilter lvm mdraid09 mdraid1x serial terminal minicmd ls cat sleep reboot halt)
