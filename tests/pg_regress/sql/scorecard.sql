-- The measures by tier, M01 to M14 and R08, each beside the query that an analyst would write by hand.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA scorecard_test;
SET search_path = scorecard_test, tiering, pg_catalog;
-- made-up figures, the same ones every time
CREATE FUNCTION u(a text, b integer) RETURNS float8 LANGUAGE sql IMMUTABLE RETURN (abs(('x' || left(md5(a || b), 8))::bit(32)::integer::bigint) % 10007) / 10007.0::float8;
CREATE TABLE accounts AS SELECT 'c' || g AS account, (20000 + 150000 * u('v' || g, 1))::numeric(12, 2) AS annual_value, ('{anna,ben}'::text[])[1 + g % 2] AS owner FROM generate_series(1, 60) AS g;
ALTER TABLE accounts ADD PRIMARY KEY (account);
CREATE TABLE orders AS SELECT account, date '2024-06-01' + (u(account || g, 2) * 420)::integer AS close_date, (100 + 900 * u(account || g, 3))::numeric(10, 2) AS amount,
    'p' || (u(account || g, 4) * 5)::integer AS product FROM accounts, generate_series(1, 12) AS g WHERE u(account || g, 5) < 0.6;
CREATE TABLE surveys AS SELECT account, kind, timestamptz '2025-01-01 00:00+00' + u(account || kind || g, 6) * interval '200 days' AS answered_at,
    CASE kind WHEN 'nps' THEN floor(u(account || kind || g, 7) * 11) ELSE 1 + floor(u(account || kind || g, 7) * 5) END::integer AS score
    FROM accounts, generate_series(1, 4) AS g, unnest('{csat,nps,relation}'::text[]) AS kind;
CREATE TABLE tickets AS SELECT account, opened_at, CASE WHEN u(account || g, 8) < 0.9 THEN opened_at + u(account || g, 9) * interval '12 days' END AS resolved_at, u(account || g, 10) < 0.4 AS complaint
    FROM accounts, generate_series(1, 5) AS g, LATERAL (SELECT timestamptz '2025-01-01 00:00+00' + u(account || g, 11) * interval '200 days' AS opened_at) o;
CREATE TABLE costs AS SELECT account, kind, timestamptz '2025-01-01 00:00+00' + u(account || kind || g, 12) * interval '200 days' AS spent_at, (50 + 900 * u(account || kind || g, 13))::numeric(10, 2) AS amount
    FROM accounts, generate_series(1, 2) AS g, unnest('{acquisition,retention,tiering}'::text[]) AS kind;
CREATE TABLE referrals AS SELECT account AS referrer, timestamptz '2025-01-01 00:00+00' + u(account, 14) * interval '200 days' AS at FROM accounts WHERE u(account, 15) < 0.5;
CREATE TABLE logins AS SELECT account, timestamptz '2025-01-01 00:00+00' + u(account || g, 16) * interval '200 days' AS at FROM accounts, generate_series(1, 6) AS g WHERE u(account, 17) < 0.8;
CREATE TABLE deals AS SELECT account, timestamptz '2025-01-01 00:00+00' + u(account || g, 18) * interval '200 days' AS offered_at, CASE WHEN u(account || g, 19) < 0.3 THEN timestamptz '2025-07-30 00:00+00' END AS won_at
    FROM accounts, generate_series(1, 3) AS g;
CREATE TABLE acquired AS SELECT account, timestamptz '2025-02-01 00:00+00' + u(account, 20) * interval '180 days' AS at FROM accounts;

SELECT derive_scheme('abc_share', 'card', '{"characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 120000}, {"code": "B", "gte": 70000, "lt": 120000}, {"code": "C", "lt": 70000}]}]}') AS version, approve_scheme('card') AS approved;
SELECT create_program('card', 'card', 'accounts', 'account', owner_column => 'owner', calendar => 'weekends');
CALL retier('card', '2025-03-15 00:00+00');
UPDATE accounts SET annual_value = annual_value * 1.6 WHERE u(account, 21) < 0.3;
DELETE FROM accounts WHERE account = 'c60';
INSERT INTO accounts VALUES ('c61', 90000, 'anna');
CALL retier('card', '2025-05-10 00:00+00');
SELECT count(log_followup('card', account, 'phone', at => timestamptz '2025-04-10 10:00+00' + u(account, 22) * interval '60 days',
    promise => CASE WHEN u(account, 23) < 0.5 THEN 'an offer' END, promised_at => CASE WHEN u(account, 23) < 0.5 THEN timestamptz '2025-06-20 00:00+00' END)) AS contacts FROM accounts WHERE u(account, 24) < 0.7;
SELECT count(keep_promise('card', customer, kept_at => CASE WHEN u(customer, 25) < 0.6 THEN promised_at - interval '1 hour' ELSE promised_at + interval '1 day' END)) AS kept
    FROM promises WHERE program = 'card' AND u(customer, 26) < 0.8;

