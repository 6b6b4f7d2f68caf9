-- Does it work? Measures by tier, before and after, and the effect against customers who were held out.

\ir crm_events.sql

\echo
\echo '── 16. Does it work? Where sales, answers, tickets and costs are, said once'
\echo
SELECT tiering.derive_scheme('abc_share', 'team_accounts', '{
    "title": {"en": "Customers of the team", "zh": "团队客户分级"},
    "characteristics": [{"name": "value_class", "input": "annual_value", "bins": [
        {"code": "A", "gte": 100000}, {"code": "B", "gte": 40000, "lt": 100000}, {"code": "C", "lt": 40000}]}]}') AS version,
    tiering.approve_scheme('team_accounts') AS approved \gset
SELECT tiering.create_program('accounts', 'team_accounts', 'crm.accounts', 'account',
    owner_column => 'owner', calendar => 'weekends', label_column => 'company') AS program \gset
CALL tiering.retier('accounts', '2025-01-01 00:00+00');
-- of the past, which a WARNING points out: in life one holds out from now on
SET client_min_messages = error;
SELECT tiering.hold_out('accounts', 0.3, at => '2025-06-30 00:00+00') AS held_out \gset
SET client_min_messages = warning;
UPDATE crm.sales s SET amount = round(1.2 * s.amount, 2), profit = round(1.2 * s.profit, 2)
WHERE s.day >= '2025-07-01' AND NOT tiering.is_held_out('accounts', s.account::text, s.day);

\set ECHO queries
SELECT tiering.register_events('accounts', 'order', 'crm.sales', 'account',
    'day', amount => 'amount', profit => 'profit', item => 'product') \g /dev/null
SELECT tiering.register_events('accounts', 'survey', 'crm.answers', 'account',
    'answered_at', 'score', only_where => $$kind = 'satisfaction'$$) \g /dev/null
SELECT tiering.register_events('accounts', 'nps', 'crm.answers', 'account',
    'answered_at', 'score', only_where => $$kind = 'recommendation'$$) \g /dev/null
SELECT tiering.register_events('accounts', 'ticket', 'crm.tickets', 'account',
    'opened_at', ended_at => 'resolved_at') \g /dev/null
SELECT tiering.register_events('accounts', 'complaint', 'crm.tickets',
    'account', 'opened_at', only_where => 'complaint') \g /dev/null
SELECT tiering.register_events('accounts', 'retention_cost', 'crm.costs',
    'account', 'spent_at', 'amount', only_where => $$kind = 'keeping'$$) \g /dev/null
SELECT tiering.register_events('accounts', 'program_cost', 'crm.costs', NULL,
    'spent_at', 'amount', only_where => $$kind = 'tiering'$$,
    cost_share => 'sales') \g /dev/null
\echo
SELECT kind, events, first_at::date AS first, last_at::date AS last, findings
FROM tiering.check_events('accounts');
\set ECHO none

\echo '── 17. The third quarter, by the tier at its beginning: one SELECT'
\echo
\set ECHO queries
SELECT tiering.set_target('accounts', 'A', 'sales_per_customer', 40000),
    tiering.set_target('accounts', 'all', 'csat', 0.65),
    tiering.set_target('accounts', 'all', 'retained', 0.98),
    tiering.set_target('accounts', 'all', 'median_resolve', 24) \g /dev/null
\set ECHO none
\echo
CREATE TEMP TABLE card AS
SELECT * FROM tiering.tier_scorecard_long('accounts', '2025-07-01', '2025-10-01', compare => true);
CREATE TEMP TABLE lines AS
SELECT m.n, c.measure, c.title_en, c.title_zh, max(v.shown) FILTER (WHERE c.tier = 'A') AS a, max(v.shown) FILTER (WHERE c.tier = 'B') AS b,
    max(v.shown) FILTER (WHERE c.tier = 'C') AS c, max(v.shown) FILTER (WHERE c.tier = 'all') AS whole
