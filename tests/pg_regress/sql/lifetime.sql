-- Models of customer lifetime value: fitted, stored, asked, judged.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;

-- --- the published figures, from the raw log ---

-- The CDNOW sample: sample id, customer, day, CDs, dollars.
CREATE TEMP TABLE log (line text);
\copy log FROM 'demo/data/cdnow_sample.txt'
CREATE TEMP TABLE orders AS
SELECT c[2]::integer AS customer, c[3]::date AS day, c[5]::numeric AS amount
FROM log, regexp_split_to_array(btrim(line), ' +') AS c;
CREATE TEMP TABLE shoppers AS
SELECT customer, tiering.rfm(day, amount) AS rfm,
    tiering.rfm(day, amount) FILTER (WHERE day <= '1997-09-30') AS calibration
FROM orders GROUP BY customer;

SELECT count(*) AS customers, count(*) FILTER (WHERE repeat_days(calibration) > 0) AS repeaters, sum(repeat_days(calibration)) AS purchases
FROM shoppers;

CREATE TEMP TABLE models AS
SELECT fit_bg_nbd(rfm, date '1997-09-30', 'week') AS bg, fit_mbg_nbd(rfm, date '1997-09-30', 'week') AS mbg,
    fit_pareto_nbd(rfm, date '1997-09-30', 'week') AS pareto, fit_gamma_gamma(calibration) AS gg
FROM shoppers;

-- BG/NBD and Pareto/NBD as in Fader, Hardie and Lee (2005), Gamma-Gamma as in Fader and Hardie (2013), all to 1e-3
SELECT m.model, p.name, round(parameter(f.fit, p.name)::numeric, 4) AS found, p.published,
    abs(parameter(f.fit, p.name) - p.published) <= 1e-3 AS agrees
FROM models, LATERAL (VALUES ('bg_nbd', bg), ('pareto_nbd', pareto), ('gamma_gamma', gg)) AS f (model, fit)
JOIN (VALUES ('bg_nbd'), ('pareto_nbd'), ('gamma_gamma')) AS m (model) USING (model)
JOIN (VALUES ('bg_nbd', 1, 'r', 0.2426), ('bg_nbd', 2, 'alpha', 4.4136), ('bg_nbd', 3, 'a', 0.7929), ('bg_nbd', 4, 'b', 2.4259),
    ('pareto_nbd', 1, 'r', 0.5533), ('pareto_nbd', 2, 'alpha', 10.5777), ('pareto_nbd', 3, 's', 0.6062), ('pareto_nbd', 4, 'beta', 11.6687))
    AS p (model, place, name, published) USING (model)
ORDER BY m.model, p.place;
-- published with two digits: p 6.25, q 3.74, v 15.44
SELECT round(parameter(gg, 'p')::numeric, 2) AS p, round(parameter(gg, 'q')::numeric, 2) AS q, round(parameter(gg, 'v')::numeric, 2) AS v FROM models;
SELECT abs(log_likelihood(bg) - -9582.429) <= 1e-3 AS bg, abs(log_likelihood(pareto) - -9594.976) <= 1e-3 AS pareto,
    abs(log_likelihood(gg) - -4055.918) <= 1e-3 AS gg, converged(bg) AND converged(mbg) AND converged(pareto) AND converged(gg) AS converged
FROM models;
-- x = 2, t_x = 30.43, T = 38.86: 1.226 purchases within 39 weeks
SELECT round(expected_purchases(bg, 39, 2, 30.43, 38.86)::numeric, 3) AS next_39_weeks, round(p_alive(bg, 2, 30.43, 38.86)::numeric, 4) AS alive,
    p_alive(bg, 0, 0, 38.86) AS once, round(p_alive(mbg, 0, 0, 38.86)::numeric, 4) AS once_mbg, round(p_alive(pareto, 0, 0, 38.86)::numeric, 4) AS once_pareto,
    round(expected_purchases_new(bg, 39)::numeric, 4) AS new_39_weeks
