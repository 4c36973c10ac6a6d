#!/bin/sh
# Registers the VM with a load balancer when it first starts, once the application answers.
#
#   New-P2VHook -Path ./register-with-load-balancer.sh -Moment FirstBoot -TimeoutSec 900
#
# A hook is kept in the task and in the conversion's state: it must hold no password. This one reads the token from a file
# that is on the machine. Change these lines to what your load balancer wants.
set -eu

balancer=${BALANCER:-https://balancer.example.net/api/pools/web/members}
health=${HEALTH:-http://localhost/health}
token_file=${TOKEN_FILE:-/etc/load-balancer.token}

# Nobody should be sent to an application that is still starting.
tries=0
until curl --silent --fail --max-time 5 --output /dev/null "$health"; do
  tries=$((tries + 1))
  if [ "$tries" -ge 60 ]; then
    echo "the application does not answer at $health" >&2
    exit 1
  fi
  sleep "${PAUSE:-10}"
done

# By standard input: an argument could be read by every user of the machine.
printf 'header = "Authorization: Bearer %s"\n' "$(cat "$token_file")" |
  curl --silent --show-error --fail --config - --request POST --data "{\"name\": \"$(hostname)\"}" "$balancer"
echo "registered with $balancer"