SELECT register_events('card', 'order', 'orders', 'account', 'close_date', 'amount', item => 'product');
SELECT register_events('card', 'survey', 'surveys', 'account', 'answered_at', 'score', only_where => $$kind = 'csat'$$);
SELECT register_events('card', 'nps', 'surveys', 'account', 'answered_at', 'score', only_where => $$kind = 'nps' -- a comment$$);
SELECT register_events('card', 'relation', 'surveys', 'account', 'answered_at', 'score', only_where => $$kind = 'relation'$$);
SELECT register_events('card', 'ticket', 'tickets', 'account', 'opened_at', ended_at => 'resolved_at');
SELECT register_events('card', 'complaint', 'tickets', 'account', 'opened_at', only_where => 'complaint');
SELECT register_events('card', 'referral', 'referrals', 'referrer', 'at'), register_events('card', 'activity', 'logins', 'account', 'at');
SELECT register_events('card', 'opportunity', 'deals', 'account', 'offered_at', ended_at => 'won_at'), register_events('card', 'acquired', 'acquired', 'account', 'at');
SELECT register_events('card', 'acquisition_cost', 'costs', 'account', 'spent_at', 'amount', only_where => $$kind = 'acquisition'$$);
SELECT register_events('card', 'retention_cost', 'costs', 'account', 'spent_at', 'amount', only_where => $$kind = 'retention'$$);
SELECT register_events('card', 'program_cost', 'costs', 'account', 'spent_at', 'amount', only_where => $$kind = 'tiering'$$);
WITH h AS (SELECT rfm(close_date, amount) AS r FROM orders WHERE close_date < '2025-04-01' GROUP BY account)
SELECT set_lifetime_model('card', fit_bg_nbd(r, '2025-04-01'::date, 'week'), fit_gamma_gamma(r), 52, 0.0018) FROM h;

-- the second quarter; tiers are those of its first moment
\set f '\'2025-04-01 00:00+00\''
\set u '\'2025-07-01 00:00+00\''
CREATE TABLE card AS SELECT * FROM tier_scorecard('card', :f, :u);
CREATE VIEW t AS SELECT * FROM tiers_as_of('card', '2025-04-01 00:00+00');
SELECT tier, rank, title_en, title_zh, customers, stayed, moved_up, moved_down, gone FROM card;
\echo one row a tier by hand: id, tiers compared, and whether all are equal
SELECT 'M01' AS id, count(*), bool_and(c.csat = h.csat AND c.nps = h.nps AND c.csat_answers = h.answers AND c.csat_numerator / c.csat_denominator = h.exact) AS equal
FROM card c JOIN (SELECT t.tier, round(csat(s.score, 4) FILTER (WHERE s.kind = 'csat'), 3) AS csat, csat(s.score, 4) FILTER (WHERE s.kind = 'csat') AS exact, round(nps(s.score) FILTER (WHERE s.kind = 'nps'), 1) AS nps, count(s.score) FILTER (WHERE s.kind = 'csat') AS answers
    FROM t LEFT JOIN surveys s ON s.account = t.customer AND s.answered_at >= :f AND s.answered_at < :u GROUP BY t.tier) h USING (tier);
SELECT 'M02' AS id, count(*), bool_and(c.retained = h.retained AND c.churned = h.churned AND c.repeat_rate_to_date = h.ever AND c.repeat_rate = h.repeat AND c.referring_share = h.referring) AS equal
FROM card c JOIN (SELECT t.tier, round(retention(r, '2025-01-01', '2025-04-01', '2025-07-01'), 3) AS retained, round(churn_rate(r, :u, interval '90 days'), 3) AS churned, round(repeat_rate(r), 3) AS ever,
        round(repeat_rate(q), 3) AS repeat, round(count(*) FILTER (WHERE EXISTS (SELECT FROM referrals x WHERE x.referrer = t.customer AND x.at >= :f AND x.at < :u))::numeric / count(*), 3) AS referring
    FROM t, LATERAL (SELECT rfm(o.close_date, o.amount) AS r, rfm(o.close_date, o.amount) FILTER (WHERE o.close_date >= '2025-04-01') AS q FROM orders o WHERE o.account = t.customer AND o.close_date < '2025-07-01') o
    GROUP BY t.tier) h USING (tier);
SELECT 'M03' AS id, count(*), bool_and(c.sales = h.sales AND c.orders = h.orders AND c.sales_share = h.share AND c.profit IS NULL) AS equal
FROM card c JOIN (SELECT t.tier, coalesce(sum(o.amount), 0) AS sales, count(o.amount) AS orders, round(sum(o.amount) / sum(sum(o.amount)) OVER (), 3) AS share
    FROM t LEFT JOIN orders o ON o.account = t.customer AND o.close_date >= '2025-04-01' AND o.close_date < '2025-07-01' GROUP BY t.tier) h USING (tier);
SELECT 'M04' AS id, count(*), bool_and(c.value_to_date = h.to_date AND c.value_predicted = h.predicted) AS equal
FROM card c JOIN (SELECT t.tier, round(avg(monetary(o.r)), 0) AS to_date, round(avg(customer_lifetime_value(m.purchases, m.spend, o.r, '2025-04-01'::date, 52, 0.0018))::numeric, 0) AS predicted
    FROM t LEFT JOIN (SELECT account, rfm(close_date, amount) AS r FROM orders WHERE close_date < '2025-04-01' GROUP BY account) o ON o.account = t.customer
    CROSS JOIN program_lifetime_models m WHERE m.program = 'card' GROUP BY t.tier) h USING (tier);
