-- What the customers of the shop are still worth: models fitted to the same log, beside the segments of cdnow.sql.

\echo '── 7. Who will buy again, and for how much? One pass fits four models'
\echo
\set ECHO queries
CREATE TABLE shop.history AS
SELECT customer_id, tiering.rfm(ordered_on, amount) AS rfm
FROM shop.orders GROUP BY customer_id;

CREATE TABLE shop.models AS
SELECT tiering.fit_bg_nbd(rfm, date '1998-06-30', 'week') AS bg_nbd,
    tiering.fit_mbg_nbd(rfm, date '1998-06-30', 'week') AS mbg_nbd,
    tiering.fit_pareto_nbd(rfm, date '1998-06-30', 'week') AS pareto_nbd,
    tiering.fit_gamma_gamma(rfm) AS gamma_gamma
FROM shop.history;
\set ECHO none

\echo
SELECT name AS model, (SELECT string_agg(format('%s %s', key, round(value::numeric, 3)), ', ') FROM jsonb_each_text(tiering.parameters(model))) AS parameters,
    round(tiering.log_likelihood(model)::numeric, 1) AS likelihood, tiering.converged(model) AS ok
FROM shop.models, LATERAL (VALUES (1, 'BG/NBD', bg_nbd), (2, 'MBG/NBD', mbg_nbd), (3, 'Pareto/NBD', pareto_nbd), (4, 'Gamma-Gamma', gamma_gamma)) AS m (place, name, model)
ORDER BY place;

\echo '── 8. The value of the next year is an input like any other: cut points fitted'
\echo
\set ECHO queries
CREATE TABLE shop.outlook AS
SELECT customer_id,
    tiering.p_alive(pareto_nbd, rfm, date '1998-06-30') AS alive,
    tiering.expected_purchases(pareto_nbd, 52, rfm, date '1998-06-30')
        AS purchases,
    tiering.customer_lifetime_value(pareto_nbd, gamma_gamma, rfm,
        date '1998-06-30', 52, 0.0018) AS expected_value_12m -- 10 % a year
FROM shop.history, shop.models;

SELECT round(cuts[1], 2) AS high_from, round(cuts[2], 2) AS medium_from, n
FROM tiering.fit_scheme('lifetime_value', 'shop.outlook',
    fitted_as => 'cd_next_year');
\set ECHO none
SELECT tiering.approve_scheme('cd_next_year') AS version \gset
SELECT t.title_en AS value, t.title_zh AS "中文", pg_temp.bar(count(*) / sum(count(*)) OVER ()) AS "of customers",
    pg_temp.bar((sum(expected_value_12m) / sum(sum(expected_value_12m)) OVER ())::numeric) AS "of the value to come"
FROM shop.outlook o JOIN tiering.tiers t ON t.scheme = 'cd_next_year'
    AND t.tier = tiering.customer_tier_asof('cd_next_year', '1998-07-01', expected_value_12m)
GROUP BY t.title_en, t.title_zh, t.rank ORDER BY t.rank;

\echo '   Beside the segments of RFM: spent so far, and expected of the next year'
\echo
SELECT t.title_en AS segment, round(avg(c.monetary)) AS "spent",
    round(avg(o.alive)::numeric, 2) AS alive, round(avg(o.expected_value_12m)::numeric) AS "next",
    pg_temp.bar((sum(o.expected_value_12m) / sum(sum(o.expected_value_12m)) OVER ())::numeric) AS "of the value to come"
FROM shop.customer_tiers c JOIN shop.outlook o USING (customer_id) JOIN tiering.tiers t ON t.scheme = 'cd_rfm' AND t.tier = c.segment
GROUP BY t.title_en, t.title_zh, t.rank ORDER BY t.rank;

\echo '── 9. Does it hold? Models of nine months, against the nine that followed'
\echo
\set ECHO queries
CREATE TABLE shop.calibrated AS
SELECT tiering.fit_bg_nbd(rfm, date '1997-09-30', 'week') AS bg_nbd,
    tiering.fit_pareto_nbd(rfm, date '1997-09-30', 'week') AS pareto_nbd
FROM shop.history;
\set ECHO none
\echo
\echo '   Purchases from October 1997 on, mean per customer, by repeat purchases before'
\echo
SELECT b.frequency || CASE WHEN b.and_more THEN '+' ELSE '' END AS repeats, b.customers AS n, round(b.actual::numeric, 2) AS actual,
    round(b.expected::numeric, 2) AS "BG/NBD", round(p.expected::numeric, 2) AS "Pareto/NBD", repeat('█', round(2 * b.actual)::integer) AS actual_bar,
    repeat('█', round(2 * p.expected)::integer) AS "Pareto, bar"
FROM shop.calibrated, tiering.lifetime_by_frequency(bg_nbd, 'shop.history', '1997-09-30', '1998-06-30') AS b
JOIN LATERAL (SELECT * FROM shop.calibrated c, tiering.lifetime_by_frequency(c.pareto_nbd, 'shop.history', '1997-09-30', '1998-06-30')) AS p USING (frequency)
ORDER BY b.frequency;
\echo '   Repeat purchases of all customers since January 1997, in total'
\echo
SELECT b.ends_on AS until, b.actual_total AS actual, round(b.expected_total) AS "BG/NBD", round(p.expected_total) AS "Pareto/NBD"
FROM shop.calibrated, tiering.lifetime_tracking(bg_nbd, 'shop.history', '1998-06-30') AS b
JOIN LATERAL (SELECT * FROM shop.calibrated c, tiering.lifetime_tracking(c.pareto_nbd, 'shop.history', '1998-06-30')) AS p USING (period)
WHERE b.period % 13 = 0 ORDER BY period;
\echo '   The tenth of the customers of whom Pareto/NBD expected most'
\echo
SELECT part AS tenth, round(actual::numeric, 2) AS actual, round(expected::numeric, 2) AS expected, pg_temp.bar(share::numeric) AS "of all purchases", round(lift::numeric, 1) AS lift
FROM shop.calibrated, tiering.lifetime_lift(pareto_nbd, 'shop.history', '1997-09-30', '1998-06-30') WHERE part <= 3;
