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
SELECT drop_program('report');
DROP OWNED BY report_reader;
DROP ROLE report_reader;
DROP SCHEMA report_test CASCADE;
