-- Words of the user's own: maps of values in programs, check_inputs(), fit_scheme().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA words_test;
CREATE TABLE words_test.客户 (编号 int PRIMARY KEY, 意向 varchar(20), 预计签约 text, 负责人 text);
INSERT INTO words_test.客户
SELECT g, (ARRAY['明确', '潜在', '无', '待定', NULL, 'explicit', '再议'])[1 + (g - 1) % 7], (current_date + 10)::text, '王芳' FROM generate_series(1, 15) AS g;

-- one by one by how many rows have them; what the map makes NULL is missing; what the scheme knows passes
SELECT * FROM check_inputs('sales_readiness', 'words_test.客户',
    '{"demand": {"column": "意向", "values": {"明确": "explicit", "潜在": "latent", "无": "none"}}, "expected_close": "预计签约"}', key => '编号');
SELECT * FROM check_inputs('sales_readiness', 'words_test.客户',
    '{"demand": {"column": "意向", "values": {"明确": "explicit", "潜在": "latent", "无": "none", "待定": null, "再议": "latent"}}, "expected_close": "预计签约"}');
-- past twenty they are listed together
CREATE VIEW words_test.many AS SELECT 'w' || to_char(g, 'FM00') AS demand, date '2026-01-01' AS expected_close FROM generate_series(1, 25) AS g;
SELECT finding, count, examples FROM check_inputs('sales_readiness', 'words_test.many', '{"demand": {"column": "demand", "values": {"w01": "none"}}}') ORDER BY count DESC, examples LIMIT 3;

SELECT create_program('words', 'sales_readiness', 'words_test.客户', '编号',
    '{"demand": {"column": "意向", "values": {"明确": "explicit", "潜在": "latent", "无": "none"}}, "expected_close": "预计签约"}', owner_column => '负责人');
SELECT customer, to_tier FROM retier_preview('words') ORDER BY customer::int;
\set VERBOSITY terse
CALL retier('words');
\set VERBOSITY default
SELECT customer, tier FROM current_tiers WHERE program = 'words' ORDER BY customer::int;
SELECT DISTINCT customer, input, value, message FROM run_problems WHERE program = 'words' ORDER BY customer;
SELECT finding, count, examples FROM check_inputs('words');
SELECT explain_customer('words', '2') -> 'inputs' ->> 'demand' AS demand;
SELECT explain_customer('words', '4');
-- automatic grading and follow-ups read the table itself; a column renamed is followed within the map
SELECT enable_automatic('words');
UPDATE words_test.客户 SET 意向 = '无' WHERE 编号 = 1;
SELECT tier, reason FROM assignment_log WHERE program = 'words' AND customer = '1' ORDER BY since;
SELECT disable_automatic('words');
ALTER TABLE words_test.客户 RENAME 意向 TO "客户 意向";
UPDATE words_test.客户 SET "客户 意向" = '明确' WHERE 编号 = 2;
SELECT tier FROM log_followup('words', '2', 'phone', 'reached');
SELECT alter_program('words', '{"inputs": {"expected_close": "预计签约"}}');
SELECT inputs, column_numbers FROM programs WHERE program = 'words';
CREATE TABLE words_test.past AS SELECT *, timestamptz '2026-01-31' AS taken_at FROM words_test.客户 WHERE 编号 <= 3;
SELECT backfill('words', '2026-02-01', '2026-02-01', '1 day', 'words_test.past'::regclass, 'taken_at');
ALTER TABLE words_test.客户 DROP COLUMN "客户 意向";
SELECT count(*) FROM check_inputs('words');
SELECT drop_program('words');

-- booleans, numbers and dates; words with quotes, backslashes, percent signs and blanks
CREATE TYPE words_test.answer AS ENUM ('是', '否', '不详');
CREATE TABLE words_test.all_types (id int PRIMARY KEY, value money, months text, since text, plan words_test.answer, strategic char(4), odd text, stars smallint, since_day date);
INSERT INTO words_test.all_types (id, months, since, plan, strategic, odd, stars, since_day) VALUES
    (1, '12', '2020-01-01', '是', 'Y', E'it''s', 5, '2020-01-31'), (2, '十二', '很久', '否', 'N', E'a\\b', -1, '2021-01-31'), (3, '3', NULL, '不详', 'Y', '100%s $1', 3, NULL), (4, 'x', 'x', NULL, 'x', '', NULL, '1900-01-01');
