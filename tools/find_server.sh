#!/usr/bin/env bash
# Prints the pg_config of the server to build for: PG_CONFIG if set, otherwise the newest PostgreSQL among
# the distribution's that pgrx knows and that is here with its headers. Fails when there is none.
set -euo pipefail
source "$(dirname "$0")/env.sh"

if [ -n "${PG_CONFIG:-}" ]; then
    candidates=$PG_CONFIG
else
    candidates=$(printf '/usr/lib/postgresql/%s/bin/pg_config\n' 18 17 16 15)
fi

for pg_config in $candidates; do
    [ -x "$pg_config" ] || continue
    # Debian's /usr/bin/pg_config is a wrapper; the real one stands beside the server
    real=$("$pg_config" --bindir)/pg_config
    if [ -x "$real" ] && [ -x "${real%/*}/postgres" ] && [ -f "$("$real" --includedir-server)/postgres.h" ]; then
        echo "$real"
        exit
    fi
done
[ -z "${PG_CONFIG:-}" ] || say "$PG_CONFIG does not belong to a PostgreSQL server with its headers"
exit 1
