#!/usr/bin/env bash
# Started by bench/run. Prints Markdown on standard output, progress on standard error.
#   ROWS  customers (default 2 000 000; five times as many where the check is that cost is linear and memory flat)
#   RUNS  runs of each query, of which the median is taken (default 7, at least 5)
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
rows=${ROWS:-2000000} runs=${RUNS:-7}

export PGDATABASE=bench
export PGOPTIONS="-c jit=off -c max_parallel_workers_per_gather=0 -c timezone=UTC -c client_min_messages=warning"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -v "rows=$rows" "$@"; }

psql -X -q -d postgres -c 'CREATE DATABASE bench'
sql -c 'CREATE EXTENSION customer_tiering' -c 'CREATE SCHEMA bench'
say "generating $rows customers, and five times as many"
sql -f "$here/customers.sql"
for file in schemes variants measure; do sql -f "$here/$file.sql"; done

topics=$(sql -c "SELECT DISTINCT ON (topic) topic FROM bench.variants")
for topic in $topics; do
    say "$topic: do all variants agree?"
    sql -c "CALL bench.check('$topic')"
done
sql -c "INSERT INTO bench.topics VALUES ('scan', 'Bare scan')" -c "INSERT INTO bench.variants (topic, title, expression) VALUES
    ('scan', 'bare scan, \`count(*)\`', '*')"
for topic in scan $topics; do
    say "$topic: $runs runs"
    sql -c "CALL bench.measure('$topic', $runs)"
done

# --- one customer at a time ---

say "single rows: $runs runs"
columns="annual_spend, orders_12m, segment, expected_close"
single=$(mktemp -d)
trap 'rm -rf "$single"' EXIT
for what in plain tier; do
    expression=$columns
    [ "$what" = plain ] || expression="tiering.customer_tier('bench_rules', $columns)"
    printf '%s\n' "\\set id random(1, $rows)" "SELECT $expression FROM bench.customers WHERE id = :id;" >"$single/$what.sql"
done
for _ in $(seq "$runs"); do
    for what in plain tier; do
        pgbench -n -M prepared -c 1 -T 2 -f "$single/$what.sql" 2>/dev/null |
            awk '/^tps/ { print 1e6 / $3 }' >>"$single/$what.times"
    done
done
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }
plain=$(median "$single/plain.times") tier=$(median "$single/tier.times")

# --- report ---

say "linear and flat: five times as many customers"
cpu=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
sql -v "cpu=$cpu" -v "cores=$(nproc)" -v "runs=$runs" -v "plain=$plain" -v "tier=$tier" -f "$here/report.sql"

bash "$here/lifetime.sh"
