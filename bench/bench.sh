#!/usr/bin/env bash
# Started by bench/run. Prints Markdown on standard output, progress on standard error.
#   ROWS  customers (default 2 000 000; five times as many where the check is that cost is linear and memory flat)
#   RUNS  runs of each query, of which the median is taken (default 7, at least 5)
#   PROGRAM_ROWS  customers of the program (default 1 000 000), PROGRAM_RUNS  runs of each (default 3)
#   CARD_ROWS  customers of the scorecard, with ten orders each (default 1 000 000), CARD_RUNS  runs of it (default 3)
#   VIEW_ROWS  customers of the program whose views are read (default 1 000 000), VIEW_RUNS  runs of each (default 3)
#   OUTCOME_ROWS  customers that a scorecard is fitted to (default 1 000 000)
#   SCALE_ROWS  orders on several servers (default 2 000 000), SCALE_RUNS  runs of each (default 3)
#   REPORT_ROWS  customers of the report (default 1 000 000), REPORT_RUNS  runs of it (default 3)
#   MEMORY_ROWS  numbers of customers that are retiered while memory is looked at (default "1000000 5000000")
#   ONLY=programs, ONLY=lifetime, ONLY=measures, ONLY=report, ONLY=views, ONLY=mapping, ONLY=outcomes, ONLY=scale, ONLY=memory  measures that alone
#   QUICK=1  all ratios in about five minutes, of a tenth of the customers
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
if [ -n "${QUICK:-}" ]; then
    ROWS=${ROWS:-200000} RUNS=${RUNS:-5} PROGRAM_ROWS=${PROGRAM_ROWS:-200000} CARD_ROWS=${CARD_ROWS:-100000} REPORT_ROWS=${REPORT_ROWS:-100000} VIEW_ROWS=${VIEW_ROWS:-100000}
    export OUTCOME_ROWS=${OUTCOME_ROWS:-100000}
fi
rows=${ROWS:-2000000} runs=${RUNS:-7} program_rows=${PROGRAM_ROWS:-1000000} program_runs=${PROGRAM_RUNS:-3}
[ -z "${ONLY:-}" ] || rows=50000

export PGDATABASE=bench
export PGOPTIONS="-c jit=off -c max_parallel_workers_per_gather=0 -c timezone=UTC -c client_min_messages=warning"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -v "rows=$rows" "$@"; }

psql -X -q -d postgres -c 'CREATE DATABASE bench'
sql -c 'CREATE EXTENSION customer_tiering' -c 'CREATE SCHEMA bench'
[ "${ONLY:-}" != scale ] || exec bash "$here/scale.sh"
[ "${ONLY:-}" != memory ] || exec bash "$here/memory.sh"
say "generating $rows customers, and five times as many"
sql -f "$here/customers.sql"
for file in schemes variants measure; do sql -f "$here/$file.sql"; done
[ "${ONLY:-}" != lifetime ] || exec bash "$here/lifetime.sh"
[ "${ONLY:-}" != outcomes ] || exec bash "$here/outcomes.sh"
scorecard() {
    say "measures by tier: ${CARD_ROWS:-1000000} customers, ${CARD_RUNS:-3} runs"
    sql -v "card_rows=${CARD_ROWS:-1000000}" -v "card_runs=${CARD_RUNS:-3}" -f "$here/measures.sql"
}
reports() {
    say "reports: ${REPORT_ROWS:-1000000} customers, ${REPORT_RUNS:-3} runs"
    sql -v "report_rows=${REPORT_ROWS:-1000000}" -v "report_runs=${REPORT_RUNS:-3}" -f "$here/reports.sql"
}
views() {
    say "views: a program of ${VIEW_ROWS:-1000000} customers, ${VIEW_RUNS:-3} runs"
    sql -v "view_rows=${VIEW_ROWS:-1000000}" -v "view_runs=${VIEW_RUNS:-3}" -f "$here/views.sql"
}
mapping() {
    say "columns for the inputs of every scheme"
    sql -v "mapping_runs=$runs" -f "$here/mapping.sql"
}
if [ "${ONLY:-}" = measures ]; then scorecard; exit; fi
if [ "${ONLY:-}" = report ]; then reports; exit; fi
if [ "${ONLY:-}" = views ]; then views; exit; fi
if [ "${ONLY:-}" = mapping ]; then mapping; exit; fi

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

# --- aggregates and fits; their variants give figures, not tiers, which the tests compare ---

say "generating $((5 * rows)) orders and as many customers"
sql -f "$here/aggregates.sql"
for topic in rfm quintiles pareto; do
    say "$topic: $runs runs"
    sql -c "CALL bench.measure('$topic', $runs)"
done
say "one and two workers: $runs runs"
sql -c "CALL bench.measure_workers($runs)"

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

say "a fresh backend, and CREATE EXTENSION"
bash "$here/start.sh" >"$single/start.sql"

# --- programs ---

say "programs: $program_rows customers, $program_runs runs"
sql -v "program_rows=$program_rows" -v "program_runs=$program_runs" -f "$here/programs.sql"
say "programs: log_followup from two clients, in turns with a transaction by hand"
sql -f "$here/followups.sql"
printf '%s\n' '\set id random(1, :customers)' "SELECT tier FROM tiering.log_followup('bench', :id::text, 'phone');" >"$single/log.sql"
for run in 0 1 2 3; do
    for what in "$single/log.sql" "$here/followup_by_hand.sql"; do
        rate=$(pgbench -n -D "customers=$program_rows" -M prepared -c 2 -j 2 -T 5 -f "$what" 2>/dev/null | awk '/^tps/ { print $3 }')
        # the first turn warms up
        [ "$run" = 0 ] || echo "$rate" >>"$single/$(basename "$what" .sql).rates"
    done
done
logged=$(median "$single/log.rates") by_hand=$(median "$single/followup_by_hand.rates")

# --- report ---

say "linear and flat: five times as many customers"
cpu=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
sql -v "cpu=$cpu" -v "cores=$(nproc)" -v "runs=$runs" -v "plain=$plain" -v "tier=$tier" \
    -v "program_rows=$program_rows" -v "logged=$logged" -v "by_hand=$by_hand" -f "$single/start.sql" -f "$here/report.sql"

bash "$here/lifetime.sh"
[ -n "${ONLY:-}" ] || bash "$here/outcomes.sh"
[ -n "${ONLY:-}" ] || scorecard
[ -n "${ONLY:-}" ] || reports
[ -n "${ONLY:-}" ] || views
[ -n "${ONLY:-}" ] || mapping
[ -n "${ONLY:-}" ] || bash "$here/scale.sh"
