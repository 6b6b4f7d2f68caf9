-- Prospects of a sales team, graded by how near a deal is, with the day on which each is due.

CREATE SCHEMA crm;
CREATE TABLE crm.opportunities (
    opportunity_id integer PRIMARY KEY,
    company text NOT NULL,
    owner text NOT NULL,
    stage text NOT NULL,
    value numeric(12, 2) NOT NULL,
    expected_close date,
    last_contact timestamptz
);

-- 110 opportunities, the same ones every time, their dates around today
INSERT INTO crm.opportunities
SELECT n,
    ('{Qingdao Hailan,Blue Harbour,Nordlicht,Suzhou Ruifeng,Silver Birch,Ningbo Dongtai,Castelmar,Granite Peak,
        Foshan Jinlong,Westerby,Ardenne,Xiamen Haiyue,Two Rivers}'::text[])[n % 13 + 1] || ' '
    || ('{Optics,Foods,Machinery,Logistics,Textiles,Medical,Paper,Software,Ceramics}'::text[])[n % 9 + 1],
    ('{Chen Jie,Maria Lopez,Tom Becker,Wang Min}'::text[])[n * 7 % 11 % 4 + 1],
    stage,
    1000 * (5 + n * 37 % 113),
    current_date + close_in,
    current_date - silent_for + time '09:00' + interval '7 minutes' * (n * 31 % 61)
FROM generate_series(1, 110) n,
    LATERAL (SELECT ('{Lead,Lead,Qualified,Qualified,Qualified,Proposal,Proposal,Negotiation,On hold,Lost}'::text[])[n * 3 % 10 + 1]) s (stage)
JOIN (VALUES ('Lead', NULL, NULL, 45), ('Qualified', 25, 230, 28), ('Proposal', 12, 110, 16), ('Negotiation', -6, 40, 7),
    ('On hold', 120, 90, 40), ('Lost', -60, 45, 380)) t (stage, close_from, close_range, silence) USING (stage),
    LATERAL (SELECT CASE WHEN n % 17 > 0 THEN close_from + n * 53 % close_range END,
        CASE WHEN n % 19 > 0 THEN n * 29 % silence END) d (close_in, silent_for);

\echo '── 10. A sales pipeline: explicit demand and a near closing date make an A'
\echo
-- The scheme wants the demand as explicit, latent or none; this team writes down stages.
\set ECHO queries
CREATE VIEW crm.pipeline AS
SELECT o.*,
    tiering.customer_tier('sales_readiness', demand, expected_close) AS tier
FROM crm.opportunities o,
    jsonb_extract_path_text('{"Lead": "latent", "Qualified": "explicit",
        "Proposal": "explicit", "Negotiation": "explicit",
        "On hold": "latent", "Lost": "none"}', stage) AS demand;
\set ECHO none

-- Days off and make-up working days of China. Past the last day that is officially known, the weekly pattern counts, with a
-- WARNING that tells so; the yearly contact of the E customers always lies there.
SET client_min_messages = error;
CREATE TABLE crm.agenda AS
SELECT p.*, tiering.next_followup_due('sales_readiness', tier, last_contact, 'cn') AS due
FROM crm.pipeline p;
SET client_min_messages = warning;

\echo
SELECT t.tier, t.title_en, t.title_zh AS "中文", count(a) AS n,
    pg_temp.bar(count(a) / sum(count(a)) OVER ()) AS "of prospects", pg_temp.bar(sum(value) / sum(sum(value)) OVER ()) AS "of value"
FROM tiering.tiers t
LEFT JOIN crm.agenda a USING (tier)
WHERE t.scheme = 'sales_readiness'
GROUP BY t.tier, t.title_en, t.title_zh, t.followup_every, t.rank
ORDER BY t.rank;

CREATE TEMP VIEW this_week AS
SELECT a.*, rank, row_number() OVER (PARTITION BY owner ORDER BY rank, due, value DESC) AS n
FROM crm.agenda a
JOIN tiering.tiers t ON t.scheme = 'sales_readiness' AND t.tier = a.tier
WHERE due < current_date + 7;

\echo '── 11. The work of this week: last contact, rhythm of the tier, working days'
\echo
SELECT owner, count(*) FILTER (WHERE due < current_date) AS overdue, count(*) FILTER (WHERE due >= current_date) AS "due in 7 days",
    count(*) FILTER (WHERE tier = 'A') AS "A", count(*) FILTER (WHERE tier = 'B') AS "B", count(*) FILTER (WHERE tier = 'C') AS "C",
    count(*) FILTER (WHERE tier = 'D') AS "D", count(*) FILTER (WHERE tier = 'E') AS "E"
FROM this_week
GROUP BY owner
ORDER BY owner;

\echo '   The first four of each, the best tier first'
\echo
SELECT owner, tier, company, last_contact::date AS contacted, due,
    greatest(current_date - due, 0) AS late
FROM this_week
WHERE n <= 4
ORDER BY owner, n;

SELECT company, stage, expected_close FROM crm.pipeline WHERE tier = 'C' ORDER BY expected_close, company LIMIT 1 \gset
\echo '── 12. Why is' :company 'a C?  explain_tier() says'
\echo
\pset tuples_only on
\pset format unaligned
SELECT jsonb_pretty(tiering.explain_tier('sales_readiness', 'explicit', :'expected_close'::date)
    - '{score,missing,defaulted,reasons,characteristics}'::text[]); -- empty here
\pset format aligned
\pset tuples_only off

\echo
\echo '── 13. What is an A customer owed?  tier_strategy(\'sales_readiness\', \'A\')'
\echo
\pset tuples_only on
\pset format unaligned
SELECT format(E'   %s\n      %s', area, action) || coalesce(E'\n      ' || nullif(concat_ws(', ', channel, service_target), ''), '')
FROM tiering.tier_strategy('sales_readiness', 'A');
\pset format aligned
\pset tuples_only off
\echo
\echo '   The same in Chinese: tier_strategy(\'sales_readiness\', \'A\', lang => \'zh\')'
\echo
SELECT area, action, channel, service_target FROM tiering.tier_strategy('sales_readiness', 'A', lang => 'zh');
