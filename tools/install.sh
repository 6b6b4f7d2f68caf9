#!/usr/bin/env bash
# Usage: install.sh dev|release
# Sets up what is missing, builds the extension and installs it into a private copy of the server, of which
# it prints the pg_config. Does nothing, quickly, when no source is newer than what is installed.
set -euo pipefail
source "$(dirname "$0")/env.sh"
profile=$1

"$root/tools/setup.sh"
major=$("$root/tools/major.sh")
pg_config=$("$root/tools/private_server.sh" "$major-$profile")
"$root/tools/register.sh" "$pg_config"

# Everything in the clone is a source but what the library and its SQL cannot depend on. Directories count:
# their time changes when a file is deleted.
newer_sources() {
    find "$root" \( -path "$target" -o -name .git -o -name .github -o -name .ci -o -path "$root/tests" -o -path "$root/engine/tests" -o -path "$root/engine/fuzz" -o -path "$root/demo" \
        -o -path "$root/bench" -o -path "$root/tools" -o -path "$root/docs" -o -path "$root/integrations" -o -path "$root/sql/released" -o -path "$root/findings" -o -name '*.md' -o -name Makefile \) -prune -o \
        ! -path "$root" -newer "$1" -print -quit
}

stamp=$("$pg_config" --pkglibdir)/customer_tiering.$profile
if [ ! -e "$stamp" ] || [ -n "$(newer_sources "$stamp")" ]; then
    started=$(mktemp "$target/install.XXXXXX") # sources saved while we build are newer than this
    trap 'rm -f "$started"' EXIT
    say "building the extension for PostgreSQL $major ($profile)"
    cd "$root"
    cargo build --lib --profile "$profile" --no-default-features --features "pg$major" >&2
    extension=$("$pg_config" --sharedir)/extension
    version=$(sed -n '/^\[workspace.package\]/,/^version/s/^version = "\(.*\)"/\1/p' Cargo.toml)
    folder=$profile
    [ "$profile" != dev ] || folder=debug
    rm -f "$extension"/customer_tiering--*.sql
    "$root/tools/install_script.sh" >"$extension/customer_tiering--$version.sql"
    sed "s/@CARGO_VERSION@/$version/" customer_tiering.control >"$extension/customer_tiering.control"
    for update in sql/customer_tiering--*--*.sql; do [ ! -e "$update" ] || cp "$update" "$extension/"; done
    # unlinked first: a server that runs has the old one mapped
    install -m 755 "$target/$folder/libcustomer_tiering.so" "$("$pg_config" --pkglibdir)/customer_tiering.so"
    rm -f "${stamp%.*}".{dev,release}
    mv "$started" "$stamp"
fi
echo "$pg_config"