SELECT * FROM check_inputs('value_class', 'words_test.all_types', '{"annual_value": {"column": "stars", "values": {"-1": null, "5": 500000.5}},
    "active_months_12m": {"column": "months", "values": {"十二": 12}}, "customer_since": {"column": "since", "values": {"很久": "2010-01-01"}},
    "long_term_plan": {"column": "plan", "values": {"是": true, "否": false, "不详": null}}, "strategic_impact": {"column": "strategic", "values": {"Y": true, "N": false}}}');
SET datestyle = 'German';
SELECT * FROM check_inputs('value_class', 'words_test.all_types', '{"annual_value": "stars", "active_months_12m": {"column": "months"},
    "customer_since": {"column": "since_day", "values": {"1900-01-01": null}}, "long_term_plan": {"column": "plan", "values": {"是": true, "否": false}}, "strategic_impact": {"column": "strategic", "values": {"Y": "yes", "N": "no"}}}');
RESET datestyle;
SELECT create_program('odd', 'sales_readiness', 'words_test.all_types', 'id', '{"expected_close": "since_day",
    "demand": {"column": "odd", "values": {"it''s": "explicit", "a\\b": "latent", "100%s $1": "none", "": null}}}');
\set VERBOSITY terse
CALL retier('odd');
\set VERBOSITY default
SELECT customer, tier FROM current_tiers WHERE program = 'odd' ORDER BY customer;
-- an operator of the caller's has no say in what a word is
CREATE FUNCTION words_test.never(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN false;
CREATE OPERATOR words_test.= (LEFTARG = text, RIGHTARG = text, FUNCTION = words_test.never);
SET search_path = words_test, tiering, pg_catalog;
SELECT customer, reason FROM tiering.retier_preview('odd');
SET search_path = tiering, pg_catalog;
SELECT drop_program('odd');
-- margins are measured on what a word stands for; a word that is no number is set aside like any other
BEGIN;
SELECT create_scheme('{"scheme": "margins", "inputs": [{"name": "stars", "type": "number"}], "characteristics": [{"name": "c", "input": "stars", "bins": [{"code": "A", "gte": 4}, {"code": "B", "lt": 4}]}],
    "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "A"}, {"code": "B"}], "stability": {"demote_margin": 1}}');
SELECT approve_scheme('margins');
CREATE TABLE words_test.stars (id int PRIMARY KEY, stars text);
INSERT INTO words_test.stars VALUES (1, '五星'), (2, '4.5'), (3, 'none'), (4, repeat('9', 200));
SELECT create_program('margins', 'margins', 'words_test.stars', 'id', '{"stars": {"column": "stars", "values": {"五星": 5}}}');
SELECT customer, to_tier FROM retier_preview('margins');
SELECT n, cuts FROM fit_scheme('abc_share', 'words_test.stars', '{"annual_value": {"column": "stars", "values": {"五星": 5, "none": 0}}}', fitted_as => 'words_fitted', key => 'id');
ROLLBACK;

-- errors
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"expected_close": "since", "demand": {"column": "odd", "values": {"it''s": "yes"}}}');
SELECT create_program('bad', 'value_class', 'words_test.all_types', 'id', '{"annual_value": "stars", "active_months_12m": {"column": "months", "values": {"x": 1.5}},
    "customer_since": "since_day", "long_term_plan": {"column": "plan"}, "strategic_impact": {"column": "strategic"}}');
SELECT create_program('bad', 'value_class', 'words_test.all_types', 'id', '{"annual_value": "stars", "active_months_12m": "months", "customer_since": "since_day"}');
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"demand": {"values": {"x": "none"}}}');
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"demand": {"column": "odd", "value": {}}}');
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"demand": {"column": "odd", "values": ["none"]}}');
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"demand": {"column": "odd", "values": {"x": {"y": "none"}}}}');
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"demand": 5}');
SELECT create_program('bad', 'sales_readiness', 'words_test.all_types', 'id', '{"demand": {"column": "gone", "values": {}}}');
SELECT * FROM check_inputs('sales_readiness', 'words_test.all_types', '{"expected_close": "since", "demand": {"column": "odd", "values": {"x": "sometimes"}}}');
SELECT * FROM check_inputs('sales_readiness', 'words_test.all_types', '{"demand": {"column": "gone"}}');
SELECT * FROM fit_scheme('abc_share', 'words_test.all_types', '{"annual_value": {"column": "months", "values": {"十二": "twelve"}}}', fitted_as => 'words_fitted');
DROP SCHEMA words_test CASCADE;

