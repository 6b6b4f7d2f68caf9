# Customers on several servers: three databases of one cluster, of which two hold the customers and the third asks by postgres_fdw. What is sent is seen by the
# statements that the others are asked for. Then the blocks of docs/scale.md and docs/scale.zh-CN.md, in order: a block belongs to the databases that the line before it names.
source tests/lib.sh

if [ ! -e "$("$PG_CONFIG" --sharedir)/extension/postgres_fdw.control" ]; then
    echo "skipped: this server has no postgres_fdw"
    exit
fi

asking=fdw shards="fdw_shard1 fdw_shard2"
for database in $asking $shards; do extension_database "$database"; done
for number in 1 2; do
    sql "fdw_shard$number" "CREATE TABLE orders AS SELECT $number * 50 + g % 50 AS customer, timestamptz '2026-01-01 00:00+00' + g * interval '$((5 + number)) hours' AS at,
            (g % 97)::numeric(10, 2) AS amount, (g % 11)::float8 AS score FROM generate_series(1, 600) AS g
        ; CREATE TABLE clients AS SELECT customer, tiering.rfm(at, amount) AS purchases, tiering.rfm(at, amount, 'Asia/Tokyo') AS of_tokyo, sum(amount) AS annual_value, avg(score) AS score
            FROM orders GROUP BY 1
        ; CREATE VIEW orders_here AS SELECT $number AS shard, * FROM orders" >/dev/null
    check "shard $number: a view of its customers" "$(sql "fdw_shard$number" "SELECT tiering.create_shard_view('public.graded', 'clients', $number, 'abc_share')")" graded
done

servers() {
    sql $asking "CREATE EXTENSION IF NOT EXISTS postgres_fdw" >/dev/null
    for number in 1 2; do
        sql $asking "CREATE SERVER shard$number FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$PGHOST', port '$PGPORT', dbname 'fdw_shard$number', async_capable 'true' $1)
            ; CREATE USER MAPPING FOR CURRENT_USER SERVER shard$number OPTIONS (user '$PGUSER', password_required 'false')" >/dev/null
    done
}
import="SELECT tiering.import_shards('public.customers', '{shard1,shard2}', 'public.graded')"
servers ""
check "a server that would send every row is refused" "$(sqlstate $asking "$import")" 55000
sql $asking "DROP SERVER shard1 CASCADE; DROP SERVER shard2 CASCADE" >/dev/null
servers ", extensions 'customer_tiering'"
check "an unknown server" "$(sqlstate $asking "SELECT tiering.import_shards('public.customers', '{shard1,shard3}', 'public.graded')")" 42704
check "a view that is not there" "$(sqlstate $asking "SELECT tiering.import_shards('public.customers', '{shard1,shard2}', 'public.nothing')")" 42P01
check "a view without the number of its shard" "$(sqlstate $asking "SELECT tiering.import_shards('public.customers', '{shard1,shard2}', 'public.clients')")" 42P01
check "two servers of one number" "$(sqlstate $asking "SELECT tiering.import_shards('public.customers', '{shard1,shard1}', 'public.graded')")" 22023
check "none of these left anything" "$(sql $asking "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")" 0
check_contains "the customers of both as one table" "$(sql $asking "$import")" customers
check_contains "and orders" "$(sql $asking "SELECT tiering.import_shards('public.orders', '{shard1,shard2}', 'public.orders_here')")" orders
sql $asking "ALTER DATABASE $asking SET enable_partitionwise_aggregate = on" >/dev/null

