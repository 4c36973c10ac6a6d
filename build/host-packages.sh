#!/bin/sh
# Installs what TARGET needs and this machine lacks, by apt, and says so.
#   host-packages.sh TARGET
set -eu
here=$(cd "$(dirname "$0")" && pwd)
say() { echo "build: $*"; }
fail() { say "$*" >&2; exit 1; }

command -v dotnet >/dev/null || fail "there is no dotnet on the PATH: install the .NET 10 SDK first."
case $1 in
  build | format | clean) exit 0 ;;
  test-full) lists="$here/packages.txt $here/packages-full.txt $here/../iso/packages-host.txt" ;;
  bench) lists=$here/packages-bench.txt ;;
  *) lists="$here/packages.txt $here/../iso/packages-host.txt" ;;
esac

missing=
for package in $(cat $lists | sed 's/#.*//' | sort -u); do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

[ "$(id -u)" = 0 ] || fail "these packages are missing:$missing. Run as root, or install them."
say "installing these Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# openssh-server comes for its program only: the tests start their own, on ports of their own.
policy=/usr/sbin/policy-rc.d
made_policy=
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod +x $policy
  made_policy=yes
fi
trap '[ -z "$made_policy" ] || rm -f $policy' EXIT
log=$(mktemp)
{ apt-get -o DPkg::Lock::Timeout=600 update && apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $missing; } > "$log" 2>&1 || {
  tail -20 "$log" >&2
  fail "apt could not install them; its whole log is $log."
}
rm -f "$log"
