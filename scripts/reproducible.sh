#!/bin/sh
# reproducible.sh
#
# Builds the release twice, the second time from a copy of the sources under
# another path and with an empty build cache, and compares.
set -eu
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

make --no-print-directory release
mkdir "$work/elsewhere"
git ls-files --cached --others --exclude-standard -z | xargs -0 cp --parents -t "$work/elsewhere"
GOCACHE=$work/cache make --no-print-directory -C "$work/elsewhere" release VERSION="$(cat dist/VERSION)"
diff dist/SHA256SUMS "$work/elsewhere/dist/SHA256SUMS"
echo "reproducible: both builds are the same, byte for byte"
