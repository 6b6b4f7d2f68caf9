-- Pages of HTML: what stands in them is what the views say. The looks are for tests/suites/pages.sh, which opens them.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA report_test;
CREATE TABLE report_test.clients (id text PRIMARY KEY, demand text, expected_close date, owner text);
INSERT INTO report_test.clients VALUES ('<i>1</i>', 'explicit', '2026-02-10', 'anna & co'), ('2', 'explicit', '2026-04-20', 'anna & co'), ('3', 'latent', '2026-04-20', 'bert'), ('4', NULL, NULL, NULL);
CREATE TABLE report_test.orders AS SELECT g::text AS customer, timestamptz '2026-01-20 12:00+00' + g * interval '1 day' AS at, 100.0 * g AS amount FROM generate_series(2, 3) AS g;
SELECT create_program('report', 'sales_readiness', 'report_test.clients', 'id', owner_column => 'owner');

-- of which measures less is better
SELECT string_agg(m.measure, ', ' ORDER BY m.n) AS less_is_better FROM scorecard_measures() m WHERE less_is_better(m.measure);

-- an empty program has a page
SELECT report_html('report', 'en') LIKE '%No customer has been graded yet%';

CALL retier('report', '2026-01-01 00:00+00');
UPDATE report_test.clients SET demand = 'none' WHERE id = '2';
CALL retier('report', '2026-02-01 00:00+00');
SELECT register_events('report', 'order', 'report_test.orders', 'customer', 'at', 'amount');
SELECT set_target('report', 'all', 'sales', 1000);
SELECT override_tier('report', '3', 'A', 'knows "everybody" & <all>');
SELECT tier FROM log_followup('report', '<i>1</i>', 'phone', 'reached', 'asked for <script>alert(1)</script>', at => '2026-02-01 10:00+00');