FROM models;

-- the same whether from rfm values, as of a day or a moment, or from figures, in days or in weeks
SELECT bg = fit_bg_nbd(rfm, '1997-09-30 23:59+00'::timestamptz, 'week') AS moment, bg = fit_bg_nbd(calibration, date '1997-09-30', 'week') AS cut_before,
    bg = fit_bg_nbd((split_at(rfm, '1997-09-30')).frequency, (split_at(rfm, '1997-09-30')).recency / 7.0, (split_at(rfm, '1997-09-30')).age / 7.0, 'week') AS figures,
    gg = fit_gamma_gamma(calibration, date '1997-09-30') AS spend_as_of,
    abs(parameter(gg, 'v') - parameter(fit_gamma_gamma(repeat_days(calibration), repeat_monetary(calibration)::float8 / nullif(repeat_days(calibration), 0)), 'v')) < 1e-9 AS spend_figures,
    abs(parameter(gg, 'v') - parameter(fit_gamma_gamma(repeat_days(calibration), repeat_monetary(calibration) / nullif(repeat_days(calibration), 0)), 'v')) < 1e-9 AS numeric_figures
FROM shoppers, models GROUP BY bg, gg;
SELECT to_jsonb(fit_bg_nbd(repeat_days(calibration), repeat_span(calibration), age(calibration, date '1997-09-30'))) ->> 'unit' AS unit,
    abs(7 * parameter(bg, 'alpha') - parameter(fit_bg_nbd(repeat_days(calibration), repeat_span(calibration), age(calibration, date '1997-09-30')), 'alpha')) < 1e-4 AS in_days
FROM shoppers, models GROUP BY bg;

-- --- a value like any other ---

CREATE TEMP TABLE kept (name text, model lifetime_model);
INSERT INTO kept SELECT name, model FROM models, LATERAL (VALUES ('bg', bg), ('mbg', mbg), ('pareto', pareto), ('gg', gg)) AS m (name, model);
SELECT k.name, k.model::text::lifetime_model = k.model AS reads_back, k.model::jsonb::lifetime_model = k.model AS by_jsonb,
    to_jsonb(k.model) - '{parameters,log_likelihood,iterations}'::text[] AS rest
FROM kept k ORDER BY name;
SELECT count(DISTINCT model::text), count(*) FROM (SELECT model FROM kept UNION ALL SELECT model FROM kept) AS twice;
SELECT count(*) FROM (SELECT model FROM kept UNION SELECT model FROM kept) AS once;
CREATE TEMP TABLE copied (LIKE kept);
\set file `mktemp -u /tmp/customer_tiering.XXXXXX`
COPY kept TO :'file' (FORMAT binary);
COPY copied FROM :'file' (FORMAT binary);
\set removed `rm -f :file`
SELECT bool_and(k.model = c.model) AS equal, count(*) FROM kept k JOIN copied c USING (name);
SELECT lifetime_model_digest(model) = substring(sha256(model::text::bytea) FOR 16) AS digest, model <> '{"kind": "gamma_gamma", "parameters": {"p": 6.25, "q": 3.74, "v": 15.44}}' AS other
FROM kept WHERE name = 'gg';
-- typed from a paper
SELECT lifetime_model '{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}}';
SELECT log_likelihood(m), converged(m), parameters(m), parameter(m, 'p'), parameter(m, 'r')
FROM (SELECT lifetime_model '{"kind": "gamma_gamma", "parameters": {"p": 6.25, "q": 3.74, "v": 15.44}}') AS typed (m);
SELECT unit_days(bg), parameters(bg) ?& '{r,alpha,a,b}' AS named FROM models;
SELECT lifetime_model_json_schema() ->> 'title', lifetime_model_json_schema() -> 'properties' ?& '{kind,unit,parameters,n,converged}';
SELECT lifetime_model '{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.2426, "alpha": -4.4136, "a": 0.7929, "b": 2.4259}}';
SELECT lifetime_model '{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.2426, "a": 0.7929, "b": 2.4259}}';
SELECT lifetime_model '{"kind": "bgnbd", "unit": "week", "parameters": {}}';
SELECT lifetime_model 'bg_nbd';

