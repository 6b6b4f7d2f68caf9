#!/usr/bin/env bash
# Usage: private_server.sh NAME
# Makes target/server/NAME a copy of the server that find_server.sh finds, and prints the copy's pg_config.
# PostgreSQL finds its files relative to its executable, so that the copy is a server of its own: the
# extension is installed into it without root, and the machine's PostgreSQL stays as it is.
set -euo pipefail
source "$(dirname "$0")/env.sh"

original=$("$root/tools/find_server.sh") || die "no PostgreSQL server with headers; run tools/setup.sh"
case $(realpath "$original") in
    "$(realpath -m "$target")"/*) echo "$original"; exit ;; # private already
esac

copy=$target/server/$1
pg_config=$copy$original
origin="$original $("$original" --version)"

if [ "$(cat "$copy/origin" 2>/dev/null)" != "$origin" ]; then
    rm -rf "$copy"
    for directory in --bindir --pkglibdir --sharedir --includedir-server; do
        path=$("$original" "$directory")
        mkdir -p "$copy${path%/*}"
        cp -a "$path" "$copy${path%/*}/"
    done
    # the server headers include some of the client's
    client=$("$original" --includedir)
    [ "$client" = /usr/include ] || cp -a -n "$client/." "$copy$client/"
    # wheels and relocatable builds find their own shared libraries relative to the executable too
    prefix=${original%/bin/pg_config}
    for libraries in "$prefix"/lib/*.so* "${prefix%/*/*}"/*.libs; do
        if [ -e "$libraries" ]; then mkdir -p "$copy${libraries%/*}"; cp -a -n "$libraries" "$copy${libraries%/*}/"; fi
    done
    echo "$origin" >"$copy/origin"
fi

# a server built in an unusual way would report the original's directories, and we would install there
case $("$pg_config" --pkglibdir) in
    "$copy"/*) echo "$pg_config" ;;
    *) die "the PostgreSQL of $original cannot be moved: its copy still uses $("$pg_config" --pkglibdir)" ;;
esac
