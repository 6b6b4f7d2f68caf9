#!/usr/bin/env bash
# Usage: PG_CONFIG=... cluster.sh start|stop|remove|psql|env|run NAME [arguments]
#
# A PostgreSQL cluster of our own: target/cluster/NAME, reached by a Unix socket only.
#   start   makes it if need be and starts it; arguments go to the server, such as -c fsync=off
#   env     prints export lines, with which psql, pg_dump ... of this server reach it
#   psql    runs psql on it, arguments go to psql
#   run     runs a command as the user as whom its server runs, in its directory
#   stop    stops it;  remove  stops it and deletes its data
set -euo pipefail
source "$(dirname "$0")/env.sh"

action=$1 name=$2
shift 2
directory=$target/cluster/$name
data=$directory/data

# The path of a Unix socket has at most 107 bytes.
socket_directory() {
    local path=$directory/socket
    if [ $((${#path} + ${#socket_file})) -le 107 ]; then
        echo "$path"
    else
        [ -s "$directory/socket_path" ] && [ -d "$(cat "$directory/socket_path")" ] ||
            mktemp -d >"$directory/socket_path"
        cat "$directory/socket_path"
    fi
}
socket_file=/.s.PGSQL.5432

# The server refuses to run as root; root runs it as another user. Where that user cannot enter the
# directories above the clone (such as /root), the server gets the one capability that lets it; the
# secure bit makes access(), by which PostgreSQL looks for its programs, respect the capability.
as_server=()
server_user=$(id -un)
if [ "$(id -u)" = 0 ]; then
    server_user=$(id -un postgres 2>/dev/null || echo nobody)
    as_server=(setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups)
    if ! "${as_server[@]}" test -r "$root/Cargo.toml"; then
        as_server+=(--securebits=+no_setuid_fixup
            --inh-caps=+dac_override --ambient-caps=+dac_override)
    fi
fi

running() { [ -f "$data/postmaster.pid" ] && kill -0 "$(head -n 1 "$data/postmaster.pid")" 2>/dev/null; }

# the programs of the server that was started; only `start` needs PG_CONFIG
bindir() { cat "$directory/bindir" 2>/dev/null || die "there is no cluster $name"; }

start() {
    running && return
    local bin
    bin=$("$PG_CONFIG" --bindir)
    # for its owner and root alone: whoever reaches the socket is a superuser of the database
    mkdir -p "$target/cluster"
    install -d -m 700 -o "$server_user" "$directory" "$directory/socket"
    echo "$bin" >"$directory/bindir"
    # one that has never been started may be the half of an initdb that was killed
    if [ ! -e "$directory/log" ] || [ "$(cat "$data/PG_VERSION" 2>/dev/null)" != "$("$bin/postgres" --version | sed 's/.*) \([0-9]*\).*/\1/')" ]; then
        rm -rf "$data" "$directory/log" # none yet, or of another major version
        "${as_server[@]}" "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
            >"$directory/initdb.log" 2>&1 || { cat "$directory/initdb.log" >&2; die "initdb failed"; }
    fi
    local socket options
    socket=$(socket_directory)
    chown "$server_user" "$socket"
    options=$(printf ' %q' -c listen_addresses= -c port=5432 -c "unix_socket_directories=$socket" "$@")
    "${as_server[@]}" "$bin/pg_ctl" start -w -s -D "$data" -l "$directory/log" -o "$options" ||
        { tail -n 20 "$directory/log" >&2; die "the server did not start"; }
}

stop() {
    if running; then "${as_server[@]}" "$(bindir)/pg_ctl" stop -w -s -m fast -D "$data"; fi
    if [ -f "$directory/socket_path" ]; then rm -rf "$(cat "$directory/socket_path")" "$directory/socket_path"; fi
}

environment() {
    printf 'export %s=%q\n' PGHOST "$(socket_directory)" PGPORT 5432 PGUSER postgres PGDATABASE postgres \
        PATH "$(bindir):$PATH" PGSERVERLOG "$directory/log"
    echo 'unset PGPASSWORD PGSERVICE PGOPTIONS'
}

case $action in
    start) start "$@" ;;
    stop) stop ;;
    remove) stop; rm -rf "$directory" ;;
    env) environment ;;
    run) cd "$directory" && exec "${as_server[@]}" "$@" ;;
    psql) source <(environment); exec psql -X "$@" ;;
    *) die "unknown action $action" ;;
esac
