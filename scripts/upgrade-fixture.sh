#!/bin/sh
# Makes cmd/comity/testdata/upgrade/schema-N.tar.gz: what the demonstration of a released revision writes, at the schema
# N of that revision, with fewer vulnerabilities. Run it once, when a revision is released whose schema is new:
#   sh scripts/upgrade-fixture.sh REVISION
set -eu
cd "$(dirname "$0")/.."
revision=${1:?usage: upgrade-fixture.sh REVISION}
work=$(mktemp -d)
server=
finish() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || true
	git worktree remove --force "$work/tree" 2>/dev/null || true
	rm -rf "$work"
}
trap finish EXIT
git worktree add --detach "$work/tree" "$revision"
(cd "$work/tree" && CGO_ENABLED=0 go build -o "$work/comity" ./cmd/comity)
"$work/comity" demo --addr 127.0.0.1:0 --dir "$work/demo" --day 2026-11-01 &
server=$!
# demo.json is written when the folder is filled, just before it is served.
until [ -e "$work/demo/demo.json" ]; do
	kill -0 "$server"
	sleep 1
done
kill "$server"
wait "$server" || true
server=
go test ./cmd/comity -count=1 -run '^TestUpgrade$' -args -update "$work/demo"
