-- From a table to a scheme: suggest_mapping(), check_inputs().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA inputs_test;
CREATE DOMAIN inputs_test.money AS numeric(12,2);
CREATE TABLE inputs_test.accounts (id int, "客户名" text, dropped int, "年消费额" inputs_test.money, "Last order!" date, orders float8, stage varchar(10), days text);
ALTER TABLE inputs_test.accounts DROP COLUMN dropped;
INSERT INTO inputs_test.accounts VALUES
    (1, 'a', 10, '2026-01-01', 3, 'explicit', '4'), (1, 'b', -5, 'infinity', 2.5, 'won', 'x'), (NULL, 'c', 'NaN', NULL, 'Infinity', NULL, NULL),
    (4, 'd', NULL, '2026-02-01', -1, 'latent', '12');

SELECT * FROM suggest_mapping('abc_share', 'inputs_test.accounts');
SELECT * FROM suggest_mapping('sales_readiness', 'inputs_test.accounts');
SELECT * FROM suggest_mapping('rfm', 'inputs_test.accounts');

SELECT * FROM check_inputs('abc_share', 'inputs_test.accounts', '{"annual_value": "年消费额"}', key => 'id');
SELECT * FROM check_inputs('sales_readiness', 'inputs_test.accounts', '{"demand": "stage", "expected_close": "Last order!"}');
SELECT * FROM check_inputs('rfm', 'inputs_test.accounts', '{"recency_days": "days", "frequency": "orders", "monetary": "年消费额"}');
-- nothing wrong, no row; an empty table, a view and a partitioned table serve as well
CREATE TABLE inputs_test.parted (annual_value numeric) PARTITION BY RANGE (annual_value);
CREATE VIEW inputs_test.good AS SELECT 5::numeric AS annual_value;
SELECT * FROM check_inputs('abc_share', 'inputs_test.parted');
SELECT * FROM check_inputs('abc_share', 'inputs_test.good');
SELECT count(*) FROM check_inputs(NULL, 'inputs_test.good');
-- columns of whole numbers against bounds on one side; a domain over a domain
CREATE DOMAIN inputs_test.turnover AS inputs_test.money;
CREATE TABLE inputs_test.whole (recency_days int, frequency smallint, monetary bigint, annual_value inputs_test.turnover);
INSERT INTO inputs_test.whole VALUES (-1, 2, 3, 4), (1, 2, 3, -4);
SELECT * FROM check_inputs('rfm', 'inputs_test.whole');
SELECT * FROM check_inputs('abc_share', 'inputs_test.whole');
-- allowed numbers are compared as numbers; text of a date and time serves a date
BEGIN;
SELECT create_scheme('{"scheme": "stars", "inputs": [{"name": "stars", "type": "number", "allowed": [1, 2.5]}, {"name": "at", "type": "date"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "stars", "gt": 1}, "tier": "A"}], "otherwise": "B"},
    "tiers": [{"code": "A"}, {"code": "B"}]}');
SELECT approve_scheme('stars');
CREATE VIEW inputs_test.rated AS SELECT * FROM (VALUES (1.00, '2026-01-31'), (2.50, '2026-01-31 10:00'), (3, 'soon')) AS v (stars, at);
SELECT * FROM check_inputs('stars', 'inputs_test.rated');
ROLLBACK;

-- errors
SELECT * FROM check_inputs('unheard_of', 'inputs_test.good');
SELECT * FROM check_inputs('abc_share', 'inputs_test.accounts');
SELECT * FROM check_inputs('abc_share', 'inputs_test.accounts', '{"annual_value": "turnover\"; DROP TABLE x"}');
SELECT * FROM check_inputs('abc_share', 'inputs_test.accounts', '{"turnover": "id"}');
SELECT * FROM check_inputs('abc_share', 'inputs_test.accounts', '[]');
SELECT * FROM check_inputs('abc_share', 'inputs_test.good', key => 'id');
SELECT * FROM check_inputs('abc_share', 'inputs_test.nothing');
SELECT * FROM suggest_mapping('unheard_of', 'inputs_test.good');
-- the rights are those of the caller
CREATE ROLE inputs_stranger;
SET ROLE inputs_stranger;
SELECT * FROM check_inputs('abc_share', 'inputs_test.good');
RESET ROLE;
DROP ROLE inputs_stranger;
DROP SCHEMA inputs_test CASCADE;