# sent "what" "query" "part of each remote statement": both servers are asked for it, and no scan returns bare rows
sent() {
    local asked
    asked=$(sql $asking "SELECT * FROM tiering.remote_sql(\$q\$$2\$q\$)")
    check "$1: both servers are asked for it" "$(grep -c -F "$3" <<<"$asked" || true) of $(wc -l <<<"$asked"): $asked" "2 of 2: $asked"
}
sent "rfm by customer" "SELECT shard, customer, tiering.rfm(at, amount) FROM orders GROUP BY 1, 2" "tiering.rfm(at, amount)"
sent "rfm in a zone" "SELECT shard, customer, tiering.rfm(at, amount, 'Asia/Tokyo') FROM orders GROUP BY 1, 2" "'Asia/Tokyo'::tiering.time_zone"
sent "a distribution, merged here" "SELECT tiering.rollup(d) FROM (SELECT shard, tiering.distribution(amount) AS d FROM orders GROUP BY shard) x" "tiering.distribution(amount)"
sent "a mix of tiers, merged here" "SELECT tiering.rollup(m) FROM (SELECT shard, tiering.tier_mix(tier) AS m FROM customers GROUP BY shard) x" "tiering.tier_mix(tier)"
sent "a migration, merged here" "SELECT tiering.rollup(m) FROM (SELECT shard, tiering.migration(tier, tier) AS m FROM customers GROUP BY shard) x" "tiering.migration(tier, tier)"
sent "the purchases of all, merged here" "SELECT tiering.rollup(r) FROM (SELECT shard, tiering.rollup(purchases) AS r FROM customers GROUP BY shard) x" "tiering.rollup(purchases)"
sent "churn by shard" "SELECT shard, tiering.churn_rate(purchases, '2026-12-01 00:00+00'::timestamptz, '90 days') FROM customers GROUP BY shard" "tiering.churn_rate("
sent "a model by shard" "SELECT shard, tiering.fit_mbg_nbd(purchases, date '2026-12-31', 'week') FROM customers GROUP BY shard" "'week'::tiering.time_unit"
sent "satisfaction by shard" "SELECT shard, tiering.csat(score >= 4) FROM orders GROUP BY shard" "tiering.csat((score >= 4"
sent "a condition on the tier" "SELECT customer FROM customers WHERE tier = 'A'" "WHERE ((tier = 'A'"
sent "a condition on a figure" "SELECT customer FROM customers WHERE tiering.frequency(purchases) > 11" "tiering.frequency(purchases) > 11"
sent "the counts of tiers" "SELECT tier, sum(n) FROM (SELECT shard, tier, count(*) AS n FROM customers GROUP BY 1, 2) x GROUP BY 1" "GROUP BY 1, 2"
check "one shard is asked where the number is known" "$(sql $asking "SELECT count(*) FROM tiering.remote_sql('SELECT count(*) FROM customers WHERE shard = 2')")" 1

# came "what" "query" "rows": so many rows come from the servers, by the plan of a run
came() {
    check "$1: the rows that come" "$(sql $asking "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) $2" | awk '/Foreign Scan/ && match($0, /actual rows=[0-9]+/) { n += substr($0, RSTART + 12, RLENGTH - 12) } /Rows Removed by Filter/ { n += $NF } END { print n + 0 }')" "$3"
}
came "rfm by customer, of 1200 orders" "SELECT shard, customer, tiering.rfm(at, amount) FROM orders GROUP BY 1, 2" 100
came "a distribution, one of each server" "SELECT tiering.rollup(d) FROM (SELECT shard, tiering.distribution(amount) AS d FROM orders GROUP BY shard) x" 2
came "without the shard in GROUP BY, every order" "SELECT customer, tiering.rfm(at, amount) FROM orders GROUP BY 1" 1200

# same "what" "query over the servers" "the same query, rows pulled"
same() { check "$1: the same bits as of one server" "$(sql $asking "$2")" "$(sql $asking "$3")"; }
same "rfm" "SELECT md5(string_agg(customer || r::text, ',' ORDER BY customer)) FROM (SELECT shard, customer, tiering.rfm(at, amount) AS r FROM orders GROUP BY 1, 2) x" \
    "SELECT md5(string_agg(customer || r::text, ',' ORDER BY customer)) FROM (SELECT customer, tiering.rfm(at, amount) AS r FROM (SELECT * FROM orders OFFSET 0) o GROUP BY 1) x"
same "distribution" "SELECT tiering.rollup(d) FROM (SELECT shard, tiering.distribution(amount) AS d FROM orders GROUP BY shard) x" \
    "SELECT tiering.distribution(amount) FROM (SELECT * FROM orders OFFSET 0) o"
same "tier_mix" "SELECT tiering.rollup(m) FROM (SELECT shard, tiering.tier_mix(tier) AS m FROM customers GROUP BY shard) x" "SELECT tiering.tier_mix(tier) FROM (SELECT * FROM customers OFFSET 0) o"
# The other side runs in GMT, whatever this session's zone is: a cutoff between midnight here and midnight there, of values of two zones.
for zone in America/New_York Asia/Tokyo; do
    for column in purchases of_tokyo; do
        same "churn in a session of $zone, $column" \
            "SET timezone = '$zone'; SELECT shard, tiering.churn_rate($column, '2026-07-29 00:00'::timestamptz, '65 days') FROM customers WHERE shard = 1 GROUP BY 1" \
            "SET timezone = '$zone'; SELECT shard, tiering.churn_rate($column, '2026-07-29 00:00'::timestamptz, '65 days') FROM (SELECT * FROM customers OFFSET 0) o WHERE shard = 1 GROUP BY 1"
    done
