#!/bin/sh
# Tells which Debian packages of a helper image have newer versions, security updates first. Debian puts security updates into
# its next point release: read what "update" brings, too.
#   list-updates.sh FILE.iso.manifest
# Prints a line for each: package, version in the image, newest version, "security" or "update". Asks the APT sources of this
# machine as they are: run apt-get update before. Exit code 0: none, 1: some, 2: it cannot tell.
set -eu
export LC_ALL=C
[ $# = 1 ] && [ -r "$1" ] || { echo "usage: list-updates.sh FILE.iso.manifest" >&2; exit 2; }
command -v apt-cache >/dev/null || { echo "list-updates: this needs apt" >&2; exit 2; }
tab=$(printf '\t')
list=$(mktemp) found=$(mktemp)
trap 'rm -f "$list" "$found"' EXIT
{ cut -f 1 "$1" | sed '/^linux-image-[0-9]/d'; echo linux-image-amd64; } | xargs apt-cache madison > "$list" || true

unknown=0
while IFS=$tab read -r package version rest; do
  [ -n "$package" ] || continue
  newest= kind=update
  # A newer kernel is a package of another name: the one that stands for the newest tells.
  case $package in linux-image-[0-9]*) asked=linux-image-amd64 ;; *) asked=$package ;; esac
  # NAME | VERSION | ARCHIVE SUITE/PART ARCHITECTURE
  while IFS='|' read -r name number place; do
    [ "$(echo $name)" = "$asked" ] || continue
    number=$(echo $number)
    case $place in *Sources*) continue ;; esac
    if [ -z "$newest" ] || dpkg --compare-versions "$number" gt "$newest"; then newest=$number; fi
    case $place in *-security/*) ! dpkg --compare-versions "$number" gt "$version" || kind=security ;; esac
  done < "$list"
  if [ -z "$newest" ]; then
    echo "list-updates: APT knows no $package: is this a Debian of the image's release?" >&2
    unknown=1
  elif dpkg --compare-versions "$newest" gt "$version"; then
    printf '%s\t%s\t%s\t%s\n' "$package" "$version" "$newest" "$kind"
  fi
done < "$1" > "$found"
sort -t "$tab" -k 4,4 -k 1,1 "$found"
if [ -s "$found" ]; then exit 1; fi
[ "$unknown" = 0 ] || exit 2
echo "list-updates: every package is the newest." >&2
