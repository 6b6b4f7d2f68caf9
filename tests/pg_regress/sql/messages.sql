-- Messages in Chinese: by the setting of the product, or where lc_messages begins with zh; of PL/pgSQL and of Rust, in a new session, too.
\set SHOW_CONTEXT never
SET customer_tiering.lang = 'zh';  -- before anything has loaded the library
SELECT tiering.log_complaint('nothing', '1', 'x');
SELECT tiering.customer_tier('nothing', '{}'::jsonb);
\c
SELECT tiering.find_program('nothing');
SET customer_tiering.lang = 'zh';
SELECT tiering.find_program('nothing');
SELECT tiering.label('gap', 'fr');
SELECT tiering.current_scheme('nothing');
-- the SQLSTATE and what programs see of it stay
\set VERBOSITY sqlstate
SELECT tiering.find_program('nothing');
\set VERBOSITY default
DO $$ BEGIN PERFORM tiering.find_program('nothing'); EXCEPTION WHEN undefined_object THEN RAISE NOTICE '%', SQLERRM; END $$;
-- nothing but ours is translated, and what the table does not have stays English
DO $$ BEGIN RAISE EXCEPTION 'program "x" does not exist'; END $$;
SELECT tiering.tier_strategy('abc_share', 'A', audience => 'nobody');
SET customer_tiering.lang = 'en';
SELECT tiering.find_program('nothing');
SET customer_tiering.lang = 'fr';
RESET customer_tiering.lang;
SHOW customer_tiering.lang;
SELECT tiering.find_program('nothing');

-- what a manager meets on the way from a table to the due list: ERROR, WARNING and NOTICE
SET customer_tiering.lang = 'zh';
CREATE SCHEMA messages_test;
CREATE TABLE messages_test.客户 (编号 int, 意向 text, 预计签约 date);
INSERT INTO messages_test.客户 VALUES (1, '明确', NULL), (2, '再议', NULL);
SELECT tiering.create_program('消息', 'sales_readiness', 'messages_test.客户', '编号');
SELECT tiering.create_program('消息', 'sales_readiness', 'messages_test.客户', '序号', '{"demand": "意向", "expected_close": "预计签约"}');
SELECT tiering.create_program('消息', 'sales_readiness', 'messages_test.客户', '编号', '{"demand": {"column": "意向", "values": {"明确": "非常明确"}}, "expected_close": "预计签约"}');
SELECT tiering.create_program('消息', 'sales_readiness', 'messages_test.客户', '编号', '{"demand": "预计签约", "expected_close": "编号"}');
SELECT tiering.create_program('消息', 'sales_readiness', 'messages_test.客户', '编号', '{"demand": {"column": "意向", "values": {"明确": "明确"}}, "expected_close": "预计签约"}', calendar => 'weekends');
CALL tiering.retier('消息', strict => true);
CALL tiering.retier('消息');
SELECT * FROM tiering.log_followup('消息', '3');
SELECT * FROM tiering.log_followup('消息', '1', at => '2999-01-01');
SELECT tiering.create_program('消息', 'sales_readiness', 'messages_test.客户', '编号');
DELETE FROM messages_test.客户 WHERE 编号 = 2;
CALL tiering.retier('消息');
SELECT tiering.import_calendar('班次', '{"title": {"zh": "x"}, "working_days": ["mon"]}');
SELECT tiering.import_calendar('shift', '{"title": {"zh": "班次"}, "working_days": ["mon", "tue"], "hours": {"mon": [["09:00", "12:00"]]}, "holidays": ["2026-03-02", "2026-03-02"]}');
DELETE FROM tiering.calendars WHERE calendar = 'shift';
SELECT tiering.translated('program "x" is paused'), tiering.translated('nothing of ours'), tiering.translated(NULL);
SELECT tiering.pause_program('消息');
CALL tiering.retier('消息');
SELECT tiering.is_workday('cn', '2027-01-04'), tiering.is_workday('us', '2050-01-04');
SELECT tiering.extend_calendar('cn', holidays => '{2026-10-12}');
SELECT tiering.extend_calendar('cn', until => '2026-01-01');
-- what the server refuses before any function of ours is called: a parameter without a type
PREPARE untyped AS SELECT tiering.customer_tier('abc_share', $1);
SET customer_tiering.lang = 'en';
PREPARE untyped AS SELECT tiering.customer_tier('abc_share', $1);
PREPARE untyped AS SELECT tiering.explain_grade(tiering.current_scheme('abc_share'), now(), $1);
PREPARE untyped AS SELECT num_nulls($1);
PREPARE typed AS SELECT tiering.customer_tier('abc_share', $1::numeric), tiering.customer_tier('abc_share', $2::jsonb);
EXECUTE typed(999999, '{"annual_value": 999999}');
SET customer_tiering.lang = 'zh';
SELECT tiering.drop_program('消息');
DROP SCHEMA messages_test CASCADE;