FROM card c JOIN tiering.scorecard_measures() m USING (measure), LATERAL (SELECT to_char(c.value,
    CASE WHEN c.unit = 'share' THEN 'FM9990.000' WHEN c.unit IN ('hours', 'points', 'complaints') THEN 'FM9990.0' ELSE 'FM999G999G990' END) AS shown) v
GROUP BY m.n, c.measure, c.title_en, c.title_zh;
SELECT title_en AS measure, lpad(a, 10) AS "A", lpad(b, 10) AS "B", lpad(c, 10) AS "C", lpad(whole, 10) AS "all" FROM lines
WHERE measure IN ('customers', 'csat', 'nps', 'repeat_rate', 'retained', 'sales', 'sales_per_customer', 'crc', 'cross_sold', 'tickets',
    'median_resolve', 'complaints_per_customer', 'program_cost') ORDER BY n;
\echo '   The same in Chinese, of some'
\echo
SELECT title_zh AS "指标", lpad(a, 10) AS "A", lpad(b, 10) AS "B", lpad(c, 10) AS "C", lpad(whole, 10) AS "合计" FROM lines
WHERE measure IN ('customers', 'csat', 'nps', 'sales', 'median_resolve') ORDER BY n;
\echo '   What was to be reached'
\echo
SELECT title_en AS measure, tier, value, target, CASE WHEN CASE WHEN tiering.less_is_better(measure) THEN value <= target ELSE value >= target END THEN '✓' ELSE '✗' END AS reached
FROM card JOIN tiering.scorecard_measures() m USING (measure, title_en) WHERE target IS NOT NULL ORDER BY m.n, rank;
\echo '   Where the sales are, and how satisfied each tier is'
\echo
SELECT c.tier, pg_temp.bar(max(c.value) FILTER (WHERE c.measure = 'sales_share')) AS "of sales",
    pg_temp.bar(max(c.value) FILTER (WHERE c.measure = 'csat')) AS satisfied,
    round(100 * (max(c.value - c.previous) FILTER (WHERE c.measure = 'csat')), 1) AS "points since"
FROM card c WHERE c.rank > 0 GROUP BY c.tier, c.rank ORDER BY c.rank;

\echo '── 18. Before and after 1 July: a change, which may have come by itself'
\echo
SELECT tier, before, after, change_percent AS "%", repeat('█', round(greatest(change_percent, 0))::integer) AS change
FROM tiering.tier_scorecard_compare('accounts', '2025-07-01', '3 months')
WHERE measure = 'sales' AND (rank > 0 OR tier = 'all');

\echo '── 19. The effect: those who were looked after, against those who were held out'
\echo
\echo '   Sales a customer: ├──●──┤ is the 95 % interval, │ is zero'
\echo
CREATE TEMP TABLE effect AS
SELECT * FROM tiering.tier_effect('accounts', 'sales', '2025-07-01', '2025-10-01');
SELECT tier, n_treated AS treated, n_held_out AS "held out", round(adjusted) AS "more", pg_temp.interval_bar(adjusted_low, adjusted, adjusted_high,
    (SELECT min(least(adjusted_low, 0)) FROM effect), (SELECT max(adjusted_high) FROM effect)) AS "adjusted by the quarter before"
FROM effect WHERE rank > 0 OR tier = 'all';
SELECT tier, round(low) AS low, round(high) AS high, round(adjusted_low) AS "adjusted low",
    round(adjusted_high) AS "adjusted high", round(detectable) AS detectable
FROM effect WHERE rank > 0 OR tier = 'all';
\echo '   What the effort brought: the effect times the customers, against its cost'
\echo
SELECT tier, change AS gain, round(cost, 2) AS cost, roi FROM tiering.tier_roi('accounts', '2025-07-01', '3 months', baseline => 'held_out') WHERE rank > 0 OR tier = 'all';
