#!/bin/sh
# Installs what the tests need and is not here yet: PostgreSQL, Chromium and a C compiler for the race detector (Debian
# packages), axe-core (npm, in ./node_modules). It says what it does, does nothing where nothing is missing, and fails
# with what to do where it can't: no test is left out for want of a tool.
set -eu
cd "$(dirname "$0")/.."

say() { echo "comity: $*"; }
die() { echo "comity: $*" >&2; exit 1; }

# initdb lies outside the PATH in Debian's package.
have_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
have() { command -v "$1" >/dev/null 2>&1; }

packages=
have_postgres || packages="$packages postgresql"
have chromium || packages="$packages chromium"
have cc || have gcc || packages="$packages gcc libc6-dev"
have npm || packages="$packages nodejs npm"

if [ -n "$packages" ]; then
	have apt-get || die "the tests need$packages, and there is no apt-get here: install them by hand (the scripts expect Debian's paths: /usr/lib/postgresql/*/bin, chromium on the PATH)"
	root=
	if [ "$(id -u)" -ne 0 ]; then
		have sudo || die "the tests need$packages: run \"apt-get install$packages\" as root, then again"
		root=sudo
	fi
	say "installing with apt-get:$packages"
	# The package starts a server of its own unless told not to; the tests start theirs on a free port.
	install() { $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -qq $packages >/dev/null; }
	install 2>/dev/null || { say "refreshing the lists of packages"; $root apt-get update -qq; install; } || die "could not install$packages: see above"
fi

want=$(sed -n 's/.*"axe-core": "\(.*\)".*/\1/p' package.json)
if ! grep -q "\"version\": \"$want\"" node_modules/axe-core/package.json 2>/dev/null; then
	say "installing axe-core $want with npm, into ./node_modules, for the tests only"
	npm ci --no-audit --no-fund --loglevel=error || die "could not install axe-core $want from npm"
fi

have_postgres || die "PostgreSQL's programs are not in /usr/lib/postgresql/*/bin after all"
have chromium || die "chromium is not on the PATH after all"
