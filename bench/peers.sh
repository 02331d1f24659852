#!/bin/sh
# Installs the programs that bench compares with, pinned, in a Python environment of their own: $GOGAN_PEERS, or
# "peers" in gogan's directory (package internal/home). Does nothing if they are there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=${GOGAN_PEERS:-${GOGAN_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/gogan}/peers}
if ! [ -x "$dir/bin/python" ]; then
	python3 -m venv "$dir"
fi
"$dir/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/peers/requirements.txt"
"$dir/bin/python" -c 'import jax, torch; print("torch", torch.__version__, "jax", jax.__version__)'
