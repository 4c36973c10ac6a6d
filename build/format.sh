#!/bin/sh
# How the C# code is formatted, as MSBuild calls it.
#   format.sh check    ends with an error where a file is not formatted
#   format.sh repair   formats the files; what no tool can break is listed
set -eu
cd "$(dirname "$0")/.."
. build/environment.sh

# Neither tool breaks long strings and comments. What is better left in one piece stands in long-lines.txt.
check_line_length() {
  sed -n 's/^\([^ #]\{1,\}\) .*/^\1[\/:]/p' build/long-lines.txt > "$work/exceptions"
  LC_ALL=C.UTF-8 grep -rnE --include='*.cs' --exclude-dir=bin --exclude-dir=obj '^.{141,}' src tests bench |
    grep -v -f "$work/exceptions" | sed -E 's/^([^:]*:[0-9]*):.*/\1: the line is longer than 140 columns/' > "$work/long"
  [ ! -s "$work/long" ] || { cat "$work/long" >&2; return 1; }
}

# A restore asks the network, so it is left out where the tools are there.
dotnet csharpier --version >/dev/null 2>&1 || dotnet tool restore
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case ${1:-} in
  repair)
    dotnet csharpier format src tests bench --no-msbuild-check
    check_line_length || { echo "build: break these lines by hand." >&2; exit 1; }
    ;;
  check)
    status=0
    dotnet csharpier check src tests bench --no-msbuild-check || status=1
    # The build itself ends with an error where a rule of style is broken; what is left of dotnet format is the whitespace.
    dotnet restore LinuxP2V.sln -v:quiet
    dotnet format whitespace LinuxP2V.sln --verify-no-changes --no-restore || status=1
    check_line_length || status=1
    [ $status = 0 ] || { echo "build: the code is not formatted. ./build.sh format repairs it, and names the lines that you must break by hand." >&2; exit 1; }
    ;;
  *) echo "usage: format.sh check|repair" >&2; exit 64 ;;
esac
