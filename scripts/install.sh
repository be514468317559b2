#!/bin/sh
# Install into .venv with uv; where uv cannot reach a package index, with pip, which knows the machine's pip.conf.
set -eu
if .venv/bin/uv pip install -q --python .venv/bin/python "$@"; then
    exit 0
fi
echo "uv could not install; trying pip, which is slower." >&2
exec .venv/bin/pip install -q --no-compile "$@"
