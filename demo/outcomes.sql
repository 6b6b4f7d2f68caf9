-- Scorecards fitted to what came of customers: who stopped buying at the CD shop, and which deals of a sales team close.

\echo '── 20. Who will leave? churn_risk, fitted to who bought nothing in 1998'
\echo
\set ECHO queries
CREATE TABLE shop.at_new_year AS
SELECT customer_id, (tiering.figures(bought, '1997-12-31')).*,
    NOT later AS left_us
FROM (
    SELECT customer_id,
        tiering.rfm(ordered_on, amount)
            FILTER (WHERE ordered_on <= '1997-12-31') AS bought,
        coalesce(bool_or(ordered_on > '1997-12-31'), false) AS later
    FROM shop.orders GROUP BY customer_id
) o;

SET client_min_messages = error; -- WARNINGs say that recency and orders tell it suspiciously well; they were known before
SELECT characteristic, bins, round(information_value, 3) AS information,
    round(coefficient, 3) AS coefficient, round(standard_error, 3) AS error,
    finding
FROM tiering.fit_scorecard('churn_risk', 'shop.at_new_year', 'left_us',
    fitted_as => 'cd_churn', as_of => '1997-12-31 12:00+00',
    options => '{"rebin": true, "probability": [0.9, 0.8, 0.6],
        "wrong_sign": "drop", "split": {"key": "customer_id", "share": 0.3}}');
SET client_min_messages = warning;
\set ECHO none

\echo
SELECT part, n AS customers, round(rate::numeric, 3) AS "left us", round(expected_rate::numeric, 3) AS expected, round(auc::numeric, 3) AS auc, round(ks::numeric, 3) AS ks, round(brier::numeric, 3) AS brier
FROM tiering.judge_scorecard('cd_churn', 'shop.at_new_year', 'left_us', as_of => '1997-12-31 12:00+00', options => '{"split": {"key": "customer_id", "share": 0.3}}');
SELECT t.title_en AS risk, t.title_zh AS "中文", o.n AS customers, pg_temp.bar(o.rate::numeric) AS "left us, of those held out"
FROM tiering.outcomes_by_tier('cd_churn', 'shop.at_new_year', 'left_us', as_of => '1997-12-31 12:00+00', options => '{"split": {"key": "customer_id", "share": 0.3}}') o
JOIN tiering.tiers t ON t.scheme = 'churn_risk' AND t.tier = o.tier WHERE o.part = 'holdout' ORDER BY t.rank;

\echo '   Looked at, approved, put to work on the customers of July 1998'
\echo
\set ECHO queries
SELECT bin, bounds, n, events, round(100 * rate) AS "left us, %", points
FROM tiering.scorecard_bins(tiering.newest_scheme('cd_churn'))
WHERE characteristic IN ('recency', 'orders');
SELECT tiering.approve_scheme('cd_churn') IS NOT NULL AS approved;
SELECT tiering.create_program('churn', 'cd_churn', 'shop.customers',
    key => 'customer_id');
CALL tiering.retier('churn');
\set ECHO none

\echo '   Whom to call first, and what speaks for the risk: in English and in Chinese'
\echo
-- the two reasons that weigh most
SELECT d.customer, d.tier, round(100 * (e.e ->> 'probability')::numeric) || ' %' AS "will leave", array_to_string((string_to_array(tiering.reasons_in_words(e.e, 'en'), '; '))[:2], '; ') AS "what speaks for it"
FROM (SELECT * FROM tiering.followups_due WHERE program = 'churn' ORDER BY rank, due, customer::integer LIMIT 4) d
CROSS JOIN LATERAL tiering.explain_customer('churn', d.customer) AS e (e) ORDER BY d.rank, d.due, d.customer::integer;
SELECT d.customer, t.title_zh AS "风险", round(100 * (e.e ->> 'probability')::numeric) || '%' AS "流失概率", array_to_string((string_to_array(tiering.reasons_in_words(e.e, 'zh'), '；'))[:2], '；') AS "原因"
FROM (SELECT * FROM tiering.followups_due WHERE program = 'churn' AND tier = 'elevated' ORDER BY due, customer::integer LIMIT 3) d
JOIN tiering.tiers t ON t.scheme = 'cd_churn' AND t.tier = d.tier
CROSS JOIN LATERAL tiering.explain_customer('churn', d.customer) AS e (e) ORDER BY d.due, d.customer::integer;

\echo '── 21. Which deals close? lead_conversion, fitted to deals won and lost'
\echo
-- 4000 deals of the past, made up: the same ones every time.
CREATE TABLE crm.past_deals AS
SELECT id, contact_age_days, contacts, came_by, deal_value, days_open,
    chance < 12 + CASE came_by WHEN 'referral' THEN 30 WHEN 'existing_customer' THEN 24 WHEN 'website' THEN 6 ELSE 0 END + least(contacts, 8) * 2 - contact_age_days / 4
        - CASE WHEN deal_value > 60000 THEN 5 ELSE 0 END - days_open / 40 AS won
FROM (
    SELECT g AS id, g::bigint * 7919 % 10007 % 75 AS contact_age_days, (g::bigint * 104729 % 1000003 % 10)::integer AS contacts, g::bigint * 15485863 % 32452843 % 90000 + 1000 AS deal_value,
        ('{referral,existing_customer,website,event,cold_call}'::text[])[1 + g::bigint * 31337 % 65537 % 5] AS came_by, (g::bigint * 6700417 % 2147483647 % 160)::integer AS days_open,
        g::bigint * 48271 % 2147483647 * 48271 % 2147483647 % 100 AS chance
    FROM generate_series(1, 4000) AS g
) d;
CREATE VIEW crm.decided AS SELECT * FROM crm.past_deals WHERE id > 60;
CREATE VIEW crm.still_open AS SELECT id, contact_age_days, contacts, came_by, deal_value, days_open FROM crm.past_deals WHERE id <= 60;
\set ECHO queries
SELECT characteristic, bins, round(information_value, 3) AS information,
    round(coefficient, 3) AS coefficient, round(share, 3) AS share
FROM tiering.fit_scorecard('lead_conversion', 'crm.decided', 'won',
    fitted_as => 'team_leads', options => '{"rebin": true}');
SELECT bin, bounds, n, events, round(100 * rate) AS "closed, %", points
FROM tiering.scorecard_bins(tiering.newest_scheme('team_leads'))
WHERE characteristic IN ('last_contact', 'origin');
SELECT tiering.approve_scheme('team_leads') IS NOT NULL AS approved;
SELECT tiering.create_program('leads', 'team_leads', 'crm.still_open', 'id');
CALL tiering.retier('leads');
\set ECHO none

\echo
SELECT tier, n AS deals, round(100 * rate::numeric) || ' %' AS closed FROM tiering.outcomes_by_tier('team_leads', 'crm.decided', 'won');
\echo '   What counts against a deal, beside it'
\echo
SELECT d.customer, d.tier, round((100 * tiering.customer_probability('team_leads', o.contact_age_days, o.contacts, o.came_by, o.deal_value, o.days_open))::numeric) || ' %' AS "will close",
    tiering.reasons_in_words(tiering.explain_customer('leads', d.customer), 'en') AS "counts against it"
FROM tiering.followups_due d JOIN tiering.current_tiers c USING (program, customer) JOIN crm.still_open o ON o.id::text = d.customer
WHERE d.program = 'leads' ORDER BY d.rank, c.score DESC, d.customer LIMIT 8;
