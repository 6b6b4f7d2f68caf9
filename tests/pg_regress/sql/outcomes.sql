-- Scorecards learned from an outcome: outcome_bins(), outcome_points(), fit_scorecard(), judge_scorecard() and its plots, customer_probability().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA outcomes_test;

-- Made-up leads: calls late are worse, referrals better; the last column says nothing. A generator of its own, the same everywhere.
CREATE TABLE outcomes_test.leads AS
SELECT g AS id, days_ago, amount::numeric(10, 2), came_by, noise, CASE WHEN g % 50 = 0 THEN NULL ELSE chance < rate END AS won,
    CASE WHEN chance < rate THEN date '2025-01-01' + 1 + (chance * 137 % 90)::integer END AS won_on, g % 3 = 0 AS held, 1 + g % 3 AS weight
FROM (
    SELECT g, days_ago, amount, came_by, noise, chance, 10 + CASE came_by WHEN 'referral' THEN 35 WHEN 'web' THEN 12 ELSE 0 END + CASE WHEN days_ago < 14 THEN 25 WHEN days_ago < 40 THEN 10 ELSE 0 END
        - CASE WHEN amount > 5000 THEN 6 ELSE 0 END AS rate
    FROM (SELECT g, CASE WHEN g % 17 = 0 THEN NULL ELSE (g::bigint * 7919 % 10007 % 90)::integer END AS days_ago, g::bigint * 104729 % 1000003 % 9000 + 0.25 AS amount,
            (ARRAY['referral', 'web', 'cold call', 'fair'])[1 + g::bigint * 31337 % 65537 % 4] AS came_by, g % 7 AS noise, g::bigint * 48271 % 2147483647 * 48271 % 2147483647 % 100 AS chance
        FROM generate_series(1, 4000) AS g) r
) s;
SELECT count(*), count(won), count(*) FILTER (WHERE won) FROM outcomes_test.leads;

