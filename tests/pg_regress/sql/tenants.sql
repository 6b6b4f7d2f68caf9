-- Keys of two columns: the tenant, and the customer within it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA tenants_test;
SELECT create_scheme('{"scheme": "tenants", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "lt": 1000}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P10D"}}, {"code": "silver", "followup": {"every": "P60D"}}]}'), approve_scheme('tenants');
CREATE TABLE tenants_test.accounts (tenant_id integer, id integer, spend numeric, owner text, PRIMARY KEY (tenant_id, id));
-- the same numbers with several tenants
INSERT INTO tenants_test.accounts SELECT t, i, t * 400 + i, 'owner ' || t FROM generate_series(1, 3) AS t, generate_series(1, 2000) AS i;
SELECT create_program('tenants', 'tenants', 'tenants_test.accounts', key => '{tenant_id,id}', owner_column => 'owner');
SELECT key_column, tenant_column FROM programs WHERE program = 'tenants';
SELECT count(*) FROM check_inputs('tenants');
CALL retier('tenants');
SELECT tier, count(*) FROM current_tiers WHERE program = 'tenants' GROUP BY 1 ORDER BY 1;
SELECT count(*) AS wrong FROM tenants_test.accounts a FULL JOIN (SELECT * FROM current_tiers WHERE program = 'tenants') t ON t.customer = tenant_key(a.tenant_id::text, a.id::text)
WHERE t.tier IS DISTINCT FROM customer_tier('tenants', a.spend) OR t.owner IS DISTINCT FROM a.owner;
CALL retier('tenants');

-- One customer, by the one text or another spelling of it.
SELECT tier FROM log_followup('tenants', '2/7', 'phone', at => now() - interval '1 day');
SELECT tier FROM log_followup('tenants', ' 2/007', 'mail');
SELECT customer, channel FROM followups WHERE program = 'tenants' ORDER BY at;
SELECT customer, last_followup IS NOT NULL AS contacted FROM current_tiers WHERE program = 'tenants' AND customer IN ('1/7', '2/7', '3/7') ORDER BY 1;
SELECT explain_customer('tenants', '2/7') -> 'inputs' AS inputs;
SELECT log_followup('tenants', '7');
SELECT log_followup('tenants', '2/7/1');
SELECT log_followup('tenants', '2/9999');
SELECT log_followup('tenants', 'x/7');
SELECT override_tier('tenants', '3/8', 'gold', 'goodwill');
SELECT customer, tier, overridden FROM current_tiers WHERE program = 'tenants' AND customer ~ '/8$' ORDER BY 1;
SELECT count(*) FROM claim_followups('tenants', 'owner 2', 5);
SELECT plan_followup('tenants', '1/7', '9998-12-03', 'visit');
SELECT customer, due FROM followups_due WHERE program = 'tenants' AND planned;

-- The point look-up goes by the index on both columns, and a view that groups by them reads one group.
CREATE FUNCTION tenants_test.rows_touched(query text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    t CONSTANT regclass := 'tenants_test.accounts';
    earlier bigint := pg_stat_get_xact_tuples_returned(t) + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = t);
BEGIN
    EXECUTE query;
    RETURN pg_stat_get_xact_tuples_returned(t) + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = t) - earlier;
END
$$;
ANALYZE tenants_test.accounts;
SELECT tenants_test.rows_touched($$SELECT tiering.log_followup('tenants', '2/11')$$) < 10 AS log, tenants_test.rows_touched($$SELECT tiering.retier_customers('tenants', '2/12')$$) < 10 AS one,
    tenants_test.rows_touched($$SELECT tiering.retier_customers('tenants', '2/12', '2/13', '3/14')$$) < 20 AS several, tenants_test.rows_touched($$SELECT tiering.explain_customer('tenants', '2/12')$$) < 10 AS why;
CREATE TABLE tenants_test.orders (tenant_id integer, customer_id text, amount numeric);
INSERT INTO tenants_test.orders SELECT t, 'c' || i % 500, i FROM generate_series(1, 3) AS t, generate_series(1, 2000) AS i;
CREATE INDEX ON tenants_test.orders (tenant_id, customer_id);
ANALYZE tenants_test.orders;
CREATE VIEW tenants_test.spending AS SELECT tenant_id, customer_id, sum(amount) AS spend FROM tenants_test.orders GROUP BY 1, 2;
SELECT create_program('spending', 'tenants', 'tenants_test.spending', key => '{tenant_id,customer_id}');
CALL retier('spending');
CREATE OR REPLACE FUNCTION tenants_test.rows_touched(query text) RETURNS bigint
    LANGUAGE plpgsql
AS $$
DECLARE
    t CONSTANT regclass := 'tenants_test.orders';
    earlier bigint := pg_stat_get_xact_tuples_returned(t) + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = t);
