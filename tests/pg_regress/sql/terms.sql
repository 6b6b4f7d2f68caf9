-- How long a tier is kept, on which days customers go down, from when on a new rhythm counts, and overrides as the least or the most.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA terms_test;
SELECT create_scheme('{"scheme": "terms", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "gte": 500, "lt": 1000}, {"code": "bronze", "lt": 500}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P1D"}}, {"code": "silver", "followup": {"every": "P30D"}}, {"code": "bronze", "followup": {"every": "P360D"}}]}');
SELECT approve_scheme('terms');

-- E06: the tier is kept for twelve months, a better one comes at once. Jane falls below on 2024-12-01, Joe earns gold on 2024-03-01.
CREATE TABLE terms_test.past AS
    SELECT 1 AS id, (CASE WHEN d < '2024-12-01' THEN 700 ELSE 100 END)::numeric AS spend, date '2023-07-20' AS joined, d AS taken
    FROM generate_series(timestamptz '2024-01-01+00', '2026-11-01+00', '1 month') AS d
    UNION ALL SELECT 2, CASE WHEN d < '2024-03-01' THEN 700 ELSE 2000 END, '2019-05-10', d FROM generate_series(timestamptz '2024-01-01+00', '2026-11-01+00', '1 month') AS d
    UNION ALL SELECT 3, CASE WHEN d < '2024-02-01' THEN 2000 ELSE 100 END, '2022-09-15', d FROM generate_series(timestamptz '2024-01-01+00', '2026-11-01+00', '1 month') AS d;
CREATE TABLE terms_test.now AS SELECT id, spend, joined FROM terms_test.past WHERE taken = '2026-11-01+00';
SELECT count(derive_scheme('terms', s.name, jsonb_build_object('title', '{"en": "x"}'::jsonb, 'stability', s.stability)) + approve_scheme(s.name)) FROM (VALUES
    ('terms_term', '{"term": "P12M"}'::jsonb),
    ('terms_never', '{"demote_on": "never"}'),
    ('terms_day', '{"demote_on": "03-01"}'),
    ('terms_step', '{"demote_on": "03-01", "demote_steps": 1}'),
    ('terms_tier', '{"demote_on": "tier_anniversary"}'),
    ('terms_customer', '{"demote_on": "customer_anniversary"}'),
    ('terms_both', '{"term": "P12M", "demote_on": "03-01"}')) AS s (name, stability);
SELECT count(create_program(s.scheme, s.scheme, 'terms_test.now', 'id')) FROM current_schemes s WHERE s.scheme LIKE 'terms\_%';
SELECT alter_program('terms_customer', '{"joined": "joined"}');
SELECT p.program, backfill(p.program, '2024-01-01+00', '2026-11-01+00', '1 month', snapshots => 'terms_test.past', taken_at => 'taken') FROM programs p WHERE p.program LIKE 'terms\_%' ORDER BY 1;
SELECT program, CASE customer WHEN '1' THEN 'Jane' WHEN '2' THEN 'Joe' ELSE 'Jim' END AS who, string_agg(tier || ' ' || lower(valid)::date, ', ' ORDER BY lower(valid)) AS tiers
FROM assignment_history WHERE program LIKE 'terms\_%' GROUP BY 1, customer ORDER BY 1, customer;
-- the anniversary of the first grading, where nobody says since when the customer is one
SELECT alter_program('terms_customer', '{"joined": null}'), alter_program('terms_customer', '{"joined": "spend"}');
SELECT program, customer, valid_until FROM current_tiers WHERE program IN ('terms_customer', 'terms_day', 'terms_never', 'terms_tier') AND customer = '2' ORDER BY 1;
SELECT program, customer, valid_until FROM assignments WHERE program = 'terms_term' ORDER BY 2;
-- nor of those of whom it says what is no day: one such row stops nobody
CREATE TABLE terms_test.odd AS SELECT i AS id, 700::numeric AS spend, d AS joined, least(d, '294276-12-31')::timestamp AS clock, least(d, '294276-12-31')::timestamp AT TIME ZONE 'UTC' AS moment
    FROM (VALUES (1, '2020-06-15'::date), (2, 'infinity'), (3, '-infinity'), (4, '5874897-12-31'), (5, '4714-11-24 BC'), (6, NULL)) v (i, d);
SELECT create_program('terms_odd', 'terms_customer', 'terms_test.odd', 'id', timezone => 'Asia/Shanghai');
SELECT alter_program('terms_odd', '{"joined": "joined"}');
CALL retier('terms_odd', '2026-01-01 00:00+08');
SELECT customer, tier, valid_until FROM assignments WHERE program = 'terms_odd' ORDER BY 1;
SELECT alter_program('terms_odd', '{"joined": "clock"}');
CALL retier('terms_odd', '2026-01-02 00:00+08');
SELECT alter_program('terms_odd', '{"joined": "moment"}');
CALL retier('terms_odd', '2026-01-03 00:00+08');
SELECT customer, tier, valid_until FROM assignments WHERE program = 'terms_odd' AND valid_until <> '2027-01-01' ORDER BY 1;
SELECT customer, value, message, hint FROM run_problems WHERE program = 'terms_odd' AND purpose = 'joined' AND at = (SELECT min(started) FROM retier_runs WHERE program = 'terms_odd') ORDER BY 1;
SELECT drop_program('terms_odd');
SELECT item, content FROM describe_scheme('terms_both') WHERE section = 'Stability';
SELECT item, content FROM describe_scheme('terms_step', 'zh') WHERE section = '稳定规则';