-- --- predictions ---

SELECT name, round(p_alive(model, 2, 30.43, 38.86)::numeric, 4) AS alive, round(expected_purchases(model, 39, 2, 30.43, 38.86)::numeric, 4) AS next,
    round(expected_purchases_new(model, 39)::numeric, 4) AS new, expected_purchases(model, 0, 2, 30.43, 38.86) AS at_once
FROM kept WHERE name <> 'gg' ORDER BY name;
SELECT round(expected_spend(gg, 0, 0)::numeric, 2) AS of_all, round(expected_spend(gg, 2, 20)::numeric, 2) AS of_two, round(expected_spend(gg, 200, 20)::numeric, 2) AS of_many
FROM models;
-- the sum of the discounted weeks
SELECT round(customer_lifetime_value(bg, gg, 2, 30.43, 38.86, 20, 52, 0.002)::numeric, 4) AS value,
    round((expected_spend(gg, 2, 20) * (SELECT sum((expected_purchases(bg, k, 2, 30.43, 38.86) - expected_purchases(bg, k - 1, 2, 30.43, 38.86)) / 1.002 ^ k)
        FROM generate_series(1, 52) AS k))::numeric, 4) AS summed,
    customer_lifetime_value(bg, gg, 2, 30.43, 38.86, 20, 52, 0) = expected_spend(gg, 2, 20) * expected_purchases(bg, 52, 2, 30.43, 38.86) AS undiscounted
FROM models;
-- by rfm value as by figures, for every customer; later purchases do not count
SELECT count(*) AS customers,
    bool_and(p_alive(bg, rfm, date '1997-09-30') = p_alive(bg, (c).frequency, (c).recency / 7.0, (c).age / 7.0)) AS alive,
    bool_and(p_alive(bg, rfm, '1997-09-30 12:00+00'::timestamptz) = p_alive(bg, calibration, date '1997-09-30')) AS moment,
    bool_and(expected_purchases(pareto, 39, rfm, date '1997-09-30') = expected_purchases(pareto, 39, (c).frequency, (c).recency / 7.0, (c).age / 7.0)) AS expected,
    bool_and(expected_purchases(mbg, 39, rfm, '1997-09-30'::timestamptz) = expected_purchases(mbg, 39, calibration, date '1997-09-30')) AS mbg
FROM (SELECT rfm, calibration, split_at(rfm, '1997-09-30') AS c FROM shoppers) AS s, models;
SELECT bool_and(customer_lifetime_value(bg, gg, calibration, date '1997-09-30', 52, 0.001) = customer_lifetime_value(bg, gg, calibration, '1997-09-30'::timestamptz, 52, 0.001)) AS same,
    bool_and(abs(customer_lifetime_value(bg, gg, calibration, date '1997-09-30', 52, 0) - expected_spend(gg, calibration) * expected_purchases(bg, 52, calibration, date '1997-09-30')) < 1e-9) AS product,
    round(sum(customer_lifetime_value(bg, gg, calibration, date '1997-09-30', 52, 0.001))::numeric) AS value_of_all
FROM shoppers, models;
-- models that change from row to row
SELECT name, g, round(p_alive(model, g, g, 10 * g + 1)::numeric, 6) FROM kept, generate_series(0, 2) AS g WHERE name <> 'gg' ORDER BY g, name;
-- nothing to say
SELECT p_alive(bg, NULL::rfm, now()) AS no_value, p_alive(bg, rfm(date '2020-01-01', -5), date '2020-02-01') AS only_a_refund,
    expected_purchases(bg, 1, rfm(date '2020-01-01', 5), date '2019-12-31') AS not_yet, p_alive(bg, NULL, 1, 2) AS no_frequency,
    expected_spend(gg, rfm(day, amount)) AS nothing_spent,
    customer_lifetime_value(bg, gg, rfm(day, amount), date '2020-03-01', 52, 0) AS nothing_spent_either
