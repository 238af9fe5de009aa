#!/bin/sh
# Checks that the Go that go.mod asks for is here, and says what to do if it is not.
set -eu
cd "$(dirname "$0")/.."
want=$(sed -n 's/^go //p' go.mod)
if ! command -v go >/dev/null 2>&1; then
	echo "comity: there is no Go here. Install Go $want or newer (https://go.dev/dl) and put its bin folder on the PATH." >&2
	exit 1
fi
# A Go from 1.21 on fetches the one that go.mod asks for by itself; "go version" fails here if it may not or can't.
if ! have=$(go version 2>&1); then
	echo "comity: Go $want or newer is needed, and the one that is here can't fetch it:" >&2
	echo "$have" >&2
	exit 1
fi
number=$(echo "$have" | sed -n 's/^go version go\([0-9]*\.[0-9]*\).*/\1/p')
oldest=$(printf '%s\n%s\n' "${want%.*}" "$number" | sort -V | head -n 1)
if [ -n "$number" ] && [ "$oldest" != "${want%.*}" ]; then
	echo "comity: Go $want or newer is needed; here is: $have" >&2
	exit 1
fi
