\set id random(1, :customers)
BEGIN;
INSERT INTO bench.hand_followups (program, customer, at, n, channel, owner, tier, due, on_time)
SELECT a.program, a.customer, now(), 1, 'phone', a.owner, a.tier, a.next_due, (now() AT TIME ZONE 'UTC')::date <= a.next_due
FROM bench.hand_tiers a WHERE a.program = 'bench' AND a.customer = :id::text;
WITH graded AS (
    SELECT c.id::text AS customer, c.owner, CASE
        WHEN annual_spend >= 50000 AND segment IN ('enterprise', 'public') AND expected_close <= ((now() AT TIME ZONE 'UTC')::date + interval '1 month')::date THEN 'A'
        WHEN annual_spend >= 100000 THEN 'A'
        WHEN expected_close <= ((now() AT TIME ZONE 'UTC')::date + interval '3 months')::date AND orders_12m >= 6 THEN 'B'
        WHEN annual_spend >= 10000 AND segment IN ('enterprise', 'public') THEN 'B'
        WHEN orders_12m >= 2 AND annual_spend >= 500 THEN 'C'
        ELSE 'D' END AS tier
    FROM bench.clients c WHERE c.id = :id
), before AS (
    SELECT a.customer, a.tier FROM bench.hand_tiers a WHERE a.program = 'bench' AND a.customer = :id::text FOR NO KEY UPDATE
), changed AS (
    UPDATE bench.hand_tiers a SET tier = g.tier, computed_tier = g.tier, rank = array_position('{A,B,C,D}', g.tier), owner = g.owner, last_logged = now(), last_followup = now(),
        cadence_due = (now() AT TIME ZONE 'UTC')::date + CASE g.tier WHEN 'A' THEN 1 WHEN 'B' THEN 7 WHEN 'C' THEN 15 ELSE 30 END,
        next_due = (now() AT TIME ZONE 'UTC')::date + CASE g.tier WHEN 'A' THEN 1 WHEN 'B' THEN 7 WHEN 'C' THEN 15 ELSE 30 END,
        since = CASE WHEN g.tier = a.tier THEN a.since ELSE now() END
    FROM graded g WHERE a.program = 'bench' AND a.customer = :id::text
    RETURNING a.customer, a.tier, a.since, a.owner
)
INSERT INTO bench.hand_log (program, customer, since, tier, reason, cause, owner)
SELECT 'bench', c.customer, c.since, c.tier, CASE WHEN c.tier < b.tier THEN 'promotion' ELSE 'demotion' END, 'followup', c.owner
FROM changed c JOIN before b ON b.customer = c.customer WHERE c.tier <> b.tier;
UPDATE bench.hand_followups f SET tier_after = a.tier FROM bench.hand_tiers a
WHERE f.program = 'bench' AND f.customer = :id::text AND f.at = now() AND f.n = 1 AND a.program = f.program AND a.customer = f.customer;
SELECT tier, next_due FROM bench.hand_tiers WHERE program = 'bench' AND customer = :id::text;
COMMIT;
