#!/usr/bin/env bash
# Usage: put.sh install|uninstall [dev|release]
# `make install`: puts what `make all` has built into the server for which it was built, below DESTDIR if that is set; `uninstall` removes it again. It builds nothing, so that root needs no Rust.
set -euo pipefail
source "$(dirname "$0")/env.sh"
action=$1 profile=${2:-release}
server=$("$root/tools/find_server.sh") || die "no PostgreSQL server with headers; PG_CONFIG=/path/to/pg_config names one"
# a server below target/ is private already: what is built is there
case $(realpath "$server") in "$(realpath -m "$target")"/*) built=$server ;; *) built=$target/server/$("$root/tools/major.sh")-$profile$server ;; esac
libraries=${DESTDIR:-}$("$server" --pkglibdir) extensions=${DESTDIR:-}$("$server" --sharedir)/extension
case $action in
    install)
        [ -x "$built" ] && [ -e "$("$built" --pkglibdir)/customer_tiering.$profile" ] || die "nothing has been built for $server: run make all first"
        install -d "$libraries" "$extensions"
        install -m 755 "$("$built" --pkglibdir)/customer_tiering.so" "$libraries/"
        install -m 644 "$("$built" --sharedir)"/extension/customer_tiering{.control,--*.sql} "$extensions/"
        say "installed into $libraries and $extensions"
        ;;
    uninstall) rm -f "$libraries/customer_tiering.so" "$extensions"/customer_tiering{.control,--*.sql} ;;
    *) die "unknown action $action" ;;
esac
