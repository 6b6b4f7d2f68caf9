#!/usr/bin/env bash
# Usage: [MINUTES=10] [FUZZ_STATE=N] tools/fuzz.sh [TARGET...]
# Fuzzes the engine (engine/fuzz) on one processor, and prints how many executions that was.
set -euo pipefail
source "$(dirname "$0")/env.sh"
cd "$root"
FUZZ_SECONDS=$((${MINUTES:-10} * 60)) cargo test -q --profile fuzz -p customer_tiering_engine --test fuzz -- "$@"
