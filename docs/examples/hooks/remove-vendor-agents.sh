#!/bin/sh
# Removes the hardware vendors' agents from the copy: the VM has no such hardware.
#
#   New-P2VHook -Path ./remove-vendor-agents.sh -Moment AfterReconfiguration -ContinueOnError
#
# It runs in the copy, confined and without a network, and again at each reconfiguration. The source keeps its agents.
# Test-P2VTask names those that it found: HardwareServices.
set -u

# Names of packages, of several vendors. Add those of your own.
packages='srvadmin-base srvadmin-omacore srvadmin-idracadm8 dcism hp-health hpssacli ssacli amsd hp-ams hponcfg storcli64 MegaCli'

status=0
for package in $packages; do
  if command -v dpkg-query >/dev/null && dpkg-query -W "$package" >/dev/null 2>&1; then
    # Their scripts look for the hardware, or for a service that runs.
    dpkg --remove --force-depends "$package" || status=1
  elif command -v rpm >/dev/null && rpm -q "$package" >/dev/null 2>&1; then
    rpm -e --nodeps "$package" || rpm -e --nodeps --noscripts "$package" || status=1
  else
    continue
  fi
  echo "removed $package"
done
exit $status