SELECT 'M05' AS id, count(*), bool_and(c.contacts = h.contacts AND c.contacts_per_customer = h.each AND c.on_time_share IS NOT DISTINCT FROM h.on_time) AS equal
FROM card c JOIN (SELECT t.tier, count(f.at) AS contacts, round(count(f.at)::numeric / count(DISTINCT t.customer), 2) AS each, round(avg(f.on_time::integer), 3) AS on_time
    FROM t LEFT JOIN followups f ON f.program = 'card' AND f.customer = t.customer AND f.at >= :f AND f.at < :u GROUP BY t.tier) h USING (tier);
SELECT 'M06' AS id, count(*), bool_and(c.new_customers = h.n AND c.cac IS NOT DISTINCT FROM h.cac) AS equal
FROM card c JOIN (SELECT x.tier, count(*) FILTER (WHERE q.at >= :f AND q.at < :u) AS n, round(sum(k.amount) / nullif(count(*) FILTER (WHERE q.at >= :f AND q.at < :u), 0), 2) AS cac
    FROM (SELECT customer, tier FROM t UNION SELECT e.customer, e.tier FROM tiers_as_of('card', :u) e WHERE e.customer NOT IN (SELECT customer FROM t)) x LEFT JOIN acquired q ON q.account = x.customer
    LEFT JOIN (SELECT account, sum(amount) AS amount FROM costs WHERE kind = 'acquisition' AND spent_at >= :f AND spent_at < :u GROUP BY account) k ON k.account = x.customer GROUP BY x.tier) h USING (tier);
SELECT 'M07' AS id, count(*), bool_and(c.crc = h.crc) AS equal
FROM card c JOIN (SELECT t.tier, round(sum(k.amount) / count(DISTINCT t.customer), 2) AS crc FROM t LEFT JOIN costs k ON k.account = t.customer AND k.kind = 'retention' AND k.spent_at >= :f AND k.spent_at < :u GROUP BY t.tier) h USING (tier);
SELECT 'M08' AS id, count(*), bool_and(c.opportunities = d.n AND c.taken = d.taken AND c.cross_sold = h.cross_sold AND c.up_sold = h.up_sold) AS equal
FROM card c JOIN (WITH first AS (SELECT account, product, min(close_date) AS first_on FROM orders GROUP BY 1, 2)
    SELECT t.tier, count(*) FILTER (WHERE o.close_date = f.first_on AND EXISTS (SELECT FROM orders e WHERE e.account = o.account AND e.close_date < o.close_date)) AS cross_sold,
        count(*) FILTER (WHERE o.amount > (SELECT max(e.amount) FROM orders e WHERE e.account = o.account AND e.close_date < o.close_date)) AS up_sold
    FROM t LEFT JOIN orders o ON o.account = t.customer AND o.close_date >= '2025-04-01' AND o.close_date < '2025-07-01' LEFT JOIN first f ON f.account = o.account AND f.product = o.product GROUP BY t.tier) h USING (tier)
JOIN (SELECT t.tier, count(*) AS n, round(count(x.won_at)::numeric / count(*), 3) AS taken FROM t JOIN deals x ON x.account = t.customer AND x.offered_at >= :f AND x.offered_at < :u GROUP BY t.tier) d USING (tier);
SELECT 'M09' AS id, count(*), bool_and(c.tickets = h.n AND c.open_tickets = h.open AND c.median_resolve = h.median AND c.mean_resolve = h.mean AND c.within_target_share IS NOT DISTINCT FROM h.within) AS equal
FROM card c JOIN (SELECT t.tier, count(k.opened_at) AS n, count(*) FILTER (WHERE k.resolved_at IS NULL AND k.opened_at IS NOT NULL) AS open,
        round(extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY k.resolved_at - k.opened_at)) / 3600, 1) AS median, round(avg(extract(epoch FROM k.resolved_at - k.opened_at)) / 3600, 1) AS mean,
        round(avg((k.resolved_at <= response_due('card', t.tier, k.opened_at, 'weekends'))::integer), 3) AS within
    FROM t LEFT JOIN tickets k ON k.account = t.customer AND k.opened_at >= :f AND k.opened_at < :u GROUP BY t.tier) h USING (tier);
SELECT 'M10' AS id, count(*), bool_and(c.complaints = h.n AND c.complaints_per_customer = h.each AND c.complaint_rate = h.rate) AS equal
FROM card c JOIN (SELECT t.tier, count(*) FILTER (WHERE k.complaint) AS n, round(count(*) FILTER (WHERE k.complaint)::numeric / count(DISTINCT t.customer), 3) AS each, round(count(*) FILTER (WHERE k.complaint)::numeric / count(k.opened_at), 3) AS rate
    FROM t LEFT JOIN tickets k ON k.account = t.customer AND k.opened_at >= :f AND k.opened_at < :u GROUP BY t.tier) h USING (tier);
