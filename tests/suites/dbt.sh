# The dbt package of integrations/dbt: the descriptions of its sources are the COMMENTs; its example builds on the data of the demo, again and again.
#   DBT=yes tests/run dbt      installs dbt below target/ and builds; otherwise only the descriptions are compared
#   tests/run dbt --accept     writes the descriptions anew
source tests/lib.sh

extension_database dbt
mkdir -p "$work/dbt"
psql -X -q -A -t -d dbt -f tools/dbt_sources.sql >"$work/dbt/sources.yml"
[ "${1:-}" != --accept ] || cp "$work/dbt/sources.yml" integrations/dbt/models/sources.yml
check_file "the sources of the dbt package are described by the COMMENTs (tests/run dbt --accept)" integrations/dbt/models/sources.yml "$work/dbt/sources.yml"

if [ -z "${DBT:-}" ]; then
    echo "# skipped: DBT=yes tests/run dbt installs dbt and builds the example"
    exit
fi
venv=$target/dbt
if ! cmp -s integrations/dbt/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check -r integrations/dbt/requirements.txt; } >"$work/dbt/install.log" 2>&1; then
        echo "# skipped: dbt cannot be installed here, see $work/dbt/install.log"
        exit
    fi
    cp integrations/dbt/requirements.txt "$venv/"
fi

psql -X -q -v ON_ERROR_STOP=1 -d dbt -f demo/demo.sql >"$work/dbt/demo.log" 2>&1
package=$work/dbt/package
rm -rf "$package"
cp -r integrations/dbt "$package"
cd "$package/example"
export PGDATABASE=dbt DBT_PROFILES_DIR=.
dbt() { "$venv/bin/dbt" --no-use-colors --log-path "$work/dbt/logs" "$@" 2>&1; }
# shows "what" "query" "rows"
shows() { check "$1" "$(sql dbt "$2")" "$3"; }
# says "what" "words" command...: what the command prints contains them
says() {
    local what=$1 words=$2
    shift 2
    check_contains "$what" "$("$@")" "$words"
}

check_runs "dbt deps" dbt deps
said=$(dbt --warn-error build) || true
check_contains "the example builds" "$said" "Completed successfully"
check_contains "without an error" "$said" " ERROR=0 "
check_contains "the hook tells what it did" "$said" "program dbt_shop, version 1 of its scheme: 2357 new, 0 moved, 0 updated, 0 gone"
# by hand: the sums of the orders before the day, against the bounds of the scheme
tiers="SELECT string_agg(tier || ' ' || n, ', ' ORDER BY tier) FROM (SELECT tier, count(*) AS n FROM dbt.shop_tiers GROUP BY tier) t"
by_hand="SELECT string_agg(tier || ' ' || n, ', ' ORDER BY tier) FROM (
    SELECT CASE WHEN spent >= 100 THEN 'high' WHEN spent >= 30 THEN 'middle' ELSE 'low' END AS tier, count(*) AS n
    FROM (SELECT sum(amount) AS spent FROM shop.orders WHERE ordered_on < '1998-07-01' GROUP BY customer_id) o GROUP BY 1) t"
shows "the tiers are those of the sums" "$tiers" "$(sql dbt "$by_hand")"
shows "as many deals as the team has" "SELECT count(*) FROM dbt.pipeline WHERE tier IS NOT NULL" "$(sql dbt "SELECT count(*) FROM crm.opportunities WHERE tiering.customer_tier('sales_readiness', CASE stage WHEN 'Lead' THEN 'latent' WHEN 'On hold' THEN 'latent' WHEN 'Lost' THEN 'none' ELSE 'explicit' END, expected_close) IS NOT NULL")"

state="SELECT (SELECT count(*) FROM tiering.schemes WHERE scheme = 'dbt_shop_value'), (SELECT count(*) FROM tiering.assignment_log WHERE program = 'dbt_shop'),
    (SELECT count(*) FROM dbt_snapshots.tier_history), (SELECT count(*) FROM dbt_snapshots.tier_history WHERE dbt_valid_to IS NOT NULL)"
