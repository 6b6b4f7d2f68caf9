-- Both data sets, tiered continuously: programs, follow-ups, history.

\echo
\echo '── 14. A program: the CD shop is graded month by month, as its log stood then'
\echo
-- The customers as of a day, from the log; and as of the end of the log, which is the present of this shop.
CREATE FUNCTION shop.customers_as_of(day timestamptz)
    RETURNS TABLE (customer_id integer, recency_days integer, frequency bigint, monetary numeric, team text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT o.customer_id, day::date - max(o.ordered_on), count(*), sum(o.amount), ('{north,south}'::text[])[1 + o.customer_id % 2]
    FROM shop.orders o WHERE o.ordered_on < day::date GROUP BY o.customer_id;
END;
CREATE TABLE shop.accounts AS SELECT * FROM shop.customers_as_of('1998-07-01 00:00+00');
ALTER TABLE shop.accounts ADD PRIMARY KEY (customer_id);

SET client_min_messages = error; -- of the rule for the empty quintile, as above
\set ECHO queries
SELECT tiering.derive_scheme('cd_rfm', 'cd_service', '{
    "title": {"en": "Service at the CD shop", "zh": "唱片店客户服务"},
    "stability": {"demote_after": "P1M", "demote_steps": 2}}') AS version,
    tiering.approve_scheme('cd_service') AS approved;
\set ECHO none
SET client_min_messages = warning;
\set ECHO queries
SELECT tiering.create_program('cd_service', 'cd_service', 'shop.accounts',
    'customer_id', owner_column => 'team');
SELECT tiering.backfill('cd_service', '1997-06-01', '1998-06-01', '1 month',
    customers_as_of => 'shop.customers_as_of(timestamptz)') AS changes;
CALL tiering.retier('cd_service', '1998-07-01 00:00+00');
\set ECHO none

\echo
\echo '   The migration of June 1998, those who moved'
\echo
SELECT from_tier AS "from", movement, sum(customers) AS n, string_agg(to_tier || ' ' || customers, ', ' ORDER BY customers DESC, to_tier) AS "to"
FROM tiering.tier_migration_by_month
WHERE program = 'cd_service' AND month = '1998-06-01' AND movement IN ('up', 'down')
GROUP BY from_tier, movement
ORDER BY movement DESC, n DESC;

\echo '   A graceful downgrade: held back for a month, then two tiers at once at most'
\echo
SELECT h.customer, h.previous_tier AS "from", h.tier AS "to", lower(h.valid)::date AS since, a.computed_tier AS "by criteria alone"
FROM tiering.assignment_history h
JOIN tiering.assignments a USING (program, customer)
WHERE h.program = 'cd_service' AND h.reason = 'demotion' AND upper_inf(h.valid) AND a.computed_tier <> a.tier
ORDER BY h.customer
LIMIT 3;
SELECT count(*) FILTER (WHERE reason = 'promotion') AS promotions, count(*) FILTER (WHERE reason = 'demotion') AS demotions,
    (SELECT count(*) FROM tiering.current_tiers WHERE program = 'cd_service' AND pending_since IS NOT NULL) AS "held back at present"
FROM tiering.assignment_log WHERE program = 'cd_service';

\echo '   Ten customers are called; the due list of the northern team'
\echo
SELECT count(*) AS contacts, count(*) FILTER (WHERE l.next_due > current_date) AS "due later now"
FROM (SELECT customer FROM tiering.followups_due WHERE program = 'cd_service' ORDER BY due, rank, customer LIMIT 10) d
CROSS JOIN LATERAL tiering.log_followup('cd_service', d.customer, 'mail', 'sent the catalogue') l;
SELECT f.customer, f.tier, f.due, f.urgency, left(f.strategy_en, 32) AS "what to do"
FROM tiering.followups_due f WHERE f.program = 'cd_service' AND f.owner = 'north' ORDER BY f.due, f.rank, f.customer LIMIT 5;

\echo '── 15. The pipeline as a program: every contact grades its customer again'
\echo
CREATE TABLE crm.deals AS
SELECT opportunity_id, company, owner, value, last_contact,
    jsonb_extract_path_text('{"Lead": "latent", "Qualified": "explicit", "Proposal": "explicit", "Negotiation": "explicit", "On hold": "latent", "Lost": "none"}', stage) AS demand,
    expected_close
FROM crm.opportunities;
ALTER TABLE crm.deals ADD PRIMARY KEY (opportunity_id);
-- the last working day that the calendar officially knows is near, see above
SET client_min_messages = error;
-- what was known of the deals in the month before
CREATE FUNCTION crm.deals_as_of(at timestamptz) RETURNS SETOF crm.deals
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.opportunity_id, d.company, d.owner, d.value, NULL::timestamptz,
        CASE WHEN d.opportunity_id % 4 = 0 THEN 'latent' ELSE d.demand END, d.expected_close FROM crm.deals d;
END;
\set ECHO queries
SELECT tiering.derive_scheme('sales_readiness', 'team_readiness',
        '{"stability": {"demote_steps": 1}}') AS version,
    tiering.approve_scheme('team_readiness') AS approved;
SELECT tiering.create_program('pipeline', 'team_readiness', 'crm.deals',
    'opportunity_id', owner_column => 'owner', calendar => 'cn',
    last_followup_column => 'last_contact', label_column => 'company');
SELECT tiering.backfill('pipeline',
    date_trunc('month', now()) - interval '1 month',
    date_trunc('month', now()) - interval '1 day', '1 month',
    customers_as_of => 'crm.deals_as_of(timestamptz)') AS changes;
CALL tiering.retier('pipeline');
SELECT tier, title_en, customers, share
FROM tiering.tier_mix_by_program WHERE program = 'pipeline' ORDER BY rank;
\set ECHO none

\echo '   Ten contacts. One deal has come near meanwhile; another one has slipped by'
\echo '   half a year: one tier down at once, not three'
\echo
SELECT opportunity_id AS nearer FROM crm.deals WHERE demand = 'explicit' AND expected_close BETWEEN current_date + 40 AND current_date + 85 ORDER BY 1 LIMIT 1 \gset
SELECT opportunity_id AS slipped FROM crm.deals WHERE demand = 'explicit' AND expected_close < current_date + 30 ORDER BY 1 LIMIT 1 \gset
UPDATE crm.deals SET expected_close = current_date + 10 WHERE opportunity_id = :nearer;
UPDATE crm.deals SET expected_close = current_date + 200 WHERE opportunity_id = :slipped;
CREATE TEMP TABLE contacts AS
SELECT row_number() OVER (ORDER BY opportunity_id) AS n, opportunity_id::text AS customer
FROM (SELECT opportunity_id FROM crm.deals WHERE opportunity_id IN (:nearer, :slipped)
    UNION (SELECT opportunity_id FROM crm.deals WHERE opportunity_id NOT IN (:nearer, :slipped) ORDER BY opportunity_id LIMIT 8)) c;
SELECT d.company, l.previous_tier AS was, l.tier AS is, l.next_due, left(tiering.strategy_summary(l.strategy), 27) AS "what now"
FROM contacts c
JOIN crm.deals d ON d.opportunity_id::text = c.customer
CROSS JOIN LATERAL tiering.log_followup('pipeline', c.customer, 'phone', 'reached', promise => 'offer', promised_at => now() + interval '3 days') l
ORDER BY l.tier <> l.previous_tier DESC, c.n;

\echo '   Due today or overdue, the most urgent first'
\echo
SELECT f.owner, d.company, f.tier, f.due, f.days_overdue AS late, f.urgency
FROM tiering.followups_due f
JOIN crm.deals d ON d.opportunity_id::text = f.customer
WHERE f.program = 'pipeline' AND f.due <= current_date
ORDER BY f.due, f.rank
LIMIT 6;

\echo '   What each has to do'
\echo
SELECT owner, sum(customers) AS customers, sum(overdue) AS overdue, sum(due_today) AS today, sum(due_in_7_days) AS "next 7 days"
FROM tiering.owner_workload WHERE program = 'pipeline' GROUP BY owner ORDER BY owner;

\echo '   The migration of this month'
\echo
SELECT from_tier AS "from", to_tier AS "to", customers, movement FROM tiering.tier_migration_by_month
WHERE program = 'pipeline' AND month = date_trunc('month', now()) ORDER BY from_tier, to_tier;
SET client_min_messages = warning;
