#!/bin/sh
# Format, vet and staticcheck. Prints what is wrong and where.
set -eu
cd "$(dirname "$0")/.."
files=$(go tool gofumpt -l .)
if [ -n "$files" ]; then
	echo "not formatted (run \"go tool gofumpt -w .\"):" >&2
	echo "$files" >&2
	exit 1
fi
go vet ./...
go tool staticcheck ./...
