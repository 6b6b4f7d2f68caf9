#!/usr/bin/env bash
# Started by bench/bench.sh, in its database: how much memory of its own a session takes that retiers so many customers, and how long it takes.
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
sizes=${MEMORY_ROWS:-1000000 5000000}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
sampled=$(mktemp -d)
trap 'rm -rf "$sampled"' EXIT

# measured "title" "statement"...: runs each in a session of its own, whose memory is looked at all the time; a line of the table, with that of the largest session
measured() {
    local started=$EPOCHREALTIME title=$1 number=0 sessions="" session most=0 now ended spilt
    shift
    spilt=$(sql -c "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()")
    rm -f "$sampled"/*
    for statement in "$@"; do
        number=$((number + 1))
        sql -c 'SELECT pg_backend_pid()' -c "$statement" >"$sampled/pid$number" 2>"$sampled/err$number" &
        sessions="$sessions $!"
    done
    for session in $sessions; do
        while kill -0 "$session" 2>/dev/null; do
            for file in "$sampled"/pid*; do
                now=$(awk '/^RssAnon/ { print $2 }' "/proc/$(head -n 1 "$file" 2>/dev/null)/status" 2>/dev/null || true)
                [ "${now:-0}" -le "$most" ] || most=$now
            done
            sleep 0.1
        done
        wait "$session" || { cat "$sampled"/err* >&2; exit 1; }
    done
    ended=$EPOCHREALTIME
    sleep 1.5 # until the session has told of its files
    spilt=$(($(sql -c "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()") - spilt))
    awk -v rows="$rows" -v title="$title" -v most="$most" -v spilt="$spilt" -v from="$started" -v to="$ended" 'BEGIN { printf "| %d | %s | %.0f | %.0f | %.1f |\n", rows, title, most / 1024, spilt / 1048576, to - from }'
}

sql -c "SET work_mem = '64MB'" >/dev/null
export PGOPTIONS="$PGOPTIONS -c work_mem=64MB -c maintenance_work_mem=64MB"
printf 'Memory of the session that retiers, with work_mem and maintenance_work_mem = 64MB\n\n| customers | | MB of its own at most | MB in temporary files | s |\n|--:|---|--:|--:|--:|\n'
for rows in $sizes; do
    say "memory: $rows customers"
    sql -c "CREATE TABLE bench.many AS SELECT g AS customer, (g * 7919::bigint % 100003)::numeric / 10 AS annual_value FROM generate_series(1, $rows) AS g" -c 'ALTER TABLE bench.many ADD PRIMARY KEY (customer)' \
        -c 'VACUUM ANALYZE bench.many' -c "SELECT tiering.create_program('many', 'abc_share', 'bench.many', 'customer')" >/dev/null
    measured 'the first time' "CALL tiering.retier('many')"
    sql -c 'VACUUM ANALYZE tiering.assignments' -c 'VACUUM ANALYZE tiering.assignment_log'
    measured 'nobody moves' "CALL tiering.retier('many')"
    sql -c 'UPDATE bench.many SET annual_value = 1e6 - annual_value WHERE customer % 10 = 0' -c 'VACUUM ANALYZE bench.many'
    measured 'a tenth moves' "CALL tiering.retier('many')"
    sql -c 'UPDATE bench.many SET annual_value = 1e6 - annual_value WHERE customer % 10 = 0' -c 'VACUUM ANALYZE bench.many' -c 'VACUUM ANALYZE tiering.assignments'
    measured 'a tenth moves, two sessions' "CALL tiering.retier('many', part => 1, parts => 2)" "CALL tiering.retier('many', part => 2, parts => 2)"
    sql -c 'VACUUM ANALYZE tiering.assignments'
    measured 'nobody moves, two sessions' "CALL tiering.retier('many', part => 1, parts => 2)" "CALL tiering.retier('many', part => 2, parts => 2)"
    sql -c "SELECT tiering.drop_program('many')" -c 'DROP TABLE bench.many' -c 'VACUUM tiering.assignments' -c 'VACUUM tiering.assignment_log' >/dev/null
done
