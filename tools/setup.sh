#!/usr/bin/env bash
# Installs the Debian packages that building and testing need and this machine lacks. Does nothing, quickly,
# when all is there. PG_CONFIG=... in the environment names a server of
# one's own; otherwise the distribution's PostgreSQL is used. What is installed on the machine stays in the
# version in which it is, and no cluster is made on it.
set -euo pipefail
source "$(dirname "$0")/env.sh"

command -v cargo >/dev/null || die "cargo is missing: install Rust (https://rustup.rs), then run this again"
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
compiler=$(rustc --version | sed 's/^rustc \([0-9.]*\).*/\1/')
[ "$(printf '%s\n' "$wanted" "$compiler" | sort -V | head -n 1)" = "$wanted" ] ||
    die "rustc is $compiler, and $wanted is needed: rustup update stable"

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

missing=()
command -v cc >/dev/null || missing+=(build-essential)
command -v setpriv >/dev/null || missing+=(util-linux)
# bindgen loads libclang, which stands in a versioned directory that ldconfig does not know; libclang-cpp is another
[ -n "${LIBCLANG_PATH:-}" ] || compgen -G '/usr/lib/llvm-*/lib/libclang[.-][s0-9]*' >/dev/null || missing+=(libclang-dev)

need_server=
if [ -z "${PG_CONFIG:-}" ] && ! "$root/tools/find_server.sh" >/dev/null; then need_server=yes; fi

if [ ${#missing[@]} -gt 0 ] || [ -n "$need_server" ]; then
    command -v apt-get >/dev/null || die "missing: ${missing[*]} ${need_server:+a PostgreSQL server with its headers}"
    say "missing Debian packages: ${missing[*]} ${need_server:+a PostgreSQL server with its headers}"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "installing packages needs root or sudo"
    as_root apt-get update -q >&2
    if [ -n "$need_server" ]; then
        # the metapackage depends on the release that this distribution ships: 15 on Debian 12, 17 on 13
        major=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
        [ -n "$major" ] || die "this distribution has no package postgresql; pass PG_CONFIG=/path/to/pg_config"
        missing+=("postgresql-$major" "postgresql-server-dev-$major")
        # the package of a server makes a cluster and starts it, unless it is told otherwise
        no_cluster=/etc/postgresql-common/createcluster.d/customer_tiering.conf
        as_root mkdir -p "${no_cluster%/*}"
        as_root sh -c "echo 'create_main_cluster = false' >$no_cluster"
        trap 'as_root rm -f "$no_cluster"' EXIT
    fi
    say "installing: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --no-upgrade "${missing[@]}" >&2
    [ -z "$need_server" ] || as_root rm -f "$no_cluster"
fi