done

check "and it is some, not all" "$(sql $asking "SELECT tiering.churn_rate(purchases, '2026-07-29 00:00+00', '65 days') BETWEEN 0.1 AND 0.9 FROM customers WHERE shard = 1")" t

# --- a relative scheme, fitted to the customers of all shards: each sends what its own are like ---

sql $asking "CREATE TABLE gathered AS SELECT * FROM customers" >/dev/null
fitted="SELECT characteristic, cuts, n, min, max FROM tiering.fit_scheme('abc_share', '%s', '{}', '%s', '2026-12-01 00:00+00')"
# shellcheck disable=SC2059
check "a scheme fitted to the customers of all shards: the cuts of one server" "$(sql $asking "$(printf "$fitted" customers of_shards)")" "$(sql $asking "$(printf "$fitted" gathered of_one)")"
for aggregate in fit population; do
    query=$(sql $asking "SELECT replace(replace(tiering.over_source(d, 'customers', '{}', '$aggregate'), '\$1', quote_literal(d) || '::tiering.scheme'), '\$2', '''2026-12-01 00:00+00''::timestamptz') FROM tiering.current_scheme('abc_share') AS d")
    sent "$aggregate by shard" "$query" "tiering.${aggregate}_part("
done
# what is wrong with the values: each server counts its own, and sends the rows of the examples alone
for number in 1 2; do
    sql "fdw_shard$number" "CREATE VIEW odd AS SELECT $number AS shard, customer, CASE WHEN customer % 9 = 0 THEN 'NaN' WHEN customer % 7 > 0 THEN annual_value END AS annual_value,
        (ARRAY['big', 'small', 'odd'])[1 + customer % 3] AS size, CASE WHEN customer % 5 > 0 THEN 'EUR' ELSE 'USD' END AS currency, CASE WHEN customer % 10 > 0 THEN 'anna' END AS owner FROM clients" >/dev/null
done
sql $asking "SELECT tiering.import_shards('public.odd', '{shard1,shard2}', 'public.odd'); CREATE TABLE odd_here AS SELECT * FROM odd" >/dev/null
for mapping in '{}' '{"annual_value": {"column": "size", "values": {"big": 1000, "small": 1}}}'; do
    check "what is wrong with $mapping on all servers: that of one" "$(sql $asking "SELECT * FROM tiering.check_inputs('abc_share', 'odd', '$mapping', 'customer', 'owner')")" \
        "$(sql $asking "SELECT * FROM tiering.check_inputs('abc_share', 'odd_here', '$mapping', 'customer', 'owner')")"
done
check "it is something" "$(sql $asking "SELECT count(*) FROM tiering.check_inputs('abc_share', 'odd', '{}', 'customer', 'owner')")" 4
# with_scheme 'expression': the query that it gives, with a literal scheme in the place of its parameter
with_scheme() { sql $asking "SELECT replace($1, '\$1', quote_literal(d) || '::tiering.scheme') FROM tiering.current_scheme('abc_share') AS d"; }
counted=$(with_scheme "tiering.counted_by_shard('odd', ARRAY['tiering.input_finding(\$1, 1, s.annual_value)'])")
sent "what is found by shard" "$counted" "tiering.input_finding("
came "the findings of each server" "$counted" 6
sent "what is counted by shard" "$(sql $asking "SELECT tiering.counted_by_shard('odd', '{}')")" "count(*)"
came "rows of the examples" "$(with_scheme "'SELECT s.annual_value FROM odd s WHERE tiering.input_finding(\$1, 1, s.annual_value) IS NOT NULL AND tiering.input_finding(\$1, 1, s.annual_value) = ''missing'''")" \
    "$(sql $asking "SELECT count(*) FROM odd_here WHERE annual_value IS NULL OR annual_value = 'NaN'")"

# a scorecard learned from an outcome, of a text of any kind as well
learned='{"scheme": "learned", "inputs": [{"name": "annual_value", "type": "number"}, {"name": "town", "type": "text"}],
    "characteristics": [{"name": "value", "input": "annual_value", "fit": {"to": "outcome"}}, {"name": "town", "input": "town", "fit": {"to": "outcome"}}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}'