SELECT 'M11' AS id, count(*), bool_and(c.active_share = h.active AND c.activity_per_customer = h.each) AS equal
FROM card c JOIN (SELECT t.tier, round(avg((l.n > 0)::integer), 3) AS active, round(avg(l.n), 2) AS each FROM t, LATERAL (SELECT count(*) AS n FROM logins l WHERE l.account = t.customer AND l.at >= :f AND l.at < :u) l GROUP BY t.tier) h USING (tier);
SELECT 'M12' AS id, count(*), bool_and(c.relation = h.relation AND c.promises_kept_share IS NOT DISTINCT FROM p.kept) AS equal
FROM card c JOIN (SELECT t.tier, round(avg(s.score), 2) AS relation FROM t LEFT JOIN surveys s ON s.kind = 'relation' AND s.account = t.customer AND s.answered_at >= :f AND s.answered_at < :u GROUP BY t.tier) h USING (tier)
JOIN (SELECT t.tier, round(avg((p.kept_at IS NOT NULL AND p.kept_at <= p.promised_at)::integer), 3) AS kept FROM t JOIN promises p ON p.program = 'card' AND p.customer = t.customer GROUP BY t.tier) p USING (tier);
-- before and after the introduction, of the same customers in the tiers of the introduction
SELECT 'M13' AS id, count(*), bool_and(c.before = h.before AND c.after = h.after AND c.change = h.after - h.before) AS equal
FROM tier_scorecard_compare('card', '2025-03-15 00:00+00', '3 months') c JOIN (SELECT t.tier, sum(o.amount) FILTER (WHERE o.close_date < '2025-03-15') AS before, sum(o.amount) FILTER (WHERE o.close_date >= '2025-03-15') AS after
    FROM tiers_as_of('card', '2025-03-15 00:00+00') t JOIN orders o ON o.account = t.customer AND o.close_date >= '2024-12-15' AND o.close_date < '2025-06-15' GROUP BY t.tier) h ON h.tier = c.tier AND c.measure = 'sales';
SELECT unregister_events('card', 'order', 'orders');
SELECT register_events('card', 'order', 'orders', 'account', 'close_date', 'amount', profit => 'amount', item => 'product');
SELECT 'M14' AS id, count(*), bool_and(r.change = h.after - h.before AND r.cost = k.cost AND r.roi = round((h.after - h.before - k.cost) / k.cost, 2)) AS equal
FROM tier_roi('card', '2025-03-15 00:00+00', '3 months') r JOIN (SELECT t.tier, sum(o.amount) FILTER (WHERE o.close_date < '2025-03-15') AS before, sum(o.amount) FILTER (WHERE o.close_date >= '2025-03-15') AS after
    FROM tiers_as_of('card', '2025-03-15 00:00+00') t JOIN orders o ON o.account = t.customer AND o.close_date >= '2024-12-15' AND o.close_date < '2025-06-15' GROUP BY t.tier) h USING (tier)
JOIN (SELECT t.tier, sum(k.amount) AS cost FROM tiers_as_of('card', '2025-03-15 00:00+00') t JOIN costs k ON k.account = t.customer AND k.kind = 'tiering' AND k.spent_at >= '2025-03-15' AND k.spent_at < '2025-06-15' GROUP BY t.tier) k USING (tier);
SELECT 'R08' AS id, count(*), bool_and(s.sales = h.sales AND s.sales_share = h.share AND s.customers = h.n) AS equal
FROM tier_owner_shares('card', :f, :u) s JOIN (SELECT t.tier, t.owner, count(DISTINCT t.customer) AS n, coalesce(sum(o.amount), 0) AS sales, round(sum(o.amount) / sum(sum(o.amount)) OVER (), 3) AS share
    FROM t LEFT JOIN orders o ON o.account = t.customer AND o.close_date >= '2025-04-01' AND o.close_date < '2025-07-01' GROUP BY t.tier, t.owner) h USING (tier, owner) WHERE s.customers > 0;
SELECT 'all' AS tier, bool_and(c.sales = s.sales AND c.tickets = s.tickets AND c.customers = s.customers AND c.csat_denominator = s.answers) AS the_sum_of_the_tiers
FROM card c, (SELECT sum(sales) AS sales, sum(tickets) AS tickets, sum(customers) AS customers, sum(csat_denominator) AS answers FROM card WHERE rank > 0) s WHERE c.tier = 'all';
SELECT bool_and(c.sales = s.sales AND c.complaints = s.complaints) AS what_the_customers_sum_up_to
FROM card c JOIN (SELECT tier, sum(sales) AS sales, sum(complaints) AS complaints FROM tier_scorecard_customers('card', :f, :u) GROUP BY tier) s USING (tier);

