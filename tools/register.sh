#!/usr/bin/env bash
# Usage: register.sh pg_config
# Tells pgrx' build script where the headers of this major version are. Writes only when something changes,
# because the bindings are generated anew whenever the file is written.
set -euo pipefail
source "$(dirname "$0")/env.sh"
major=$("$1" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
known=$(sed -n "s/^pg$major = \"\(.*\)\"/\1/p" "$PGRX_HOME/config.toml" 2>/dev/null || true)
# the dev and the release copy of one server have the same headers: either will do
if [ -z "$known" ] || [ "$("$known" --version 2>/dev/null)" != "$("$1" --version)" ]; then
    mkdir -p "$PGRX_HOME"
    { echo '[configs]'; sed "/^\[configs\]\$/d; /^pg$major = /d" "$PGRX_HOME/config.toml" 2>/dev/null || true; echo "pg$major = \"$1\""; } >"$PGRX_HOME/config.toml.new"
    mv "$PGRX_HOME/config.toml.new" "$PGRX_HOME/config.toml"
fi