-- the document: what the page shows
SELECT d -> 'from' AS "from", d -> 'until' AS until, d -> 'source' AS source, d -> 'scheme' AS scheme, d -> 'held_out' AS held_out
FROM (SELECT report_document('report', '2026-01-15', '2026-02-15', 'public') -> 'program' AS d) r;
SELECT t ->> 'tier' AS tier, t -> 'customers' AS customers, t -> 'by_hand' AS by_hand
FROM jsonb_array_elements(report_document('report', '2026-01-15', '2026-02-15', 'public') #> '{program,tiers}') AS t;
SELECT m -> 'from' AS "from", m -> 'to' AS "to", m -> 'customers' AS customers
FROM jsonb_array_elements(report_document('report', '2026-01-15', '2026-02-15', 'public') #> '{program,movements}') AS m;
SELECT s ->> 'measure' AS measure, s ->> 'tier' AS tier, s -> 'value' AS value, s -> 'previous' AS previous, s -> 'target' AS target
FROM jsonb_array_elements(report_document('report', '2026-01-15', '2026-02-15', 'public') #> '{program,scorecard}') AS s WHERE s ->> 'measure' = 'sales' AND s -> 'value' <> 'null' ORDER BY 2;
SELECT sum((o ->> 'customers')::integer) AS customers, (report_document('report', '2026-01-15', '2026-02-15', 'public') #>> '{program,due_in_all}')::integer = (
    SELECT count(*) FROM followups_due WHERE program = 'report' AND due <= (now() AT TIME ZONE 'UTC')::date) AS due_as_in_the_view
FROM jsonb_array_elements(report_document('report', '2026-01-15', '2026-02-15', 'public') #> '{program,owners}') AS o;

-- what people wrote is text
SELECT h LIKE '<!DOCTYPE html><html lang="en">%' AS page, h LIKE '%&lt;i&gt;1&lt;/i&gt;%' AS escaped, h !~ '<i>|<script' AS harmless
FROM (VALUES (report_html('report', 'en', '2026-01-15', '2026-02-15')), (customer_report_html('report', '<i>1</i>', 'en'))) AS v (h);
SELECT h ~ 'knows &quot;everybody&quot; &amp; &lt;all&gt;' AS reason, h ~ '人工定级' AS chinese FROM customer_report_html('report', '3', '中文') AS h;
-- values, and what they would have to be, as people call them
SELECT c.customer, h ~ '明确' AS explicit, h ~ '潜在' AS latent, h ~ '<td[^>]*>无</td>' AS none, h ~ 'explicit|latent|none' AS codes
FROM (VALUES ('<i>1</i>'), ('2'), ('3')) AS c (customer), LATERAL (SELECT regexp_replace(customer_report_html('report', c.customer, 'zh'), '<style>.*</style>', '') AS h) r ORDER BY 1;
-- defaults: the month until now, the language of the database
SELECT report_html('report') LIKE '<!DOCTYPE html><html lang="en">%';
SELECT set_defaults(lang => 'zh');
SELECT report_html('report') LIKE '<!DOCTYPE html><html lang="zh-Hans">%', customer_report_html('report', '2') LIKE '%<html lang="zh-Hans">%';
SELECT set_defaults();
-- who is gone from the source still has a page, without the reasons
DELETE FROM report_test.clients WHERE id = '2';
CALL retier('report', '2026-02-02 00:00+00');
SELECT h LIKE '%gone from the source%' AS history, h LIKE '%Why this tier%' AS reasons FROM customer_report_html('report', '2', 'en') AS h;

-- an effect where customers are held out
SELECT share FROM hold_out('report', 0.5, 1) AS share;
SELECT report_document('report', '2026-01-15', now(), 'public') #> '{program,held_out}' AS held_out,
    jsonb_array_length(report_document('report', '2026-01-15', now(), 'public') #> '{program,effects}') > 0 AS effects;

-- what it counts and lists is what the views say: of owners and of nobody, overrides of every kind, stops, some who are gone, some who came, plans, and some who are held out
CREATE TABLE report_test.crowd AS SELECT g AS id, ('{explicit,latent,none}'::text[])[1 + g % 3] AS demand, date '2026-03-01' + g % 90 AS expected_close,
    CASE WHEN g % 7 > 0 THEN 'owner ' || g % 5 END AS owner, 'Name ' || g AS label FROM generate_series(1, 400) AS g;
ALTER TABLE report_test.crowd ADD PRIMARY KEY (id);
SELECT create_program('crowd', 'sales_readiness', 'report_test.crowd', 'id', owner_column => 'owner', label_column => 'label');
CALL retier('crowd', '2026-01-01 00:00+00');
UPDATE report_test.crowd SET demand = ('{explicit,latent,none}'::text[])[1 + id % 2] WHERE id % 4 = 0;
DELETE FROM report_test.crowd WHERE id % 13 = 0;
INSERT INTO report_test.crowd SELECT g, 'latent', '2026-04-01', 'owner 9', NULL FROM generate_series(401, 420) AS g;
CALL retier('crowd', '2026-02-01 00:00+00');
UPDATE report_test.crowd SET demand = NULL WHERE id % 17 = 0;
CALL retier('crowd', '2026-02-20 00:00+00');
SELECT count(override_tier('crowd', c.id::text, ('{A,B,C}'::text[])[1 + c.id % 3], 'a favour', kind => ('{fixed,at_least,at_most}'::text[])[1 + c.id % 3])) FROM report_test.crowd c WHERE c.id % 11 = 0;
SELECT count(stop_contact('crowd', c.id::text, 'asked us')) FROM report_test.crowd c WHERE c.id % 19 = 0;
SELECT count(plan_followup('crowd', c.id::text, current_date + c.id % 9)) FROM report_test.crowd c WHERE c.id % 10 = 0;
CREATE FUNCTION report_test.differences() RETURNS TABLE (what text, many boolean, different bigint)
    LANGUAGE sql
BEGIN ATOMIC
    SELECT 'mix', count(*) > 3, count(*) FILTER (WHERE (m.customers, m.overridden) IS DISTINCT FROM (coalesce(c.customers, 0), coalesce(c.overridden, 0)))
    FROM (SELECT * FROM tier_mix_by_program WHERE program = 'crowd') m
    FULL JOIN (SELECT r.tier, sum(r.customers)::bigint AS customers, sum(r.overridden)::bigint AS overridden FROM report_customers('crowd') r GROUP BY r.tier) c ON coalesce(c.tier, '') = coalesce(m.tier, '')
    UNION ALL
    SELECT 'workload', (SELECT count(*) > 15 FROM owner_workload w WHERE w.program = 'crowd'), count(*) FROM (
        (SELECT w.owner, w.tier, w.customers, w.overdue, w.due_today, w.due_in_7_days, w.never_contacted, w.longest_overdue FROM owner_workload w WHERE w.program = 'crowd'
            EXCEPT ALL SELECT c.owner, c.tier, c.customers, c.overdue, c.due_today, c.due_in_7_days, c.never_contacted, c.longest_overdue FROM report_customers('crowd') c WHERE NOT c.kept_out)
        UNION ALL
        (SELECT c.owner, c.tier, c.customers, c.overdue, c.due_today, c.due_in_7_days, c.never_contacted, c.longest_overdue FROM report_customers('crowd') c WHERE NOT c.kept_out
            EXCEPT ALL SELECT w.owner, w.tier, w.customers, w.overdue, w.due_today, w.due_in_7_days, w.never_contacted, w.longest_overdue FROM owner_workload w WHERE w.program = 'crowd')) d
    UNION ALL
    SELECT 'due', count(*) > 30, count(*) FILTER (WHERE (f.customer, f.label, f.tier, f.due, f.last_followup) IS DISTINCT FROM (d.customer, d.label, d.tier, d.due, d.last_followup))
    FROM (SELECT v.*, row_number() OVER (PARTITION BY v.owner ORDER BY v.due, v.rank, v.customer) AS n FROM followups_due v WHERE v.program = 'crowd' AND v.due <= (now() AT TIME ZONE 'UTC')::date) f
    FULL JOIN report_due('crowd', '{owner 4,NULL,owner 1,owner 2,owner 3,owner 0,owner 9}', 8) d ON coalesce(d.owner, '') = coalesce(f.owner, '') AND d.nth = f.n
    WHERE coalesce(f.n, 0) <= 8
    UNION ALL
    SELECT 'due in all', max(c.n) > 50, count(*) FILTER (WHERE c.n IS DISTINCT FROM (SELECT sum(r.overdue + r.due_today) FROM report_customers('crowd') r WHERE NOT r.kept_out))
    FROM (SELECT count(*) AS n FROM followups_due v WHERE v.program = 'crowd' AND v.due <= (now() AT TIME ZONE 'UTC')::date) c
    UNION ALL
    SELECT 'movements', count(*) > 100, count(*) FILTER (WHERE m.sides <> 2) FROM (
        SELECT f.at, u.at, b.was, b.now, b.customers, count(*) AS sides
        FROM unnest('{2025-12-01,2026-01-01,2026-01-15,2026-02-10,2026-02-20,2026-06-01}'::timestamptz[]) AS f (at), unnest('{2026-01-01 00:00:01,2026-02-01,2026-02-10,2026-03-01,2027-01-01}'::timestamptz[]) AS u (at),
            LATERAL (
                SELECT report_place(x.customer IS NOT NULL, x.tier) AS was, report_place(y.customer IS NOT NULL, y.tier) AS now, count(*) AS customers
                FROM tiers_as_of('crowd', f.at) x FULL JOIN tiers_as_of('crowd', u.at) y ON y.customer = x.customer GROUP BY 1, 2
                UNION ALL SELECT e -> 'from', e -> 'to', (e -> 'customers')::bigint FROM jsonb_array_elements((report_measures('crowd', f.at, u.at, 'public')).movements) AS e) b
        WHERE f.at < u.at GROUP BY 1, 2, 3, 4, 5) m;
END;
SELECT * FROM report_test.differences();
SELECT share FROM hold_out('crowd', 0.3, 7) AS share;
SELECT * FROM report_test.differences();
-- nobody is due, nobody is asked for, no such program
SELECT (SELECT count(*) FROM report_due('crowd', '{}', 10)) AS of_none, (SELECT count(*) FROM report_due('crowd', NULL, 10)) AS of_null, (SELECT count(*) FROM report_due('crowd', '{nobody of that name}', 10)) AS of_nobody;
SELECT count(*) FROM report_due('nothing', '{a}', 10);
SELECT count(*) FROM report_customers('nothing');
SELECT scorecard FROM report_measures('nothing', '2026-01-01', '2026-02-01', 'public');
SELECT scorecard FROM report_measures('crowd', '2026-02-01', '2026-01-01', 'public');
SELECT scorecard FROM report_measures('crowd', '2026-02-01', 'infinity', 'public');
SELECT scorecard FROM report_measures('crowd', NULL, '2026-01-01', 'public');

-- refused
SELECT report_html('nothing');
SELECT report_html('report', 'fr');
SELECT report_html('report', 'en', '2026-02-01', '2026-01-01');
SELECT report_html('report', 'en', '-infinity', '2026-01-01');
SELECT customer_report_html('report', 'nobody');
SELECT customer_report_html('report', NULL);
SELECT report_page('{"weather": {}}', 'en');
SELECT report_page('{"program": 1}', 'en');
SELECT report_page(NULL, 'en') IS NULL AS "null";

-- a reader sees a page of what he may see
CREATE ROLE report_reader;
SELECT grant_reader('report_reader');
SET ROLE report_reader;
SELECT report_html('report', 'en', '2026-01-15', '2026-02-15') IS NOT NULL;
RESET ROLE;
GRANT USAGE ON SCHEMA report_test TO report_reader;
GRANT SELECT ON report_test.orders TO report_reader;
SET ROLE report_reader;
SELECT report_html('report', 'en', '2026-01-15', '2026-02-15') IS NOT NULL;
SELECT customer_report_html('report', '3', 'en') LIKE '%Why this tier%' AS reasons;
RESET ROLE;
-- a scheme needs no title: its name stands in the place
SELECT create_scheme(scheme(to_jsonb(current_scheme('sales_readiness')) - 'title' || '{"scheme": "report_untitled"}')), approve_scheme('report_untitled', force => true, reason => 'a test');
SELECT create_program('untitled', 'report_untitled', 'report_test.clients', 'id');
SELECT retier_customers('untitled', '3');
SELECT report_html('untitled', 'zh') LIKE '%report_untitled%' AS of_program, customer_report_html('untitled', '3', 'en') LIKE '%report_untitled%' AS of_customer;
SELECT drop_program('untitled');
SELECT retire_scheme('report_untitled');
DELETE FROM schemes WHERE scheme = 'report_untitled';
SELECT drop_program('report'), drop_program('crowd');
DROP OWNED BY report_reader;
DROP ROLE report_reader;
DROP SCHEMA report_test CASCADE;
