# Sourced by the suites. Each check prints one line, `ok - what` or `not ok - what`, which tests/run counts.

set -euo pipefail

pass() { echo "ok - $1"; }

# fail "what" ["particulars"]
fail() {
    echo "not ok - $1"
    [ -z "${2:-}" ] || sed 's/^/    # /' <<<"$2"
}

# check "what" "actual" "expected"
check() {
    if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "got:      $2"$'\n'"expected: $3"; fi
}

# check_contains "what" "actual" "part that must be in it"
check_contains() {
    case $2 in *"$3"*) pass "$1" ;; *) fail "$1" "got:     $2"$'\n'"lacking: $3" ;; esac
}

# check_file "what" ACTUAL EXPECTED: two files, the same byte for byte
check_file() {
    if cmp -s "$2" "$3"; then pass "$1"; else fail "$1" "$(diff -U 3 "$3" "$2" 2>&1 | head -n 100)"; fi
}

# check_runs "what" command...
check_runs() {
    local what=$1 output
    shift
    if output=$("$@" 2>&1); then pass "$what"; else fail "$what" "$output"; fi
}

# sql DATABASE "statements" [psql arguments]: bare rows; errors go into the output, so that they can be checked
sql() {
    local database=$1 statements=$2
    shift 2
    psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$database" "$@" -c "$statements" 2>&1
}

# sqlstate DATABASE "statement" [psql arguments]: the SQLSTATE that the server answers with
sqlstate() {
    local database=$1 statement=$2
    shift 2
    printf '%s\n;\n\\echo :SQLSTATE\n' "$statement" | psql -X -q -A -t -d "$database" "$@" 2>/dev/null | tail -n 1
}

# fresh_database NAME: an empty one, dropped first if it is there
fresh_database() {
    psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1" 2>/dev/null
}

# extension_database NAME: a fresh one with the extension in it
extension_database() {
    fresh_database "$1"
    psql -X -q -v ON_ERROR_STOP=1 -d "$1" -c 'CREATE EXTENSION customer_tiering'
}

# regression_tool regress/pg_regress: the path of the server's own; of the distribution's, which tests any
# server as well, when the server has none that runs (those in PyPI wheels do not)
regression_tool() {
    local own tool
    own=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/$1
    for tool in "$own" /usr/lib/postgresql/*/lib/pgxs/src/test/"$1"; do
        if "$tool" --version >/dev/null 2>&1; then echo "$tool"; return; fi
    done
    return 1
}

# page_blocks PAGE DIRECTORY: each SQL block of a page as a file of its own, named by its line. Its first line says what it must answer, by the line
# `<!-- error: 22023 -->` before it, and on which servers it runs, by `<!-- on: shard1 shard2 -->`.
page_blocks() {
    rm -rf "$2" && mkdir -p "$2"
    awk -v folder="$2" '
        /^<!-- on: / { on = $0; sub(/^<!-- on: /, "", on); sub(/ -->$/, "", on) }
        /^<!-- error: / { expected = $3 }
        /^```sql/ { file = sprintf("%s/%04d", folder, NR); print "-- " (expected == "" ? "00000" : expected) " " on > file; block = 1; next }
        /^```/ && block { close(file); block = 0; expected = ""; on = "" }
        block { print > file }' "$1"
}

# run_block "what" FILE DATABASE: runs a file of page_blocks
run_block() {
    local what=$1 file=$2 database=$3 expected output
    read -r _ expected _ <"$file"
    if [ "$expected" = 00000 ]; then
        output=$(psql -X -q -d "$database" -v ON_ERROR_STOP=1 -f "$file" 2>&1 && echo 00000) || true
        check "$what" "$(tail -n 1 <<<"$output")" 00000
    else
        check "$what" "$(sqlstate "$database" "$(tail -n +2 "$file" | sed '$s/;$//')")" "$expected"
    fi
}
