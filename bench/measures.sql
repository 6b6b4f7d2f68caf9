-- Measures by tier, of :card_rows customers with ten orders each, two tickets and an answer: the scorecard of a quarter against the queries that one would
-- write by hand, each by itself, with parallel workers for both.
SET max_parallel_workers_per_gather = 2;
SET jit = on;
CREATE FUNCTION bench.part(a bigint, b integer) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN ((hashint8extended(a, b) & 1048575) + 1) / 1048577.0::float8;
CREATE TABLE bench.buyers_of_card AS SELECT g AS id, (200000 * bench.part(g, 1) ^ 3)::numeric(12, 2) AS annual_value, 'owner ' || g % 200 AS owner FROM generate_series(1, :card_rows) AS g;
ALTER TABLE bench.buyers_of_card ADD PRIMARY KEY (id);
CREATE TABLE bench.card_orders AS SELECT 1 + (:card_rows * bench.part(g, 2))::integer % :card_rows AS account, timestamptz '2023-07-01 00:00+00' + bench.part(g, 3) * interval '730 days' AS at,
    (1000 * bench.part(g, 4))::numeric(10, 2) AS amount, (20 * bench.part(g, 5))::integer AS product FROM generate_series(1, 10 * :card_rows::bigint) AS g;
CREATE TABLE bench.card_tickets AS SELECT 1 + (:card_rows * bench.part(g, 6))::integer % :card_rows AS account, o.at AS opened_at, CASE WHEN bench.part(g, 7) < 0.93 THEN o.at + bench.part(g, 8) * interval '12 days' END AS resolved_at,
    bench.part(g, 9) < 0.4 AS complaint FROM generate_series(1, 2 * :card_rows::bigint) AS g, LATERAL (SELECT timestamptz '2023-07-01 00:00+00' + bench.part(g, 10) * interval '730 days' AS at) o;
CREATE TABLE bench.card_surveys AS SELECT 1 + (:card_rows * bench.part(g, 11))::integer % :card_rows AS account, ('{csat,nps,relation}'::text[])[1 + g % 3] AS kind,
    timestamptz '2023-07-01 00:00+00' + bench.part(g, 12) * interval '730 days' AS at, 1 + (4 * bench.part(g, 13))::integer AS score FROM generate_series(1, :card_rows::bigint) AS g;
CREATE INDEX ON bench.card_orders (account, at);
CREATE INDEX ON bench.card_tickets (account);
CREATE INDEX ON bench.card_surveys (account);
VACUUM (ANALYZE, FREEZE) bench.card_orders, bench.card_tickets, bench.card_surveys, bench.buyers_of_card;
SELECT tiering.derive_scheme('abc_share', 'bench_card', '{"characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 80000}, {"code": "B", "gte": 20000, "lt": 80000}, {"code": "C", "lt": 20000}]}]}'), tiering.approve_scheme('bench_card') \g /dev/null
SELECT tiering.create_program('card', 'bench_card', 'bench.buyers_of_card', 'id', owner_column => 'owner', calendar => 'weekends') \g /dev/null
CALL tiering.retier('card', '2023-07-01 00:00+00');
SELECT tiering.register_events('card', 'order', 'bench.card_orders', 'account', 'at', 'amount', item => 'product'),
    tiering.register_events('card', 'ticket', 'bench.card_tickets', 'account', 'opened_at', ended_at => 'resolved_at'),
    tiering.register_events('card', 'complaint', 'bench.card_tickets', 'account', 'opened_at', only_where => 'complaint'),
    tiering.register_events('card', 'survey', 'bench.card_surveys', 'account', 'at', 'score', only_where => $$kind = 'csat'$$),
    tiering.register_events('card', 'nps', 'bench.card_surveys', 'account', 'at', 'score', only_where => $$kind = 'nps'$$),
    tiering.register_events('card', 'relation', 'bench.card_surveys', 'account', 'at', 'score', only_where => $$kind = 'relation'$$) \g /dev/null
ANALYZE tiering.assignments, tiering.assignment_log;

CREATE TABLE bench.card_queries (place integer PRIMARY KEY, query text);
INSERT INTO bench.card_queries VALUES
(1, $$SELECT t.tier, tiering.csat(s.score, 4) FILTER (WHERE s.kind = 'csat'), tiering.nps(s.score) FILTER (WHERE s.kind = 'nps'), avg(s.score) FILTER (WHERE s.kind = 'relation')
    FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN bench.card_surveys s ON s.account::text = t.customer AND s.at >= '2025-01-01 00:00+00' AND s.at < '2025-04-01 00:00+00' GROUP BY t.tier, t.rank$$),
(2, $$SELECT tier, tiering.repeat_rate(r), tiering.retention(r, '2024-10-01', '2025-01-01', '2025-04-01'), tiering.churn_rate(r, '2025-04-01 00:00+00', interval '90 days')
    FROM (SELECT t.tier, r FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t JOIN (SELECT account, tiering.rfm(at, amount) AS r FROM bench.card_orders WHERE at < '2025-04-01 00:00+00' GROUP BY account) o ON o.account::text = t.customer) b GROUP BY tier$$),
