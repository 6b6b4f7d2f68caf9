#!/usr/bin/env bash
# Started by bench/bench.sh, in its database: the same questions of one server and of several. Two databases of this server are the shards of postgres_fdw; where Citus is
# installed in it, a coordinator and two workers are clusters beside it. All share the cores of this machine: what goes between servers shows, no gain of more machines.
set -euo pipefail
here=$(dirname "$0")
source "$here/../tools/env.sh"
orders=${SCALE_ROWS:-2000000} runs=${SCALE_RUNS:-3}
[ -z "${QUICK:-}" ] || orders=${SCALE_ROWS:-400000}
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }
times=$(mktemp -d)
nodes="bench-citus0 bench-citus1 bench-citus2"
trap 'rm -rf "$times"; for node in $nodes; do "$root/tools/cluster.sh" remove "$node"; done' EXIT
# measured NAME "query": adds the milliseconds of a run to the file of that name: of the second run of a session, which has connected to the other servers by then
measured() { { echo "$2;"; echo '\timing on'; echo "$2;"; } | sql | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p' >>"$times/$1"; }
# received "query": how many rows come from the servers of postgres_fdw, by the plan of a run of it
received() { sql -c "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) $1" | awk '/Foreign Scan/ && match($0, /actual rows=[0-9]+/) { n += substr($0, RSTART + 12, RLENGTH - 12) } /Rows Removed by Filter/ { n += $NF } END { print n + 0 }'; }
# received_of_workers "query": how many come from the workers of Citus. It cannot EXPLAIN ANALYZE what it computes in parts, so that the statements of its plan are run.
received_of_workers() {
    local node statement rows=0
    while read -r node statement; do
        rows=$((rows + $(PGHOST=$node sql -c "SELECT count(*) FROM ($statement) x")))
    done < <(sql -c 'SET citus.explain_all_tasks = on' -c "EXPLAIN (VERBOSE, COSTS OFF) $1" | sed -n 's/^ *Query: //p; s/^ *Node: host=\([^ ]*\) .*/\1/p' | awk 'NR % 2 { statement = $0; next } { print $0, statement }')
    echo "$rows"
}
# verdict "title" SLOW FAST "at most" "at least" "rows" "at most": a line of the table; a bound that is empty is none
verdict() { awk -v title="$1" -v a="$(median "$times/$2")" -v b="$(median "$times/$3")" -v most="$4" -v least="$5" -v came="$6" -v rows="$7" 'BEGIN { r = a / b
    printf "| %s | %.0f | %.0f | %.2f | %s | %d | %s |\n", title, a, b, r, bound(most, least, r), came, bound(rows, "", came) }
    function bound(most, least, value) { return most least == "" ? "" : (most != "" ? "at most " most : "at least " least) ": " ((most != "" ? value <= most : value >= least) ? "holds" : "**missed**") }'; }
# A customer of the shards has forty orders, one of Citus ten: 500 000 customers of five million orders.
made() { echo "g % ($orders / $1) AS customer, timestamptz '2026-01-01 00:00+00' + g % 500000 * interval '1 minute' AS at, ((g % 9973)::numeric / 100)::numeric(10, 2) AS amount, 'c' || g % 7 AS channel, (g % 11)::float8 AS score, substr('ABC', g % 3 + 1, 1) AS tier"; }

say "scale: $orders orders on two servers of postgres_fdw, $runs runs"
sql -c 'CREATE EXTENSION postgres_fdw'
for shard in 1 2; do
    sql -d postgres -c "CREATE DATABASE bench_shard$shard"
    sql -d "bench_shard$shard" -c 'CREATE EXTENSION customer_tiering' -c "CREATE TABLE orders AS SELECT $shard AS shard, $(made 40) FROM generate_series(1, $orders) AS g WHERE g % ($orders / 40) % 2 = $shard - 1" -c 'VACUUM ANALYZE orders'
    sql -c "CREATE SERVER shard$shard FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$PGHOST', port '$PGPORT', dbname 'bench_shard$shard', extensions 'customer_tiering', async_capable 'true')" \
        -c "CREATE USER MAPPING FOR CURRENT_USER SERVER shard$shard OPTIONS (user '$PGUSER', password_required 'false')"
done
sql -c "SELECT tiering.import_shards('bench.orders_of_shards', '{shard1,shard2}', 'public.orders')" -c 'ANALYZE bench.orders_of_shards' >/dev/null
# name | title | what is asked of orders, where they are and merged here, or of all rows of them here | at least so many times as fast | rows at most
questions() { cat <<LIST
rfm|rfm by customer|SELECT count(r) FROM (SELECT shard, customer, tiering.rfm(at, amount) AS r FROM orders GROUP BY 1, 2) x|10|$((orders / 40))
distribution|one distribution|SELECT tiering.rollup(d) IS NULL FROM (SELECT shard, tiering.distribution(amount) AS d FROM orders GROUP BY 1) x|10|2
sum|for comparison: \`sum(amount)\` by customer|SELECT count(r) FROM (SELECT shard, customer, sum(amount) AS r FROM orders GROUP BY 1, 2) x||$((orders / 40))
max|for comparison: \`max(at)\` by customer|SELECT count(r) FROM (SELECT shard, customer, max(at) AS r FROM orders GROUP BY 1, 2) x||$((orders / 40))
LIST
}
shipped() { sed 's/FROM orders/FROM bench.orders_of_shards/' <<<"$1"; }
pulled() { sed 's/FROM orders/FROM (SELECT * FROM bench.orders_of_shards OFFSET 0) o/; s/SELECT shard, customer,/SELECT customer,/; s/GROUP BY 1, 2/GROUP BY 1/' <<<"$1"; }
export PGOPTIONS="$PGOPTIONS -c enable_partitionwise_aggregate=on"
for _ in $(seq "$runs"); do
    while IFS='|' read -r name _ query _; do
        measured "${name}_pulled" "$(pulled "$query")"
        measured "${name}_shipped" "$(shipped "$query")"
    done < <(questions)
done
printf '\nTwo servers behind postgres_fdw, %s orders (all on this machine)\n\n| | rows pulled, ms | shipped, ms | times as fast | | rows that come | |\n|---|--:|--:|--:|---|--:|---|\n' "$orders"
while IFS='|' read -r name title query least most; do
    verdict "$title" "${name}_pulled" "${name}_shipped" '' "$least" "$(received "$(shipped "$query")")" "$most"
done < <(questions)

if [ ! -e "$("$PG_CONFIG" --sharedir)/extension/citus.control" ]; then
    printf '\nCitus: not installed, not measured\n'
    exit
fi
say "scale: $orders orders on two workers of Citus, $runs runs"
socket() { "$root/tools/cluster.sh" env "$1" | sed -n 's/^export PGHOST=//p'; }
for node in $nodes; do
    "$root/tools/cluster.sh" start "$node" -c fsync=off -c synchronous_commit=off -c shared_preload_libraries=citus -c citus.node_conninfo=sslmode=disable -c citus.enable_statistics_collection=off \
        -c max_wal_size=4GB -c autovacuum=off
    PGHOST=$(socket "$node") sql -d postgres -c 'CREATE EXTENSION citus'
done
PGHOST=$(socket bench-citus0) PGDATABASE=postgres
export PGHOST PGDATABASE
sql -c "SELECT citus_set_coordinator_host('$PGHOST', 5432), citus_add_node('$(socket bench-citus1)', 5432), citus_add_node('$(socket bench-citus2)', 5432)" -c 'CREATE EXTENSION customer_tiering' \
    -c "CREATE TABLE here AS SELECT $(made 10) FROM generate_series(1, $orders) AS g" -c 'CREATE TABLE there (LIKE here)' \
    -c "SELECT create_distributed_table('there', 'customer', shard_count => 2)" -c 'INSERT INTO there SELECT * FROM here' \
    -c "CREATE TABLE customers_here AS SELECT customer, tiering.rfm(at, amount) AS r, sum(amount) AS value FROM here GROUP BY 1" -c 'CREATE TABLE customers_there (LIKE customers_here)' \
    -c "SELECT create_distributed_table('customers_there', 'customer', colocate_with => 'there')" -c 'INSERT INTO customers_there SELECT * FROM customers_here' \
    -c 'VACUUM ANALYZE here' -c 'VACUUM ANALYZE there' -c 'VACUUM ANALYZE customers_here' -c 'VACUUM ANALYZE customers_there' >/dev/null
# name | title | rows at most: from each worker one a group | query over the table with an order a row, or a customer a row (customers)
aggregates() { cat <<LIST
customer|rfm by customer|$((orders / 10))|SELECT count(r) FROM (SELECT customer, tiering.rfm(at, amount) AS r FROM orders GROUP BY 1 OFFSET 0) x
channel|rfm by channel|14|SELECT count(r) FROM (SELECT channel, tiering.rfm(at, amount) AS r FROM orders GROUP BY 1 OFFSET 0) x
rfm|rfm of all|2|SELECT tiering.rfm(at, amount) IS NULL FROM orders
distribution|distribution|2|SELECT tiering.distribution(amount) IS NULL FROM orders
exact_distribution|exact_distribution|2|SELECT tiering.exact_distribution(amount) IS NULL FROM orders
tier_mix|tier_mix|2|SELECT tiering.tier_mix(tier) IS NULL FROM orders
migration|migration|2|SELECT tiering.migration(tier, channel) IS NULL FROM orders
nps|nps|2|SELECT tiering.nps(score) IS NULL FROM orders
csat|csat|2|SELECT tiering.csat(score >= 4) IS NULL FROM orders
csat_of_two|csat of a score and a threshold|2|SELECT tiering.csat(score, 4) IS NULL FROM orders
server|for comparison: \`corr\` of two|2|SELECT corr(score, score) IS NULL FROM orders
rollup|rollup of customers|2|SELECT tiering.rollup(r) IS NULL FROM customers
repeat_rate|repeat_rate|2|SELECT tiering.repeat_rate(r) IS NULL FROM customers
churn_rate|churn_rate|2|SELECT tiering.churn_rate(tiering.churned(r, '2027-06-01 00:00+00'::timestamptz, '200 days')) IS NULL FROM customers
churn_rate_of_three|churn_rate of three|2|SELECT tiering.churn_rate(r, '2027-06-01 00:00+00'::timestamptz, '200 days') IS NULL FROM customers
retention|retention|2|SELECT tiering.retention(tiering.retained(r, '2026-01-01', '2026-04-01', '2026-07-01')) IS NULL FROM customers
retention_of_four|retention of four|2|SELECT tiering.retention(r, '2026-01-01', '2026-04-01', '2026-07-01') IS NULL FROM customers
tiers|customers by tier|6|SELECT tiering.customer_tier('abc_share', value), count(*) FROM customers GROUP BY 1
LIST
}
there() { sed 's/FROM orders/FROM there/; s/FROM customers/FROM customers_there/' <<<"$1"; }
here() { sed 's/FROM orders/FROM here/; s/FROM customers/FROM customers_here/' <<<"$1"; }
for _ in $(seq "$runs"); do
    while IFS='|' read -r name _ _ query; do
        measured "${name}_here" "$(here "$query")"
        PGOPTIONS="$PGOPTIONS -c max_parallel_workers_per_gather=2" measured "${name}_parallel" "$(here "$query")"
        measured "${name}_there" "$(there "$query")"
    done < <(aggregates)
    for place in here there; do
        measured "fit_$place" "SELECT count(*) FROM tiering.fit_scheme('abc_share', 'customers_$place', '{\"annual_value\": \"value\"}', 'fitted_$place')"
    done
done
printf '\nA coordinator and two workers of Citus, %s orders, %s customers (all on this machine)\n\n| | Citus, ms | one server, ms | ratio | | rows that come | | one server, parallel, ms |\n|---|--:|--:|--:|---|--:|---|--:|\n' "$orders" "$((orders / 10))"
while IFS='|' read -r name title most query; do
    bound=1.5
    [ "$name" != server ] || bound=''
    verdict "$title" "${name}_there" "${name}_here" "$bound" '' "$(received_of_workers "$(there "$query")")" "$most" | sed "s/\$/ $(printf '%.0f' "$(median "$times/${name}_parallel")") |/"
done < <(aggregates)
fitted=$(sql -c "SELECT replace(replace(tiering.over_source(d, 'customers_there', '{\"annual_value\": \"value\"}', 'fit'), '\$1', quote_literal(d) || '::tiering.scheme'), '\$2', '''2026-12-01 00:00+00''::timestamptz') FROM tiering.current_scheme('abc_share') AS d")
verdict '`fit_scheme`' fit_there fit_here 2 '' "$(received_of_workers "$fitted")" 2 | sed 's/$/ |/'
