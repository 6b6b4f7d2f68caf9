#!/usr/bin/env bash
# Part of tools/reference.sh: the page of errors, on the standard output. Each case of tests/sqlstate is tried in a database of its own, and what the extension answers is written down.
set -euo pipefail
source "$(dirname "$0")/env.sh"
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
names=$("${PG_CONFIG:-pg_config}" --sharedir)/errcodes.txt
database=reference_errors
for file in "$root"/tests/sqlstate/*.txt; do
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database" -c "CREATE DATABASE $database" 2>/dev/null
    {
        echo '\set VERBOSITY verbose'
        echo 'CREATE EXTENSION customer_tiering;'
        sed -E '/^[[:space:]]*(#|$)/d; s/^[^|]*\|//; s/$/\n;/' "$file"
    } | psql -X -q -d $database >"$said/$(basename "$file")" 2>&1 || true
done
psql -X -q -d postgres -c "DROP DATABASE $database"
python3 "$root/tools/reference_errors.py" "$names" "$said"/*
