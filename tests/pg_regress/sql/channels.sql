-- Channels with a rhythm of their own besides the cadence of the tier.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA channels_test;
SELECT create_scheme('{"scheme": "channels", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "lt": 1000}]}],
    "decision": {"method": "bands", "characteristic": "c"},
    "tiers": [{"code": "gold", "followup": {"every": "P10D", "channels": {"visit": "P100D", "邮件": "P20D"}}}, {"code": "silver", "followup": {"every": "P60D"}}]}'), approve_scheme('channels');
SELECT item, content FROM describe_scheme('channels', 'en') WHERE content ~ 'Besides';
SELECT item, content FROM describe_scheme('channels', 'zh') WHERE content ~ '另按渠道';
CREATE TABLE channels_test.clients (id integer PRIMARY KEY, spend numeric, owner text);
INSERT INTO channels_test.clients VALUES (1, 2000, 'anna'), (2, 100, 'anna'), (3, 2000, 'ben');
SELECT create_program('channels', 'channels', 'channels_test.clients', 'id', owner_column => 'owner');
CALL retier('channels', now() - interval '30 days');
CALL retier('channels');
CREATE VIEW channels_test.list AS
    SELECT d.customer, d.owner, d.channel, d.due - (coalesce(d.last_contact, t.since) AT TIME ZONE 'UTC')::date AS days_after, d.last_contact IS NOT NULL AS contacted, d.days_overdue
    FROM channels_due d JOIN current_tiers t USING (program, customer) WHERE d.program = 'channels';
SELECT * FROM channels_test.list ORDER BY customer, channel;
-- A call is no visit, and an attempt none; a visit is a contact for the cadence as well.
SELECT count(*) FROM log_followup('channels', '1', 'phone') AS a, log_followup('channels', '1', 'visit', counts => false) AS b;
SELECT * FROM channels_test.list WHERE customer = '1' ORDER BY channel;
SELECT next_due = (now() + interval '10 days')::date AS in_ten_days FROM log_followup('channels', '1', '拜访');
SELECT * FROM channels_test.list WHERE customer = '1' ORDER BY channel;
SELECT count(*) FROM log_followup('channels', '1', 'phone');
SELECT removed FROM prune('channels', now()) WHERE pruned = 'followups'::regclass;
SELECT * FROM channels_test.list WHERE customer = '1' ORDER BY channel;
-- Not by a channel that is stopped, nor by any.
SELECT stop_contact('channels', '1', 'no mail, please', channel => '电子邮件'), stop_contact('channels', '3', 'no contact, please');
SELECT * FROM channels_test.list ORDER BY customer, channel;
-- Nobody is late for a rhythm that begins with a version, or with a tier.
SELECT revise_scheme(scheme(jsonb_set(to_jsonb(current_scheme('channels')), '{tiers,0,followup,channels}', '{"visit": "P100D", "phone": "P5D"}'))), approve_scheme('channels');
SELECT allow_contact('channels', '3');
CALL retier('channels');
SELECT customer, channel, days_overdue, due = now()::date AS due_today FROM channels_due WHERE program = 'channels' ORDER BY 1, 2;
SELECT channels #>> '{visit,since}' IS NULL AS visit_as_before, channels #>> '{phone,since}' IS NOT NULL AS phone_is_new FROM program_tiers WHERE program = 'channels' AND tier = 'gold';
UPDATE channels_test.clients SET spend = 5000 WHERE id = 2;
CALL retier('channels');
SELECT customer, channel, days_overdue, due - now()::date AS due_in FROM channels_due WHERE program = 'channels' AND customer = '2' ORDER BY 2;
SELECT drop_program('channels');
