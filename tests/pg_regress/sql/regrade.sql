-- The past corrected: orders that are booked for an earlier day, and what was known before.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA regrade_test;
SELECT create_scheme('{"scheme": "regrade", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "gte": 500, "lt": 1000}, {"code": "bronze", "lt": 500}]}],
    "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "gold", "followup": {"every": "P1M"}}, {"code": "silver"}, {"code": "bronze"}]}'), approve_scheme('regrade');
CREATE TABLE regrade_test.members (id integer PRIMARY KEY, joined timestamptz NOT NULL, owner text);
INSERT INTO regrade_test.members SELECT i, '2021-01-01+00', 'anna' FROM generate_series(1, 5) AS i;
CREATE TABLE regrade_test.orders (member integer, at timestamptz, amount numeric);
INSERT INTO regrade_test.orders VALUES (1, '2021-01-05+00', 600), (2, '2021-01-05+00', 600), (2, '2021-03-10+00', 500), (3, '2021-01-05+00', 100), (4, '2021-03-05+00', 1200), (5, '2021-01-05+00', 700);
CREATE FUNCTION regrade_test.spend_as_of(at timestamptz) RETURNS TABLE (id integer, spend numeric, owner text) LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT m.id, coalesce((SELECT sum(o.amount) FROM regrade_test.orders o WHERE o.member = m.id AND o.at <= $1), 0), m.owner FROM regrade_test.members m WHERE m.joined <= $1;
END;
CREATE VIEW regrade_test.spend AS SELECT * FROM regrade_test.spend_as_of('2021-04-15+00');
SELECT create_program('club', 'regrade', 'regrade_test.spend', 'id', owner_column => 'owner');
SELECT backfill('club', '2021-02-01+00', '2021-04-01+00', '1 month', customers_as_of => 'regrade_test.spend_as_of(timestamptz)');
CALL retier('club');
CREATE VIEW regrade_test.past AS SELECT m.at::date AS at, (SELECT string_agg(t.customer || ' ' || t.tier, ', ' ORDER BY t.customer) FROM tiers_as_of('club', m.at) t) AS tiers
    FROM (VALUES (timestamptz '2021-02-01+00'), ('2021-03-01+00'), ('2021-04-01+00'), (now())) AS m (at);
CREATE VIEW regrade_test.known_before AS SELECT m.at::date AS at, (SELECT string_agg(t.customer || ' ' || t.tier, ', ' ORDER BY t.customer)
    FROM tiers_as_of('club', m.at, (SELECT max(at) - interval '1 microsecond' FROM regrades WHERE program = 'club')) t) AS tiers
    FROM (VALUES (timestamptz '2021-02-01+00'), ('2021-03-01+00'), ('2021-04-01+00')) AS m (at);
SELECT * FROM regrade_test.past LIMIT 3;

-- Member 1 had bought more by the middle of February; the order of member 2 in March was none; member 3 buys in March; 4 joined late; 5 is as it was.
INSERT INTO regrade_test.orders VALUES (1, '2021-02-15+00', 500), (3, '2021-03-20+00', 600);
DELETE FROM regrade_test.orders WHERE member = 2 AND at = '2021-03-10+00';
UPDATE regrade_test.members SET joined = '2021-02-10+00' WHERE id = 4;
SELECT regrade('club', '2021-02-01+00', '2021-03-31+00', 'orders booked late', 'regrade_test.spend_as_of(timestamptz)', step => '1 month');
SELECT * FROM regrade_test.past LIMIT 3;
SELECT regrade('club', '2021-02-01+00', NULL, 'orders booked late', 'regrade_test.spend_as_of(timestamptz)') > 0 AS corrected;
SELECT * FROM regrade_test.past LIMIT 3;
SELECT * FROM regrade_test.known_before WHERE at < '2021-04-01';
SELECT (SELECT string_agg(t.customer || ' ' || t.tier, ', ' ORDER BY t.customer) FROM tiers_as_of('club', '2021-04-01+00', (SELECT min(at) - interval '1 microsecond' FROM regrades WHERE program = 'club')) t) AS known_at_first;
SELECT customer, tier, computed_tier, next_due IS NOT NULL AS due FROM current_tiers WHERE program = 'club' ORDER BY 1;
SELECT from_time, until_time IS NOT NULL AS until, reason, moments, regraded_by = session_user AS by_me FROM regrades WHERE program = 'club' ORDER BY at;
SELECT customer, previous_tier, tier, reason, cause FROM assignment_history WHERE program = 'club' AND cause = 'regrade' AND since < '2021-04-02' ORDER BY customer, since;
-- The same again finds nothing, and a retier() goes on from there.
SELECT regrade('club', '2021-02-01+00', NULL, 'again', 'regrade_test.spend_as_of(timestamptz)');
CALL retier('club');
SELECT bool_and((a.tier, a.rank, a.since) IS NOT DISTINCT FROM (l.tier, t.rank, l.since)) AS as_the_newest_row FROM assignments a
CROSS JOIN LATERAL (SELECT * FROM assignment_log l WHERE l.program = a.program AND l.customer = a.customer ORDER BY since DESC LIMIT 1) l
LEFT JOIN program_tiers t ON t.program = l.program AND t.tier = l.tier WHERE a.program = 'club';

-- Stability goes from run to run; a snapshot serves as well; who was gone by mistake was there.
SELECT derive_scheme('regrade', 'regrade_term', '{"stability": {"term": "P2M"}}'), approve_scheme('regrade_term');
CREATE TABLE regrade_test.snapshots AS SELECT s.*, m.at AS taken FROM (VALUES (timestamptz '2021-02-01+00'), ('2021-03-01+00'), ('2021-04-01+00')) AS m (at), regrade_test.spend_as_of(m.at) s WHERE NOT (s.id = 5 AND m.at = '2021-03-01+00');
SELECT create_program('kept', 'regrade_term', 'regrade_test.spend', 'id', owner_column => 'owner');
SELECT backfill('kept', '2021-02-01+00', '2021-04-01+00', '1 month', snapshots => 'regrade_test.snapshots', taken_at => 'taken');
SELECT customer, tier, since FROM assignment_log WHERE program = 'kept' AND customer IN ('1', '5') ORDER BY customer, since;
INSERT INTO regrade_test.snapshots VALUES (5, 700, 'anna', '2021-03-01+00');
UPDATE regrade_test.snapshots SET spend = 1500 WHERE id = 5 AND taken = '2021-02-01+00';
SELECT regrade('kept', '2021-01-01+00', NULL, 'a line was missing', snapshots => 'regrade_test.snapshots', taken_at => 'taken');
SELECT m.at::date AS at, (SELECT t.tier FROM tiers_as_of('kept', m.at) t WHERE t.customer = '5') AS kept_for_two_months FROM (VALUES (timestamptz '2021-02-01+00'), ('2021-03-01+00'), ('2021-04-01+00')) AS m (at);

-- What is refused.
SELECT regrade('club', NULL, NULL, 'x', 'regrade_test.spend_as_of(timestamptz)');
SELECT regrade('club', '2021-02-01+00', NULL, '', 'regrade_test.spend_as_of(timestamptz)');
SELECT regrade('club', '2021-02-01+00', '2021-01-01+00', 'x', 'regrade_test.spend_as_of(timestamptz)');
SELECT regrade('club', '-infinity', '2021-01-01+00', 'x', 'regrade_test.spend_as_of(timestamptz)');
SELECT regrade('club', '2019-02-01+00', '2019-03-01+00', 'x', 'regrade_test.spend_as_of(timestamptz)');
SELECT regrade('club', '2021-02-01+00', NULL, 'x', 'now()');
SELECT regrade('club', '2021-02-01+00', NULL, 'x', 'regrade_test.spend_as_of(timestamptz)', step => '0 days');
SELECT regrade('club', '2021-02-01+00', NULL, 'x', 'regrade_test.members', taken_at => 'owner');
SELECT drop_program('club'), drop_program('kept');
SELECT count(*) FROM regrades;
DROP SCHEMA regrade_test CASCADE;
