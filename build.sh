#!/bin/sh
# The front of the build: ./build.sh TARGET [options of the target], as root on Debian 12 with the .NET 10 SDK. build.ps1 is the same for PowerShell.
#   build    compile everything
#   iso      the helper image, out/linuxp2v-helper.iso
#   package  the importable module, out/LinuxP2V, and the small PowerShell host, out/p2vsh; SignCommand signs it: docs/publishing.md
#   demo     convert a real running machine into a VM and prove that it boots; -Destination vSphere: in the lab's vCenter
#   test     all tests, the last line being "N passed, N failed, N skipped"
#   bench    measure the copy against tar, rsync and dd: [-Quick] [-Shape NAME,...] [-Rounds N]; docs/benchmarks.md
#   clean    remove what was built
set -eu
cd "$(dirname "$0")"
target=${1:-build}
[ $# -eq 0 ] || shift
destination=Local
case $target/${1:-}/${2:-} in
  # By the environment: a comma in a property's value would begin another property.
  bench/*) export BenchOptions="$*" ;;
  */-[Dd]estination/[Ll]ocal | *//) ;;
  */-[Dd]estination/[Vv][Ss]phere) destination=vSphere ;;
  *) echo "build: '$*' is not understood: ./build.sh $target [-Destination Local|vSphere]" >&2; exit 64 ;;
esac
# A home of the repository's own where the machine has none: the SDK and NuGet want one.
if [ -z "${HOME:-}" ]; then HOME=$PWD/.lab/home; mkdir -p "$HOME"; export HOME; fi
. build/environment.sh
build/host-packages.sh "$target"
status=0
dotnet msbuild build.proj -nologo -tl:off -v:minimal -t:"$target" -p:Destination=$destination || status=$?
if [ "$target" = test ] && [ -f out/test-results/summary.txt ]; then cat out/test-results/summary.txt; fi
exit $status