first=$(sql dbt "$state")
table=$(sql dbt "SELECT 'dbt.shop_customers'::regclass::oid")
said=$(dbt --warn-error build) || true
check_contains "it builds a second time" "$said" "Completed successfully"
check_contains "with the scheme as it was" "$said" "scheme dbt_shop_value: version 1, as it was"
shows "no new version, no new history" "$state" "$first"
check "though the table is another one" "$(sql dbt "SELECT 'dbt.shop_customers'::regclass::oid <> $table")" t
shows "which the program reads" "SELECT source FROM tiering.programs WHERE program = 'dbt_shop'" dbt.shop_customers

# --- what changes is taken up ---

sed -i "s/'gte': 100}/'gte': 200}/; s/'lt': 100}/'lt': 200}/" macros/shop_scheme.sql
sql dbt "INSERT INTO shop.orders VALUES (1, '1998-06-30', 1, 500)" >/dev/null
said=$(dbt --warn-error build) || true
check_contains "another document is the next version" "$said" "scheme dbt_shop_value: version 2, new"
shows "by which the program grades" "SELECT applied_version FROM tiering.programs WHERE program = 'dbt_shop'" 2
shows "the tiers are those of the sums, again" "$tiers" "$(sql dbt "${by_hand/>= 100/>= 200}")"
shows "the new order counts" "SELECT tier FROM dbt.shop_tiers WHERE customer_id = 1" high
check "the snapshot keeps what was said before" "$(sql dbt "SELECT count(*) > 0 FROM dbt_snapshots.tier_history WHERE dbt_valid_to IS NOT NULL")" t
check "and says what holds now" "$(sql dbt "(TABLE dbt.shop_history EXCEPT SELECT program, customer, since, until, tier, previous_tier, reason, cause, owner FROM dbt_snapshots.tier_history WHERE dbt_valid_to IS NULL) LIMIT 1")" ""

# --- the tests find what they are for ---

sql dbt "UPDATE dbt.shop_customers SET monetary = 1 WHERE customer_id = 1" >/dev/null
says "a program that is behind fails graded_by" "Got 1 result, configured to fail if != 0" dbt test --select test_name:graded_by
says "run-operation grades, too" "1 moved" dbt run-operation retier --args '{program: dbt_shop, as_of: "1998-07-01 00:00+00"}'
says "after which it passes" "Completed successfully" dbt test --select test_name:graded_by
sql dbt "UPDATE dbt.pipeline SET tier = 'Z' WHERE opportunity_id = (SELECT min(opportunity_id) FROM dbt.pipeline)" >/dev/null
says "a tier that the scheme has not fails tier_of_scheme" "Got 1 result, configured to fail if != 0" dbt test --select "pipeline,test_name:tier_of_scheme"
sql dbt "UPDATE dbt.shop_tiers SET tier = 'Z' WHERE customer_id = 1" >/dev/null
says "and one that the program has not, tier_of_program" "Got 1 result, configured to fail if != 0" dbt test --select test_name:tier_of_program

# --- where it must not stand, and what it needs ---

cat >models/shop/inside.sql <<'SQL'
{{ config(post_hook="{{ customer_tiering.retier('dbt_shop') }}") }}
select 1 as n
SQL
says "retier() in the transaction of a model is refused, with the way out" "after_commit(" dbt run --select inside
sql dbt "CREATE SCHEMA words; CREATE FUNCTION words.spent(integer) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT 7::numeric';
    CREATE FUNCTION shop.by_path(integer) RETURNS numeric LANGUAGE plpgsql STABLE AS 'BEGIN RETURN spent(\$1); END';
    CREATE VIEW shop.needs_path AS SELECT DISTINCT customer_id, shop.by_path(customer_id) AS monetary FROM shop.orders;
    SELECT tiering.create_program('dbt_path', 'dbt_shop_value', 'shop.needs_path', 'customer_id')" >/dev/null
says "a view that needs a search_path gets it" "2357 new" dbt run-operation retier --args '{program: dbt_path, search_path: "words, public"}'
