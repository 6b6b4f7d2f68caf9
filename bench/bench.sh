#!/usr/bin/env bash
# Started by bench/run. Prints Markdown on standard output; on standard error how long it will take, and what it is at.
#   ROWS  customers (default 2 000 000; five times as many where the check is that cost is linear and memory flat)
#   RUNS  runs of each query, of which the median is taken (default 7, at least 5)
#   PROGRAM_ROWS  customers of the program (default 1 000 000), PROGRAM_RUNS  runs of each (default 3)
#   CARD_ROWS  customers of the scorecard, with ten orders each (default 1 000 000), CARD_RUNS  runs of it (default 3)
#   VIEW_ROWS  customers of the program whose views are read (default 1 000 000), VIEW_RUNS  runs of each (default 3)
#   OUTCOME_ROWS  customers that a scorecard is fitted to (default 1 000 000)
#   MODEL_ROWS  customers that models of lifetime value are fitted to (default 1 000 000)
#   SCALE_ROWS  orders on several servers (default 2 000 000), SCALE_RUNS  runs of each (default 3)
#   REPORT_ROWS  customers of the report (default 1 000 000), REPORT_RUNS  runs of it (default 3)
#   MEMORY_ROWS  numbers of customers that are retiered while memory is looked at (default "1000000 5000000")
#   ONLY="grading aggregates"  measures these parts alone; the parts are those of `all` below, and memory
#   QUICK=1  all ratios in about five minutes, of a tenth of the customers or fewer
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
all="grading aggregates single programs linear lifetime outcomes measures report views mapping scale"
parts=${ONLY:-$all}
for part in $parts; do
    case " $all memory " in *" $part "*) ;; *) die "there is no part $part; the parts are: $all memory" ;; esac
done
if [ -n "${QUICK:-}" ]; then
    ROWS=${ROWS:-100000} RUNS=${RUNS:-5} PROGRAM_ROWS=${PROGRAM_ROWS:-30000} CARD_ROWS=${CARD_ROWS:-20000} REPORT_ROWS=${REPORT_ROWS:-20000} VIEW_ROWS=${VIEW_ROWS:-20000}
    export OUTCOME_ROWS=${OUTCOME_ROWS:-20000} MODEL_ROWS=${MODEL_ROWS:-20000} SCALE_ROWS=${SCALE_ROWS:-200000}
fi
rows=${ROWS:-2000000} runs=${RUNS:-7} program_rows=${PROGRAM_ROWS:-1000000} program_runs=${PROGRAM_RUNS:-3}
asked() { case " $parts " in *" $1 "*) ;; *) return 1 ;; esac; }
# the customers of grading serve the other parts only as something to grade
asked grading || asked aggregates || asked linear || rows=50000

# --- how long it takes ---

# About how many seconds a part takes, at the defaults and with QUICK=1, on two hyperthreads with nothing beside it. What matters is how long one is beside another: once a part is done, the rest is
# estimated by how long it took.
seconds_of() {
    case $1 in
        customers) echo 75 5 ;; grading) echo 690 45 ;; aggregates) echo 900 45 ;; single) echo 30 22 ;; programs) echo 780 75 ;; linear) echo 60 5 ;;
        lifetime) echo 180 30 ;; outcomes) echo 240 45 ;; measures) echo 300 15 ;; report) echo 120 10 ;; views) echo 900 60 ;; mapping) echo 15 12 ;; scale) echo 120 25 ;;
        memory) echo 300 300 ;;
    esac | cut -d' ' -f"$([ -n "${QUICK:-}" ] && echo 2 || echo 1)"
}
begun=$SECONDS expected_so_far=0 expected=0
for part in customers $parts; do expected=$((expected + $(seconds_of "$part"))); done
duration() { [ "$1" -lt 90 ] && echo "$1 s" || echo "$((($1 + 30) / 60)) min"; }
say "about $(duration "$expected") on a machine with nothing beside it: customers $parts"
# begin PART: says that it begins, and how long the rest will take as it went so far
begin() {
    local spent=$((SECONDS - begun)) left=$((expected - expected_so_far))
    [ "$expected_so_far" = 0 ] || left=$((left * spent / expected_so_far))
    say "== $1 ($(duration "$spent") so far, about $(duration "$left") to go)"
    expected_so_far=$((expected_so_far + $(seconds_of "$1")))
}

export PGDATABASE=bench
export PGOPTIONS="-c jit=off -c max_parallel_workers_per_gather=0 -c timezone=UTC -c client_min_messages=warning"
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -v "rows=$rows" "$@"; }
files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }
# measure_topics TOPIC...: each of them in turns of its variants
measure_topics() {
    for topic in "$@"; do
        say "$topic: $runs runs"
        sql -c "CALL bench.measure('$topic', $runs)"
    done
}

begin customers
psql -X -q -d postgres -c 'CREATE DATABASE bench'
sql -c 'CREATE EXTENSION customer_tiering' -c 'CREATE SCHEMA bench'
say "generating $rows customers, and five times as many"
sql -f "$here/customers.sql"
for file in schemes variants measure; do sql -f "$here/$file.sql"; done
tiers=$(sql -c "SELECT topic FROM bench.topics ORDER BY place")

