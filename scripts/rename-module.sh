#!/bin/sh
# Changes the path of the module everywhere: in go.mod and in every import.
set -eu
cd "$(dirname "$0")/.."
new=${1:-}
if [ -z "$new" ]; then
	echo "usage: make rename-module MODULE=example.org/comity" >&2
	exit 2
fi
exec go run ./scripts/rename-module "$new"
