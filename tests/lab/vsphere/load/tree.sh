#!/bin/sh
# Describes the files below a folder, so that two descriptions are equal when source and copy are. Usage: tree.sh FOLDER
# What LinuxP2V itself leaves in a finished copy, and what mkfs made, is not of the source.
set -eu
export LC_ALL=C
cd "$1"
ours='( -path ./lost+found -o -path ./.linuxp2v* -o -path ./proc/* -o -path ./dev/* )'
set -f
find . -xdev $ours -prune -o -type d -printf 'd %m %U %G %p\n' | sort
find . -xdev $ours -prune -o ! -type d -printf '%y %m %U %G %n %s %T@ %l %p\n' | sort
find . -xdev $ours -prune -o -type f -exec sha256sum {} + | sort
getfattr -h -R -P -d -m '^user\.' . | grep -v '^$'
