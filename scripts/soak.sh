#!/bin/sh
# The long runs: every fuzz target for FUZZTIME (default 60s), every property with CHECKS cases (default 10000), every kind
# of kill -9 KILLS times (default 50). Prints a line with the count for each.
set -eu
cd "$(dirname "$0")/.."
fuzztime=${FUZZTIME:-60s}
checks=${CHECKS:-10000}
log=$(mktemp)
if ! COMITY_KILLS=${KILLS:-50} go test -count=1 -timeout 60m -v -run '^TestKill' ./storage >"$log" 2>&1; then
	cat "$log" >&2
	exit 1
fi
sed -n 's/.*kill_test.go:[0-9]*: //p' "$log"
rm -f "$log"
targets=0
for package in $(go list ./...); do
	for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz' || true); do
		log=$(mktemp)
		if ! go test -run '^$' -fuzz "^$target\$" -fuzzminimizetime=10x -fuzztime "$fuzztime" "$package" >"$log" 2>&1; then
			cat "$log" >&2
			exit 1
		fi
		echo "$package $target: $(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1) inputs in $fuzztime"
		rm -f "$log"
		targets=$((targets + 1))
	done
done
echo "$targets fuzz targets, no crash"
# Only test binaries that use rapid know its flags.
for package in $(go list -f '{{range .TestImports}}{{if eq . "pgregory.net/rapid"}}{{$.ImportPath}}{{"\n"}}{{end}}{{end}}{{range .XTestImports}}{{if eq . "pgregory.net/rapid"}}{{$.ImportPath}}{{"\n"}}{{end}}{{end}}' ./... | sort -u); do
	go test -count=1 -timeout 60m "$package" -rapid.checks="$checks"
	echo "$package: every property with $checks cases"
done