FROM models, (VALUES (date '2020-01-01', 5), (date '2020-02-01', 5), (date '2020-02-02', -5)) AS o (day, amount) GROUP BY bg, gg;
SELECT p_alive(gg, 1, 2, 3) FROM models;
SELECT expected_spend(bg, 1, 2) FROM models;
SELECT customer_lifetime_value(gg, bg, 1, 2, 3, 4, 5, 0) FROM models;
SELECT p_alive(bg, 1, 5, 3) FROM models;
SELECT p_alive(bg, 1, 0, 3) FROM models;
SELECT expected_spend(gg, 3, -1) FROM models;
-- who has no expected spend has none, and the others have theirs; a fit of such a model says so
SELECT frequency, expected_spend(heavy, frequency, mean) AS spend, customer_lifetime_value(bg, heavy, frequency, frequency, 40, mean, 52, 0) > 0 AS value
FROM models, CAST('{"kind": "gamma_gamma", "parameters": {"p": 0.5, "q": 0.8, "v": 4}}' AS lifetime_model) AS heavy, (VALUES (4, 20.0), (0, 0), (1, 20)) AS v (frequency, mean);
SELECT expected_spend(heavy, rfm(day, 5)) AS once, expected_spend(heavy, rfm(day, 5)) IS NULL AS nothing, customer_lifetime_value(bg, heavy, rfm(day, 5), date '2026-02-01', 52, 0)
FROM models, CAST('{"kind": "gamma_gamma", "parameters": {"p": 0.5, "q": 0.8, "v": 4}}' AS lifetime_model) AS heavy, (VALUES (date '2026-01-01')) AS v (day) GROUP BY bg::text, heavy::text, bg, heavy;
SELECT parameter(fit_gamma_gamma(1 + g % 4, 0.01 * 10 ^ (12.0 * g / 400)), 'q') < 1 AS heavy FROM generate_series(1, 400) AS g;
SELECT expected_purchases(bg, -1, 1, 2, 3) FROM models;
SELECT customer_lifetime_value(bg, gg, 1, 2, 3, 4, 5, -0.1) FROM models;
SELECT customer_lifetime_value(bg, gg, 1, 2, 3, 4, 1e9, 0) FROM models;
SELECT customer_lifetime_value(bg, gg, rfm, date '1997-09-30', 52, 0) FROM shoppers, models;

-- --- who is left out ---

CREATE TEMP TABLE odd AS
SELECT rfm FROM shoppers UNION ALL SELECT NULL FROM generate_series(1, 3) UNION ALL SELECT rfm(date '1997-01-01', -1)
UNION ALL SELECT rfm(date '1997-10-01', 1) UNION ALL SELECT rfm(d, a) FROM (VALUES (date '1997-01-01', 1), (date '1997-02-01', -1), (date '1997-03-01', 0)) AS o (d, a);
SELECT to_jsonb(fit_bg_nbd(rfm, date '1997-09-30', 'week')) -> 'excluded' AS purchases,
    to_jsonb(fit_gamma_gamma(rfm, date '1998-07-01')) -> 'excluded' AS spend FROM odd;
