#!/bin/sh
# Makes the generated files again and fails if they differ from what is committed. They are derived from public documents
# that lie beside the repository, in ../shared/data; where those are missing it says so and checks nothing.
set -eu
cd "$(dirname "$0")/.."
if [ ! -d ../shared/data ]; then
	echo "comity: not checked that generated files are up to date: ../shared/data is missing"
	exit 0
fi
before=$(find demo/facts assess/proposal -type f | sort | xargs sha256sum)
go generate ./...
after=$(find demo/facts assess/proposal -type f | sort | xargs sha256sum)
if [ "$before" != "$after" ]; then
	echo "comity: \"go generate ./...\" changed files of demo/facts or assess/proposal: commit them" >&2
	exit 1
fi
echo "comity: generated files are up to date"
