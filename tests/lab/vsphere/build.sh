#!/bin/sh
# Builds .lab/vsphere/linuxp2v-vsphere-lab from Debian's Go and govmomi packages, without a network, and prints its path.
# Built again only when a source file, the compiler or the library changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${LINUXP2V_LAB:-$here/../../../.lab}/vsphere
mkdir -p "$out"
out=$(cd "$out" && pwd)
binary=$out/linuxp2v-vsphere-lab
for program in go flock; do
  command -v $program >/dev/null || { echo "vsphere lab: there is no $program; ./build.sh test installs it" >&2; exit 1; }
done
versions=$(dpkg-query -W -f '${Package} ${Version}\n' golang-go golang-github-vmware-govmomi-dev)
hash=$({ echo "$versions"; cat "$0" "$here"/*.go; } | sha256sum | cut -c1-32)

# Tests start in parallel: one builds, the others find it built.
exec 9> "$out/build.lock"
flock 9
if [ ! -x "$binary" ] || [ "$(cat "$out/hash" 2>/dev/null)" != "$hash" ]; then
  cd "$here"
  GO111MODULE=off GOPATH=/usr/share/gocode GOPROXY=off GOFLAGS= GOCACHE=$out/go-cache CGO_ENABLED=0 \
    go build -trimpath -ldflags='-s -w' -o "$binary.new" . >&2
  mv "$binary.new" "$binary"
  echo "$hash" > "$out/hash"
fi
echo "$binary"