SET client_min_messages = error; -- these few do not make a model
SELECT to_jsonb(fit_bg_nbd(x, t, a)) -> 'excluded' AS purchases, to_jsonb(fit_gamma_gamma(x, m)) -> 'excluded' AS spend
FROM (VALUES (1, 2.0, 5.0, 7.0), (2, 1.0, 4.0, 8.5), (0, 0, 3, NULL), (4, 4.5, 5, 6), (1, NULL, 5, NULL), (NULL, 1, 5, 3), (3, 2, NULL, 1)) AS c (x, t, a, m);
RESET client_min_messages;
SELECT fit_gamma_gamma(rfm, date '1997-09-30') FROM shoppers;
SELECT fit_bg_nbd(x, t, a) FROM (VALUES (1, 2.0, 5.0), (1, 6, 5)) AS c (x, t, a);
SELECT fit_bg_nbd(x, t, a) FROM (VALUES (1, 2.0, 5.0), (-1, 0, 5)) AS c (x, t, a);
SELECT fit_pareto_nbd(x, t, a) FROM (VALUES (1, 2.0, 5.0), (2, 0, 5)) AS c (x, t, a);
SELECT fit_gamma_gamma(x, m) FROM (VALUES (1, 2.0), (1, 0)) AS c (x, m);
SELECT fit_bg_nbd(1, 2, 3, 'weeks');
SELECT fit_bg_nbd(1, 2, 3, NULL);
SELECT fit_bg_nbd(1, 2, 3, u) FROM (VALUES ('week'), ('day')) AS u (u);

-- --- data that determine no model ---

SELECT fit_bg_nbd(1, 1, 1) FROM generate_series(1, 0);
SELECT fit_bg_nbd(NULL, 1, 1), fit_gamma_gamma(0, 0) FROM generate_series(1, 5);
SET client_min_messages = error;
CREATE FUNCTION pg_temp.sane(m lifetime_model) RETURNS text LANGUAGE sql
RETURN concat_ws(', ', to_jsonb(m) ->> 'kind', CASE WHEN converged(m) THEN 'converged' ELSE 'not converged' END,
    CASE WHEN (SELECT bool_and(p.value::float8 > 0 AND p.value::float8 < 'Infinity') FROM jsonb_each_text(parameters(m)) AS p) THEN 'finite' ELSE 'BROKEN' END);
-- all one-time buyers; a single customer; constant spend; ages of zero; figures that are huge or tiny; no two alike or all
SELECT pg_temp.sane(fit_bg_nbd(0, 0, a)), pg_temp.sane(fit_mbg_nbd(0, 0, a)), pg_temp.sane(fit_pareto_nbd(0, 0, a)) FROM generate_series(1, 50) AS a;
SELECT pg_temp.sane(fit_bg_nbd(3, 5, 10)), pg_temp.sane(fit_mbg_nbd(3, 5, 10)), pg_temp.sane(fit_pareto_nbd(3, 5, 10));
SELECT pg_temp.sane(fit_gamma_gamma(x, 9.99)) FROM generate_series(1, 20) AS x;
SELECT pg_temp.sane(fit_gamma_gamma(1, 9.99));
SELECT pg_temp.sane(fit_bg_nbd(0, 0, 0)), pg_temp.sane(fit_mbg_nbd(0, 0, 0)), pg_temp.sane(fit_pareto_nbd(0, 0, 0)) FROM generate_series(1, 20);
SELECT pg_temp.sane(fit_bg_nbd(x, x * 1e200, x * 2e200)), pg_temp.sane(fit_mbg_nbd(x, x * 1e200, x * 2e200)),
    pg_temp.sane(fit_pareto_nbd(x, x * 1e200, x * 2e200)), pg_temp.sane(fit_gamma_gamma(x, x * 1e300)) FROM generate_series(1, 30) AS x;
SELECT pg_temp.sane(fit_bg_nbd(9223372036854775807, 1, 2)), pg_temp.sane(fit_pareto_nbd(9223372036854775807, 1, 2)), pg_temp.sane(fit_gamma_gamma(9223372036854775807, 1e-300));
SELECT pg_temp.sane(fit_bg_nbd(200 + x, 9 + x / 1000.0, 11)), pg_temp.sane(fit_pareto_nbd(200 + x, 9 + x / 1000.0, 11)) FROM generate_series(1, 500) AS x;
-- the model says so, and why
RESET client_min_messages;
\set VERBOSITY terse
SELECT converged(m), split_part(to_jsonb(m) ->> 'reason', ':', 1) AS reason
FROM (SELECT fit_bg_nbd(0, 0, 10) FROM generate_series(1, 9) UNION ALL SELECT fit_pareto_nbd(0, 0, 0) UNION ALL SELECT fit_gamma_gamma(3, 10) FROM generate_series(1, 9)) AS f (m);
\set VERBOSITY default

