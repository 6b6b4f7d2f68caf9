#!/usr/bin/env bash
# Prints the major version of the server to build for, such as 15.
set -euo pipefail
source "$(dirname "$0")/env.sh"
"$("$root/tools/find_server.sh")" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/'
