-- retier(): history, stability, overrides, runs. The oracle is recomputation, compared both ways.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA retier_test;
CREATE TABLE retier_test.clients (id text PRIMARY KEY, points numeric, owner text);

-- What each assignment and the history should be, computed anew. No row: all is as it should be.
CREATE FUNCTION retier_test.disagreements(program text, scheme text) RETURNS TABLE (what text, line text)
    LANGUAGE sql
AS $$
    (SELECT 'grade missing', g::text FROM (SELECT id, customer_tier($2, points), owner FROM retier_test.clients
        EXCEPT ALL SELECT customer, computed_tier, owner FROM assignments a WHERE a.program = $1 AND gone_since IS NULL) g)
    UNION ALL
    (SELECT 'grade too much', g::text FROM (SELECT customer, computed_tier, owner FROM assignments a WHERE a.program = $1 AND gone_since IS NULL
        EXCEPT ALL SELECT id, customer_tier($2, points), owner FROM retier_test.clients) g)
    UNION ALL
    (SELECT 'not the last of the log', l::text FROM (SELECT customer, tier, since, gone_since IS NOT NULL FROM assignments a WHERE a.program = $1
        EXCEPT ALL (SELECT DISTINCT ON (customer) customer, tier, since, reason = 'gone' FROM assignment_log a WHERE a.program = $1 ORDER BY customer, since DESC)) l)
    UNION ALL
    (SELECT 'overlap', x.customer FROM assignment_history x JOIN assignment_history y ON y.program = x.program AND y.customer = x.customer
        AND y.valid && x.valid AND lower(y.valid) <> lower(x.valid) WHERE x.program = $1)
$$;

-- Five tiers by a score, with every kind of stability. Thresholds 80, 60, 40, 20.
SELECT create_scheme(format('{
    "scheme": "steady", "timezone": "Asia/Shanghai",
    "inputs": [{"name": "points", "type": "number"}],
    "characteristics": [{"name": "points", "input": "points", "baseline": 90, "reason": "FEW_POINTS", "bins": [%s]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A", "gte": 80}, {"tier": "B", "gte": 60}, {"tier": "C", "gte": 40}, {"tier": "D", "gte": 20}, {"tier": "E"}]},
    "tiers": [{"code": "A", "followup": {"every": "P1D"}}, {"code": "B", "followup": {"every": "P7D"}}, {"code": "C", "followup": {"every": "P15D"}},
        {"code": "D", "followup": {"every": "P30D"}}, {"code": "E", "followup": {"every": "P1Y"}}],
    "stability": {"promote_margin": 5, "demote_margin": 5, "demote_after": "P30D", "demote_steps": 2, "minimum_stay": "P10D"}}',
    (SELECT string_agg(format('{"code": "p%s"%s%s, "points": %s}', n, CASE WHEN n > 0 THEN format(', "gte": %s', n) END,
        CASE WHEN n < 100 THEN format(', "lt": %s', n + 1) END, n), ', ') FROM generate_series(0, 100) AS n))::scheme);
SELECT approve_scheme('steady');
INSERT INTO retier_test.clients VALUES ('up', 50, 'anna'), ('just up', 50, 'anna'), ('down', 90, 'ben'), ('just down', 85, 'ben'), ('dip', 90, 'ben'),
    ('unknown', NULL, NULL), ('later', NULL, NULL), ('leaves', 30, 'anna'), ('stays', 70, 'anna');
SELECT create_program('steady', 'steady', 'retier_test.clients', 'id', owner_column => 'owner');
CALL retier('steady', '2020-01-01 12:00+08');
SELECT customer, tier, computed_tier, score, reasons, since, pending_since FROM current_tiers ORDER BY customer COLLATE "C";

-- Ten days have not gone by: nobody moves, but for those without data, and those who leave.
UPDATE retier_test.clients SET points = CASE id WHEN 'up' THEN 85 WHEN 'just up' THEN 84 WHEN 'down' THEN 10 WHEN 'just down' THEN 76 WHEN 'dip' THEN 30
    WHEN 'later' THEN 66 WHEN 'stays' THEN NULL ELSE points END;
DELETE FROM retier_test.clients WHERE id = 'leaves';
SELECT customer, from_tier, to_tier, computed_tier, reason FROM retier_preview('steady', '2020-01-10 12:00+08') ORDER BY 1;
CALL retier('steady', '2020-01-10 12:00+08');
SELECT customer, tier, computed_tier, pending_since FROM current_tiers ORDER BY customer COLLATE "C";
-- On the eleventh day the promotions: past the cut point by the margin, or up to the tier below; nothing goes down yet.
CALL retier('steady', '2020-01-11 00:00+08');
SELECT customer, tier, computed_tier, pending_since FROM current_tiers WHERE customer LIKE '%up%' ORDER BY customer COLLATE "C";
-- A dip that is over in time has never been.
UPDATE retier_test.clients SET points = 88 WHERE id = 'dip';
CALL retier('steady', '2020-01-20 12:00+08');
UPDATE retier_test.clients SET points = 30 WHERE id = 'dip';
INSERT INTO retier_test.clients VALUES ('leaves', 30, 'carl');
CALL retier('steady', '2020-02-08 23:59+08');
SELECT customer, tier, computed_tier, pending_since FROM current_tiers WHERE customer IN ('down', 'dip', 'just down', 'leaves') ORDER BY customer COLLATE "C";
-- Thirty days after the tenth of January: two steps down, not four; then it must last again. 76 is within the margin.
CALL retier('steady', '2020-02-09 00:00+08');
CALL retier('steady', '2020-02-09 00:01+08');
SELECT customer, tier, computed_tier, pending_since FROM current_tiers WHERE customer IN ('down', 'dip', 'just down') ORDER BY customer COLLATE "C";
CALL retier('steady', '2020-03-10 00:00+08');
CALL retier('steady', '2020-03-11 00:00+08');
SELECT customer, tier, valid, reason, reasons, owner FROM assignment_history ORDER BY customer, valid;
SELECT * FROM retier_test.disagreements('steady', 'steady');
-- an earlier time, or one to come, is refused
CALL retier('steady', '2020-03-10 00:00+08');
CALL retier('steady', '2999-01-01');
CALL retier('steady', batch_size => 0);
CALL retier('nothing');
CALL retier(NULL);
SELECT * FROM retier_preview('steady', 'infinity');
SELECT status, done, total, as_of, version, added, moved, updated, gone, rate IS NULL AS no_rate, pid = pg_backend_pid() AS mine FROM runs ORDER BY started;
-- a second row of the same time cannot be
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) SELECT program, customer, since, 'E', reason, cause FROM assignment_log ORDER BY program, customer, since LIMIT 1;