SELECT create_scheme($${
    "scheme": "leads",
    "inputs": [{"name": "days_ago", "type": "integer", "missing": "null"}, {"name": "amount", "type": "number"},
        {"name": "came_by", "type": "text", "allowed": ["referral", "web", "cold call", "fair"]}, {"name": "noise", "type": "integer"}],
    "characteristics": [
        {"name": "last_contact", "input": "days_ago", "fit": {"to": "outcome", "trend": "down"}, "reason": "LATE"},
        {"name": "size", "input": "amount", "fit": {"to": "outcome", "max_bins": 3}},
        {"name": "origin", "input": "came_by", "fit": {"to": "outcome"}},
        {"name": "weekday", "input": "noise", "fit": {"to": "outcome"},
            "bins": [{"code": "working", "lt": 5}, {"code": "weekend", "gte": 5}]}],
    "score": {},
    "decision": {"method": "score", "fit": {"to": "outcome", "probability": [0.5, 0.25, 0.15]},
        "cuts": [{"tier": "A"}, {"tier": "B"}, {"tier": "C"}, {"tier": "D"}]},
    "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}, {"code": "D"}]}$$);

-- it waits, and says for what
SELECT is_unfitted(document) FROM schemes WHERE scheme = 'leads';
SELECT grade(document, now(), 5, 100, 'web'::text, 1) FROM schemes WHERE scheme = 'leads';
SELECT * FROM fit_scheme('leads', 'outcomes_test.leads');
SELECT finding, path FROM check_scheme((SELECT document FROM schemes WHERE scheme = 'leads'));

-- bins, weights, points
SELECT stored_as, version, characteristic, bins, round(information_value, 6) AS iv, round(coefficient, 6) AS coefficient, round(standard_error, 6) AS error, round(share, 4) AS share, finding
FROM fit_scorecard('leads', 'outcomes_test.leads', 'won');
SELECT characteristic, bin, bounds, n, events, rate, round(weight_of_evidence, 6) AS woe, points FROM scorecard_bins(newest_scheme('leads'));
-- as the definitions have them
SELECT characteristic, bool_and(abs(weight_of_evidence - ln(events / total_events / ((n - events) / (total - total_events)))) < 1e-8) AS weights,
    abs(max(c.information_value) - sum((events / total_events - (n - events) / (total - total_events)) * weight_of_evidence)) < 1e-8 AS information
FROM (SELECT b.*, sum(n) OVER w AS total, sum(events) OVER w AS total_events FROM scorecard_bins(newest_scheme('leads')) b WINDOW w AS (PARTITION BY characteristic)) b
JOIN scorecard_characteristics(newest_scheme('leads')) c USING (characteristic) GROUP BY characteristic ORDER BY characteristic COLLATE "C";
SELECT f -> 'n' AS n, f -> 'events' AS events, f -> 'converged' AS converged, d #> '{score,initial}' AS initial, d #> '{decision,cuts}' AS cuts, d #> '{score,scaling}' AS scaling
FROM (SELECT to_jsonb(newest_scheme('leads'))) AS s (d), LATERAL (SELECT d #> '{score,fitted}') AS x (f);

-- judged, by hand as well
SELECT part, n, events, round(rate::numeric, 6) AS rate, round(expected_rate::numeric, 3) AS expected, round(auc::numeric, 6) AS auc, round(gini::numeric, 6) AS gini, round(ks::numeric, 6) AS ks, ks_score,
    round(log_loss::numeric, 6) AS log_loss, round(brier::numeric, 6) AS brier, without_outcome, ungraded
FROM judge_scorecard('leads', 'outcomes_test.leads', 'won');
CREATE TABLE outcomes_test.scored AS
SELECT l.won, grade_score(d, now(), days_ago, amount, came_by, noise) AS score, grade_probability(d, now(), days_ago, amount, came_by, noise) AS p, grade(d, now(), days_ago, amount, came_by, noise) AS tier
FROM outcomes_test.leads l, newest_scheme('leads') AS d WHERE won IS NOT NULL;
SELECT round((sum(CASE WHEN e.score > o.score THEN 1 WHEN e.score = o.score THEN 0.5 ELSE 0 END * e.n * o.n) / sum(e.n * o.n))::numeric, 6) AS auc
FROM (SELECT score, count(*) AS n FROM outcomes_test.scored WHERE won GROUP BY 1) e, (SELECT score, count(*) AS n FROM outcomes_test.scored WHERE NOT won GROUP BY 1) o;
SELECT round(max(abs(sum_e / e - sum_o / o))::numeric, 6) AS ks FROM (
    SELECT sum(count(*) FILTER (WHERE won)) OVER w AS sum_e, sum(count(*) FILTER (WHERE NOT won)) OVER w AS sum_o, (SELECT count(*) FROM outcomes_test.scored WHERE won) AS e, (SELECT count(*) FROM outcomes_test.scored WHERE NOT won) AS o
    FROM outcomes_test.scored GROUP BY score WINDOW w AS (ORDER BY score DESC)) k;
SELECT round(avg(-CASE WHEN won THEN ln(p) ELSE ln(1 - p) END)::numeric, 6) AS log_loss, round(avg((p - won::integer) ^ 2)::numeric, 6) AS brier, round(avg(p)::numeric, 3) AS expected FROM outcomes_test.scored;
SELECT bool_and(abs(p - 1 / (1 + exp((500 - score)::float8 / 20 * ln(2::float8)))) < 1e-12) AS by_the_scaling FROM outcomes_test.scored;
-- the headline
SELECT t.tier, t.n, t.events, round(t.rate::numeric, 3) AS rate, t.n = s.n AND t.events = s.events AS as_graded FROM outcomes_by_tier('leads', 'outcomes_test.leads', 'won') t
LEFT JOIN (SELECT tier, count(*) AS n, count(*) FILTER (WHERE won) AS events FROM outcomes_test.scored GROUP BY 1) s USING (tier) ORDER BY tier COLLATE "C";
SELECT tenth, n, round(events::numeric, 3) AS events, round(rate::numeric, 4) AS rate, round(expected_rate::numeric, 3) AS expected, round(cumulative_share::numeric, 4) AS gains, round(cumulative_lift::numeric, 4) AS lift
FROM scorecard_parts('leads', 'outcomes_test.leads', 'won');
SELECT count(*) > 20 AS points, min(false_positive_rate) < 0.1 AS begins, max(true_positive_rate) = 1 AND max(false_positive_rate) = 1 AS ends FROM scorecard_roc('leads', 'outcomes_test.leads', 'won');

-- the fit without those held out; a share of the keys is always the same
SELECT characteristic, bins, round(information_value, 6) AS iv FROM fit_scorecard('leads', 'outcomes_test.leads', 'won', fitted_as => 'leads_split', options => '{"split": "held"}');
CREATE VIEW outcomes_test.kept AS SELECT * FROM outcomes_test.leads WHERE NOT held;
SELECT characteristic, bins, round(information_value, 6) AS iv FROM fit_scorecard('leads', 'outcomes_test.kept', 'won', fitted_as => 'leads_kept');
SELECT part, n, round(auc::numeric, 3) > 0.6 AS tells FROM judge_scorecard('leads_split', 'outcomes_test.leads', 'won', options => '{"split": "held"}');
SELECT part, n FROM judge_scorecard('leads', 'outcomes_test.leads', 'won', options => '{"split": {"key": "id", "share": 0.25}}');
SELECT part, n FROM judge_scorecard('leads', 'outcomes_test.leads', 'won', options => '{"split": {"column": "id", "from": 3001}}');

-- weights are as good as rows
CREATE VIEW outcomes_test.repeated AS SELECT l.* FROM outcomes_test.leads l, generate_series(1, l.weight);
SELECT count(*) AS differ FROM (
    (SELECT characteristic, bins, information_value, coefficient FROM fit_scorecard('leads', 'outcomes_test.leads', 'won', fitted_as => 'leads_weight', options => '{"weight": "weight"}')
    EXCEPT SELECT characteristic, bins, information_value, coefficient FROM fit_scorecard('leads', 'outcomes_test.repeated', 'won', fitted_as => 'leads_rows'))) d;
SELECT (to_jsonb(newest_scheme('leads_weight')) - '{scheme,population}'::text[]) #- '{score,fitted,at}' #- '{decision,fitted,at}' #- '{characteristics,0,fitted,at}' #- '{characteristics,1,fitted,at}' #- '{characteristics,2,fitted,at}'
    = (to_jsonb(newest_scheme('leads_rows')) - '{scheme,population}'::text[]) #- '{score,fitted,at}' #- '{decision,fitted,at}' #- '{characteristics,0,fitted,at}' #- '{characteristics,1,fitted,at}' #- '{characteristics,2,fitted,at}' AS same;

-- 0 and 1 are false and true; a day within a window of the as-of, NULL and later are false
CREATE VIEW outcomes_test.numbers AS SELECT days_ago, amount, came_by, noise, won::integer AS won, CASE WHEN won THEN 2 ELSE 0 END AS twos, '5'::text AS word FROM outcomes_test.leads;
SELECT count(*) AS differ FROM (SELECT characteristic, information_value, coefficient FROM fit_scorecard('leads', 'outcomes_test.numbers', 'won', fitted_as => 'leads_numbers')
    EXCEPT SELECT characteristic, information_value, coefficient FROM scorecard_characteristics((SELECT document FROM schemes WHERE scheme = 'leads' AND version = 2))) d;
SELECT count(*) FROM fit_scorecard('leads', 'outcomes_test.leads', 'won_on', fitted_as => 'leads_days', as_of => '2025-01-01 12:00+00', options => '{"within": "P30D"}');
SELECT (to_jsonb(newest_scheme('leads_days')) #>> '{score,fitted,events}')::integer = (SELECT count(*) FROM outcomes_test.leads WHERE won_on <= date '2025-01-31') AS events;
SELECT n, n = (SELECT count(*) FROM outcomes_test.leads WHERE won_on > date '2025-02-01' OR won_on IS NULL) AS of_those_without_it_so_far
FROM judge_scorecard('leads_days', 'outcomes_test.leads', 'won_on', as_of => '2025-02-01 12:00+00', options => '{"within": "P2M"}');
SELECT * FROM fit_scorecard('leads', 'outcomes_test.leads', 'won_on', fitted_as => 'leads_days', as_of => '2999-01-01', options => '{"within": "P30D"}');

-- what its owner must look at
CREATE VIEW outcomes_test.told AS SELECT days_ago, amount, came_by, CASE WHEN won THEN 6 ELSE 1 END AS noise, won FROM outcomes_test.leads WHERE won IS NOT NULL;
SELECT characteristic, finding FROM fit_scorecard('leads', 'outcomes_test.told', 'won', fitted_as => 'leads_told');
SELECT to_jsonb(newest_scheme('leads_told')) #> '{score,fitted,converged}' AS converged;
SELECT characteristic, finding FROM fit_scorecard('leads', 'outcomes_test.told', 'won', fitted_as => 'leads_told', options => '{"ridge": 1}');
CREATE VIEW outcomes_test.constant AS SELECT 7 AS days_ago, amount, came_by, 2 AS noise, won FROM outcomes_test.leads WHERE won IS NOT NULL;
SELECT characteristic, bins, coefficient, finding FROM fit_scorecard('leads', 'outcomes_test.constant', 'won', fitted_as => 'leads_constant');

-- approved, graded, explained: what counts against this one
SELECT approve_scheme('leads', 2);
SELECT round(customer_probability('leads', 3, 100, 'referral', 1)::numeric, 4) AS good, round(customer_probability('leads', 80, 8000, 'fair', 1)::numeric, 4) AS bad,
    customer_probability('leads', NULL, NULL, 'fair', 1) AS ungraded;
SELECT e -> 'tier' AS tier, e -> 'score' AS score, round((e ->> 'probability')::numeric, 4) AS probability, e -> 'reasons' AS reasons, e -> 'nearest_change' AS nearest
FROM (SELECT explain_tier('leads', 60, 100, 'referral', 1)) AS x (e);
SELECT round(customer_probability_asof('leads', '2026-01-31', l)::numeric, 4) AS of_row, round(customer_probability('leads', to_jsonb(l))::numeric, 4) AS of_jsonb FROM outcomes_test.leads l WHERE id = 1;
SELECT document AS leads FROM schemes WHERE scheme = 'leads' AND version = 2 \gset
CREATE INDEX by_probability ON outcomes_test.leads ((grade_probability(:'leads', '2026-01-31 00:00+00', days_ago, amount, came_by, noise)));
SELECT customer_probability('rfm', 5, 5, 5);
SELECT name, psi FROM scheme_drift('leads', 'outcomes_test.leads') WHERE code IS NULL;
SELECT count(*) > 5 AS described FROM describe_scheme('leads', 'zh');

-- put to work: what came of each tier of a program, as it stood before
CREATE VIEW outcomes_test.customers AS SELECT id, days_ago, amount, came_by, noise FROM outcomes_test.leads;
SET client_min_messages = warning;
SELECT create_program('leads_program', 'leads', 'outcomes_test.customers', 'id') IS NOT NULL AS created;
CALL retier('leads_program', '2025-01-01 12:00+00');
RESET client_min_messages;
SELECT p.*, p.customers = s.n AND p.events = s.events AS as_graded FROM program_outcomes('leads_program', 'outcomes_test.leads', 'id', 'won', '2025-01-02 00:00+00') p
LEFT JOIN (SELECT tier, count(*) AS n, count(*) FILTER (WHERE won) AS events FROM outcomes_test.scored GROUP BY 1) s USING (tier) ORDER BY rank;
SELECT sum(events) = (SELECT count(*) FROM outcomes_test.leads WHERE won_on BETWEEN '2025-01-03' AND '2025-02-01') AS within_a_month
FROM program_outcomes('leads_program', 'outcomes_test.leads', 'id', 'won_on', '2025-01-02 00:00+00', 'P30D');
SELECT count(customers) AS tiers, sum(customers) AS nobody_yet FROM program_outcomes('leads_program', 'outcomes_test.leads', 'id', 'won', '2024-12-31 00:00+00');
SELECT * FROM program_outcomes('leads_program', 'outcomes_test.leads', 'lacking', 'won', now());
SELECT * FROM program_outcomes('leads_program', 'outcomes_test.leads', 'id', 'came_by', now());
SELECT drop_program('leads_program') IS NOT NULL AS dropped;

-- shares instead of probabilities: the cuts follow from the scores
SELECT derive_scheme('leads', 'leads_shares', '{"decision": {"fit": {"to": null, "probability": null, "share_of": "customers", "cuts": [0.1, 0.3, 0.6]}}}') IS NOT NULL AS derived;
SELECT count(*) FROM fit_scorecard('leads_shares', 'outcomes_test.leads', 'won');
SELECT tier, round((n / sum(n) OVER ())::numeric, 2) AS share FROM outcomes_by_tier('leads_shares', 'outcomes_test.leads', 'won');

-- texts without a list: the frequent ones are told apart, all others are one value; dates count from the as-of day
CREATE TABLE outcomes_test.towns AS
SELECT g AS id, CASE WHEN g % 10 < 3 THEN 'Lyon' WHEN g % 10 < 6 THEN 'Oslo' ELSE 'town ' || g END AS town, date '2025-06-30' - (g * 7919::bigint % 10007 % 300)::integer AS last_order,
    (g * 48271::bigint % 2147483647 * 48271 % 2147483647 % 100) < CASE WHEN g % 10 < 3 THEN 60 WHEN g % 10 < 6 THEN 30 ELSE 10 END + CASE WHEN g * 7919::bigint % 10007 % 300 < 60 THEN 25 ELSE 0 END AS bought,
    CASE WHEN g % 4 = 0 THEN 'small' ELSE 'large' END AS size
FROM generate_series(1, 25000) AS g;
SELECT count(DISTINCT town) AS texts FROM outcomes_test.towns;
SELECT create_scheme($${"scheme": "towns", "inputs": [{"name": "town", "type": "text", "title": {"en": "Town", "zh": "城市"}}, {"name": "last_order", "type": "date", "title": {"en": "Last order", "zh": "最近订单"}}],
    "characteristics": [{"name": "town", "input": "town", "fit": {"to": "outcome"}}, {"name": "recency", "input": "last_order", "fit": {"to": "outcome", "max_bins": 2}, "title": {"en": "Recency", "zh": "最近购买"}}],
    "score": {}, "decision": {"method": "score", "fit": {"to": "outcome", "probability": [0.5]}, "cuts": [{"tier": "A"}, {"tier": "B"}]}, "tiers": [{"code": "A"}, {"code": "B"}]}$$);
SELECT characteristic, bins, finding FROM fit_scorecard('towns', 'outcomes_test.towns', 'bought', as_of => '2025-06-30 12:00+00');
SELECT characteristic, bin, bounds, n, events, points FROM scorecard_bins(newest_scheme('towns'));
SELECT bool_and(b.n = h.n AND b.events = h.events) AS by_hand FROM scorecard_bins(newest_scheme('towns')) b
JOIN (SELECT CASE WHEN town = 'Lyon' THEN '["Lyon"]' WHEN town = 'Oslo' THEN '["Oslo"]' END::jsonb AS "in", count(*) AS n, count(*) FILTER (WHERE bought) AS events FROM outcomes_test.towns GROUP BY 1) h
    ON h."in" IS NOT DISTINCT FROM b.bounds -> 'in' WHERE b.characteristic = 'town';
SELECT approve_scheme('towns', 2);
SELECT customer_tier_asof('towns', '2025-06-30 12:00+00', 'Lyon', '2025-06-29') AS lyon, customer_tier_asof('towns', '2025-06-30 12:00+00', 'never heard of', '2025-06-29') AS elsewhere,
    round(customer_probability_asof('towns', '2026-06-30 12:00+00', 'Lyon', date '2026-06-29')::numeric, 6) = round(customer_probability_asof('towns', '2025-06-30 12:00+00', 'Lyon', date '2025-06-29')::numeric, 6) AS same_a_year_later;
-- the same whatever type the column is of, and as a row or jsonb
CREATE TYPE outcomes_test.size AS ENUM ('large', 'small');
CREATE VIEW outcomes_test.typed AS SELECT bought, size::text AS t, size::char(9) AS c, size::outcomes_test.size AS e, size::name AS n FROM outcomes_test.towns;
SELECT create_scheme($${"scheme": "sizes", "inputs": [{"name": "t", "type": "text"}], "characteristics": [{"name": "s", "input": "t", "fit": {"to": "outcome"}}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}$$);
SELECT newest_scheme('sizes') AS sizes \gset
SELECT count(DISTINCT d) AS different, min(jsonb_path_query_array(to_jsonb(d), '$.characteristics[*].bins[*].in')::text) AS listed FROM (
    SELECT outcome_bins(:'sizes'::scheme, '2025-06-30', bought, 1, t)::text::scheme AS d FROM outcomes_test.typed
    UNION ALL SELECT outcome_bins(:'sizes'::scheme, '2025-06-30', bought, 1, c)::text::scheme FROM outcomes_test.typed
    UNION ALL SELECT outcome_bins(:'sizes'::scheme, '2025-06-30', bought, 1, e)::text::scheme FROM outcomes_test.typed
    UNION ALL SELECT outcome_bins(:'sizes'::scheme, '2025-06-30', bought, 1, n)::text::scheme FROM outcomes_test.typed
    UNION ALL SELECT outcome_bins(:'sizes'::scheme, '2025-06-30', bought, 1, v)::text::scheme FROM outcomes_test.typed v
    UNION ALL SELECT outcome_bins(:'sizes'::scheme, '2025-06-30', bought, 1, jsonb_build_object('t', t))::text::scheme FROM outcomes_test.typed) d;
-- in parts, of which other servers can compute some: texts of any kind travel with those that are learned; the parts, merged, give what the whole gives
SELECT document AS waiting FROM schemes WHERE scheme = 'towns' AND version = 1 \gset
WITH bins AS (
    SELECT (SELECT outcome_bins(:'waiting'::scheme, '2025-06-30 12:00+00', bought, 1, town, last_order) FROM outcomes_test.towns) AS whole,
        (SELECT outcome_bins_final(rollup(p)) FROM (SELECT outcome_bins_part(:'waiting'::scheme, '2025-06-30 12:00+00', bought, 1, reading(:'waiting'::scheme, town, last_order)) AS p FROM outcomes_test.towns GROUP BY id % 7) x) AS parts
), points AS (
    SELECT (SELECT outcome_points(b.whole, '2025-06-30 12:00+00', bought, 1, t) FROM outcomes_test.towns t) AS whole,
        (SELECT outcome_points_final(rollup(p)) FROM (SELECT outcome_points_part(b.parts, '2025-06-30 12:00+00', bought, 1, reading(b.parts, t)) AS p FROM outcomes_test.towns t GROUP BY id % 7) x) AS parts FROM bins b
)
SELECT bins.whole = bins.parts AS bins, points.whole = points.parts AS points, (SELECT outcome_trial(points.whole, '2025-06-30 12:00+00', bought, 1, id % 5 = 0, town, last_order) FROM outcomes_test.towns)
    = (SELECT outcome_trial_final(rollup(p)) FROM (SELECT outcome_trial_part(points.whole, '2025-06-30 12:00+00', bought, 1, id % 5 = 0, reading(points.whole, town, last_order)) AS p FROM outcomes_test.towns GROUP BY id % 7) x) AS trial,
    jsonb_path_query_array(to_jsonb(bins.parts), '$.characteristics[0].bins[*].in') AS learned
FROM bins, points;
-- bins and numbers are looked up where a look tells them, after a thousand customers; in parts, and where a value is missing or out of range, they are read: the same
SET client_min_messages = error;
CREATE TABLE outcomes_test.kinds AS SELECT id, days_ago::smallint AS i2, amount::integer - 4000 AS i4, (id * 3000000000)::bigint AS i8, amount::float8 / 7 - 300 AS f8, 300 - amount / 7 AS long, (amount - 5000)::numeric(10, 1) AS n1,
    CASE WHEN id % 1009 = 0 THEN 1e17 ELSE id % 400 END::numeric AS far, date '2025-06-30' - (noise * 9)::integer AS day, came_by = 'web' AS web, came_by, coalesce(won, false) AS won FROM outcomes_test.leads;
SELECT jsonb_build_object('scheme', 'kinds', 'score', '{}'::jsonb, 'tiers', '[{"code": "A"}, {"code": "B"}]'::jsonb, 'decision', '{"method": "score", "fit": {"to": "outcome", "probability": [0.3]}, "cuts": [{"tier": "A"}, {"tier": "B"}]}'::jsonb,
    'inputs', jsonb_agg(jsonb_build_object('name', n, 'type', t, 'missing', m)), 'characteristics', jsonb_agg(jsonb_build_object('name', n, 'input', n, 'fit', '{"to": "outcome"}'::jsonb)))::scheme AS kinds
FROM (VALUES ('i2', 'integer', 'null'), ('i4', 'number', 'error'), ('i8', 'number', 'error'), ('f8', 'number', 'error'), ('long', 'number', 'error'), ('n1', 'number', 'error'), ('far', 'number', 'error')) AS v (n, t, m) \gset
SELECT jsonb_set(jsonb_set(to_jsonb(:'kinds'::scheme), '{inputs}', to_jsonb(:'kinds'::scheme) -> 'inputs' || '[{"name": "day", "type": "date"}, {"name": "web", "type": "boolean"}, {"name": "came_by", "type": "text"}]'), '{characteristics}',
    to_jsonb(:'kinds'::scheme) -> 'characteristics' || '[{"name": "day", "input": "day", "fit": {"to": "outcome"}}, {"name": "web", "input": "web", "fit": {"to": "outcome"}}, {"name": "came_by", "input": "came_by", "fit": {"to": "outcome"}}]')::scheme AS mixed \gset
WITH bins AS (
    SELECT (SELECT outcome_bins(:'kinds'::scheme, '2025-06-30 12:00+00', won, 1, i2, i4, i8, f8, long, n1, far) FROM outcomes_test.kinds) AS whole,
        (SELECT outcome_bins_final(rollup(p)) FROM (SELECT outcome_bins_part(:'kinds'::scheme, '2025-06-30 12:00+00', won, 1, reading(:'kinds'::scheme, i2, i4, i8, f8, long, n1, far)) AS p FROM outcomes_test.kinds GROUP BY id % 3) x) AS parts,
        (SELECT outcome_bins(:'mixed'::scheme, '2025-06-30 12:00+00', won, 1, i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds) AS mixed
), points AS (
    SELECT (SELECT outcome_points(mixed, '2025-06-30 12:00+00', won, 1, i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds) AS whole,
        (SELECT outcome_points_final(rollup(p)) FROM (SELECT outcome_points_part(mixed, '2025-06-30 12:00+00', won, 1, reading(mixed, i2, i4, i8, f8, long, n1, far, day, web, came_by)) AS p FROM outcomes_test.kinds GROUP BY id % 3) x) AS parts,
        (SELECT outcome_points(mixed, '2025-06-30 12:00+00', won, 1 + id % 2, i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds) AS weighted,
        (SELECT outcome_points(mixed, '2025-06-30 12:00+00', nullif(won, id % 9 = 0), 1, i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds) AS half
    FROM bins
)
SELECT bins.whole = bins.parts AS bins, points.whole = points.parts AS points,
    (SELECT outcome_trial(points.whole, '2025-06-30 12:00+00', won, 1, id % 5 = 0, i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds)
        = (SELECT outcome_trial_final(rollup(p)) FROM (SELECT outcome_trial_part(points.whole, '2025-06-30 12:00+00', won, 1, id % 5 = 0, reading(points.whole, i2, i4, i8, f8, long, n1, far, day, web, came_by)) AS p FROM outcomes_test.kinds GROUP BY id % 3) x) AS trial,
    (SELECT population(points.whole, '2025-06-30 12:00+00', i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds)
        = (SELECT population_final(rollup(p)) FROM (SELECT population_part(points.whole, '2025-06-30 12:00+00', reading(points.whole, i2, i4, i8, f8, long, n1, far, day, web, came_by)) AS p FROM outcomes_test.kinds GROUP BY id % 3) x) AS population,
    to_jsonb(points.whole) -> 'population' = (SELECT population(points.whole, '2025-06-30 12:00+00', i2, i4, i8, f8, long, n1, far, day, web, came_by) FROM outcomes_test.kinds) AS with_the_points,
    to_jsonb(points.weighted) ? 'population' AS of_weights, to_jsonb(points.half) ? 'population' AS of_a_half, to_jsonb(points.whole) #>> '{population,n}' AS n
FROM bins, points;
RESET client_min_messages;
SELECT count(DISTINCT reading(:'sizes'::scheme, t)) AS texts, bool_and(reading(:'sizes'::scheme, t) = reading(:'sizes'::scheme, e) AND reading(:'sizes'::scheme, t) = reading(:'sizes'::scheme, reading(:'sizes'::scheme, v))) AS same
FROM outcomes_test.typed v;

-- what counts against a customer, in words
SELECT reasons_in_words(explain_tier_asof('towns', '2025-06-30 12:00+00', 'Oslo', date '2025-01-05'), 'en'), reasons_in_words(explain_tier_asof('towns', '2025-06-30 12:00+00', 'Oslo', date '2025-01-05'), 'zh'),
    reasons_in_words(explain_tier_asof('towns', '2025-06-30 12:00+00', 'Lyon', date '2025-06-29'), 'en') = '' AS nothing;
SELECT reasons_in_words(explain_tier('lead_conversion', 40, NULL, 'cold_call', 90000, 10), 'en') AS en, reasons_in_words(explain_tier('lead_conversion', 40, NULL, 'cold_call', 90000, 10), 'zh') AS zh;

-- rows that count for nothing, and rows that cannot count: the fit is that of the others
CREATE VIEW outcomes_test.odd AS SELECT town, last_order, CASE WHEN id % 3 = 0 THEN NULL ELSE bought END AS bought,
    (CASE id % 9 WHEN 1 THEN '0' WHEN 2 THEN NULL WHEN 4 THEN 'NaN' WHEN 5 THEN 'Infinity' WHEN 7 THEN '-1' ELSE '1' END)::float8 AS weight FROM outcomes_test.towns;
SELECT count(*) FROM fit_scorecard('towns', 'outcomes_test.odd', 'bought', fitted_as => 'towns_odd', as_of => '2025-06-30 12:00+00', options => '{"weight": "weight", "rebin": true}');
SELECT (d #>> '{score,fitted,n}')::integer = (SELECT count(*) FROM outcomes_test.odd WHERE bought IS NOT NULL AND weight = 1) AS n_of_the_others,
    d::text ~* '\m(nan|infinity)\M' AS odd FROM to_jsonb(newest_scheme('towns_odd')) AS d;
-- one in a hundred has the outcome, and a bin nobody; what was fitted before is fitted anew
CREATE VIEW outcomes_test.rare AS SELECT town, last_order, id % 97 = 0 AND town <> 'Oslo' AS bought FROM outcomes_test.towns;
SELECT characteristic, bins, finding FROM fit_scorecard('towns', 'outcomes_test.rare', 'bought', fitted_as => 'towns_rare', as_of => '2025-06-30 12:00+00', options => '{"rebin": true}');
SELECT create_scheme(jsonb_set(jsonb_set(to_jsonb(newest_scheme('towns')) - 'population', '{scheme}', '"towns_typed"'), '{characteristics,0}', $${"name": "town", "input": "town", "fit": {"to": "outcome"},
    "bins": [{"code": "lyon", "in": ["Lyon"]}, {"code": "oslo", "in": ["Oslo"]}, {"code": "paris", "in": ["Paris"]}, {"code": "elsewhere", "other": true}]}$$)::text::scheme) IS NOT NULL AS typed;
SELECT count(*) FROM fit_scorecard('towns_typed', 'outcomes_test.rare', 'bought', as_of => '2025-06-30 12:00+00');
SELECT bin, n, events, rate, round(weight_of_evidence, 4) AS woe, points FROM scorecard_bins(newest_scheme('towns_typed')) WHERE characteristic = 'town';

-- nothing can be learned
CREATE VIEW outcomes_test.none AS SELECT days_ago, amount, came_by, noise, false AS won FROM outcomes_test.leads;
SELECT * FROM fit_scorecard('leads', 'outcomes_test.none', 'won', fitted_as => 'leads_none');
CREATE VIEW outcomes_test.not_known AS SELECT days_ago, amount, came_by, noise, NULL::boolean AS won FROM outcomes_test.leads;
SELECT * FROM fit_scorecard('leads', 'outcomes_test.not_known', 'won', fitted_as => 'leads_none');
CREATE VIEW outcomes_test.nobody AS SELECT * FROM outcomes_test.leads WHERE false;
SELECT * FROM fit_scorecard('leads', 'outcomes_test.nobody', 'won', fitted_as => 'leads_none');
SELECT * FROM judge_scorecard('leads', 'outcomes_test.nobody', 'won');
SELECT * FROM fit_scorecard('leads', 'outcomes_test.leads', 'came_by', fitted_as => 'leads_none');
SELECT * FROM fit_scorecard('leads', 'outcomes_test.leads', 'won_on', fitted_as => 'leads_none');
SELECT * FROM fit_scorecard('leads', 'outcomes_test.numbers', 'twos', fitted_as => 'leads_none');
SELECT * FROM fit_scorecard('leads', 'outcomes_test.leads', 'won', fitted_as => 'leads_none', options => '{"max_bins": 0}');
SELECT * FROM fit_scorecard('leads', 'outcomes_test.leads', 'won', fitted_as => 'leads_none', options => '{"bins": 5}');
SELECT * FROM fit_scorecard('rfm', 'outcomes_test.leads', 'won', fitted_as => 'leads_none');
SELECT count(*) FROM schemes WHERE scheme = 'leads_none';
SELECT count(*) FROM fit_scorecard(NULL, 'outcomes_test.leads', 'won');
DROP SCHEMA outcomes_test CASCADE;
