# Puts a copy in the place of the root, in name spaces that were just made, and becomes the agent's mode "confine".
#   $1 the folder where the copy is put together, $2 the agent's binary, then the program of the copy and its arguments.
# Exit code 213: nothing of the copy was run.
root=$1 agent=$2
shift 2
fail() { echo "could not $1" >&2; exit 213; }

mount -t proc -o nosuid,nodev,noexec proc "$root/proc" || fail 'mount a /proc of its own'
# What belongs to the whole kernel: some of it names a program that the kernel runs as root outside of here.
for name in sys sysrq-trigger irq bus fs acpi scsi; do
  [ -e "$root/proc/$name" ] || continue
  mount --bind -o ro,nosuid,nodev,noexec "$root/proc/$name" "$root/proc/$name" || fail "close /proc/$name"
done
for name in kcore keys timer_list kmsg kallsyms kpagecount kpageflags kpagecgroup; do
  [ -e "$root/proc/$name" ] || continue
  mount --bind /dev/null "$root/proc/$name" || fail "hide /proc/$name"
done
mount -o remount,bind,ro,nosuid,noexec "$root/dev" || fail 'close /dev'
cd "$root" || fail 'enter the copy'
mount --move . / || fail 'put the copy in the place of the root'
exec "$agent" confine -- "$@"
fail 'start the agent'