-- A program of today: valid until a year from now.
CREATE TABLE terms_test.clients (id integer PRIMARY KEY, spend numeric, owner text, last date, deleted_at timestamptz);
INSERT INTO terms_test.clients VALUES (1, 100, 'anna', current_date - 200), (2, 700, 'anna', current_date - 5);
SELECT create_program('kept', 'terms_term', 'terms_test.clients', 'id', owner_column => 'owner');
CALL retier('kept');
SELECT customer, valid_until = (since::date + interval '1 year')::date AS a_year_from_the_beginning FROM current_tiers WHERE program = 'kept' ORDER BY 1;
SELECT override_tier('kept', '1', 'gold', 'goodwill', now() + interval '30 days'), override_tier('kept', '2', 'gold', 'goodwill');
SELECT customer, tier, valid_until = (overridden_until AT TIME ZONE 'UTC')::date AS until_the_override_ends FROM current_tiers WHERE program = 'kept' ORDER BY 1;

-- E02: who is promoted today is not late for the rhythm of today.
SELECT create_program('fair', 'terms', 'terms_test.clients', 'id', owner_column => 'owner', last_followup_column => 'last');
CALL retier('fair');
SELECT customer, tier, due - last_followup::date AS days_after_the_contact, days_overdue FROM followups_due WHERE program = 'fair' ORDER BY 1;
UPDATE terms_test.clients SET spend = 2000 WHERE id = 1;
CALL retier('fair');
SELECT d.tier, d.due = t.since::date AS due_with_the_change FROM followups_due d JOIN current_tiers t USING (program, customer) WHERE d.program = 'fair' AND d.customer = '1';
-- a second run changes nothing
CALL retier('fair');
SELECT tier FROM log_followup('fair', '1', 'phone', at => (SELECT since FROM assignments WHERE program = 'fair' AND customer = '1'));
SELECT on_time FROM followups WHERE program = 'fair';
-- nor for that of an override, or of criteria that changed
SELECT override_tier('fair', '2', 'gold', 'on the board');
SELECT t.next_due = t.since::date AS due_with_the_override FROM current_tiers t WHERE program = 'fair' AND customer = '2';
SELECT clear_override('fair', '2');
UPDATE terms_test.clients SET last = current_date - 100 WHERE id = 2;
CALL retier('fair');
SELECT assigned_tier, next_due < (SELECT since::date FROM overrides WHERE program = 'fair') AS late_since_before FROM current_tiers WHERE program = 'fair' AND customer = '2';
INSERT INTO terms_test.clients VALUES (3, 100, 'anna', current_date - 40);
CALL retier('fair');
SELECT revise_scheme(scheme(jsonb_set(to_jsonb(current_scheme('terms')), '{tiers,2,followup}', '{"every": "P1W", "grace": "P3D"}'))), approve_scheme('terms');
CALL retier('fair');
SELECT customer, next_due - (SELECT followup_since::date FROM program_tiers g WHERE g.program = t.program AND g.tier = t.tier) AS days_after_the_criteria FROM current_tiers t WHERE program = 'fair' AND customer = '3';
SELECT item, content FROM describe_scheme('terms') WHERE content ~ 'change of tier';

-- E07: the least and the most that a customer has.
SELECT create_program('least', 'terms', 'terms_test.clients', 'id');
UPDATE terms_test.clients SET spend = 100;
CALL retier('least');
SELECT override_tier('least', '1', 'silver', 'goodwill', kind => 'at_least'), override_tier('least', '2', 'silver', 'on probation', kind => 'at_most'), override_tier('least', '3', 'silver', 'by decree');
SELECT customer, tier, computed_tier, overridden, override_kind FROM current_tiers WHERE program = 'least' ORDER BY 1;
UPDATE terms_test.clients SET spend = 5000;
CALL retier('least');
SELECT customer, tier, computed_tier, overridden, override_kind, override_reason FROM current_tiers WHERE program = 'least' ORDER BY 1;
SELECT customer, tier, overridden FROM tiers_as_of('least', now()) ORDER BY 1;
SELECT customer, tier FROM followups_due WHERE program = 'least' ORDER BY 1;
SELECT customer, tier FROM claim_followups('least', 'anna', 3) ORDER BY 1;
SELECT override_tier('least', '1', 'silver', 'x', kind => 'about');

-- Rows that are marked as deleted are no customers, whether they are graded at night or by triggers.
SELECT alter_program('least', '{"deleted": "deleted_at"}'), enable_automatic('least');
UPDATE terms_test.clients SET deleted_at = now() WHERE id = 3;
SELECT customer, tier FROM current_tiers WHERE program = 'least' ORDER BY 1;
SELECT customer, reason FROM assignment_log WHERE program = 'least' AND reason IN ('gone', 'returned');
CALL retier('least');
UPDATE terms_test.clients SET deleted_at = NULL;
SELECT customer, tier FROM current_tiers WHERE program = 'least' ORDER BY 1;
SELECT alter_program('least', '{"deleted": "owner"}');
SELECT explain_customer('least', '3') ->> 'tier' AS tier;
UPDATE terms_test.clients SET deleted_at = now() WHERE id = 3;
SELECT explain_customer('least', '3') ->> 'tier' AS tier;
ALTER TABLE terms_test.clients RENAME deleted_at TO removed_at;
CALL retier('least');
SELECT deleted_column FROM programs WHERE program = 'least';

DROP SCHEMA terms_test CASCADE;
SELECT count(drop_program(program)) FROM programs WHERE program LIKE 'terms\_%' OR program IN ('kept', 'fair', 'least');