-- --- judging ---

SELECT (split_at(rfm, '1997-09-30')).*, (split_at(rfm, '1997-09-30', '1997-12-31')).holdout_purchases AS until_december, (split_at(rfm, '1997-09-30', '1997-12-31')).holdout_days
FROM shoppers WHERE customer IN (1, 18, 111) ORDER BY customer;
SELECT purchase_days(rfm) FROM shoppers WHERE customer = 111;
SELECT split_at(rfm(date '2020-01-02', 1), '2020-01-01') IS NULL AS not_yet, split_at(rfm(date '2020-01-02', 1), '2020-01-02') AS first_day,
    split_at(rfm(date '2020-01-02', -1), '2020-01-02') IS NULL AS only_a_refund, split_at(NULL, '2020-01-02') IS NULL AS no_value;
SELECT split_at(rfm(date '2020-01-02', 1), '2020-01-02', '2020-01-01');
-- weekly tracking: by the end of the calibration period and of the observation
SELECT t.period, t.ends_on, t.actual, round(t.expected::numeric, 2) AS expected, t.actual_total, round(t.expected_total::numeric, 1) AS expected_total
FROM models, lifetime_tracking(bg, 'shoppers', '1998-06-30') AS t
WHERE t.period IN (1, 2, 13, 39, 52) OR t.ends_on = '1998-06-30' ORDER BY t.period;
SELECT name, count(*), round(max(t.expected_total)::numeric, 1) AS expected_total, max(t.actual_total) AS actual_total
FROM kept, lifetime_tracking(model, 'shoppers', '1998-06-30', 'rfm') AS t WHERE name <> 'gg' GROUP BY name ORDER BY name;
SELECT f.frequency, f.and_more, f.customers, round(f.actual::numeric, 3) AS actual, round(f.expected::numeric, 3) AS expected,
    round(f.error::numeric, 3) AS error, round(f.absolute_error::numeric, 3) AS absolute_error
FROM models, lifetime_by_frequency(bg, 'shoppers', '1997-09-30', '1998-06-30') AS f ORDER BY f.frequency;
SELECT l.part, round(l.customers::numeric, 1) AS customers, round(l.actual::numeric, 3) AS actual, round(l.expected::numeric, 3) AS expected,
    round(l.share::numeric, 3) AS share, round(l.lift::numeric, 2) AS lift
FROM models, lifetime_lift(bg, 'shoppers', '1997-09-30', '1998-06-30') AS l ORDER BY l.part;
SELECT * FROM models, lifetime_tracking(gg, 'shoppers', '1998-06-30');
SELECT * FROM models, lifetime_by_frequency(bg, 'shoppers', '1998-06-30', '1997-06-30');

-- --- a grade of what is to come ---

CREATE TEMP TABLE ahead AS
SELECT customer, customer_lifetime_value(fit.bg, fit.gg, rfm, date '1998-06-30', 52, 0)::numeric AS expected_value_12m
FROM shoppers, (SELECT fit_bg_nbd(rfm, date '1998-06-30', 'week') AS bg, fit_gamma_gamma(rfm) AS gg FROM shoppers) AS fit;
SELECT stored_as, characteristic, share_of, round(cuts[1], 1) AS high, round(cuts[2], 1) AS medium, n
FROM fit_scheme('lifetime_value', 'ahead', fitted_as => 'next_year', as_of => '1998-07-01');
SELECT approve_scheme('next_year') IS NOT NULL AS approved;
SELECT customer_tier_asof('next_year', '1998-07-01', expected_value_12m) AS tier, count(*), round(sum(expected_value_12m)) AS value,
    round(sum(expected_value_12m) / sum(sum(expected_value_12m)) OVER (), 3) AS share
FROM ahead GROUP BY 1 ORDER BY 3 DESC;
