-- Zone, calendar and language once: set_defaults(), and programs with a zone of their own.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
SET timezone = 'UTC';
CREATE SCHEMA defaults_test;

-- half past four in the afternoon of a Friday in UTC is Saturday in Shanghai
CREATE VIEW defaults_test.answers AS SELECT next_followup_due('sales_readiness', 'A', '2026-01-30 16:30+00') AS due, response_due('sales_readiness', 'A', '2026-01-30 16:30+00') AS response,
    customer_tier_asof('sales_readiness', '2026-01-30 16:30+00', 'explicit', date '2026-02-28') AS tier,
    grade(current_scheme('sales_readiness'), '2026-01-30 16:30+00', 'explicit', date '2026-02-28') AS grade,
    (explain_tier_asof('sales_readiness', '2026-01-30 16:30+00', 'explicit', date '2026-02-28')) ->> 'as_of' AS as_of,
    current_scheme('sales_readiness')::jsonb ->> 'timezone' AS document_zone;
SELECT * FROM defaults_test.answers;
SELECT set_defaults(timezone => 'Asia/Shanghai');
SELECT * FROM defaults_test.answers;
SELECT set_defaults('Asia/Shanghai', 'weekends', '中文');
SELECT * FROM defaults_test.answers;
-- a calendar and a language that are named count
SELECT next_followup_due('sales_readiness', 'A', '2026-01-30 16:30+00', 'cn') AS due;
SELECT (SELECT content FROM describe_scheme('sales_readiness') LIMIT 1) = (SELECT content FROM describe_scheme('sales_readiness', 'zh') LIMIT 1) AS in_chinese,
    (SELECT array_agg(action) FROM tier_strategy('sales_readiness', 'A')) = (SELECT array_agg(action) FROM tier_strategy('sales_readiness', 'A', lang => 'zh')) AS strategy_in_chinese;
SELECT timezone, calendar, lang FROM defaults;
-- a scheme with a zone of its own keeps it
SELECT derive_scheme('sales_readiness', 'defaults_tokyo', '{"timezone": "America/New_York"}'), approve_scheme('defaults_tokyo');
SELECT explain_tier_asof('defaults_tokyo', '2026-01-30 16:30+00', 'explicit', date '2026-02-28') ->> 'as_of' AS as_of;
-- within one statement a call site looks once; a change is seen by the next one, in a loop as well
CREATE FUNCTION defaults_test.days() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    days text[];
    zone text;
BEGIN
    FOREACH zone IN ARRAY '{UTC,Asia/Shanghai,America/New_York}'::text[] LOOP
        PERFORM tiering.set_defaults(zone);
        days := days || (tiering.next_followup_due('sales_readiness', 'A', '2026-01-30 16:30+00'))::text;
        days := days || (tiering.next_followup_due('sales_readiness', 'A', '2026-01-31 03:30+00'))::text;
    END LOOP;
    RETURN days;
END
$$;
SELECT defaults_test.days();

-- programs: their own zone, or that of the scheme, or the default as of the last retier
CREATE TABLE defaults_test.deals (id int PRIMARY KEY, demand text, expected_close date, last timestamptz);
INSERT INTO defaults_test.deals VALUES (1, 'explicit', '2026-01-31', '2026-01-30 16:30+00');
SELECT set_defaults(NULL, NULL, NULL);
SELECT create_program('plain', 'sales_readiness', 'defaults_test.deals', 'id', last_followup_column => 'last');
SELECT create_program('own', 'sales_readiness', 'defaults_test.deals', 'id', last_followup_column => 'last', timezone => 'Asia/Shanghai');
SELECT create_program('schemes', 'defaults_tokyo', 'defaults_test.deals', 'id', last_followup_column => 'last');
CREATE VIEW defaults_test.programs AS SELECT p.program, p.timezone, p.zone, t.tier, t.next_due FROM programs p LEFT JOIN current_tiers t ON t.program = p.program WHERE p.program IN ('plain', 'own', 'schemes') ORDER BY p.program;
\set VERBOSITY terse
CALL retier('plain');
CALL retier('own');
CALL retier('schemes');
SELECT * FROM defaults_test.programs;
SELECT set_defaults('Asia/Shanghai', 'weekends');
SELECT * FROM defaults_test.programs;
CALL retier('plain');
CALL retier('own');
CALL retier('schemes');
SELECT * FROM defaults_test.programs;
SELECT bool_and(calendar_known) FROM followups_due WHERE program = 'plain';
SELECT alter_program('own', '{"timezone": "America/New_York"}'), alter_program('schemes', '{"timezone": "Asia/Shanghai", "calendar": "weekends"}');
CALL retier('own');
CALL retier('schemes');
SELECT * FROM defaults_test.programs;
SELECT alter_program('own', '{"timezone": null}');
SELECT timezone, zone FROM programs WHERE program = 'own';
SELECT explain_customer('own', '1') ->> 'as_of' = (now() AT TIME ZONE 'Asia/Shanghai')::date::text AS day_of_shanghai;
\set VERBOSITY default

-- errors
SELECT set_defaults('Mars/Phobos');
SELECT set_defaults(calendar => 'lunar');
SELECT set_defaults(lang => 'tlh');
SELECT create_program('bad', 'sales_readiness', 'defaults_test.deals', 'id', timezone => 'Mars/Phobos');
SELECT alter_program('own', '{"timezone": "Mars/Phobos"}');
\set VERBOSITY terse
INSERT INTO defaults (one) VALUES (false);
\set VERBOSITY default
-- a calendar that is gone is an error, not a silent day
INSERT INTO defaults (calendar) VALUES ('gone') ON CONFLICT (one) DO UPDATE SET calendar = 'gone';
SELECT next_followup_due('sales_readiness', 'A', '2026-01-30 16:30+00');
CALL retier('plain');
SELECT set_defaults();
-- only the owner may
CREATE ROLE defaults_stranger;
GRANT USAGE ON SCHEMA tiering TO defaults_stranger;
SET ROLE defaults_stranger;
SELECT set_defaults('UTC');
SELECT customer_tier('sales_readiness', 'none', NULL) AS tier;
RESET ROLE;
REVOKE USAGE ON SCHEMA tiering FROM defaults_stranger;
DROP ROLE defaults_stranger;
SELECT drop_program('plain'), drop_program('own'), drop_program('schemes');
DELETE FROM defaults;
DROP SCHEMA defaults_test CASCADE;
