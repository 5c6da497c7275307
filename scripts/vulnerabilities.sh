#!/bin/sh
# vulnerabilities.sh GOVULNCHECK
#
# Looks for known vulnerabilities that our code reaches. With TSUDOI_DATA, in
# the database that is there as an archive, without a network; else in the
# public one.
set -eu
govulncheck=$1
if [ -f "${TSUDOI_DATA:-}/govulndb.tgz" ]; then
	rm -rf var/govulndb
	mkdir -p var/govulndb
	tar -xzf "$TSUDOI_DATA/govulndb.tgz" -C var/govulndb
	exec "$govulncheck" -db "file://$PWD/var/govulndb/vdb" ./...
fi
exec "$govulncheck" ./...