# --- tiers ---

if asked grading; then
    begin grading
    for topic in $tiers; do
        say "$topic: do all variants agree?"
        sql -c "CALL bench.check('$topic')"
    done
    sql -c "INSERT INTO bench.topics (topic, title) VALUES ('scan', 'Bare scan')" -c "INSERT INTO bench.variants (topic, title, expression) VALUES
        ('scan', 'bare scan, \`count(*)\`', '*')"
    measure_topics scan $tiers
fi

# --- aggregates and fits; their variants give figures, not tiers, which the tests compare ---

if asked aggregates; then
    begin aggregates
    say "generating $((5 * rows)) orders and as many customers"
    sql -f "$here/aggregates.sql"
    measure_topics $(sql -c "SELECT topic FROM bench.topics WHERE topic <> ALL (string_to_array('scan $(echo $tiers)', ' ')) ORDER BY place")
    say "one and two workers: $runs runs"
    sql -c "CALL bench.measure_workers($runs)"
fi

# --- one customer at a time ---

if asked single; then
    begin single
    say "single rows: $runs runs"
    columns="annual_spend, orders_12m, segment, expected_close"
    for what in plain tier; do
        expression=$columns
        [ "$what" = plain ] || expression="tiering.customer_tier('bench_rules', $columns)"
        printf '%s\n' "\\set id random(1, $rows)" "SELECT $expression FROM bench.customers WHERE id = :id;" >"$files/$what.sql"
    done
    for _ in $(seq "$runs"); do
        for what in plain tier; do
            pgbench -n -M prepared -c 1 -T 2 -f "$files/$what.sql" 2>/dev/null | awk '/^tps/ { print 1e6 / $3 }' >>"$files/$what.times"
        done
    done
fi

# --- programs ---

if asked programs; then
    begin programs
    say "a fresh backend, and CREATE EXTENSION"
    bash "$here/start.sh" >"$files/start.sql"
    say "programs: $program_rows customers, $program_runs runs"
    sql -v "program_rows=$program_rows" -v "program_runs=$program_runs" -f "$here/programs.sql"
    say "programs: log_followup from two clients, in turns with a transaction by hand"
    sql -f "$here/followups.sql"
    printf '%s\n' '\set id random(1, :customers)' "SELECT tier FROM tiering.log_followup('bench', :id::text, 'phone');" >"$files/log.sql"
    for run in 0 1 2 3; do
        for what in "$files/log.sql" "$here/followup_by_hand.sql"; do
            rate=$(pgbench -n -D "customers=$program_rows" -M prepared -c 2 -j 2 -T 5 -f "$what" 2>/dev/null | awk '/^tps/ { print $3 }')
            # the first turn warms up
            [ "$run" = 0 ] || echo "$rate" >>"$files/$(basename "$what" .sql).rates"
        done
    done
fi

# --- what was measured so far ---

if asked linear; then begin linear; fi
cpu=$(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
sql -v "cpu=$cpu" -v "cores=$(nproc)" -v "runs=$runs" -v "program_rows=$program_rows" \
    $(for part in $all; do echo "-v $part=$(asked "$part" && echo 1 || echo 0)"; done) \
    -v "plain=$(if asked single; then median "$files/plain.times"; fi)" -v "tier=$(if asked single; then median "$files/tier.times"; fi)" \
    -v "logged=$(if asked programs; then median "$files/log.rates"; fi)" -v "by_hand=$(if asked programs; then median "$files/followup_by_hand.rates"; fi)" \
    $(if asked programs; then echo "-f $files/start.sql"; fi) -f "$here/report.sql"

# --- what is reported by itself ---

for part in lifetime outcomes measures report views mapping scale memory; do
    asked "$part" || continue
    begin "$part"
    case $part in
        measures)
            say "measures by tier: ${CARD_ROWS:-1000000} customers, ${CARD_RUNS:-3} runs"
            sql -v "card_rows=${CARD_ROWS:-1000000}" -v "card_runs=${CARD_RUNS:-3}" -f "$here/measures.sql"
            ;;
        report)
            say "reports: ${REPORT_ROWS:-1000000} customers, ${REPORT_RUNS:-3} runs"
            sql -v "report_rows=${REPORT_ROWS:-1000000}" -v "report_runs=${REPORT_RUNS:-3}" -f "$here/reports.sql"
            ;;
        views)
            say "views: a program of ${VIEW_ROWS:-1000000} customers, ${VIEW_RUNS:-3} runs"
            sql -v "view_rows=${VIEW_ROWS:-1000000}" -v "view_runs=${VIEW_RUNS:-3}" -f "$here/views.sql"
            ;;
        mapping)
            say "columns for the inputs of every scheme"
            sql -v "mapping_runs=$runs" -f "$here/mapping.sql"
            ;;
        *) bash "$here/$part.sh" ;;
    esac
done
say "done after $(duration $((SECONDS - begun)))"