-- the long form, with the period before and targets
SELECT set_target('card', 'A', 'csat', 0.8), set_target('card', 'all', 'sales', 20000);
SELECT l.tier, l.measure, l.title_zh, l.value = CASE l.measure WHEN 'csat' THEN c.csat ELSE c.sales END AS as_wide, l.numerator = CASE l.measure WHEN 'csat' THEN c.csat_numerator ELSE c.sales END AS above, l.previous = CASE l.measure WHEN 'csat' THEN p.csat ELSE p.sales END AS before, l.target
FROM tier_scorecard_long('card', :f, :u, tier_at => '2025-03-15 00:00+00', compare => true) l JOIN tier_scorecard('card', :f, :u, '2025-03-15 00:00+00') c USING (tier) JOIN tier_scorecard('card', '2025-01-01 00:00+00', :f, '2025-03-15 00:00+00') p USING (tier)
WHERE l.measure IN ('csat', 'sales') ORDER BY l.measure, c.rank;
SELECT set_target('card', 'A', 'csat', NULL), (SELECT count(*) FROM scorecard_targets WHERE program = 'card') AS targets;
SELECT count(DISTINCT measure) = (SELECT count(*) FROM scorecard_measures()) AS every_measure, count(*) FILTER (WHERE title_en IS NULL OR title_zh IS NULL) AS without_titles FROM tier_scorecard_long('card', :f, :u);
-- as a view
SELECT create_scorecard_view('card', 'scorecard_test.report', step => '1 month', periods => 1000);
SELECT period_start, tier, sales = (SELECT sum(o.amount) FROM orders o JOIN tiers_as_of('card', r.period_start) t ON t.customer = o.account WHERE t.tier = r.tier AND o.close_date >= r.period_start AND o.close_date < r.period_end) AS equal
FROM report r WHERE period_start IN ('2025-04-01', '2025-05-01') AND rank > 0 ORDER BY 1, rank;

-- costs of nobody in particular are spread, and none of them is lost
CREATE TABLE licences AS SELECT timestamptz '2025-05-05 00:00+00' AS at, 1000.00 AS amount;
SELECT register_events('card', 'program_cost', 'licences', NULL, 'at', 'amount', cost_share => share) FROM unnest('{sales}'::text[]) AS share;
SELECT tier, program_cost - (SELECT c.program_cost FROM card c WHERE c.tier = s.tier) - round(1000 * sales_numerator / sales_denominator, 20) AS off
FROM (SELECT tier, round(program_cost, 6) AS program_cost, sales AS sales_numerator, (SELECT sum(sales) FROM tier_scorecard_customers('card', :f, :u)) AS sales_denominator FROM tier_scorecard('card', :f, :u) WHERE tier = 'all') s;
SELECT unregister_events('card', 'program_cost', 'licences');
SELECT register_events('card', 'program_cost', 'licences', NULL, 'at', 'amount');
SELECT bool_and(round(s.program_cost - c.program_cost, 6) = round(1000.0 * c.customers / 60, 6)) AS by_customers FROM tier_scorecard('card', :f, :u) s JOIN card c USING (tier);

