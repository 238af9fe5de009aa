#!/bin/sh
# Builds the release twice, each time from a copy of the commit in a folder of another name and with an empty build
# cache, and compares every file. Then the tests of scripts/release look into what was made.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
commit=$(git rev-parse HEAD)
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH
for copy in a a-folder-with-a-longer-name/and-another; do
	mkdir -p "$work/$copy"
	git archive "$commit" | tar -x -C "$work/$copy"
	(cd "$work/$copy" && GOCACHE="$work/cache" go run ./scripts/release -version 0.0.0~check >/dev/null)
	rm -rf "$work/cache"
done
if ! diff -r "$work/a/dist" "$work/a-folder-with-a-longer-name/and-another/dist"; then
	echo "comity: two builds of one commit differ" >&2
	exit 1
fi
cat "$work/a/dist/SHA256SUMS"
(cd "$work/a/dist" && sha256sum --quiet -c SHA256SUMS)
COMITY_DIST="$work/a/dist" go test -count=1 ./scripts/release
echo "comity: both builds are the same, byte for byte"
