#!/usr/bin/env bash
# `make fresh`: runs `make test` and `make demo` from a new clone of HEAD in a directory with a space in its name, with a
# HOME that holds nothing and without any cache, and tells how long each took. KEEP=1 leaves the directory.
set -eu
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
place=$(mktemp -d)/"fresh clone"
chmod 755 -- "${place%/*}" # some tests work as another user
mkdir -p -- "$place/home" "$place/tmp"

times=""
clean() {
	echo "fresh: ${times%; }"
	[ -n "${KEEP:-}" ] && echo "left in $place" && return
	chmod -R u+w -- "${place%/*}" # the Go command writes its modules read-only
	rm -rf -- "${place%/*}"
}
trap clean EXIT

# What is said about caches and about this clone must not reach the new one.
for name in $(compgen -e | grep -E '^(GO[A-Z0-9]*|CGO_.*|GOGAN_.*|GOMLX_.*|PJRT_.*|XDG_.*|JUPYTER_.*|IPYTHONDIR|PIP_CACHE_DIR|VIRTUAL_ENV|PYTHON.*|MAKE.*|MFLAGS)$' |
	grep -vE '^(GOPROXY|GOSUMDB|GONOSUMDB|GONOPROXY|GOPRIVATE|GOINSECURE|GOGAN_PEERS|GOGAN_PEERS_SRC|GOGAN_PYTHON)$'); do
	unset "$name"
done
export HOME=$place/home TMPDIR=$place/tmp

git clone --quiet -- "$root" "$place/gogan"
cd -- "$place/gogan"
echo "fresh clone of $(git rev-parse --short HEAD) in $PWD"
timed() { # NAME COMMAND...
	local name=$1 start=$SECONDS
	shift
	"$@" || times+="FAILED: "
	times+="$name $((SECONDS - start)) s; "
	[[ $times != *FAILED* ]]
}
timed 'make demo' make demo
timed 'make test' make test
du -sh -- "$HOME" .venv
