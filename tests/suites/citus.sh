# Customers distributed by Citus over two workers, of which a coordinator asks; three clusters of our own, which reach each other by their sockets. Only where Citus is
# installed in the server under test: it is in no package of the distribution's. What a query pushes down is seen in its plan.
# Passes with Citus 13.2.2 on PostgreSQL 15.20 (built without its own have_createdb_privilege(), which that server has) and with its main branch, a3d5708 of May 2026, on PostgreSQL 16.
source tests/lib.sh

if [ ! -e "$("$PG_CONFIG" --sharedir)/extension/citus.control" ]; then
    echo "skipped: this server has no Citus"
    exit
fi

nodes="citus0 citus1 citus2"
remove() { for node in $nodes; do tools/cluster.sh remove "$node" || true; done; }
# Servers must not inherit the lock of tests/run.
start() { tools/cluster.sh start "$1" -c fsync=off -c shared_preload_libraries=citus -c citus.node_conninfo=sslmode=disable -c citus.enable_statistics_collection=off 9>&-; }
trap remove EXIT
remove
for node in $nodes; do start "$node"; done
socket() { bash -c 'source <("$1/tools/cluster.sh" env "$2"); echo "$PGHOST"' _ "$root" "$1"; }
on() { PGHOST=$(socket "$1") sql postgres "$2"; }
for node in $nodes; do on "$node" "CREATE EXTENSION citus" >/dev/null; done
export PGHOST PGDATABASE=postgres
PGHOST=$(socket citus0)
here() { sql postgres "$@"; }
here "SELECT citus_set_coordinator_host('$PGHOST', 5432), citus_add_node('$(socket citus1)', 5432), citus_add_node('$(socket citus2)', 5432)" >/dev/null
here "CREATE EXTENSION customer_tiering" >/dev/null
check "the extension is on both workers" "$(here "SELECT count(*) FROM run_command_on_workers('SELECT extversion FROM pg_extension WHERE extname = ''customer_tiering''') WHERE success AND result <> ''")" 2

here "CREATE TABLE orders (customer bigint, at timestamptz, amount numeric, score float8)
    ; CREATE TABLE customers (customer bigint PRIMARY KEY, r tiering.rfm, value numeric, tier text)
    ; SELECT create_distributed_table('orders', 'customer', shard_count => 4), create_distributed_table('customers', 'customer', colocate_with => 'orders')
    ; INSERT INTO orders SELECT g % 100, timestamptz '2026-01-01 00:00+00' + g * interval '7 hours', g % 97, g % 11 FROM generate_series(1, 1000) AS g
    ; INSERT INTO customers SELECT customer, tiering.rfm(at, amount), sum(amount), tiering.customer_tier('abc_share', sum(amount)) FROM orders GROUP BY customer" >/dev/null

