-- Effect: treated against held out, checked with other people's figures and with a made-up truth.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA effect_test;
SET search_path = effect_test, tiering, pg_catalog;

-- scipy 1.17.1: difference 3.4, standard error 1.521694961401777 (ttest_ind, unequal variances), interval 0.41753268019644985 to 6.382467319803551; 0.95 and 0.8 of the normal distribution: 4.2631581103402025;
-- statsmodels 0.15.0: OLS of the values on the group and the period before, 2.966487935656847; scipy.stats.bootstrap, percentile, 200 000 draws: 0.625 to 6.25
SELECT round(e[1]::numeric, 12) AS treated, e[2] AS held_out, abs(e[3] - 3.4) < 1e-12 AS difference, abs(e[4] - 1.521694961401777) < 1e-12 AS error, abs(e[5] - 0.41753268019644985) < 1e-12 AS low, abs(e[6] - 6.382467319803551) < 1e-12 AS high,
    abs(e[7] - 0.625) < 0.05 AND abs(e[8] - 6.25) < 0.05 AS bootstrap, abs(e[9] - 4.2631581103402025) < 1e-12 AS detectable, abs(e[10] - 2.966487935656847) < 1e-12 AS adjusted
FROM (SELECT estimate_effect('{12,15,11,19,14,22,9,16,13,18}', '{1,1,1,1,1,1,1,1,1,1}', '{10,14,10,15,12,18,8,13,12,14}', '{1,1,1,1,1,1,1,1,1,1}',
    '{10,13,8,15,12,9,14,11}', '{1,1,1,1,1,1,1,1}', '{11,14,9,15,13,10,15,11}', '{1,1,1,1,1,1,1,1}', 0.95, 50000, 7) AS e) x;
-- a ratio, by the variance of numerator and denominator and their covariance in numpy: 0.7413127413127416, 0.20623800197562497
SELECT abs(e[3] - 0.7413127413127416) < 1e-12 AS difference, abs(e[4] - 0.20623800197562497) < 1e-12 AS error
FROM (SELECT estimate_effect('{12,15,11,19,14,22,9,16,13,18}', '{3,4,2,5,3,6,2,4,3,5}', '{0,0,0,0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0,0,0,0}',
    '{10,13,8,15,12,9,14,11}', '{3,4,2,4,4,3,5,3}', '{0,0,0,0,0,0,0,0}', '{0,0,0,0,0,0,0,0}', 0.95, 0, 1) AS e) x;
SELECT estimate_effect('{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', 0.95, 10, 1) AS too_few, estimate_effect(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0.95, 10, 1) AS nobody, estimate_effect('{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', NULL, 10, 1) AS no_confidence;

-- amounts as large as there are: 2^1018 times the figures give 2^1018 times the effect, to the last bit; what is larger than any number is an error, never infinite
WITH f (times) AS (VALUES (1::float8), (2 ^ 1018::float8)), e AS (
    SELECT f.times, e.figure, e.n FROM f, LATERAL unnest(estimate_effect(ARRAY(SELECT v * f.times FROM unnest('{12,15,11,19,14,22}'::float8[]) AS v), '{1,1,1,1,1,1}', ARRAY(SELECT v * f.times FROM unnest('{10,14,10,15,12,18}'::float8[]) AS v), '{1,1,1,1,1,1}',
        ARRAY(SELECT v * f.times FROM unnest('{10,13,8,15}'::float8[]) AS v), '{1,1,1,1}', ARRAY(SELECT v * f.times FROM unnest('{11,14,9,15}'::float8[]) AS v), '{1,1,1,1}', 0.95, 100, 7)) WITH ORDINALITY AS e (figure, n))
SELECT count(*), bool_and(l.figure = s.figure * l.times) AS the_same, bool_and(l.figure < 'infinity') AS finite FROM e s JOIN e l ON l.n = s.n AND l.times > s.times WHERE s.times = 1;
SELECT estimate_effect('{1e308,1.7e308}', '{1,1}', '{0,0}', '{0,0}', '{-1e308,-1.7e308}', '{1,1}', '{0,0}', '{0,0}', 0.95, 100, 1);
-- The draw: stable, about the share that was asked for, smaller ones among larger ones, others by another seed.
SELECT count(*) FILTER (WHERE is_drawn('c' || g, 0.1, 1)) AS tenth, count(*) FILTER (WHERE is_drawn('c' || g, 0.1, 1) AND NOT is_drawn('c' || g, 0.2, 1)) AS not_among_a_fifth,
    count(*) FILTER (WHERE is_drawn('c' || g, 0.1, 1) AND is_drawn('c' || g, 0.1, 2)) AS of_both_seeds, count(*) FILTER (WHERE is_drawn('c' || g, 1, 1)) AS in_all FROM generate_series(1, 10000) AS g;

