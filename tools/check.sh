#!/usr/bin/env bash
# Formatting and lints, of the extension and the engine.
set -euo pipefail
source "$(dirname "$0")/env.sh"
cd "$root"
"$root/tools/setup.sh"
major=$("$root/tools/major.sh")
"$root/tools/register.sh" "$("$root/tools/private_server.sh" "$major-dev")"
cargo fmt --all --check
cargo clippy --workspace --all-targets --no-default-features --features "pg$major" -- -D warnings
