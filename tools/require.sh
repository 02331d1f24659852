#!/usr/bin/env bash
# Checks for what set-up cannot install: git, Go, a C compiler and Python. One line for each that is missing.
set -u
missing=0
miss() {
	echo "gogan needs $1" >&2
	missing=1
}

# at_least tells whether the version WANT ("1.21") is not above GOT ("1.27.4").
at_least() { # WANT GOT
	[ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

command -v git >/dev/null || miss "git: install it (Debian, Ubuntu: apt-get install git)"

if go=$(GOTOOLCHAIN=local go version 2>/dev/null); then
	go=${go#go version go}
	at_least 1.21 "${go%% *}" ||
		miss "Go 1.21 or newer (it fetches the version of go.mod by itself); this is Go ${go%% *}"
else
	miss "Go 1.21 or newer on the PATH: see https://go.dev/doc/install"
fi

cc=${CC:-}
if [ -z "$cc" ]; then
	for cc in gcc clang cc none; do command -v "$cc" >/dev/null && break; done
fi
command -v "${cc%% *}" >/dev/null ||
	miss "a C compiler on the PATH or in \$CC: install gcc or clang (Debian, Ubuntu: apt-get install gcc libc6-dev)"

python=${GOGAN_PYTHON:-python3}
if version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null); then
	at_least 3.10 "$version" || miss "Python 3.10 or newer; $python is Python $version (GOGAN_PYTHON=... names another)"
	"$python" -c 'import ensurepip, venv' 2>/dev/null ||
		miss "Python's venv and ensurepip: install them (Debian, Ubuntu: apt-get install python3-venv)"
else
	miss "Python 3.10 or newer: no $python on the PATH (GOGAN_PYTHON=... names another)"
fi
exit $missing