-- A made-up truth: everybody spends by habit, the treated 30 more in the third quarter.
CREATE FUNCTION u(a text, b integer) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN (abs(('x' || left(md5(a || b), 8))::bit(32)::integer::bigint) % 10007) / 10007.0::float8;
CREATE TABLE clients AS SELECT g AS id, (20000 + 150000 * u('v' || g, 1))::numeric(12, 2) AS annual_value FROM generate_series(1, 400) AS g;
ALTER TABLE clients ADD PRIMARY KEY (id);
SELECT create_program('effect', 'abc_share', 'clients', 'id', '{"annual_value": "annual_value"}');
SELECT derive_scheme('abc_share', 'effect_abc', '{"characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 120000}, {"code": "B", "gte": 70000, "lt": 120000}, {"code": "C", "lt": 70000}]}]}') AS version, approve_scheme('effect_abc') AS approved;
SELECT alter_program('effect', '{"scheme": "effect_abc"}');
CALL retier('effect', '2025-06-01 00:00+00');
SELECT hold_out('effect', 0.4, at => '2025-06-15 00:00+00') AS held;
CREATE TABLE orders AS SELECT id, day, (100 * (1 + 2 * u('h' || id, 2)) + 60 * u(id || day::text, 3))::numeric(10, 2) + CASE WHEN day >= '2025-07-01' AND NOT is_held_out('effect', id::text, day) THEN 30 ELSE 0 END AS amount
    FROM clients, unnest('{2025-05-10,2025-08-10}'::date[]) AS day;
SELECT register_events('effect', 'order', 'orders', 'id', 'day', 'amount');
-- the difference by hand; the interval holds the truth, that of CUPED is much narrower
SELECT e.tier, e.n_treated, e.n_held_out, abs(e.difference - h.difference) < 1e-9 AS by_hand, e.low < 30 AND e.high > 30 AS covers, e.bootstrap_low < 30 AND e.bootstrap_high > 30 AS bootstrap_covers,
    e.adjusted_low < 30 AND e.adjusted_high > 30 AS adjusted_covers, (e.adjusted_high - e.adjusted_low) / (e.high - e.low) < 0.5 AS narrower
FROM tier_effect('effect', 'sales', '2025-07-01', '2025-10-01') e
JOIN (SELECT t.tier, avg(o.amount) FILTER (WHERE NOT is_held_out('effect', o.id::text, '2025-07-01')) - avg(o.amount) FILTER (WHERE is_held_out('effect', o.id::text, '2025-07-01')) AS difference
    FROM orders o JOIN tiers_as_of('effect', '2025-07-01') t ON t.customer = o.id::text WHERE o.day = '2025-08-10' GROUP BY GROUPING SETS ((t.tier), ())) h ON h.tier = e.tier OR h.tier IS NULL AND e.tier = 'all';
SELECT tier, round(roi.change) AS gain, cost, roi FROM tier_roi('effect', '2025-07-01', '3 months', 'held_out') roi WHERE tier = 'all';
-- nothing was held out before: a change, and no difference
SELECT tier, n_held_out, difference, low, bootstrap_low, change IS NOT NULL AS change FROM tier_effect('effect', 'sales', '2025-06-02', '2025-06-14') ORDER BY tier;
-- changed half-way: the earlier draw stays on record
SELECT hold_out('effect', 0, at => '2025-12-01 00:00+00') AS held, hold_out('effect', 0.1, 2, '2025-12-02 00:00+00') AS anew;
SELECT since, until, share, seed FROM hold_outs WHERE program = 'effect' ORDER BY since;
SELECT tier, n_held_out FROM tier_effect('effect', 'sales', '2025-07-01', '2025-10-01', bootstrap => 0) WHERE tier = 'all';
SELECT hold_out('effect', 0.2, at => '2025-11-01 00:00+00');
-- in place of a hold-out: another program, that grades and does nothing else
SELECT create_program('idle', 'effect_abc', 'clients', 'id');
CALL retier('idle', '2025-06-01 00:00+00');
SELECT tier, n_treated, n_untreated, abs(difference - (change - change_untreated)) < 1e-9 AS of_changes, low < difference AND difference < high AS inside FROM tier_effect_against('effect', 'idle', 'sales', '2025-07-01', '3 months', bootstrap => 0);

-- who is held out now stands on no list and is handed to nobody
SELECT (SELECT count(*) FROM followups_due WHERE program = 'effect') AS due, (SELECT count(*) FROM followup_logs WHERE program = 'effect') AS in_logs, (SELECT sum(customers) FROM owner_workload WHERE program = 'effect') AS workload,
    (SELECT count(*) FROM current_tiers WHERE program = 'effect') AS graded, (SELECT count(*) FROM current_tiers t WHERE t.program = 'effect' AND is_held_out('effect', t.customer)) AS held_out;
SELECT count(*) AS claimed, count(*) FILTER (WHERE is_held_out('effect', customer)) AS of_the_held_out FROM claim_followups('effect', 'anna', 1000);

\echo what cannot be
SELECT * FROM tier_effect('effect', 'median_resolve', '2025-07-01', '2025-10-01');
SELECT * FROM tier_effect('effect', 'happiness', '2025-07-01', '2025-10-01');
SELECT * FROM tier_effect('effect', 'sales', '2025-07-01', '2025-10-01', confidence => 1);
SELECT * FROM tier_effect('effect', 'sales', '2025-07-01', '2025-10-01', bootstrap => -1);
SELECT * FROM tier_effect('effect', 'sales', '2025-10-01', '2025-07-01');
SELECT estimate_effect('{1,2}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', '{1}', 0.95, 10, 1);
SELECT estimate_effect('{1,NaN}', '{1,1}', '{1,1}', '{1,1}', '{1,2}', '{1,1}', '{1,1}', '{1,1}', 0.95, 10, 1);
SELECT hold_out('effect', 1.5), hold_out('effect', NULL);
SELECT * FROM tier_roi('effect', '2025-07-01', '3 months', 'hope');
SELECT drop_program('effect'), drop_program('idle');
DROP SCHEMA effect_test CASCADE;