-- what has not happened, or cannot be told
SELECT create_program('bare', 'card', 'accounts', 'account') AS program;
CALL retier('bare', '2025-03-15 00:00+00');
SELECT tier, customers, csat, sales, tickets, csat_denominator FROM tier_scorecard('bare', '2025-04-01', '2025-07-01') WHERE tier IN ('A', 'all');
SELECT tier, customers, sales, csat, csat_answers FROM tier_scorecard('card', '2020-01-01', '2020-02-01');
SELECT customers, sales, open_tickets, mean_resolve FROM tier_scorecard('card', '2025-04-01', '2999-01-01') WHERE tier = 'all';
ALTER TABLE orders ADD currency text DEFAULT 'EUR';
SELECT unregister_events('card', 'order');
SELECT register_events('card', 'order', 'orders', 'account', 'close_date', 'amount', currency => 'currency');
SELECT sales = (SELECT sales FROM card WHERE tier = 'all') AS one_currency FROM tier_scorecard('card', :f, :u) WHERE tier = 'all';
UPDATE orders SET currency = 'CNY' WHERE account = 'c7';
SELECT sales FROM tier_scorecard('card', :f, :u);
SELECT kind, source, events, currencies, findings FROM check_events('card') WHERE kind = 'order';
INSERT INTO orders VALUES ('nobody', '2025-04-04', 1, 'p', 'EUR'), (NULL, '2025-04-04', 1, 'p', 'EUR'), ('c1', NULL, 1, 'p', 'EUR'), ('c1', '2999-01-01', 1, 'p', 'EUR'), ('c1', '2025-04-04', NULL, 'p', 'EUR'), ('c1', '2025-04-04', NULL, 'p', 'EUR');
UPDATE surveys SET score = 12 WHERE account = 'c3' AND kind = 'nps';
SELECT kind, source, without_customer, unknown_customers, without_time, in_future, without_amount, off_scale, duplicates FROM check_events('card') WHERE kind IN ('order', 'nps');
SELECT findings FROM check_events('card') WHERE kind = 'order';
SELECT kind, findings FROM check_events('card', lang => 'zh') WHERE findings IS NOT NULL;
-- one bad row: an amount that is no finite number, of each kind that sums amounts up; NaN is off every scale; without a time it does not count
UPDATE orders SET currency = 'EUR';
SELECT sales = (SELECT sales FROM card WHERE tier = 'all') AS as_before FROM tier_scorecard('card', :f, :u) WHERE tier = 'all';
INSERT INTO surveys VALUES ('c2', 'csat', '2025-05-01', 99);
SELECT csat_answers = (SELECT csat_answers FROM card WHERE tier = 'all') AS off_scale_does_not_count FROM tier_scorecard('card', :f, :u) WHERE tier = 'all';
ALTER TABLE orders ALTER amount TYPE numeric;
INSERT INTO orders VALUES ('c5', '2025-05-05', 'NaN', 'p', 'EUR');
SELECT count(*) FROM tier_scorecard('card', :f, :u);
SELECT count(*) FROM tier_scorecard_compare('card', :u, '3 months');
SELECT count(*) FROM tier_effect('card', 'sales', :f, :u);
UPDATE orders SET amount = 'infinity' WHERE amount = 'NaN';
SELECT count(*) FROM tier_roi('card', :u, '3 months');
DELETE FROM orders WHERE amount = 'infinity';
ALTER TABLE licences ALTER amount TYPE numeric;
INSERT INTO licences VALUES ('2025-05-05', '-infinity');
SELECT count(*) FROM tier_scorecard('card', :f, :u);
DELETE FROM licences WHERE amount = '-infinity';
INSERT INTO licences VALUES (NULL, 7), ('infinity', 7), ('-infinity', 7);
SELECT s.program_cost - c.program_cost AS of_the_licence FROM tier_scorecard('card', :f, :u) s JOIN card c USING (tier) WHERE tier = 'all';
-- refunds lower the sales, and are no orders
INSERT INTO orders VALUES ('c4', '2025-05-05', -50, 'p', 'EUR');
SELECT c.sales - 50 = s.sales AS lower, c.orders = s.orders AS no_order, c.buying = s.buying AS no_buyer
FROM tier_scorecard_customers('card', :f, :u) s, (SELECT sum(o.amount) + 50 AS sales, count(*) - 1 AS orders, 1 AS buying FROM orders o WHERE o.account = 'c4' AND o.close_date >= '2025-04-01' AND o.close_date < '2025-07-01') c WHERE s.customer = 'c4';
-- periods in one pass are what each gives by itself
SELECT count(*) AS rows, count(*) FILTER (WHERE to_jsonb(p) - '{period_start,period_end}'::text[] <> to_jsonb(s)) AS different
FROM tier_scorecard_periods('card', '{2025-01-01,2025-02-01,2025-04-15,2025-05-01,2025-07-01,2025-07-20}') p JOIN LATERAL tier_scorecard('card', p.period_start, p.period_end) s ON s.tier IS NOT DISTINCT FROM p.tier;
SELECT bool_and(l.previous IS NOT DISTINCT FROM b.value) AS previous FROM tier_scorecard_periods_long('card', '{2025-03-01,2025-04-01,2025-05-01}') l
JOIN tier_scorecard_long('card', '2025-03-01', '2025-04-01') b ON b.measure = l.measure AND b.tier IS NOT DISTINCT FROM l.tier WHERE l.period_start = '2025-04-01';
SELECT count(*) FROM tier_scorecard_periods('card', '{2025-01-01}');
SELECT count(*) FROM tier_scorecard_periods('card', NULL);
SELECT count(*) FROM tier_scorecard_periods('card', '{2025-01-01,2025-03-01,2025-02-01}');
SELECT count(*) FROM tier_scorecard_periods('card', '{2025-01-01,NULL,2025-02-01}');
-- orders of one customer from two tables are one history: what is larger than ever is so among all of them
CREATE TABLE shop_orders AS SELECT * FROM orders WHERE account IS NOT NULL AND length(product) = 2 AND right(product, 1)::integer > 2;
CREATE TABLE web_orders AS SELECT * FROM orders WHERE account IS NOT NULL AND length(product) = 2 AND right(product, 1)::integer <= 2;
CREATE TABLE all_orders AS TABLE shop_orders UNION ALL TABLE web_orders;
SELECT unregister_events('card', 'order');
SELECT register_events('card', 'order', 'all_orders', 'account', 'close_date', 'amount', item => 'product');
CREATE TABLE whole AS SELECT tier, orders, sales, up_sold, cross_sold, repeat_rate, churned, value_to_date, value_predicted FROM tier_scorecard('card', :f, :u);
SELECT unregister_events('card', 'order');
SELECT register_events('card', 'order', name, 'account', 'close_date', 'amount', item => 'product') FROM unnest('{shop_orders,web_orders}'::regclass[]) AS name;
SELECT count(*) AS different FROM (SELECT tier, orders, sales, up_sold, cross_sold, repeat_rate, churned, value_to_date, value_predicted FROM tier_scorecard('card', :f, :u) EXCEPT ALL TABLE whole) d;
-- a table that serves orders and other kinds, read once
SELECT unregister_events('card', 'order'), unregister_events('card', 'activity');
SELECT register_events('card', 'order', 'all_orders', 'account', 'close_date', 'amount', item => 'product'), register_events('card', 'activity', 'all_orders', 'account', 'close_date', only_where => 'amount > 500');
SELECT count(*) AS different FROM (SELECT tier, orders, sales, up_sold, cross_sold, repeat_rate, churned, value_to_date, value_predicted FROM tier_scorecard('card', :f, :u) EXCEPT ALL TABLE whole) d;
SELECT s.activity_per_customer_numerator = h.n AS activity FROM tier_scorecard('card', :f, :u) s, (SELECT count(*) AS n FROM all_orders o JOIN t ON t.customer = o.account WHERE o.amount > 500 AND o.close_date >= '2025-04-01' AND o.close_date < '2025-07-01') h WHERE s.tier = 'all';
-- who may not read a source is told so
CREATE ROLE scorecard_reader;
GRANT USAGE ON SCHEMA tiering, scorecard_test TO scorecard_reader;
SELECT grant_reader('scorecard_reader');
SET ROLE scorecard_reader;
SELECT count(*) FROM tier_scorecard('card', :f, :u);
SELECT count(*) FROM check_events('card');
RESET ROLE;
DROP OWNED BY scorecard_reader;
DROP ROLE scorecard_reader;
-- gone, renamed, without a column
DROP TABLE licences;
SELECT count(*) FROM tier_scorecard('card', :f, :u);
SELECT count(*) FROM tier_roi('card', :f, '3 months');
SELECT count(*) FROM tier_effect('card', 'sales', :f, :u);
SELECT unregister_events('card', 'program_cost', 'scorecard_test.licences');
-- a table that serves orders and costs of nobody in particular, by two times, of two customers: what five tables with the same rows give
CREATE TABLE sales AS SELECT account, product, close_date, close_date + 9 AS paid_on, CASE WHEN u(account || close_date, 31) < 0.5 THEN 'c' || (60 * u(account || close_date, 32))::integer END AS referrer, amount FROM all_orders;
CREATE TABLE sales_2 AS TABLE sales;
CREATE TABLE sales_3 AS TABLE sales;
CREATE TABLE sales_4 AS TABLE sales;
CREATE TABLE sales_5 AS TABLE sales;
SELECT unregister_events('card', kind) FROM unnest('{order,activity,referral,program_cost,retention_cost}'::text[]) AS kind;
CREATE FUNCTION sell(tables regclass[]) RETURNS void LANGUAGE sql BEGIN ATOMIC
    SELECT unregister_events('card', e.kind) FROM event_sources e WHERE e.program = 'card' AND e.kind IN ('order', 'activity', 'referral', 'program_cost', 'retention_cost');
    SELECT register_events('card', 'order', tables[1], 'account', 'close_date', 'amount', item => 'product'), register_events('card', 'activity', tables[2], 'account', 'paid_on', only_where => 'amount > 500'),
        register_events('card', 'referral', tables[3], 'referrer', 'close_date'), register_events('card', 'retention_cost', tables[4], 'account', 'paid_on', 'amount', only_where => 'amount < 300'),
        register_events('card', 'program_cost', tables[5], NULL, 'close_date', 'amount', only_where => 'amount > 800', cost_share => 'sales');
