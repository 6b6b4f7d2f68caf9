#!/usr/bin/env bash
# Usage: bare_debian.sh RELEASE [command...]       bookworm has PostgreSQL 15, trixie 17; as root, by hand
#
# Runs a command (make test, if none is given) on a clone of this repository in a bare Debian of that release, below target/debian: with the Rust of this machine and
# nothing else but what the command installs. A second call goes on in the same system; `rm -r target/debian/RELEASE` makes a new one.
set -euo pipefail
source "$(dirname "$0")/env.sh"
[ $# -gt 0 ] || die "usage: tools/bare_debian.sh RELEASE [command]"
release=$1
shift
[ $# -gt 0 ] || set -- make test
[ "$(id -u)" = 0 ] || die "a chroot needs root"
command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
system=$target/debian/$release
mirror=${MIRROR:-http://deb.debian.org/debian}

if [ ! -e "$system/made" ]; then
    rm -rf --one-file-system "$system"
    mkdir -p "$system"
    # what anybody has who builds: make, a compiler's linker, git, certificates
    debootstrap --variant=minbase --include=ca-certificates,make,git,gcc,libc6-dev,procps "$release" "$system" "$mirror" >&2
    # packages may not start servers: there is no init in it
    printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d" && chmod +x "$system/usr/sbin/policy-rc.d"
    touch "$system/made"
fi
rust=$(rustc --print sysroot)
mounted=()
unmount() { for place in "${mounted[@]}"; do umount -l "$place"; done; }
trap unmount EXIT
mount_at() { mkdir -p "$system$2" && mount --bind "$1" "$system$2" && mounted=("$system$2" "${mounted[@]}"); }
mkdir -p "$system/proc" && mount -t proc proc "$system/proc" && mounted=("$system/proc")
mount_at "$rust" /opt/rust
mount_at /dev /dev
mount_at "${CARGO_HOME:-$HOME/.cargo}/registry" /root/.cargo/registry
# how this machine reaches the network
cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
for file in "${CARGO_HOME:-$HOME/.cargo}"/config.toml; do [ ! -e "$file" ] || cp "$file" "$system/root/.cargo/"; done
cp /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/ca-certificates.crt"
network=(); for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do [ -z "${!name:-}" ] || network+=("$name=${!name}"); done

if [ ! -e "$system/src" ]; then
    git clone -q "$root" "$system/src"
else
    git -C "$system/src" fetch -q "$root" HEAD && git -C "$system/src" checkout -q --detach FETCH_HEAD
fi
chroot "$system" env -i PATH=/opt/rust/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "${network[@]}" ${SKIP:+SKIP="$SKIP"} ${CARGO_BUILD_JOBS:+CARGO_BUILD_JOBS=$CARGO_BUILD_JOBS} \
    sh -c 'cd /src && "$@"' sh "$@"
