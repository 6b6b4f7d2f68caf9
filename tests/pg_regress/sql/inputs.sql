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
-- two names that differ by a word that tells are not the same: expected is not done, the first not the last
CREATE TABLE inputs_test.deals ("客户编号" int, "客户名称" text, "成交金额" numeric, "预计成交日期" date, "最近成交日期" date, "需求" text, "负责人" text);
SELECT * FROM suggest_mapping('lifecycle', 'inputs_test.deals') WHERE input = 'first_order_on';
SELECT * FROM suggest_mapping('importance', 'inputs_test.deals') WHERE input = 'closable_amount';
SELECT * FROM suggest_mapping('sales_readiness', 'inputs_test.deals');

-- which types serve: one rule, by which rows are read, mappings suggested, inputs checked and programs made
SELECT t AS type, string_agg(i, ' ') FILTER (WHERE type_serves(i, t::regtype)) AS serves
FROM unnest(ARRAY['smallint', 'numeric', 'real', 'money', 'text', 'name', 'char(3)', 'date', 'timestamptz', 'boolean', 'interval', '"char"', 'text[]', 'pg_class']) AS t,
    unnest(ARRAY['number', 'integer', 'text', 'boolean', 'date']) AS i GROUP BY t ORDER BY t COLLATE "C";
SELECT type_serves('date', 0::regtype), type_serves(NULL, 'date'), type_serves('date', NULL);
SELECT type_serves('day', 'date');
-- what is wrong with a value is what grading says of it: for each, the problem, and whether grading refuses it
CREATE FUNCTION inputs_test.refused(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE command;
    RETURN NULL;
EXCEPTION WHEN others THEN RETURN SQLERRM;
END
$$;
SELECT v, input_problem(current_scheme('sales_readiness'), 'expected_close', v) AS problem, input_finding(current_scheme('sales_readiness'), 2, v) AS finding,
    inputs_test.refused(format('SELECT customer_tier(''sales_readiness'', ''latent'', %L::text)', v)) AS refused
FROM unnest(ARRAY['2026-02-28', ' 2026-02-28 ', '2026-02-28 10:00', '2026-02-28T23:00:00Z', '2026-02-30', '30.02.2026', '20260228', '', 'soon', NULL]) AS v;
SELECT v, input_problem(current_scheme('abc_share'), 'annual_value', v) AS problem, input_finding(current_scheme('abc_share'), 1, v) AS finding,
    inputs_test.refused(format('SELECT customer_tier(''abc_share'', %L::numeric)', v)) AS refused
FROM unnest(ARRAY[1, -1, 1e40, 'NaN', 'Infinity', NULL]::numeric[]) AS v;
SELECT v, input_problem(current_scheme('rfm'), 'recency_days', v) AS problem, input_finding(current_scheme('rfm'), 1, v) AS finding,
    inputs_test.refused(format('SELECT customer_tier(''rfm'', %L::float8, 1, 1)', v)) AS refused
FROM unnest(ARRAY[1, 1.5, -1, 'NaN', '-Infinity']::float8[]) AS v;
SELECT v, input_problem(current_scheme('sales_readiness'), 'expected_close', v) AS problem, input_finding(current_scheme('sales_readiness'), 2, v) AS finding,
    inputs_test.refused(format('SELECT customer_tier(''sales_readiness'', ''latent'', %L::timestamptz)', v)) AS refused
FROM unnest(ARRAY['2026-02-28', 'infinity', '-infinity', '20260-01-01']::timestamptz[]) AS v;
SELECT input_problem(current_scheme('sales_readiness'), 'demand', 'won'::varchar), input_problem(current_scheme('sales_readiness'), 'demand', 5);
SELECT input_problem(current_scheme('sales_readiness'), 'unheard_of', 5);
SELECT input_problem(NULL, 'demand', 5), input_problem(current_scheme('sales_readiness'), NULL, 5);

-- dates as text, a type that does not serve, the owner, and contacts that cannot have been
CREATE TABLE inputs_test.contacts (id int, demand text, expected_close text, close_name name, owner text, last timestamptz);
INSERT INTO inputs_test.contacts VALUES (1, 'explicit', '2026-02-30', 'x', 'Li', 'infinity'), (2, 'latent', '2026-02-28', 'y', NULL, '2999-01-01'), (3, 'none', 'soon', NULL, 'Li', '2026-01-01'), (4, 'none', NULL, NULL, 'Wu', NULL);
SELECT * FROM check_inputs('sales_readiness', 'inputs_test.contacts', key => 'id', owner_column => 'owner', last_followup_column => 'last');
SELECT * FROM check_inputs('sales_readiness', 'inputs_test.contacts', '{"expected_close": "close_name"}', last_followup_column => 'expected_close');
SELECT * FROM check_inputs('sales_readiness', 'inputs_test.contacts', owner_column => 'boss');
SELECT create_program('contacts', 'sales_readiness', 'inputs_test.contacts', 'id', owner_column => 'owner', last_followup_column => 'last');
ALTER TABLE inputs_test.contacts RENAME expected_close TO closing;
SELECT * FROM check_inputs('contacts');
SELECT create_program('names', 'sales_readiness', 'inputs_test.contacts', 'id', '{"expected_close": "close_name"}');
SELECT * FROM check_inputs('unheard_of');
SELECT drop_program('contacts');

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

-- amounts of several currencies (E16)
CREATE TABLE inputs_test.sums (id integer, annual_value numeric, "CurrencyIsoCode" text, currency_rate numeric, 币种 text);
INSERT INTO inputs_test.sums VALUES (1, 41.90, 'EUR', 1, '欧元'), (2, 8319, 'INR', 90, '卢比'), (3, 12, 'eur ', 1, '欧元'), (4, 7, '', 1, NULL), (5, 8, NULL, 1, NULL);
SELECT * FROM check_inputs('abc_share', 'inputs_test.sums');
DELETE FROM inputs_test.sums WHERE id = 2;
SELECT * FROM check_inputs('abc_share', 'inputs_test.sums');

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
-- names with a percent sign are names
CREATE TYPE inputs_test."100%s" AS ENUM ('a');
CREATE TABLE inputs_test."of %I" ("in %L" inputs_test."100%s");
INSERT INTO inputs_test."of %I" VALUES ('a'), (NULL);
SELECT column_name, finding, count FROM check_inputs('abc_share', 'inputs_test."of %I"', '{"annual_value": "in %L"}');
-- a view that fails for one row: by which column, and for whom
CREATE VIEW inputs_test.divided AS SELECT g AS id, 100 / (g - 7) AS annual_value FROM generate_series(1, 20) AS g;
SELECT count(*) FROM check_inputs('abc_share', 'inputs_test.divided', key => 'id');
SELECT count(*) FROM check_inputs('abc_share', 'inputs_test.divided');
SELECT count(*) FROM fit_scheme('abc_share', 'inputs_test.divided', fitted_as => 'inputs_parted', key => 'id');
DROP SCHEMA inputs_test CASCADE;