for number in 1 2; do
    sql "fdw_shard$number" "CREATE VIEW followed AS SELECT $number AS shard, customer, annual_value, 'town ' || customer % 7 AS town, annual_value::integer % 3 = 0 OR customer % 7 < 2 AS bought FROM clients" >/dev/null
done
sql $asking "SELECT tiering.import_shards('public.followed', '{shard1,shard2}', 'public.followed'); CREATE TABLE followed_here AS SELECT * FROM followed; SELECT tiering.create_scheme('$learned'::tiering.scheme)" >/dev/null
split='{"split": {"key": "customer", "share": 0.3}}'
# learned "source" "fitted_as": the fit of a scorecard, its bins, and how it does
learned() {
    sql $asking "SELECT characteristic, bins, information_value, coefficient, standard_error FROM tiering.fit_scorecard('learned', '$1', 'bought', fitted_as => '$2', as_of => '2026-12-01 00:00+00', options => '$split')
        ; SELECT * FROM tiering.scorecard_bins(tiering.newest_scheme('$2'))
        ; SELECT * FROM tiering.judge_scorecard('$2', '$1', 'bought', as_of => '2026-12-01 00:00+00', options => '$split')"
}
check "a scorecard fitted to the customers of all shards: that of one server" "$(learned followed learned_there)" "$(learned followed_here learned_here)"
for aggregate in outcome_bins outcome_trial; do
    query=$(sql $asking "SELECT replace(replace(tiering.outcome_query(d, 'followed', '{}', 'bought', '2026-12-01 00:00+00', '{}', '$aggregate'), '\$1', quote_literal(d) || '::tiering.scheme'), '\$2', '''2026-12-01 00:00+00''::timestamptz') FROM tiering.newest_scheme('learned_there') AS d")
    sent "$aggregate by shard" "$query" "tiering.${aggregate}_part("
done
sql $asking "SELECT tiering.approve_scheme('of_shards')" >/dev/null
check "nobody has moved since" "$(sql $asking "SELECT psi FROM tiering.scheme_drift('of_shards', 'customers', '{}', '2026-12-01 00:00+00') WHERE measure = 'tier' AND code IS NULL")" 0.000000

# --- schemes of one's own, on every server ---

nodes="SELECT string_agg(node || ' ' || coalesce(problem, 'grades alike'), '; ' ORDER BY node) FROM tiering.nodes"
other="grades by other schemes, calendars, overlays, strategies or defaults"
check "servers that were never given anything grade otherwise" "$(sql $asking "$nodes")" "shard1 $other; shard2 $other"
sql $asking "SELECT tiering.derive_scheme('abc_share', 'own', '{}'), tiering.approve_scheme('own')" >/dev/null
check "a scheme that a shard has not is unknown there" "$(sqlstate fdw_shard1 "SELECT tiering.create_shard_view('public.by_own', 'clients', 1, 'own')")" 42704
check_contains "and the HINT says how it gets there" "$(sql fdw_shard1 "SELECT tiering.customer_tier('own', 5)")" "tiering.node_statements()"
for database in $shards; do sql $asking "SELECT tiering.node_statements() || ';'" | psql -X -q -v ON_ERROR_STOP=1 -d "$database" -o /dev/null; done
digest="SELECT tiering.node_digest()"
for database in $shards; do
    check "$database grades by the same documents" "$(sql "$database" "$digest")" "$(sql $asking "$digest")"
    check "$database has the scheme" "$(sql "$database" "SELECT tiering.customer_tier('own', 500) = tiering.customer_tier('abc_share', 500)")" t
done
check "a second time nothing changes" "$(sql $asking "SELECT tiering.sync_nodes()" | sed 's/$/;/' | psql -X -A -t -d fdw_shard1 2>&1 | sort -u)" "f"
check "all grade alike now" "$(sql $asking "$nodes")" "shard1 grades alike; shard2 grades alike"
sql fdw_shard2 "UPDATE pg_extension SET extversion = '0.0.1' WHERE extname = 'customer_tiering'" >/dev/null
check_contains "one of another version is told" "$(sql $asking "$nodes")" "shard2 has version 0.0.1 of the extension, this server "
sql fdw_shard2 "UPDATE pg_extension SET extversion = default_version FROM pg_available_extensions a WHERE extname = a.name AND extname = 'customer_tiering'" >/dev/null
sql $asking "SELECT tiering.retire_scheme('own')" >/dev/null
sql $asking "SELECT tiering.node_statements() || ';'" | psql -X -q -d fdw_shard1 -o /dev/null
check "a version that was retired is retired there" "$(sql fdw_shard1 "SELECT status FROM tiering.schemes WHERE scheme = 'own'")" retired
check "one that the server holds another document under is refused" \
    "$(sqlstate fdw_shard1 "SELECT tiering.adopt_scheme(tiering.scheme(jsonb_set(tiering.to_jsonb(document), '{title,en}', '\"Other\"')), 1, 'approved') FROM tiering.schemes WHERE scheme = 'own'")" 55006
