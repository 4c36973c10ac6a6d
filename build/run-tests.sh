#!/bin/sh
# Runs built test projects side by side, since most of them wait for servers most of the time; prints each one's words when it has ended.
#   run-tests.sh CONFIGURATION RESULTS VERBOSITY PROJECT...
# A failure is counted, not the end: the summary of RESULTS tells.
set -eu
configuration=$1 results=$2 verbosity=$3
shift 3
mkdir -p "$results"

run() {
  dotnet test "$1" -c "$configuration" --no-build -nologo -v:quiet -tl:off --logger "console;verbosity=$verbosity" \
    --logger "trx;LogFileName=$(basename "$1" .csproj).trx" --results-directory "$results" 2>&1 || true
}

if [ $# -eq 1 ]; then run "$1"; exit; fi
running=
for project in "$@"; do
  words=$results/$(basename "$project" .csproj).log
  (run "$project" > "$words"; cat "$words") &
  running="$running $!"
done
trap 'kill $running 2>/dev/null || true' INT TERM
for process in $running; do wait "$process"; done
