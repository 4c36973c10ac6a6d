#!/bin/sh
# The front of the build: ./build.sh TARGET [options of the target], as root on Debian 12 with the .NET 10 SDK. build.ps1 is the same for PowerShell.
#   build    compile everything
#   iso      the helper image, out/linuxp2v-helper.iso
#   package  the importable module, out/LinuxP2V, and its package for a repository; SignCommand signs it: docs/publishing.md
#   demo     convert a real running machine into a VM and prove that it boots; -Destination vSphere: in the lab's vCenter
#   test     the quick tests, the last line being "N passed, N failed, N skipped"; -Full: all tests; -Area NAME,...: those of some areas
#   format   format the C# code; test begins with a check of it
#   bench    measure the copy against tar, rsync and dd: [-Quick] [-Shape NAME,...] [-Rounds N]; docs/benchmarks.md
#   matrix   convert machine after machine and write docs/matrix.md; -Case NAME,...: some rows, the others keep their results
#   clean    remove what was built
set -eu
cd "$(dirname "$0")"

usage() { echo "build: '$*' is not understood: ./build.sh $target $options" >&2; exit 64; }

# Prints the areas of -Area as options of the lab; ends the build where there is no such area, before anything is made.
area_options() {
  known=$(sed -n 's/^\([A-Za-z][^ ]*\) .*/\1/p' tests/areas.txt | sort -u)
  for area in $(echo "$1" | tr ',' ' '); do
    echo "$known" | grep -qxF -- "$area" || { echo "build: there is no test area '$area'. The areas are:" $known >&2; exit 64; }
    printf ' --area %s' "$area"
  done
}

# Prints the rows of -Case as options of the lab; ends the build where there is no such row.
case_options() {
  for row in $(echo "$1" | tr ',' ' '); do
    [ -e "tests/lab/source/machines/$row.sh" ] || { echo "build: the matrix has no row '$row': docs/matrix.md lists them." >&2; exit 64; }
    printf ' --case %s' "$row"
  done
}

target=${1:-build}
[ $# -eq 0 ] || shift
destination=Local
packages=$target
case $target in
  bench)
    # By the environment: a comma in a property's value would begin another property.
    export BenchOptions="$*"
    ;;
  test)
    options='[-Full] [-Area NAME,...]'
    TestOptions=
    while [ $# -gt 0 ]; do
      case $1 in
        -[Ff]ull) TestOptions="$TestOptions --full"; packages=test-full; shift ;;
        -[Aa]rea) [ $# -ge 2 ] || usage "$@"; areas=$(area_options "$2"); TestOptions="$TestOptions$areas"; shift 2 ;;
        *) usage "$@" ;;
      esac
    done
    export TestOptions
    ;;
  matrix)
    options='[-Case NAME,...]'
    MatrixOptions=
    while [ $# -gt 0 ]; do
      case $1 in
        -[Cc]ase) [ $# -ge 2 ] || usage "$@"; MatrixOptions="$MatrixOptions$(case_options "$2")"; shift 2 ;;
        *) usage "$@" ;;
      esac
    done
    export MatrixOptions
    ;;
  format)
    options=
    [ $# -eq 0 ] || usage "$@"
    ;;
  *)
    options='[-Destination Local|vSphere]'
    case ${1:-}/${2:-} in
      -[Dd]estination/[Ll]ocal | /) ;;
      -[Dd]estination/[Vv][Ss]phere) destination=vSphere ;;
      *) usage "$@" ;;
    esac
    ;;
esac
. build/environment.sh
build/host-packages.sh "$packages"
status=0
# What an earlier run counted must not stand for this one.
[ "$target" != test ] || rm -f out/test-results/summary.txt
dotnet msbuild build.proj -nologo -tl:off -v:minimal -t:"$target" -p:Destination=$destination || status=$?
if [ "$target" = test ] && [ -f out/test-results/summary.txt ]; then cat out/test-results/summary.txt; fi
exit $status