(3, $$SELECT t.tier, count(DISTINCT t.customer), sum(o.amount), sum(o.amount) / sum(sum(o.amount)) OVER ()
    FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN bench.card_orders o ON o.account::text = t.customer AND o.at >= '2025-01-01 00:00+00' AND o.at < '2025-04-01 00:00+00' GROUP BY t.tier, t.rank$$),
(4, $$SELECT t.tier, avg(o.spent) FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN (SELECT account, sum(amount) AS spent FROM bench.card_orders WHERE at < '2025-01-01 00:00+00' GROUP BY account) o ON o.account::text = t.customer GROUP BY t.tier, t.rank$$),
(5, $$SELECT t.tier, count(f.at) FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN tiering.followups f ON f.program = 'card' AND f.customer = t.customer AND f.at >= '2025-01-01 00:00+00' AND f.at < '2025-04-01 00:00+00' GROUP BY t.tier, t.rank$$),
(8, $$WITH first AS (SELECT account, product, min(at) AS first_at FROM bench.card_orders GROUP BY 1, 2)
    SELECT t.tier, count(*) FILTER (WHERE o.at = f.first_at AND EXISTS (SELECT FROM bench.card_orders e WHERE e.account = o.account AND e.at < o.at)),
        count(*) FILTER (WHERE o.amount > (SELECT max(e.amount) FROM bench.card_orders e WHERE e.account = o.account AND e.at < o.at))
    FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN bench.card_orders o ON o.account::text = t.customer AND o.at >= '2025-01-01 00:00+00' AND o.at < '2025-04-01 00:00+00'
    LEFT JOIN first f ON f.account = o.account AND f.product = o.product GROUP BY t.tier, t.rank$$),
(9, $$SELECT t.tier, count(k.opened_at), percentile_cont(0.5) WITHIN GROUP (ORDER BY k.resolved_at - k.opened_at), count(*) FILTER (WHERE k.complaint)
    FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN bench.card_tickets k ON k.account::text = t.customer AND k.opened_at >= '2025-01-01 00:00+00' AND k.opened_at < '2025-04-01 00:00+00' GROUP BY t.tier, t.rank$$),
(10, $$SELECT t.tier, avg((k.resolved_at <= tiering.response_due('bench_card', t.tier, k.opened_at, 'weekends'))::integer)
    FROM tiering.tiers_as_of('card', '2025-01-01 00:00+00') t LEFT JOIN bench.card_tickets k ON k.account::text = t.customer AND k.opened_at >= '2025-01-01 00:00+00' AND k.opened_at < '2025-04-01 00:00+00' GROUP BY t.tier, t.rank$$),
(100, $$SELECT * FROM tiering.tier_scorecard('card', '2025-01-01 00:00+00', '2025-04-01 00:00+00')$$),
(101, $$SELECT * FROM tiering.tier_scorecard_long('card', '2025-01-01 00:00+00', '2025-04-01 00:00+00')$$),
-- what a materialized view of the last two years runs when it is refreshed
(102, $$SELECT * FROM tiering.tier_scorecard_periods('card', ARRAY(SELECT generate_series('2023-07-01 00:00+00'::timestamptz, '2025-07-01 00:00+00', '1 month')))$$);
CREATE TABLE bench.card_timings (place integer, run integer, milliseconds float8);
CREATE PROCEDURE bench.measure_card(runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    q record;
BEGIN
    FOR run IN 0 .. runs LOOP
        FOR q IN SELECT * FROM bench.card_queries ORDER BY place LOOP
            INSERT INTO bench.card_timings SELECT q.place, run, bench.milliseconds('SELECT count(*) FROM (' || q.query || ') q') WHERE run >= 0;
            COMMIT;
        END LOOP;
    END LOOP;
    DELETE FROM bench.card_timings t WHERE t.run = 0;
END
$$;
CALL bench.measure_card(:card_runs);
SELECT E'\nMeasures by tier, of ' || :card_rows || E' customers: one scorecard against the sum of the queries by hand\n';
WITH medians AS (SELECT place, percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) AS ms FROM bench.card_timings GROUP BY place),
    sums AS (SELECT sum(ms) FILTER (WHERE place < 100) AS hand, sum(ms) FILTER (WHERE place = 100) AS card, sum(ms) FILTER (WHERE place = 101) AS long,
        sum(ms) FILTER (WHERE place = 102) AS months FROM medians)
SELECT E'| measured | ms | ratio | at most | |\n|---|--:|--:|--:|---|\n' || string_agg(format('| %s | %s | %s | %s | %s |', m.what, round(m.ms::numeric), round(m.ratio::numeric, 2), m.bound,
    CASE WHEN m.ratio <= m.bound THEN 'holds' WHEN m.ratio > m.bound THEN '**missed**' END), E'\n' ORDER BY m.place)
FROM sums, LATERAL (VALUES (1, 'queries by hand, summed up', hand, NULL, NULL), (2, '`tier_scorecard` of a quarter', card, card / hand, 1.2), (3, '`tier_scorecard_long` against it', long, long / card, 1.1),
    (4, '24 months at once, against a quarter', months, months / card, 6)) m (place, what, ms, ratio, bound);
