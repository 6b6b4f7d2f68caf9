-- Where events are: registered once, columns and conditions checked, taken back.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
CREATE SCHEMA sources_test;
SET search_path = sources_test, tiering, pg_catalog;
CREATE TABLE accounts (id integer PRIMARY KEY, annual_value numeric);
CREATE DOMAIN euro AS numeric(12, 2);
CREATE TABLE "Orders of 2026" (id integer, "at" date, "Betrag €" euro, bought text, stamp timestamp, long interval);
SELECT create_program('events', 'abc_share', 'accounts', 'id');
SELECT register_events('events', 'order', '"Orders of 2026"', 'id', 'at', 'Betrag €', item => 'bought', only_where => $$bought <> 'x' AND "Betrag €" BETWEEN 0 AND 1000 -- no rest$$);
SELECT program, kind, source, customer_column, at_column, amount_column, item_column, only_where, scale, threshold, cost_share, churn_after FROM event_sources;
SELECT register_events('events', 'survey', '"Orders of 2026"', 'id', 'stamp', 'Betrag €'), register_events('events', 'relation', '"Orders of 2026"', 'id', 'at', 'Betrag €', scale => '[1,10]');
SELECT kind, scale, threshold FROM event_sources WHERE kind <> 'order' ORDER BY kind;
\echo conditions are one expression, and nothing else
SELECT parse_condition('a = 1'), parse_condition($$a IN (1, 2) OR (b IS NULL)$$), parse_condition(NULL);
SELECT parse_condition('true) OR (true');
SELECT parse_condition('true LIMIT 1');
SELECT parse_condition('true; SELECT 1');
SELECT parse_condition('true) UNION SELECT (true');
SELECT parse_condition('true ORDER BY 1');
SELECT parse_condition('/* never closed');
SELECT parse_condition('');
\echo what cannot be registered
SELECT register_events('nothing', 'order', 'accounts', 'id', 'at', 'x');
SELECT register_events('events', 'purchase', 'accounts', 'id', 'at', 'x');
SELECT register_events('events', NULL, 'accounts', 'id', 'at', 'x');
SELECT register_events('events', 'nps', '"Orders of 2026"', 'id', 'at');
SELECT register_events('events', 'nps', '"Orders of 2026"', NULL, 'at', 'Betrag €');
SELECT register_events('events', 'nps', NULL, 'id', 'at', 'Betrag €');
SELECT register_events('events', 'nps', '"Orders of 2026"', 'nobody', 'at', 'Betrag €');
SELECT register_events('events', 'nps', '"Orders of 2026"', 'id', 'long', 'Betrag €');
SELECT register_events('events', 'nps', '"Orders of 2026"', 'id', 'at', 'bought');
-- what is said to type gives a view, also where the column has that very name
CREATE TABLE written (id integer, at text, amount text);
SELECT register_events('events', 'order', 'written', 'id', 'at', 'amount');
CREATE VIEW read_at AS SELECT *, at::timestamptz AS at_as_timestamptz FROM sources_test.written;
SELECT register_events('events', 'order', 'read_at', 'id', at => 'at_as_timestamptz', amount => 'amount');
CREATE VIEW read_amount AS SELECT *, amount::numeric AS amount_as_numeric FROM sources_test.read_at;
SELECT register_events('events', 'opportunity', 'read_amount', 'id', at => 'at_as_timestamptz', amount => 'amount_as_numeric');
SELECT unregister_events('events', 'opportunity');
DROP TABLE written CASCADE;
SELECT register_events('events', 'ticket', '"Orders of 2026"', 'id', 'at', 'Betrag €');
SELECT register_events('events', 'ticket', '"Orders of 2026"', 'id', 'at', ended_at => 'bought');
SELECT register_events('events', 'order', '"Orders of 2026"', 'id', 'at', 'Betrag €', threshold => 4);
SELECT register_events('events', 'nps', '"Orders of 2026"', 'id', 'at', 'Betrag €', only_where => 'bought');
SELECT register_events('events', 'nps', '"Orders of 2026"', 'id', 'at', 'Betrag €', only_where => 'sold = 1');
SELECT register_events('events', 'survey', 'accounts', 'id', 'id', 'annual_value', threshold => 9);
SELECT register_events('events', 'program_cost', '"Orders of 2026"', NULL, 'at', 'Betrag €', cost_share => 'luck');
SELECT register_events('events', 'order', 'accounts', 'id', 'id', 'annual_value', churn_after => '-1 day');
SELECT register_events('events', 'order', '"Orders of 2026"', 'id', 'at', 'Betrag €');
\echo taken back
SELECT unregister_events('events', 'order', 'sources_test."Orders of 2026"'), unregister_events('events', 'survey', 'Orders of 2026'), unregister_events('events', 'relation');
SELECT unregister_events('events', 'relation');
-- functions of the user's views find their tables by the path of the caller, and what the caller shadows changes nothing
CREATE TABLE spent (id integer, amount numeric);
INSERT INTO spent VALUES (1, 100), (1, 50);
CREATE FUNCTION spent_by(id integer) RETURNS numeric LANGUAGE sql STABLE AS 'SELECT sum(amount) FROM spent s WHERE s.id = spent_by.id';
CREATE VIEW sales AS SELECT id, date '2026-02-01' AS at, spent_by(id) AS amount FROM accounts;
CREATE FUNCTION count(text) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN 42;
CREATE FUNCTION round(numeric, integer) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN 42;
INSERT INTO accounts VALUES (1, 90000), (2, 10);
CALL retier('events', '2026-01-01 00:00+00');
SELECT register_events('events', 'order', 'sales', 'id', 'at', 'amount');
SELECT kind, events, without_amount, findings FROM check_events('events');
SELECT tier, customers, sales, buyers FROM tier_scorecard('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') WHERE tier = 'all';
SELECT customer, sales FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') ORDER BY customer;
SELECT value FROM tier_scorecard_long('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00', compare => true) WHERE tier = 'all' AND measure = 'sales';
SELECT treated FROM tier_effect('events', 'sales', '2026-01-01 00:00+00', '2026-03-01 00:00+00', bootstrap => 0) WHERE tier = 'all';
-- keys of another type, compared as the program names its customers
CREATE VIEW numeric_sales AS SELECT id::numeric(10, 2) AS id, at, amount FROM sales;
SELECT unregister_events('events', 'order'), register_events('events', 'order', 'numeric_sales', 'id', 'at', 'amount');
SELECT kind, events, unknown_customers FROM check_events('events');
SELECT customer, sales FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') ORDER BY customer;
-- texts for numbers; a condition of the user's own means what it did, and a column is called as it likes
CREATE TABLE texts ("Kunde (Nr)" text, customer integer, written integer, at date, bought boolean);
INSERT INTO texts VALUES ('007', 1, 1, '2026-02-01', true), ('01', 1, 1, '2026-02-01', true), (' 1', 1, 1, '2026-02-02', false), ('1', 2, 1, '2026-02-03', true), ('guest', 1, 1, '2026-02-03', true), (NULL, 1, 1, '2026-02-03', true);
SELECT register_events('events', 'activity', 'texts', 'Kunde (Nr)', 'at', only_where => 'customer = 1 AND written = 1');
SELECT kind, events, without_customer, unknown_customers FROM check_events('events') WHERE kind = 'activity';
SELECT customer, activity FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') ORDER BY customer;
SELECT tier, customers, events FROM program_outcomes('events', 'texts', 'Kunde (Nr)', 'bought', '2026-01-02') WHERE customers > 0;
ALTER TABLE texts ALTER "Kunde (Nr)" TYPE integer USING CASE WHEN "Kunde (Nr)" <> 'guest' THEN "Kunde (Nr)"::integer END;
SELECT customer, activity FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') ORDER BY customer;
SELECT unregister_events('events', 'activity');
\echo one row with a day that nobody has entered, or an amount that cannot be summed
CREATE TABLE odd (id integer, at date, clock timestamp, amount numeric, profit float8, done date, closed timestamptz);
INSERT INTO odd VALUES (1, '2026-02-01', '2026-02-01', 10, 1, '2026-02-02', '2026-02-02 00:00+00'), (1, '5874897-12-31', '294276-12-31 23:59:59', 10, 1, '5874897-12-31', 'infinity'),
    (1, '4714-11-24 BC', '4714-11-24 BC', 10, 1, 'infinity', '-infinity'), (1, 'infinity', '-infinity', 10, 1, '-infinity', NULL), (1, NULL, NULL, 10, 1, NULL, NULL);