-- words are proposed from what stands in the table, for who may read it, and from titles of the document
CREATE SCHEMA words_test;
CREATE TABLE words_test.crm ("客户编号" int, "购买意向" text, "预计签单日期" date, "战略客户" text, "成交金额" numeric);
SELECT input, column_name, values FROM suggest_mapping('sales_readiness', 'words_test.crm');
INSERT INTO words_test.crm VALUES (1, '明确', NULL, '是'), (2, '潜在', NULL, '否'), (3, '无', NULL, NULL), (4, '再议', NULL, '不详'), (5, NULL, NULL, '是');
SELECT input, column_name, confidence, values FROM suggest_mapping('sales_readiness', 'words_test.crm');
SELECT input, column_name, values FROM suggest_mapping('value_class', 'words_test.crm') WHERE column_name IS NOT NULL;
SELECT input, column_name FROM suggest_mapping('importance', 'words_test.crm') WHERE input = 'closable_amount';
-- what is proposed is what a program takes
SELECT create_program('proposed', 'sales_readiness', 'words_test.crm', '客户编号',
    (SELECT jsonb_object_agg(s.input, CASE WHEN s.values IS NULL THEN to_jsonb(s.column_name) ELSE jsonb_build_object('column', s.column_name, 'values', s.values) END)
     FROM suggest_mapping('sales_readiness', 'words_test.crm') s));
SELECT customer, to_tier FROM retier_preview('proposed');
SELECT drop_program('proposed');
-- in Chinese with what the values are called, which the program takes as well, and keeps as values
SELECT input, reason, values FROM suggest_mapping('sales_readiness', 'words_test.crm', lang => '中文');
SELECT input, values FROM suggest_mapping('value_class', 'words_test.crm', lang => 'zh') WHERE values IS NOT NULL;
SELECT create_program('proposed', 'sales_readiness', 'words_test.crm', '客户编号',
    '{"demand": {"column": "购买意向", "values": {"明确": "明确", "潜在": "潜在", "无": "无", "再议": "潜在"}}, "expected_close": "预计签单日期"}');
SELECT inputs -> 'demand' FROM programs WHERE program = 'proposed';
SELECT alter_program('proposed', '{"inputs": {"demand": {"column": "购买意向", "values": {"再议": "无", "明确": "explicit"}}}}');
SELECT inputs -> 'demand' FROM programs WHERE program = 'proposed';
SELECT drop_program('proposed');
SELECT input, column_name, finding, count, examples, message FROM check_inputs('sales_readiness', 'words_test.crm',
    '{"demand": {"column": "购买意向", "values": {"明确": "明确", "潜在": "潜在"}}, "expected_close": "预计签单日期"}', lang => 'zh');
SELECT * FROM check_inputs('sales_readiness', 'words_test.crm', '{"demand": {"column": "购买意向", "values": {"明确": "很明确"}}, "expected_close": "预计签单日期"}');
SELECT * FROM check_inputs('sales_readiness', 'words_test.crm', '{"demand": "购买意向", "expected_close": "预计签单日期"}', lang => 'fr');
SELECT coded_inputs(current_scheme('sales_readiness'), '[1]'), coded_inputs(current_scheme('sales_readiness'), '{"demand": {"values": 5}, "x": {"values": {"a": "无"}}}');
CREATE ROLE words_stranger;
GRANT USAGE ON SCHEMA words_test TO words_stranger;
SET ROLE words_stranger;
SELECT input, column_name, values FROM suggest_mapping('sales_readiness', 'words_test.crm');
RESET ROLE;
SELECT mapping_proposals(current_scheme('abc_share'), '{"name": 5}');
SELECT value_proposals(current_scheme('sales_readiness'), 'unheard_of', '{}');
SELECT value_proposals(current_scheme('sales_readiness'), 'demand', '{明确,NULL}');
DROP SCHEMA words_test CASCADE;
DROP ROLE words_stranger;
