#!/usr/bin/env bash
# Makes a site of docs, target/book. mdBook of the version below is installed below target/tools, once: 5 minutes on one core.
set -euo pipefail
source "$(dirname "$0")/env.sh"
version=0.5.4
if [ "$(mdbook --version 2>/dev/null)" != "mdbook v$version" ]; then
    command -v cargo >/dev/null || die "cargo is missing: install Rust (https://rustup.rs), then run this again"
    say "installing mdBook $version below target/tools (once; some minutes)"
    # unoptimized, and without what watches files and serves them: it runs for a second, and compiles in half the time
    CARGO_TARGET_DIR=$target/tools/build CARGO_PROFILE_DEV_DEBUG=0 \
        cargo install mdbook --version "=$version" --locked --debug --no-default-features --root "$target/tools" >&2
    rm -rf "$target/tools/build"
fi
mdbook build "$root/docs"
echo "$target/book/index.html"