-- Bands: margins on the number itself; where less is better, on the other side. One step a day, however often it is called.
SELECT create_scheme('{"scheme": "swift", "inputs": [{"name": "points", "type": "number"}],
    "characteristics": [{"name": "days", "input": "points", "bins": [{"code": "fast", "lt": 10}, {"code": "medium", "gte": 10, "lt": 20}, {"code": "slow", "gte": 20}]}],
    "decision": {"method": "bands", "characteristic": "days"}, "tiers": [{"code": "fast"}, {"code": "medium"}, {"code": "slow"}],
    "stability": {"promote_margin": 2, "demote_margin": 1, "demote_steps": 1}}');
SELECT approve_scheme('swift');
SELECT margin_measure(current_scheme('swift'));
SELECT margin_measure(current_scheme('steady'));
SELECT margin_measure(current_scheme('sales_readiness'));
SELECT create_program('swift', 'swift', 'retier_test.clients', 'id');
TRUNCATE retier_test.clients;
INSERT INTO retier_test.clients VALUES ('9 to 10.5', 9), ('9 to 11', 9), ('12 to 8.5', 12), ('12 to 7.9', 12), ('5 to 50', 5), ('25 to 8.5', 25);
CALL retier('swift', '2020-01-01');
UPDATE retier_test.clients SET points = split_part(id, ' ', 3)::numeric;
SELECT customer, from_tier, to_tier, computed_tier FROM retier_preview('swift', '2020-01-02') ORDER BY customer;
CALL retier('swift', '2020-01-02');
CALL retier('swift', '2020-01-02 01:00');
SELECT customer, tier, pending_since FROM current_tiers WHERE program = 'swift' ORDER BY customer COLLATE "C";
CALL retier('swift', '2020-01-03');
SELECT customer, tier, pending_since FROM current_tiers WHERE program = 'swift' AND customer = '5 to 50';
-- margins without a measure have no effect, and that is told
SELECT derive_scheme('scale_by_potential', 'no_measure', '{"stability": {"promote_margin": 2}}');
SELECT approve_scheme('no_measure');
CREATE VIEW retier_test.sized AS SELECT 1 AS id, 5::numeric AS business_volume, 'key' AS growth_potential;
SELECT create_program('sized', 'no_measure', 'retier_test.sized', 'id', '{"annual_volume": "business_volume", "potential": "growth_potential"}');
CALL retier('sized');
SELECT drop_program('sized');

