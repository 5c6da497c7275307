#!/bin/sh
# deps.sh
#
# Installs what tests use beside Go, as far as it is missing, with one
# `apt-get update` for all of it. Where it cannot install (not root, no
# apt-get, no network) it says what is missing and leaves it to the tests,
# which each say what they need and, with CI=true, fail without it.
set -eu

# PROGRAM PACKAGE, a line each. A program may be the path of a file, with * in it.
wanted='
make make
gcc gcc
/usr/include/stdlib.h libc6-dev
setpriv util-linux
/usr/lib/postgresql/*/bin/initdb postgresql
chromium chromium
/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc fonts-noto-cjk
xmllint libxml2-utils
pdftotext poppler-utils
'

# there PROGRAM
there() {
	case $1 in
	/*) # shellcheck disable=SC2086 # the pattern is to be expanded
		ls $1 >/dev/null 2>&1 ;;
	*) command -v "$1" >/dev/null 2>&1 ;;
	esac
}

missing=$(echo "$wanted" | while read -r program package; do
	[ -z "$program" ] || there "$program" || printf ' %s' "$package"
done)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "deps: missing, and only root on Debian gets them installed:$missing" >&2
	exit 0
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
wait='DPkg::Lock::Timeout=300'
# shellcheck disable=SC2086 # one word per package
if ! { apt-get -o "$wait" update -qq &&
	apt-get -o "$wait" install -y -qq --no-install-recommends $missing >/dev/null; } </dev/null; then
	echo "deps: could not install$missing" >&2
fi
