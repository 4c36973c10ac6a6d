#!/bin/bash
# Hook of mmdebstrap: writes down what each downloaded package is and holds.
#   list-packages.sh ROOT LISTS
# LISTS gets NAME.files (absolute paths) and versions (name, version, source, source version; tab separated).
set -euo pipefail
root=$1 lists=$2
for deb in "$root"/var/cache/apt/archives/*.deb; do
    # shellcheck disable=SC2016
    name=$(dpkg-deb -f "$deb" Package)
    dpkg-deb --fsys-tarfile "$deb" | tar -t | sed -e 's#^\./#/#' -e 's#/$##' -e '/^$/d' > "$lists/$name.files"
    # shellcheck disable=SC2016
    dpkg-deb -W --showformat='${Package}\t${Version}\t${source:Package}\t${source:Version}\n' "$deb"
done | LC_ALL=C sort > "$lists/versions"