END;
SELECT sell('{sales,sales_2,sales_3,sales_4,sales_5}');
CREATE TABLE apart AS SELECT * FROM tier_scorecard_periods('card', '{2025-01-01,2025-04-01,2025-05-01,2025-07-01}');
SELECT sell('{sales,sales,sales,sales,sales}');
SELECT count(*) AS different FROM (SELECT * FROM tier_scorecard_periods('card', '{2025-01-01,2025-04-01,2025-05-01,2025-07-01}') EXCEPT ALL TABLE apart) d;
SELECT bool_and(program_cost > 0 AND referrals > 0 AND retention_cost > 0 AND activity_per_customer > 0 AND sales > 0) AS all_are_there FROM apart WHERE period_start >= '2025-04-01' AND (rank > 0 OR tier = 'all');
-- what is spread by sales is borne by those who bought, and is no more than there is
SELECT round(sum(c.program_cost), 6) = (SELECT sum(amount) FROM sales WHERE amount > 800 AND close_date >= '2025-04-01' AND close_date < '2025-07-01') AS all_of_it,
    count(*) FILTER (WHERE c.orders = 0) > 5 AS some_never_bought, bool_and((c.program_cost > 0) = (c.sales > 0)) AS by_sales, round(sum(c.program_cost), 6) = (SELECT round(s.program_cost, 6) FROM tier_scorecard('card', :f, :u) s WHERE s.tier = 'all') AS as_by_tier
