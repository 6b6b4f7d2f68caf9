# Sourced by every script: where things are. All that is built, installed or started lives below target/.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=$root/target

export CARGO_TARGET_DIR=$target
export PGRX_HOME=$target/pgrx
export PATH=$target/tools/bin:$PATH:${HOME:-/nonexistent}/.cargo/bin

# The server may run as another user (see cluster.sh), who must be able to read what we install.
umask 022

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
