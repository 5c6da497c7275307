#!/bin/sh
# deps.sh PROGRAM=PACKAGE...
#
# Installs the Debian packages of those programs that are missing, with one
# `apt-get update` for all of them. A program may also be the path of a file,
# with * in it. Where it cannot install (not root, no apt-get) it says what is
# missing and leaves the rest to the tests, which say what they need.
set -eu

missing=
for pair in "$@"; do
	program=${pair%%=*} package=${pair#*=}
	case $program in
	/*) # shellcheck disable=SC2086 # the pattern is to be expanded
		ls $program >/dev/null 2>&1 && continue ;;
	*) command -v "$program" >/dev/null 2>&1 && continue ;;
	esac
	missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "deps: missing, and only root on Debian gets them installed:$missing" >&2
	exit 0
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq </dev/null
# shellcheck disable=SC2086 # one word per package
apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
