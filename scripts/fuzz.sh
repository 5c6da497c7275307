#!/bin/sh
# fuzz.sh TIME
#
# Runs every fuzz target of the module for TIME, one after the other. What a
# target finds is in testdata/fuzz beside it: keep it, it is a test from then on.
set -eu
time=$1 failed=

for file in $(grep -rl --include='*_test.go' '^func Fuzz' cmd internal); do
	package=./$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "== $package $target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" || failed="$failed $package:$target"
	done
done
[ -z "$failed" ] || { echo "fuzz: failed:$failed" >&2; exit 1; }