-- Overrides: they win until they expire; the criteria go on beside them.
SELECT override_tier('swift', '9 to 11', 'slow', 'pays late', now() + interval '1 hour');
SELECT override_tier('swift', '12 to 7.9', 'slow', 'a friend of the house');
SELECT assign_tier('swift', '12 to 7.9', 'medium', 'not such a friend');
SELECT customer, tier, rank, computed_tier, assigned_tier, overridden, override_reason, override_author = session_user AS by_me
FROM current_tiers WHERE program = 'swift' AND (overridden OR customer = '9 to 11') ORDER BY customer COLLATE "C";
UPDATE overrides SET until = now() WHERE customer = '9 to 11';  -- the hour is over
SELECT customer, tier, overridden FROM current_tiers WHERE program = 'swift' AND customer = '9 to 11';
SELECT customer, tier, overridden FROM tiers_as_of('swift', now()) WHERE customer IN ('12 to 7.9', '9 to 11');
SELECT customer, tier, overridden FROM tiers_as_of('swift', '2020-01-01 12:00') ORDER BY customer;
SELECT clear_override('swift', '12 to 7.9'), clear_override('swift', '9 to 11');
SELECT customer, tier, since <= until AS in_order, cleared_by = session_user AS cleared_by_me FROM overrides ORDER BY customer, since;
SELECT customer, from_tier, to_tier, reason, reasons FROM tier_changes WHERE program = 'swift' AND cause = 'override' ORDER BY customer COLLATE "C", at, reason;
SELECT override_tier('swift', '9 to 11', 'gold', 'x');
SELECT override_tier('swift', 'nobody', 'slow', 'x');
SELECT override_tier('swift', '9 to 11', 'slow', '');
SELECT override_tier('swift', '9 to 11', 'slow', 'x', '2020-01-01');
SELECT clear_override('nothing', '9 to 11');

-- Why
SELECT explain_customer('swift', '9 to 11') - '{as_of,since}'::text[];
SELECT explain_customer('swift', 'nobody');

-- Batches: many small ones give what one big one gives; a second run writes nothing.
TRUNCATE retier_test.clients;
INSERT INTO retier_test.clients SELECT 'c' || g, g % 30, 'owner ' || g % 7 FROM generate_series(1, 3000) AS g;
SELECT create_program('many', 'swift', 'retier_test.clients', 'id', owner_column => 'owner');
CALL retier('many', batch_size => 100);
SELECT * FROM retier_test.disagreements('many', 'swift');
SELECT sum(xmin::text::bigint) AS before FROM assignments WHERE program = 'many' \gset
CALL retier('many');
SELECT sum(xmin::text::bigint) = :before AS nothing_written, count(*) FROM assignments WHERE program = 'many';
UPDATE retier_test.clients SET points = points + 7 WHERE id LIKE '%5';
DELETE FROM retier_test.clients WHERE id LIKE '%11';
INSERT INTO retier_test.clients SELECT 'd' || g, NULL FROM generate_series(1, 5) AS g;
CALL retier('many', batch_size => 1);
SELECT count(*) FROM current_tiers WHERE program = 'many' AND tier <> computed_tier;  -- held back by margins and steps, and not otherwise
SELECT * FROM retier_test.disagreements('many', 'swift');
-- in a transaction block it is one transaction
BEGIN;
DELETE FROM retier_test.clients WHERE id LIKE '%2';
CALL retier('many');
SELECT count(*) FROM current_tiers WHERE program = 'many' AND customer LIKE '%2';
ROLLBACK;
SELECT count(*) FROM current_tiers WHERE program = 'many' AND customer LIKE '%2';
DO $$ BEGIN CALL tiering.retier('many'); END $$;
-- an error in the middle is told again once the end of the run is noted, and nothing is held any more
ALTER TABLE retier_test.clients ALTER points TYPE float8;
UPDATE retier_test.clients SET points = 'NaN' WHERE id = 'c7';
CALL retier('many', strict => true);
SELECT status, message FROM runs WHERE program = 'many' ORDER BY started DESC LIMIT 1;
SELECT retier_holder(program, started) FROM retier_runs WHERE program = 'many' ORDER BY started DESC LIMIT 1;
UPDATE retier_test.clients SET points = 7 WHERE id = 'c7';
CALL retier('many');
-- cancelled: nothing is lost, the next one goes on. (Minutes of work, not of sleep: signals that interrupt sleep are late on a clock that is set otherwise.)
CREATE VIEW retier_test.slow AS SELECT c.id, c.points, c.owner FROM retier_test.clients c WHERE (SELECT count(*) FROM generate_series(1, 100000 + 0 * length(c.id))) > 0;
SELECT alter_program('many', '{"source": "retier_test.slow"}');
SET statement_timeout = '1s';
CALL retier('many');
RESET statement_timeout;
SELECT status, message FROM runs WHERE program = 'many' ORDER BY started DESC LIMIT 1;
SELECT retier_holder(program, started) FROM retier_runs WHERE program = 'many' ORDER BY started DESC LIMIT 1;
SELECT drop_program('many'), drop_program('swift'), drop_program('steady');
SELECT retire_scheme('swift'), retire_scheme('steady'), retire_scheme('no_measure');
DELETE FROM schemes WHERE scheme IN ('swift', 'steady', 'no_measure');
DROP SCHEMA retier_test CASCADE;