# pushed "what" "query": workers compute it, as the statements say that they are sent, and the result is that of one server, to which all rows come
pushed() {
    local what=$1 query=$2 plan
    plan=$(here "SET citus.explain_all_tasks = off; EXPLAIN (VERBOSE, COSTS OFF) $query")
    if grep -E -q "Query: .*(partial_agg|tiering\.$what)" <<<"$plan"; then pass "$what is pushed to the workers"; else fail "$what is pushed to the workers" "$plan"; fi
    check "$what: the same as of one server" "$(here "SELECT md5(string_agg(x::text, ',' ORDER BY x::text COLLATE \"C\")) FROM ($query) x")" \
        "$(here "SELECT md5(string_agg(x::text, ',' ORDER BY x::text COLLATE \"C\")) FROM ($(sed 's/FROM \(orders\|customers\)/FROM (SELECT * FROM \1 OFFSET 0) \1/' <<<"$query")) x")"
}
scheme="(SELECT tiering.current_scheme('abc_share'))"
pushed customer_tier "SELECT tiering.customer_tier('abc_share', value), count(*) FROM customers GROUP BY 1"
pushed grade "SELECT tiering.grade($scheme, '2026-12-01 00:00+00'::timestamptz, value), count(*) FROM customers GROUP BY 1"
pushed rfm "SELECT customer, tiering.rfm(at, amount) FROM orders GROUP BY 1"
pushed rfm "SELECT tiering.rfm(at, amount) FROM orders"
pushed distribution "SELECT tiering.distribution(value) FROM customers"
pushed exact_distribution "SELECT tiering.exact_distribution(value) FROM customers"
pushed tier_mix "SELECT tiering.tier_mix(tier) FROM customers"
pushed migration "SELECT tiering.migration(tier, tier) FROM customers"
pushed rollup "SELECT tiering.rollup(r) FROM customers"
pushed nps "SELECT tiering.nps(score) FROM orders"
pushed csat "SELECT tiering.csat(score, 4) FROM orders"
pushed csat "SELECT tiering.csat(score >= 4) FROM orders"
pushed repeat_rate "SELECT tiering.repeat_rate(r) FROM customers"
pushed churn_rate "SELECT tiering.churn_rate(r, '2026-12-01 00:00+00'::timestamptz, '90 days') FROM customers"
pushed retention "SELECT tiering.retention(r, '2026-01-01', '2026-04-01', '2026-07-01') FROM customers"
pushed churn_rate "SELECT tiering.churn_rate(tiering.churned(r, '2026-12-01 00:00+00'::timestamptz, '90 days')) FROM customers"
pushed retention "SELECT tiering.retention(tiering.retained(r, '2026-01-01', '2026-04-01', '2026-07-01')) FROM customers"
pushed fit "SELECT tiering.fit($scheme, '2026-12-01 00:00+00'::timestamptz, value) FROM customers"
pushed population "SELECT tiering.population($scheme, '2026-12-01 00:00+00'::timestamptz, jsonb_build_object('annual_value', value)) FROM customers"
pushed fit_part "SELECT tiering.fit_final(tiering.fit_part($scheme, '2026-12-01 00:00+00'::timestamptz, tiering.reading($scheme, value))) FROM customers"
pushed population_part "SELECT tiering.population_final(tiering.population_part($scheme, '2026-12-01 00:00+00'::timestamptz, tiering.reading($scheme, value))) FROM customers"
pushed fit_part "SELECT tiering.fit_final(tiering.fit_part(tiering.fit_reading($scheme, '2026-12-01 00:00+00'::timestamptz, value)), tiering.current_scheme('abc_share')) FROM customers"
pushed population_part "SELECT tiering.population_final(tiering.population_part(tiering.population_reading($scheme, '2026-12-01 00:00+00'::timestamptz, value)), tiering.current_scheme('abc_share')) FROM customers"
pushed fit_mbg_nbd "SELECT tiering.fit_mbg_nbd(r, date '2026-12-31', 'week') FROM customers"
pushed fit_gamma_gamma "SELECT tiering.fit_gamma_gamma(r) FROM customers"
# came "what" "query" "groups": each of the four shards sends one row a group at most. Citus cannot EXPLAIN ANALYZE what it computes in parts, so that the statements of its plan are run.
came() {
    local node statement rows=0
    while read -r node statement; do
        rows=$((rows + $(PGHOST=$node sql postgres "SELECT count(*) FROM ($statement) x")))
    done < <(here "SET citus.explain_all_tasks = on; EXPLAIN (VERBOSE, COSTS OFF) $2" | sed -n 's/^ *Query: //p; s/^ *Node: host=\([^ ]*\) .*/\1/p' | awk 'NR % 2 { statement = $0; next } { print $0, statement }')
    check "$1: $rows rows come, of 4 shards with $3 groups" "$((rows > 0 && rows <= 4 * $3))" 1
}
came rfm "SELECT tiering.rfm(at, amount) FROM orders" 1
came "rfm by score" "SELECT score, tiering.rfm(at, amount) FROM orders GROUP BY 1" 11
came distribution "SELECT tiering.distribution(value) FROM customers" 1
came "tier_mix by tier" "SELECT tier, tiering.tier_mix(tier) FROM customers GROUP BY 1" "$(here "SELECT count(DISTINCT tier) FROM customers")"
came nps "SELECT tiering.nps(score) FROM orders" 1
came csat "SELECT tiering.csat(score >= 4) FROM orders" 1
came "csat of two" "SELECT tiering.csat(score, 4) FROM orders" 1
came churn_rate "SELECT tiering.churn_rate(r, '2026-12-01'::timestamptz, '90 days') FROM customers" 1
came rollup "SELECT tiering.rollup(r) FROM customers" 1
came "tiers of customers" "SELECT tiering.customer_tier('abc_share', value), count(*) FROM customers GROUP BY 1" 3
# Citus refuses arguments of any type, and a subselect outside of an aggregate; a reading of them is the way.
several="(SELECT tiering.current_scheme('rfm'))"
check_contains "inputs of any type are refused by Citus" "$(here "SELECT tiering.population($several, now(), 1, 2, value) FROM customers")" "could not confirm type correctness"
pushed population "SELECT tiering.population($several, '2026-12-01 00:00+00'::timestamptz, tiering.reading($several, 1, 2, value)) FROM customers"
pushed population_part "SELECT tiering.population_final(tiering.population_part(tiering.population_reading($several, '2026-12-01 00:00+00'::timestamptz, 1, 2, value)), tiering.current_scheme('rfm')) FROM customers"
# What fit_scheme() asks has the document as a constant of which readings are made, and not among the arguments of an aggregate, which Citus packs into a row for each customer.
for aggregate in fit population; do
    query=$(here "SELECT replace(replace(tiering.over_source(d, 'customers', '{\"annual_value\": \"value\"}', '$aggregate'), '\$1', quote_literal(d) || '::tiering.scheme'), '\$2', '''2026-12-01 00:00+00''::timestamptz') FROM tiering.current_scheme('abc_share') AS d")
    plan=$(here "SET citus.explain_all_tasks = off; EXPLAIN (VERBOSE, COSTS OFF) $query")
    check_contains "$aggregate: a worker gathers readings" "$plan" "${aggregate}_part(bytea)'::regprocedure"
    check "$aggregate: and nothing beside them" "$(grep -c 'Query: .*ROW(' <<<"$plan")" 0
done

# --- relative schemes ---

here "CREATE TABLE here AS SELECT * FROM customers; CREATE VIEW seen AS SELECT customer, value, tier FROM customers" >/dev/null
fitted="SELECT characteristic, cuts, n, min, max FROM tiering.fit_scheme('abc_share', '%s', '{\"annual_value\": \"value\"}', '%s', '2026-12-01 00:00+00')"
for source in customers seen; do
    # shellcheck disable=SC2059
    check "a scheme fitted to $source: the cuts of one server" "$(here "$(printf "$fitted" $source "of_$source")")" "$(here "$(printf "$fitted" here "of_here_$source")")"
done
here "INSERT INTO customers VALUES (1000, NULL, 'NaN', 'B'), (1001, NULL, NULL, NULL); INSERT INTO here SELECT * FROM customers WHERE customer >= 1000" >/dev/null
findings="SELECT string_agg(f::text, ';') FROM tiering.check_inputs('abc_share', '%s', '%s', 'customer', 'tier') f"
for mapping in '{"annual_value": "value"}' '{"annual_value": {"column": "tier", "values": {"A": 1}}}'; do
    # shellcheck disable=SC2059
    check "what is wrong with $mapping is found" "$(here "$(printf "$findings" customers "$mapping")")" "$(here "$(printf "$findings" here "$mapping")")"
done
check_contains "who was set aside is named" "$(here "$(printf "$fitted" customers named)")" "customer 1000: "
here "DELETE FROM customers WHERE customer >= 1000" >/dev/null

# --- scorecards learned from an outcome, of texts of any kind as well ---

learned='{"scheme": "learned", "inputs": [{"name": "value", "type": "number"}, {"name": "town", "type": "text"}],
    "characteristics": [{"name": "value", "input": "value", "fit": {"to": "outcome"}}, {"name": "town", "input": "town", "fit": {"to": "outcome"}}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}'
here "CREATE VIEW followed AS SELECT customer, value, 'town ' || customer % 7 AS town, value::integer % 3 = 0 OR customer % 7 < 2 AS bought FROM customers
    ; CREATE VIEW followed_here AS SELECT customer, value, 'town ' || customer % 7 AS town, value::integer % 3 = 0 OR customer % 7 < 2 AS bought FROM here WHERE customer < 1000
    ; SELECT tiering.create_scheme('$learned'::tiering.scheme)" >/dev/null
waiting="(SELECT tiering.newest_scheme('learned'))"
pushed outcome_bins_part "SELECT tiering.outcome_bins_final(tiering.outcome_bins_part($waiting, '2026-12-01 00:00+00'::timestamptz, customer % 7 < 2, 1, tiering.reading($waiting, value, 'town ' || customer % 7))) FROM customers"
split='{"split": {"key": "customer", "share": 0.3}}'
# learned "source" "fitted_as": the fit of a scorecard, its bins, and how it does
learned() {
    here "SELECT characteristic, bins, information_value, coefficient, standard_error FROM tiering.fit_scorecard('learned', '$1', 'bought', fitted_as => '$2', as_of => '2026-12-01 00:00+00', options => '$split')
        ; SELECT * FROM tiering.scorecard_bins(tiering.newest_scheme('$2'))
        ; SELECT * FROM tiering.judge_scorecard('$2', '$1', 'bought', as_of => '2026-12-01 00:00+00', options => '$split')"
}
check "a scorecard fitted to distributed customers: that of one server" "$(learned followed learned_there)" "$(learned followed_here learned_here)"

# --- schemes of one's own, on the workers ---

states="SELECT string_agg(coalesce(problem, 'grades alike'), '; ' ORDER BY node) FROM tiering.nodes"
other="grades by other schemes, calendars, overlays, strategies or defaults"
here "INSERT INTO tiering.defaults (lang) VALUES ('en')" >/dev/null
check "workers that lack something are told" "$(here "$states")" "$other; $other"
check "sync_nodes() gives it to them" "$(here "SELECT tiering.sync_nodes(); $states")" "grades alike; grades alike"
here "SELECT tiering.derive_scheme('abc_share', 'own', '{}')" >/dev/null
check "a scheme that is approved is on all workers" "$(here "SELECT tiering.approve_scheme('own'); $states")" "1
grades alike; grades alike"
check "customers are graded by it there" "$(here "SELECT count(*) FROM customers WHERE tiering.customer_tier('own', value) = tier")" 100
here "SELECT tiering.retire_scheme('own')" >/dev/null
check "and retired there" "$(on citus1 "SELECT status FROM tiering.schemes WHERE scheme = 'own'")" retired
here "SELECT tiering.derive_scheme('abc_share', 'wanted', '{}')" >/dev/null
# refused "what" "SQLSTATE": it names the node, and nothing is changed
refused() {
    local said
    check "$1: refused" "$(sqlstate postgres "SELECT tiering.approve_scheme('wanted')")" "$2"
    said=$(here "SELECT tiering.approve_scheme('wanted')") || true
    check_contains "$1: the node is named" "$said" "node $(socket citus2):5432"
    check "$1: it stays a draft" "$(here "SELECT status FROM tiering.schemes WHERE scheme = 'wanted'")" draft
    check "$1: the other worker has not got it" "$(on citus1 "SELECT count(*) FROM tiering.schemes WHERE scheme = 'wanted'")" 0
}
on citus2 "UPDATE pg_extension SET extversion = '0.0.1' WHERE extname = 'customer_tiering'" >/dev/null
refused "a worker of another version" 55000
on citus2 "UPDATE pg_extension SET extversion = default_version FROM pg_available_extensions a WHERE extname = a.name AND extname = 'customer_tiering'" >/dev/null
on citus2 "INSERT INTO tiering.overlays (overlay, document) SELECT 'by_hand', jsonb_set(document, '{overlay}', '\"by_hand\"') FROM tiering.overlays LIMIT 1" >/dev/null
refused "a worker with something of its own" 55000
on citus2 "DELETE FROM tiering.overlays WHERE overlay = 'by_hand'" >/dev/null
on citus2 "SELECT tiering.adopt_scheme(tiering.scheme(tiering.to_jsonb(tiering.current_scheme('abc_share')) || '{\"scheme\": \"wanted\", \"purpose\": {\"en\": \"Another\"}}'), 1, 'approved')" >/dev/null
refused "a worker that has another document under the number" 55000
on citus2 "SET session_replication_role = replica; DELETE FROM tiering.schemes WHERE scheme = 'wanted'" >/dev/null

# --- who is nobody's superuser: Citus calls the parts of an aggregate in the name of who asks ---

here "CREATE ROLE citus_analyst LOGIN; GRANT SELECT ON orders, customers TO citus_analyst" >/dev/null
as_analyst() { PGOPTIONS="-c role=citus_analyst" here "$1"; }
check_contains "a role that was not given the parts is refused" "$(as_analyst "SELECT tiering.nps(score) FROM orders")" "permission denied for function nps_add"
check "grading needs none" "$(as_analyst "SELECT count(*) FROM customers WHERE tiering.customer_tier('abc_share', value) IS NOT NULL")" 100
check "nobody gives them but their owner" "$(PGOPTIONS="-c role=citus_analyst" sqlstate postgres "SELECT tiering.grant_parts('citus_analyst')")" 42501
here "SELECT tiering.grant_parts('citus_analyst')" >/dev/null
for query in "SELECT tiering.nps(score) FROM orders" "SELECT md5(tiering.rfm(at, amount)::text) FROM orders" "SELECT tiering.fit_gamma_gamma(r) FROM customers" \
    "SELECT md5(tiering.population((SELECT tiering.current_scheme('abc_share')), '2026-12-01 00:00+00', value)::text) FROM customers"; do
    check "a role that was given them: $query" "$(as_analyst "$query")" "$(here "$query")"
done

# --- programs ---

here "SELECT tiering.create_program('p', 'abc_share', 'customers', 'customer', inputs => '{\"annual_value\": \"value\"}'); CALL tiering.retier('p')" >/dev/null
check "a program has all customers, with the tiers that the workers give" "$(here "SELECT count(*) FROM tiering.current_tiers t JOIN customers c ON c.customer::text = t.customer WHERE t.program = 'p' AND t.tier = c.tier")" 100
check "automatic grading is refused" "$(sqlstate postgres "SELECT tiering.enable_automatic('p')")" 42809
check_contains "with the way out" "$(here "SELECT tiering.enable_automatic('p')")" "CALL tiering.retier("
mine=$(here "SELECT min(c.c) FROM generate_series(0, 99) AS c (c) JOIN citus_shards s ON s.shardid = get_shard_id_for_distribution_column('customers', c.c::bigint) WHERE s.nodename = '$(socket citus1)'")
others=$(here "SELECT min(c.c) FROM generate_series(0, 99) AS c (c) JOIN citus_shards s ON s.shardid = get_shard_id_for_distribution_column('customers', c.c::bigint) WHERE s.nodename = '$(socket citus2)'")
check "a contact" "$(here "SELECT tier FROM tiering.log_followup('p', '$others', 'phone')")" "$(here "SELECT tier FROM customers WHERE customer = $others")"
tools/cluster.sh stop citus2
check "a contact asks the worker that has the customer, and no other" "$(here "SELECT tier FROM tiering.log_followup('p', '$mine', 'phone')")" "$(here "SELECT tier FROM customers WHERE customer = $mine")"
check "and so do some customers, graded again" "$(here "SELECT tiering.retier_customers('p', '$mine')")" 1
refused "a worker that is down" 08006
check_contains "and nodes shows it" "$(here "$states")" "does not answer: "
check "nothing is granted then" "$(sqlstate postgres "SELECT tiering.grant_parts('pg_monitor')") $(here "SELECT has_function_privilege('pg_monitor', 'tiering.nps_add(tiering.customer_share, double precision)', 'EXECUTE')")" "08006 f"
start citus2
check "when it is back, it works" "$(here "SELECT tiering.approve_scheme('wanted'); $states")" "1
grades alike; grades alike"

check_contains "a zone that a worker does not know is an ERROR of that worker" "$(here "SELECT tiering.rfm(at, amount, ('Asia/Town ' || customer)::tiering.time_zone) FROM orders")" "unknown time zone"
check_contains "which is named" "$(here "SELECT tiering.rfm(at, amount, ('Asia/Town ' || customer)::tiering.time_zone) FROM orders")" "while executing command on "

# --- the pages for those who read ---

here "DROP EXTENSION customer_tiering CASCADE; DROP TABLE orders, customers, here CASCADE" >/dev/null
for page in docs/scale.md docs/scale.zh-CN.md; do
    rm -rf "$work/scale_citus"
    page_blocks "$page" "$work/scale_citus"
    for file in "$work"/scale_citus/*; do
        read -r _ _ on <"$file"
        if [ "$on" = coordinator ]; then run_block "$page line $((10#$(basename "$file")))" "$file" postgres; fi
    done
    here "DROP EXTENSION customer_tiering CASCADE; DROP TABLE clients CASCADE; DROP ROLE analysts" >/dev/null
done