SELECT tiering.moment_expression('x', 'date', 'Asia/Shanghai');
SELECT register_events('events', 'ticket', 'odd', 'id', 'at', ended_at => 'done');
SELECT without_time FROM check_events('events') WHERE kind = 'ticket';
SELECT tickets, resolved, resolve_hours FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') WHERE customer = '1';
SELECT unregister_events('events', 'ticket'), register_events('events', 'ticket', 'odd', 'id', 'clock', ended_at => 'closed');
SELECT without_time FROM check_events('events') WHERE kind = 'ticket';
UPDATE odd SET clock = '2026-02-01';
SELECT tickets, resolved, resolve_hours FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') WHERE customer = '1';
SELECT unregister_events('events', 'ticket');
-- costs of nobody in particular go to those who bought, and to nobody twice; names with a % are names
CREATE TABLE "spent 100%s" (at date, "€ %" numeric);
INSERT INTO "spent 100%s" VALUES ('2026-02-01', 30);
INSERT INTO accounts VALUES (3, 90000), (4, 10);
CALL retier('events', '2026-01-01 00:00+00');
CREATE TABLE bought (id integer, at date, amount numeric);
INSERT INTO bought VALUES (1, '2026-02-01', 20), (2, '2026-02-01', 10), (4, '2026-02-01', -10);
SELECT unregister_events('events', 'order'), register_events('events', 'order', 'bought', 'id', 'at', 'amount'), register_events('events', 'program_cost', '"spent 100%s"', NULL, 'at', '€ %', cost_share => 'sales');
SELECT customer, sales, pg_catalog.round(program_cost, 2) AS program_cost FROM tier_scorecard_customers('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') ORDER BY customer;
SELECT pg_catalog.round(program_cost, 2) AS program_cost FROM tier_scorecard('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') WHERE tier = 'all';
SELECT unregister_events('events', 'program_cost');
DELETE FROM accounts WHERE id > 2;
CALL retier('events');
UPDATE odd SET at = '2026-02-01', profit = 'NaN' WHERE at = '5874897-12-31';
SELECT unregister_events('events', 'order'), register_events('events', 'order', 'odd', 'id', 'at', 'amount', profit => 'profit');
SELECT sales FROM tier_scorecard('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') WHERE tier = 'all';
SELECT without_time, without_amount FROM check_events('events');
UPDATE odd SET profit = 1, amount = 1e300 WHERE profit = 'NaN';
SELECT sales FROM tier_scorecard('events', '2026-01-01 00:00+00', '2026-03-01 00:00+00') WHERE tier = 'all';
SELECT without_time, without_amount FROM check_events('events');
SELECT unregister_events('events', 'order'), register_events('events', 'order', 'sales', 'id', 'at', 'amount');
-- a report reads its sources under the path of who made it
SELECT create_scorecard_view('events', 'sources_test.report', periods => 1000, materialized => true);
SET search_path = pg_catalog;
REFRESH MATERIALIZED VIEW sources_test.report;
SET search_path = sources_test, tiering, pg_catalog;
SELECT tier, sales FROM report WHERE period_start = '2026-02-01 00:00+00' AND tier = 'all';
SELECT create_scorecard_view('events', NULL);
SELECT create_scorecard_view('events', 'report');
SELECT create_scorecard_view('events', 'sources_test.report');
SELECT create_scorecard_view('events', 'sources_test.other', periods => 0);
DROP MATERIALIZED VIEW report;
-- a view that fails for one row: which source, which column, which customer
CREATE TABLE sold (client integer, at timestamptz, total numeric, parts integer);
INSERT INTO sold SELECT g, '2026-02-03 00:00+00', g, nullif(g, 77) % 2 + 1 FROM generate_series(1, 100) AS g;
UPDATE sold SET parts = 0 WHERE client = 77;
CREATE VIEW parted AS SELECT client, at, total / parts AS each FROM sold;
SELECT unregister_events('events', e.kind) > 0 AS unregistered FROM (SELECT DISTINCT kind FROM event_sources WHERE program = 'events') e;
SELECT register_events('events', 'order', 'parted', 'client', 'at', 'each');
SELECT count(*) FROM tier_scorecard('events', '2026-02-01 00:00+00', '2026-03-01 00:00+00');
SELECT count(*) FROM tier_scorecard_long('events', '2026-02-01 00:00+00', '2026-03-01 00:00+00');
SELECT count(*) FROM tier_scorecard_customers('events', '2026-02-01 00:00+00', '2026-03-01 00:00+00');
SELECT count(*) FROM tier_effect('events', 'sales', '2026-02-01 00:00+00', '2026-03-01 00:00+00');
SELECT count(*) FROM check_events('events');
SELECT unregister_events('events', 'order');
-- already by the condition
SELECT register_events('events', 'order', 'sold', 'client', 'at', 'total', only_where => '1 / parts > 0');
SELECT count(*) FROM tier_scorecard('events', '2026-02-01 00:00+00', '2026-03-01 00:00+00');
-- what is imported, and what is looked at afterwards
CREATE VIEW told AS SELECT client AS customer, at, (total / parts)::text AS channel, 'A' AS tier, (total / parts)::text AS reason, total / parts > 10 AS bought FROM sold;
SELECT import_followups('events', 'told', channel => 'channel');
SELECT count(*) FROM import_overrides('events', 'told', until => NULL);
SELECT count(*) FROM program_outcomes('events', 'told', 'customer', 'bought', '2026-02-01 00:00+00');
SELECT drop_program('events');
SET client_min_messages = warning;
DROP SCHEMA sources_test CASCADE;
