#!/bin/sh
# A forced command of sshd: answers the engine's probe with the recorded machine beside this
# file and the reading of its configuration with the folder tree, and runs everything else.
case $SSH_ORIGINAL_COMMAND in
  *'exec sh)'*) ;;
  *) exec sh -c "$SSH_ORIGINAL_COMMAND" ;;
esac
script=$(mktemp)
trap 'rm -f "$script"' EXIT
cat > "$script"
# The script that reads configuration names the folder of the machine's root: here it is the folder tree beside this file.
if grep -qx "R=''" "$script"; then
  sed "s|^R=''\$|R='$(dirname "$0")/tree'|" "$script" | sh -c "$SSH_ORIGINAL_COMMAND"
  exit
fi
# The probe comes on standard input. A line of its own names the marker that begins each section of the answer.
marker=$(sed -n '0,/^M=/s/^M=//p' "$script")
if [ -n "$marker" ]; then
  # HOSTILE names a script for sed that makes the machine say other things.
  gzip -dc "$(dirname "$0")/machine.txt.gz" | sed -f "${HOSTILE:-/dev/null}" | sed "s/^@@vm /$marker /"
else
  sh -c "$SSH_ORIGINAL_COMMAND" < "$script"
fi
