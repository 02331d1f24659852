#!/usr/bin/env bash
# The environment in which everything of this repository is built and run.
#
#   tools/env.sh COMMAND [ARGUMENT]...   runs the command in it
#   eval "$(tools/env.sh)"               sets it in the calling shell
#
# It is the one place that decides where caches live: where the user keeps them, or below .cache in the repository if
# that cannot be written (a read-only or missing HOME). It checks nothing but the Go command; tools/require.sh does.
set -eu
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
changed=(PATH)

put() { # NAME VALUE
	export "$1=$2"
	changed+=("$1")
}

# usable tells whether a directory can be written, or made where it does not exist yet, by trying: permissions alone
# say nothing about a read-only mount.
usable() { # DIRECTORY
	local dir=$1
	[[ $dir == /* ]] || return 1
	while [ ! -e "$dir" ]; do dir=$(dirname -- "$dir"); done
	dir=$(mktemp -d -- "$dir/.gogan-XXXXXX" 2>/dev/null) && rmdir -- "$dir"
}

# keep leaves a directory where the user has it if it can be written, and else moves it into the repository.
keep() { # NAME USUAL FALLBACK
	usable "${!1:-$2}" && return
	mkdir -p -- "$3"
	put "$1" "$3"
}

# The Go command fetches the toolchain of go.mod by itself, unless the machine's settings forbid it.
put GOTOOLCHAIN "go$(sed -n 's/^go //p' "$root/go.mod")"
put GOWORK off                 # a go.work above the clone does not count
put GOFLAGS -buildvcs=false    # builds of somebody else's clone work, and a commit rebuilds nothing
put CGO_ENABLED 1              # XLA's plugin is called through C
put GOMLX_NO_AUTO_INSTALL 1    # `gogan setup` installs plugins, with a checksum
put PYTHONNOUSERSITE 1         # .venv holds what tools/requirements.txt pins and nothing else
put PIP_DISABLE_PIP_VERSION_CHECK 1
put JUPYTER_PREFER_ENV_PATH 1  # the kernels of .venv before the user's

cache=$root/.cache
home=${HOME:-}
go_env=$(cd "$root" && GOTOOLCHAIN=local go env GOPATH GOMODCACHE GOCACHE 2>/dev/null) || go_env=
{ read -r gopath; read -r gomodcache; read -r gocache; } <<<"$go_env"$'\n\n' || true

keep TMPDIR /tmp "$cache/tmp"
keep XDG_CACHE_HOME "${home:+$home/.cache}" "$cache"
keep XDG_CONFIG_HOME "${home:+$home/.config}" "$cache/config"
keep XDG_DATA_HOME "${home:+$home/.local/share}" "$cache/share"
keep GOPATH "$gopath" "$cache/go"
keep GOMODCACHE "$gomodcache" "$cache/go/pkg/mod"
keep GOCACHE "$gocache" "$cache/go-build"
keep PIP_CACHE_DIR "${XDG_CACHE_HOME:-$home/.cache}/pip" "$cache/pip"
keep JUPYTER_CONFIG_DIR "${home:+$home/.jupyter}" "$cache/jupyter/config"
keep JUPYTER_DATA_DIR "${XDG_DATA_HOME:-$home/.local/share}/jupyter" "$cache/jupyter/data"
keep IPYTHONDIR "${home:+$home/.ipython}" "$cache/ipython"

if [ -z "${CC:-}" ] && ! command -v gcc >/dev/null && command -v clang >/dev/null; then
	put CC clang
fi
PATH=$root/.venv/bin:$PATH
export PATH
unset PYTHONPATH PYTHONHOME

if [ $# -gt 0 ]; then
	exec "$@"
fi
for name in "${changed[@]}"; do
	printf 'export %s=%q\n' "$name" "${!name}"
done
echo 'unset PYTHONPATH PYTHONHOME'