-- E10: the month end is run again after a correction; the last run as of that moment counts, and what was known before it stays readable
CREATE SCHEMA again_test;
SELECT create_scheme('{"scheme": "again", "title": {"en": "Spend"}, "inputs": [{"name": "spend", "type": "number"}],
    "characteristics": [{"name": "c", "input": "spend", "bins": [{"code": "gold", "gte": 1000}, {"code": "silver", "gte": 500, "lt": 1000}, {"code": "bronze", "lt": 500}]}],
    "decision": {"method": "bands", "characteristic": "c"}, "tiers": [{"code": "gold"}, {"code": "silver"}, {"code": "bronze"}],
    "stability": {"minimum_stay": "P1M", "demote_steps": 1}}'), approve_scheme('again');
CREATE TABLE again_test.clients (id integer PRIMARY KEY, spend numeric);
INSERT INTO again_test.clients VALUES (1, 100), (2, 2000), (3, 600), (4, 600);
SELECT create_program('again', 'again', 'again_test.clients', key => 'id');
CALL retier('again', '2025-06-30 21:00+00');
UPDATE again_test.clients SET spend = CASE id WHEN 1 THEN 600 WHEN 2 THEN 100 WHEN 3 THEN 2000 END WHERE id < 4;
DELETE FROM again_test.clients WHERE id = 4;
CALL retier('again', '2025-09-30 21:00+00');
SELECT customer, tier FROM tiers_as_of('again', '2025-09-30 21:00+00') ORDER BY 1;
-- again, without a correction: nobody goes down another step
CALL retier('again', '2025-09-30 21:00+00');
SELECT now() AS known \gset
-- the correction; stability goes by the tiers of June, not by those of the first run
UPDATE again_test.clients SET spend = CASE id WHEN 1 THEN 100 WHEN 2 THEN 2000 WHEN 3 THEN 100 END;
INSERT INTO again_test.clients VALUES (4, 2000), (5, 100);
CALL retier('again', '2025-09-30 21:00+00');
INSERT INTO again_test.clients VALUES (6, 100);
UPDATE again_test.clients SET spend = 700 WHERE id = 5;
CALL retier('again', '2025-09-30 21:00+00');
SELECT customer, t.tier, c.tier AS tier_now FROM tiers_as_of('again', '2025-09-30 21:00+00') t FULL JOIN (SELECT customer, tier FROM current_tiers WHERE program = 'again') c USING (customer) ORDER BY 1;
SELECT customer, tier FROM tiers_as_of('again', '2025-09-30 21:00+00', known_at => :'known') ORDER BY 1;
SELECT customer, tier FROM tiers_as_of('again', '2025-09-30 20:59+00') ORDER BY 1;
SELECT customer, tier, as_of IS NOT NULL AS again FROM assignment_log WHERE program = 'again' AND since > '2025-09-30' ORDER BY customer, since;
-- once more changes nothing
CALL retier('again', '2025-09-30 21:00+00');
-- a demotion that had to wait comes as of the day again, and does not when the figures are corrected
SELECT derive_scheme('again', 'again_later', '{"title": {"en": "Spend"}, "stability": {"minimum_stay": null, "demote_steps": null, "demote_after": "P3M"}}'), approve_scheme('again_later');
SELECT create_program('later', 'again_later', 'again_test.clients', key => 'id');
UPDATE again_test.clients SET spend = 2000;
CALL retier('later', '2025-01-31 21:00+00');
UPDATE again_test.clients SET spend = 100;
CALL retier('later', '2025-02-28 21:00+00');
CALL retier('later', '2025-05-31 21:00+00');
CALL retier('later', '2025-05-31 21:00+00');
UPDATE again_test.clients SET spend = 2000 WHERE id = 1;
CALL retier('later', '2025-05-31 21:00+00');
CALL retier('later', '2025-05-31 21:00+00');
SELECT customer, tier FROM tiers_as_of('later', '2025-05-31 21:00+00') WHERE customer <= '2' ORDER BY 1;
SELECT drop_program('later');
SELECT drop_program('again');
DROP SCHEMA again_test CASCADE;