BEGIN
    EXECUTE query;
    RETURN pg_stat_get_xact_tuples_returned(t) + (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i WHERE i.indrelid = t) - earlier;
END
$$;
SELECT tenants_test.rows_touched($$SELECT tiering.log_followup('spending', '2/c11')$$) < 30 AS log, tenants_test.rows_touched($$SELECT tiering.retier_customers('spending', '2/c12', '3/c13')$$) < 60 AS few;

-- A slash and a tilde within a key are told apart from the one between.
CREATE TABLE tenants_test.named (tenant text NOT NULL, name text NOT NULL, spend numeric, UNIQUE (name, tenant));
INSERT INTO tenants_test.named VALUES ('a/b', 'c', 1), ('a', 'b/c', 2000), ('a~1b', 'c', 3), ('a~', '1b/c', 4000), ('~0', '~', 5), ('', '', 6000), ('a\', '/', 7), ('a', '', 8);
SELECT create_program('named', 'tenants', 'tenants_test.named', key => '{tenant,name}');
CALL retier('named');
SELECT customer, tier FROM current_tiers WHERE program = 'named' ORDER BY customer;
SELECT count(tier) FROM tenants_test.named n, log_followup('named', tenant_key(n.tenant, n.name)) AS l WHERE l.tier = customer_tier('tenants', n.spend);
SELECT n.tenant, n.name FROM tenants_test.named n WHERE read_keys('text', ARRAY[tenant_key(n.tenant, n.name)], 'text') <> ARRAY[tenant_key(n.tenant, n.name)];
SELECT tenant_key(NULL, 'a') IS NULL AND tenant_key('a', NULL) IS NULL AS of_nobody, tenant_key_parts('{a~1b/c,7}', 1), tenant_key_parts('{7}', 1) IS NULL AS none;

-- Graded at once, by triggers; renamed, merged, gone.
SELECT enable_automatic('tenants');
UPDATE tenants_test.accounts SET spend = 5000 WHERE tenant_id = 1 AND id = 5;
INSERT INTO tenants_test.accounts VALUES (4, 5, 1, 'owner 4');
DELETE FROM tenants_test.accounts WHERE tenant_id = 3 AND id = 5;
SELECT customer, tier, reason, cause FROM assignment_history WHERE program = 'tenants' AND customer ~ '/5$' AND cause = 'automatic' ORDER BY 1;
UPDATE tenants_test.accounts SET tenant_id = 4 WHERE tenant_id = 2 AND id = 7;
SELECT customer, reason FROM assignment_log WHERE program = 'tenants' AND customer IN ('2/7', '4/7') AND cause = 'automatic' ORDER BY 1;
SELECT disable_automatic('tenants');
UPDATE tenants_test.accounts SET id = 3007 WHERE tenant_id = 1 AND id = 7;
SELECT rename_customer('tenants', '1/7', '1/3007', 'moved');
SELECT customer, due FROM followups_due WHERE program = 'tenants' AND planned;
DELETE FROM tenants_test.accounts WHERE tenant_id = 2 AND id = 8;
SELECT merge_customers('tenants', '2/8', '2/9', 'twice');
SELECT kind, customer, successor FROM successions WHERE program = 'tenants' ORDER BY at;
SELECT erase_customer('tenants', '2/10', keep_out => true) > 0 AS erased;
CALL retier('tenants');
SELECT count(*) FROM assignments WHERE program = 'tenants' AND customer IN ('1/10', '2/10');
SELECT create_tier_view('tenants', 'tenants_test.tiers'), create_tier_view('tenants', 'tenants_test.tiers_kept', true);
SELECT tenant_id, id, tier FROM tenants_test.tiers WHERE id = 5 ORDER BY 1;
SELECT count(*) FROM tenants_test.tiers_kept WHERE tenant_id = 1;
REFRESH MATERIALIZED VIEW CONCURRENTLY tenants_test.tiers_kept;
SELECT tier FROM tiers_as_of('tenants', now()) WHERE customer = '4/5';

-- A table of contacts, of overrides and of past states.
CREATE TABLE tenants_test.contacts AS SELECT tenant_key('1', '20') AS customer, timestamptz '2020-01-01 00:00+00' AS at UNION ALL SELECT '1/99999', timestamptz '2020-01-01 00:00+00' UNION ALL SELECT '20', timestamptz '2020-01-01 00:00+00';
SELECT import_followups('tenants', 'tenants_test.contacts');
SELECT customer, message FROM run_problems WHERE program = 'tenants' AND purpose = 'contact' ORDER BY 1;
CREATE TABLE tenants_test.favours AS SELECT '1/0021' AS customer, 'gold' AS tier, 'x' AS reason UNION ALL SELECT '21', 'gold', 'x';
SELECT * FROM import_overrides('tenants', 'tenants_test.favours', 'customer', 'tier', 'reason');
SELECT customer FROM overrides WHERE program = 'tenants' ORDER BY 1;
CREATE TABLE tenants_test.past AS SELECT *, timestamptz '2020-01-01 00:00+00' AS taken FROM tenants_test.named;
SELECT create_program('past', 'tenants', 'tenants_test.named', key => '{tenant,name}');
SELECT backfill('past', '2020-01-01 00:00+00', '2020-02-01 00:00+00', '1 month', snapshots => 'tenants_test.past', taken_at => 'taken');

-- A column that is renamed is followed; missing and duplicate keys are told by both columns.
ALTER TABLE tenants_test.accounts RENAME tenant_id TO tenant;
SELECT tier FROM log_followup('tenants', '1/30');
CALL retier('tenants');
SELECT key_column, tenant_column FROM programs WHERE program = 'tenants';
CREATE VIEW tenants_test.twice AS SELECT tenant, id % 1000 AS id, spend FROM tenants_test.accounts WHERE tenant = 1 AND id IN (2, 1002, 3, 1003);
SELECT create_program('twice', 'tenants', 'tenants_test.twice', key => '{tenant,id}');
SELECT column_name, finding, count, examples FROM check_inputs('twice');
CALL retier('twice');
CREATE VIEW tenants_test.lacking AS SELECT nullif(tenant, 2) AS tenant, id, spend FROM tenants_test.accounts WHERE id = 2;
SELECT create_program('lacking', 'tenants', 'tenants_test.lacking', key => '{tenant,id}');
SELECT column_name, finding, count, examples FROM check_inputs('lacking');
CALL retier('lacking');

-- Partitioned by tenant: the unique key has both columns, as partitions want it.
CREATE TABLE tenants_test.parts (tenant_id integer, id integer, spend numeric, PRIMARY KEY (tenant_id, id)) PARTITION BY LIST (tenant_id);
CREATE TABLE tenants_test.parts_1 PARTITION OF tenants_test.parts FOR VALUES IN (1);
CREATE TABLE tenants_test.parts_2 PARTITION OF tenants_test.parts FOR VALUES IN (2);
INSERT INTO tenants_test.parts SELECT t, i, t * 600 + i FROM generate_series(1, 2) AS t, generate_series(1, 100) AS i;
SELECT create_program('parts', 'tenants', 'tenants_test.parts', key => '{tenant_id,id}');
CALL retier('parts');
SELECT enable_automatic('parts');
UPDATE tenants_test.parts SET spend = 1 WHERE tenant_id = 2 AND id = 7;
SELECT customer, tier FROM current_tiers WHERE program = 'parts' AND customer ~ '/7$' ORDER BY 1;

-- What cannot name customers.
SELECT create_program('wrong', 'tenants', 'tenants_test.accounts', key => '{tenant,id,spend}');
SELECT create_program('wrong', 'tenants', 'tenants_test.accounts', key => '{id,id}');
SELECT create_program('wrong', 'tenants', 'tenants_test.accounts', key => '{nowhere,id}');
SELECT create_program('wrong', 'tenants', 'tenants_test.accounts', key => '{}');
CREATE VIEW tenants_test.ranges AS SELECT int4range(tenant, tenant + 1) AS tenant, id, spend FROM tenants_test.accounts;
SELECT create_program('wrong', 'tenants', 'tenants_test.ranges', key => '{tenant,id}');
CREATE VIEW tenants_test.documents AS SELECT to_jsonb(tenant) AS tenant, id, spend FROM tenants_test.accounts;
SELECT create_program('wrong', 'tenants', 'tenants_test.documents', key => '{tenant,id}');
CREATE TABLE tenants_test.loose (tenant integer, id integer, spend numeric);
SELECT create_program('loose', 'tenants', 'tenants_test.loose', key => '{tenant,id}');
SELECT enable_automatic('loose');
ALTER TABLE tenants_test.loose ALTER tenant SET NOT NULL, ALTER id SET NOT NULL, ADD UNIQUE (tenant, id);
SELECT enable_automatic('loose');
-- One column becomes two: customers have other names, and those of before are gone.
SELECT create_program('grown', 'tenants', 'tenants_test.parts_1', 'id');
CALL retier('grown');
SELECT alter_program('grown', '{"tenant": "tenant_id"}');
CALL retier('grown');
SELECT count(*) FILTER (WHERE gone_since IS NULL), count(*) FILTER (WHERE customer LIKE '1/%') AS named_by_both FROM assignments WHERE program = 'grown';
SELECT alter_program('grown', '{"tenant": null}');
CALL retier('grown');
SELECT alter_program('grown', '{"tenant": "nowhere"}');

SELECT count(drop_program(program)) FROM programs WHERE program IN ('tenants', 'spending', 'named', 'past', 'twice', 'lacking', 'parts', 'loose', 'grown');
DROP SCHEMA tenants_test CASCADE;
