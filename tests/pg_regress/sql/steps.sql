-- Contacts that come first in a tier (E17), one after the other, before the cadence counts.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA steps_test;
SELECT create_scheme('{"scheme": "steps", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "lt": 1000}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P30D", "steps": [{"after": "P1D", "channel": "电话"}, {"after": "P3D", "channel": "mail"}, {"after": "P7D", "channel": "phone"}]}},
        {"code": "silver", "followup": {"every": "P60D"}}]}'), approve_scheme('steps');
SELECT item, content FROM describe_scheme('steps', 'en') WHERE content ~ 'First contacts';
SELECT item, content FROM describe_scheme('steps', 'zh') WHERE content ~ '首轮';

CREATE TABLE steps_test.clients (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO steps_test.clients VALUES (1, 100, 'anna'), (2, 2000, 'anna'), (3, 100, 'anna');
SELECT create_program('steps', 'steps', 'steps_test.clients', 'id', owner_column => 'owner');
-- Graded ten days ago, so that there is room for contacts.
CALL retier('steps', now() - interval '10 days');
CALL retier('steps');
CREATE VIEW steps_test.list AS
    SELECT d.customer, d.tier, d.step, d.channel, d.due - (t.since AT TIME ZONE 'UTC')::date AS days_after_the_tier, d.due - (d.last_followup AT TIME ZONE 'UTC')::date AS days_after_the_contact
    FROM followups_due d JOIN current_tiers t USING (program, customer) WHERE d.program = 'steps';
SELECT * FROM steps_test.list ORDER BY customer;
-- An attempt is no step. Each step is due so long after the tier began, and as long after a late one as the steps are apart.
SELECT tier FROM log_followup('steps', '2', 'phone', at => now() - interval '9 days', counts => false);
SELECT step, channel, days_after_the_tier FROM steps_test.list WHERE customer = '2';
SELECT next_due = (now() - interval '5 days')::date AS two_days_after_the_first FROM log_followup('steps', '2', 'phone', at => now() - interval '7 days');
SELECT step, channel, days_after_the_contact FROM steps_test.list WHERE customer = '2';
SELECT tier FROM log_followup('steps', '2', 'mail', at => now() - interval '6 days');
SELECT step, channel, days_after_the_contact FROM steps_test.list WHERE customer = '2';
SELECT tier FROM log_followup('steps', '2', 'phone', at => now() - interval '1 day');
SELECT step, channel, days_after_the_contact FROM steps_test.list WHERE customer = '2';
-- retier() finds the same.
CALL retier('steps');
SELECT step, channel, days_after_the_contact FROM steps_test.list WHERE customer = '2';
-- What is pruned takes no step back.
SELECT removed FROM prune('steps', now()) WHERE pruned = 'followups'::regclass;
CALL retier('steps');
SELECT step, channel, days_after_the_contact FROM steps_test.list WHERE customer = '2';
-- A promotion begins them anew, whatever contacts there were; a demotion ends them.
SELECT tier FROM log_followup('steps', '1', 'phone', at => now() - interval '2 days');
UPDATE steps_test.clients SET spend = 3000 WHERE id = 1;
CALL retier('steps');
SELECT * FROM steps_test.list WHERE customer = '1';
SELECT tier FROM log_followup('steps', '1', 'phone');
SELECT * FROM steps_test.list WHERE customer = '1';
UPDATE steps_test.clients SET spend = 300 WHERE id = 1;
CALL retier('steps');
SELECT tier, step, channel, days_after_the_contact FROM steps_test.list WHERE customer = '1';
-- So does an override; when it ends, the steps end.
SELECT override_tier('steps', '3', 'gold', 'on the board');
SELECT * FROM steps_test.list WHERE customer = '3';
SELECT tier FROM log_followup('steps', '3', 'phone');
SELECT * FROM steps_test.list WHERE customer = '3';
CALL retier('steps');
SELECT * FROM steps_test.list WHERE customer = '3';
SELECT clear_override('steps', '3');
CALL retier('steps');
SELECT tier, step, channel FROM steps_test.list WHERE customer = '3';
-- Who is new begins with them.
INSERT INTO steps_test.clients VALUES (4, 5000, 'anna');
SELECT retier_customers('steps', '4');
SELECT * FROM steps_test.list WHERE customer = '4';
-- Steps that come with a new version are for who has fewer contacts, and are not due before that day.
SELECT revise_scheme(scheme(jsonb_set(to_jsonb(current_scheme('steps')), '{tiers,1,followup}', '{"every": "P60D", "steps": [{"after": "P2D", "channel": "visit"}]}'))), approve_scheme('steps');
SELECT tier FROM log_followup('steps', '1', 'phone', at => now() - interval '1 minute', counts => false);
INSERT INTO steps_test.clients VALUES (5, 10, 'anna');
CALL retier('steps');
SELECT customer, step, channel, due >= (SELECT followup_since::date FROM program_tiers g WHERE g.program = 'steps' AND g.tier = 'silver') AS not_before FROM followups_due WHERE program = 'steps' AND tier = 'silver' ORDER BY 1;
-- Moved to a working day. A contact of the source is one, too.
SELECT (step_due('[{"after": "P1D"}, {"after": "P4D"}]', 'steps', 'nobody', '2026-11-27 10:00+00', NULL, 'UTC', 'following', c.document, NULL)) AS first_step,
    (step_due('[{"after": "P1D"}, {"after": "P4D"}]', 'steps', 'nobody', '2026-11-27 10:00+00', '2026-12-02 10:00+00', 'UTC', 'following', c.document, NULL)) AS second_step,
    (step_due('[{"after": "P1D"}, {"after": "P4D"}]', 'steps', 'nobody', '2026-11-27 10:00+00', '2026-11-27 12:00+00', 'UTC', 'none', NULL, NULL)) AS after_an_early_one,
    (step_due('[{"after": "P1D"}]', 'steps', 'nobody', '2026-11-27 10:00+00', '2026-11-27 12:00+00', 'UTC', 'none', NULL, NULL)) AS all_done,
    (step_due(NULL, 'steps', 'nobody', '2026-11-27 10:00+00', NULL, 'UTC', 'none', NULL, NULL)) AS no_steps
FROM calendars c WHERE c.calendar = 'weekends';
SELECT drop_program('steps');