check "retired versions do not come back" "$(sqlstate fdw_shard1 "SELECT tiering.adopt_scheme(document, 1, 'approved') FROM tiering.schemes WHERE scheme = 'own'")" 55006

# --- one customer: only the server is asked that has it; the other one cannot even be reached ---

sql $asking "CREATE TABLE by_key (LIKE customers) PARTITION BY RANGE (customer)
    ; CREATE FOREIGN TABLE by_key1 PARTITION OF by_key FOR VALUES FROM (50) TO (100) SERVER shard1 OPTIONS (schema_name 'public', table_name 'graded')
    ; CREATE FOREIGN TABLE by_key2 PARTITION OF by_key FOR VALUES FROM (100) TO (150) SERVER shard2 OPTIONS (schema_name 'public', table_name 'graded')
    ; SELECT tiering.create_program('by_key', 'abc_share', 'by_key', 'customer')
    ; CALL tiering.retier('by_key')" >/dev/null 2>&1
check "a program over servers by ranges of the key has all customers" "$(sql $asking "SELECT count(tier) FROM tiering.current_tiers WHERE program = 'by_key'")" 100
sql $asking "ALTER SERVER shard2 OPTIONS (SET dbname 'fdw_nowhere')" >/dev/null
check "a contact with a customer of the first" "$(sql $asking "SELECT tier FROM tiering.log_followup('by_key', '70', 'phone')")" "$(sql fdw_shard1 "SELECT tier FROM graded WHERE customer = 70")"
check "some customers of the first, graded again" "$(sql $asking "SELECT tiering.retier_customers('by_key', '50', '60', '70')")" 3
check_contains "a customer of the second cannot be" "$(sql $asking "SELECT tier FROM tiering.log_followup('by_key', '120', 'phone')")" "fdw_nowhere"
check_contains "and the server is told to be down" "$(sql $asking "$nodes")" "shard2 does not answer: "
check "automatic grading is refused with the way out" "$(sqlstate $asking "SELECT tiering.enable_automatic('by_key')")" 42809

# --- the pages for those who read ---

drop_all() { for database in $asking $shards; do psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $database"; done; }
for page in docs/scale.md docs/scale.zh-CN.md; do
    drop_all
    for database in $asking $shards; do fresh_database "$database"; done
    rm -rf "$work/scale"
    page_blocks "$page" "$work/scale"
    for file in "$work"/scale/*; do
        read -r _ _ on <"$file"
        sed -i "s/host 'one.example', dbname 'sales'/host '$(sed 's/[\/&]/\\&/g' <<<"$PGHOST")', port '$PGPORT', dbname 'fdw_shard1'/
            s/host 'two.example', dbname 'sales'/host '$(sed 's/[\/&]/\\&/g' <<<"$PGHOST")', port '$PGPORT', dbname 'fdw_shard2'/" "$file"
        if [ -z "$on" ]; then fail "$page line $((10#$(basename "$file"))) says where it runs"; fi
        for place in $on; do
            # suite citus runs those
            [ "$place" != coordinator ] || continue
            run_block "$page line $((10#$(basename "$file"))) on $place" "$file" "$(sed 's/^asking$/fdw/; s/^shard/fdw_shard/' <<<"$place")"
        done
    done
    check "$page: all blocks were run" "$(find "$work/scale" -type f | wc -l)" "$(grep -c '^```sql' "$page")"
    check "$page: a program over all shards has all their customers" "$(sql $asking "SELECT count(*) FROM tiering.current_tiers WHERE program = 'clients' AND tier IS NOT NULL")" 400
    check "$page: with the tiers that the shards give" "$(sql $asking "SELECT count(*) FROM tiering.current_tiers t JOIN customers c ON c.client::text = t.customer WHERE t.program = 'clients' AND t.tier = c.tier")" 400
done
drop_all
check "both pages have the same blocks" "$(sed -n '/^```sql/,/^```$/p' docs/scale.zh-CN.md)" "$(sed -n '/^```sql/,/^```$/p' docs/scale.md)"
