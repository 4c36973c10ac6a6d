#!/bin/sh
# Runs PowerShell with the arguments given, in the folder of the repository: the user's own pwsh where that is 7.4 or later,
# else the one that .config/dotnet-tools.json pins, which comes from NuGet when it is first needed.
set -eu
cd "$(dirname "$0")/.."
. build/environment.sh
[ -t 1 ] || export NO_COLOR=1

is_new_enough() {
  version=$(pwsh --version 2>/dev/null) || return 1
  version=${version#PowerShell }
  major=${version%%.*}
  rest=${version#*.}
  minor=${rest%%.*}
  case $major$minor in *[!0-9]* | '') return 1 ;; esac
  [ "$major" -gt 7 ] || { [ "$major" -eq 7 ] && [ "$minor" -ge 4 ]; }
}

if command -v pwsh >/dev/null && is_new_enough; then
  exec pwsh "$@"
fi
dotnet tool run pwsh -- --version >/dev/null 2>&1 || dotnet tool restore >&2
exec dotnet tool run pwsh -- "$@"