FROM tier_scorecard_customers('card', :f, :u) c;
CREATE FUNCTION scans(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    earlier CONSTANT bigint := pg_stat_get_xact_numscans('sales'::regclass);
BEGIN
    EXECUTE query;
    RETURN pg_stat_get_xact_numscans('sales'::regclass) - earlier;
END
$$;
SELECT scans('SELECT * FROM tier_scorecard(''card'', ''2025-04-01'', ''2025-07-01'')') AS of_tiers, scans('SELECT * FROM tier_scorecard_customers(''card'', ''2025-04-01'', ''2025-07-01'')') AS of_customers;

-- the tiers of many moments at once are those of each: of customers who came, went, came again, were graded again as of a moment, or had an override
INSERT INTO accounts VALUES ('c60', 50000, 'ben');
UPDATE accounts SET annual_value = annual_value / 2 WHERE u(account, 41) < 0.3;
CALL retier('card', '2025-06-01 00:00+00');
UPDATE accounts SET annual_value = annual_value * 3 WHERE u(account, 42) < 0.3;
DELETE FROM accounts WHERE u(account, 43) < 0.1;
CALL retier('card', '2025-06-01 00:00+00');
INSERT INTO overrides (program, customer, since, until, tier, reason, kind)
SELECT 'card', a.customer, o.since, o.since + (u(a.customer, 44) * 40 + 1)::integer * interval '1 day', ('{A,B,C,gone}'::text[])[1 + floor(u(a.customer || o.since, 45) * 3.9)::integer], 'a favour', ('{fixed,at_least,at_most}'::text[])[1 + floor(u(a.customer || o.since, 46) * 2.9)::integer]
FROM assignments a, unnest('{2025-03-01,2025-05-01}'::timestamptz[]) AS o (since) WHERE a.program = 'card' AND u(a.customer || o.since, 47) < 0.4;
SELECT count(*) > 30 AS many, count(*) FILTER (WHERE tiers <> ranges) AS different
FROM generate_series('2025-03-01 00:00+00'::timestamptz, '2025-07-01 00:00+00', '3 days') AS g (at),
    LATERAL (SELECT count(*), jsonb_object_agg(t.customer, ARRAY[t.tier, t.rank::text, t.owner]) AS tiers FROM tiers_as_of('card', g.at) t HAVING count(*) > 0) t,
    LATERAL (SELECT jsonb_object_agg(r.customer, ARRAY[r.tier, r.rank::text, r.owner]) AS ranges FROM tier_ranges('card', '2025-07-01 00:00+00') r WHERE r.present AND r.begins <= g.at AND coalesce(r.ends > g.at, true)) r;
-- and since a time: of those who were steady the assignment says it, of the others the ranges do
SELECT s.since, count(*) > 5 AS many, bool_and(w.steady BETWEEN 5 AND 55) AS some_of_each, count(*) FILTER (WHERE tiers <> told) AS different
FROM unnest('{2025-05-02,2025-05-20,2025-06-10}'::timestamptz[]) AS s (since), generate_series(s.since, '2025-07-01 00:00+00', '3 days') AS g (at),
    LATERAL (SELECT count(*), jsonb_object_agg(t.customer, t.tier) AS tiers FROM tiers_as_of('card', g.at) t HAVING count(*) > 0) t,
    LATERAL (SELECT count(*) AS steady FROM steady_customers('card', s.since)) w,
    LATERAL (SELECT jsonb_object_agg(r.customer, r.tier) AS told FROM (
        SELECT r.customer, r.tier FROM tier_ranges('card', '2025-07-01 00:00+00', s.since) r WHERE r.present AND r.begins <= g.at AND coalesce(r.ends > g.at, true)
        UNION ALL SELECT x.customer, x.tier FROM steady_customers('card', s.since) x) r) r
GROUP BY s.since ORDER BY s.since;
SELECT b.name, count(*) > 30 AS many, count(*) FILTER (WHERE to_jsonb(p) - '{period_start,period_end}'::text[] <> to_jsonb(s)) AS different
FROM (VALUES ('each', NULL::timestamptz), ('before', '2025-03-20'), ('among', '2025-05-02'), ('after', '2025-08-01')) AS b (name, tier_at),
    tier_scorecard_periods('card', ARRAY(SELECT generate_series('2025-02-20 00:00+00'::timestamptz, '2025-07-10 00:00+00', '20 days')), b.tier_at) p
    JOIN LATERAL tier_scorecard('card', p.period_start, p.period_end, b.tier_at) s ON s.tier IS NOT DISTINCT FROM p.tier GROUP BY b.name ORDER BY b.name;
SELECT b.name, count(*) AS rows, count(*) FILTER (WHERE (c.customers, c.stayed, c.moved_up, c.moved_down, c.gone, c.new_customers, c.sales, c.up_sold, c.buyers, c.churned_numerator, c.tickets, c.resolved, c.active_share_numerator, c.contacts)
    IS DISTINCT FROM (coalesce(s.at_start, 0), s.stayed, s.moved_up, s.moved_down, s.gone, s.is_new, s.sales, s.up_sold, s.buying, s.churned, s.tickets, s.resolved, s.active, s.contacts)) AS different
FROM (VALUES ('each', NULL::timestamptz), ('before', '2025-03-20'), ('among', '2025-05-02'), ('after', '2025-08-01')) AS b (name, tier_at),
    LATERAL tier_scorecard_periods('card', ARRAY(SELECT generate_series('2025-02-20 00:00+00'::timestamptz, '2025-07-10 00:00+00', '20 days')), b.tier_at) c
    LEFT JOIN LATERAL (SELECT x.tier, sum(x.at_start) AS at_start, sum(x.stayed) AS stayed, sum(x.moved_up) AS moved_up, sum(x.moved_down) AS moved_down, sum(x.gone) AS gone, sum(x.is_new) AS is_new, sum(x.sales) AS sales,
        sum(x.up_sold) AS up_sold, sum(x.buying) AS buying, sum(x.churned) AS churned, sum(x.tickets) AS tickets, sum(x.resolved) AS resolved, sum(x.active) AS active, sum(x.contacts) AS contacts
        FROM tier_scorecard_customers('card', c.period_start, c.period_end, b.tier_at) x GROUP BY x.tier) s ON s.tier IS NOT DISTINCT FROM c.tier
WHERE c.tier IS DISTINCT FROM 'all' GROUP BY b.name ORDER BY b.name;
ALTER TABLE costs DROP COLUMN amount;
SELECT count(*) FROM check_events('card');
SELECT drop_program('card'), drop_program('bare');
SELECT (SELECT count(*) FROM event_sources) AS sources, (SELECT count(*) FROM scorecard_targets) AS targets, (SELECT count(*) FROM program_lifetime_models) AS models;
DROP SCHEMA scorecard_test CASCADE;
