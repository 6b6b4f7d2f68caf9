# DROP EXTENSION refuses while objects of users depend on it, and names them; CASCADE takes those and nothing else; what docs/operations.md says is done before keeps what is to be kept.
source tests/lib.sh

scheme='{"scheme": "sign", "inputs": [{"name": "v", "type": "number"}], "decision": {"method": "rules", "rules": [{"when": {"input": "v", "gt": 100}, "tier": "more"}], "otherwise": "less"},
    "tiers": [{"code": "more"}, {"code": "less"}]}'
used() { # a database in which a company uses everything
    fresh_database uninstall
    sql uninstall "CREATE EXTENSION customer_tiering; CREATE SCHEMA shop; CREATE TABLE shop.clients (id integer PRIMARY KEY, annual_value numeric, name text);
        INSERT INTO shop.clients SELECT g, g * 20000, 'client ' || g FROM generate_series(1, 20) AS g;
        ALTER TABLE shop.clients ADD grade text GENERATED ALWAYS AS (tiering.grade('$scheme'::tiering.scheme, timestamptz '2026-01-31 00:00+00', annual_value)) STORED;
        CREATE INDEX by_grade ON shop.clients (grade); CREATE INDEX by_tier ON shop.clients (tiering.grade('$scheme'::tiering.scheme, timestamptz '2026-01-31 00:00+00', annual_value));
        CREATE TABLE shop.kept (id integer, d tiering.distribution); INSERT INTO shop.kept SELECT 1, tiering.distribution(annual_value) FROM shop.clients;
        CREATE VIEW shop.due AS SELECT * FROM tiering.followups_due; CREATE MATERIALIZED VIEW shop.tiers AS SELECT id, tiering.customer_tier('abc_share', annual_value) AS tier FROM shop.clients;
        SELECT tiering.create_program('clients', 'abc_share', 'shop.clients', 'id'); CALL tiering.retier('clients'); SELECT tiering.enable_automatic('clients'), tiering.create_tier_view('clients', 'shop.current')" >/dev/null
}
rows() { sql uninstall "SELECT * FROM shop.clients ORDER BY id"; }

used
refused=$(sql uninstall 'DROP EXTENSION customer_tiering' || true)
check "DROP EXTENSION refuses while something depends on it" "$(sqlstate uninstall 'DROP EXTENSION customer_tiering')" 2BP01
for object in 'column grade of table shop.clients' 'column d of table shop.kept' 'view shop.due' 'materialized view shop.tiers' 'view shop.current' 'trigger tiering_clients_update on table shop.clients' 'index shop.by_tier'; do
    check_contains "it names the $object" "$refused" "$object depends on"
done
check "and nothing is gone" "$(sql uninstall "SELECT count(*) FROM tiering.current_tiers")" 20

check "CASCADE takes them" "$(sqlstate uninstall 'DROP EXTENSION customer_tiering CASCADE')" 00000
check "tables of users stay, with their other columns and rows" "$(sql uninstall "SELECT count(*), min(name), (SELECT count(*) FROM shop.kept) FROM shop.clients")" "20|client 1|1"
check "and take writes" "$(sqlstate uninstall "UPDATE shop.clients SET annual_value = 5; DELETE FROM shop.clients WHERE id = 1; INSERT INTO shop.clients VALUES (1, 5, 'new')")" 00000
check "nothing of the extension is left" "$(sql uninstall "SELECT 'trigger', tgname FROM pg_trigger WHERE tgname LIKE 'tiering%' UNION ALL SELECT 'schema', nspname FROM pg_namespace WHERE nspname = 'tiering'
    UNION ALL SELECT 'function', proname FROM pg_proc WHERE probin LIKE '%customer_tiering%'")" ""
check "it comes back as new" "$(sql uninstall "CREATE EXTENSION customer_tiering; SELECT count(*) FROM tiering.programs")" 0

used
before=$(rows)
check_runs "what is to be kept is kept first" sql uninstall "ALTER TABLE shop.clients ALTER COLUMN grade DROP EXPRESSION; ALTER TABLE shop.kept ALTER COLUMN d TYPE jsonb USING to_jsonb(d);
    DROP INDEX shop.by_tier; CREATE TABLE shop.tiers_at_last AS SELECT customer, tier, since FROM tiering.current_tiers; DROP MATERIALIZED VIEW shop.tiers; DROP VIEW shop.due, shop.current;
    SELECT tiering.disable_automatic('clients')"
check "then DROP EXTENSION needs no CASCADE" "$(sqlstate uninstall 'DROP EXTENSION customer_tiering')" 00000
check "the generated column has its values" "$(rows)" "$before"
check "values and tiers can be read" "$(sql uninstall "SELECT jsonb_typeof(d), (SELECT count(*) FROM shop.tiers_at_last) FROM shop.kept")" "object|20"
sql postgres 'DROP DATABASE uninstall' >/dev/null
