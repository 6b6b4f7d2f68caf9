-- What people and BI tools read: every view, with figures counted by hand.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA views_test;
CREATE TABLE views_test.deals (id text PRIMARY KEY, demand text, expected_close date, owner text, contacted timestamptz);
INSERT INTO views_test.deals
SELECT d.id, d.demand, current_date + d.close_in, d.owner, now() - make_interval(days => d.silent)
FROM (VALUES ('a1', 'explicit', 10, 'anna', 0), ('a2', 'explicit', 20, 'anna', 3), ('b1', 'explicit', 60, 'anna', 2), ('b2', 'explicit', 70, 'ben', 9),
    ('c1', 'explicit', 120, 'ben', 20), ('d1', 'latent', NULL, 'ben', 10), ('e1', 'none', NULL, NULL, NULL)) AS d (id, demand, close_in, owner, silent);
SELECT create_program('deals', 'sales_readiness', 'views_test.deals', 'id', owner_column => 'owner', calendar => 'weekends', last_followup_column => 'contacted');
SELECT alter_program('deals', '{"calendar": null}');
CALL retier('deals');

-- the columns that others build on, by name and order
SELECT c.relname, string_agg(a.attname || ' ' || format_type(a.atttypid, NULL), ', ' ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'tiering'::regnamespace AND c.relname IN ('current_tiers', 'assignment_history', 'followups_due', 'tier_changes', 'runs', 'promise_status',
    'daily_log', 'weekly_log', 'half_month_log', 'month_log', 'year_log', 'owner_workload', 'owner_performance', 'tier_mix_by_program', 'tier_migration_by_month')
GROUP BY c.relname ORDER BY c.relname;

SELECT customer, tier, rank, owner, due - current_date AS due_in, days_overdue, urgency, calendar_known, left(strategy_en, 30) AS strategy, left(strategy_zh, 10) AS "策略"
FROM followups_due WHERE customer <> 'e1' ORDER BY due, rank;
-- a strategy of one's own is shown at once
SELECT set_strategy('sales_readiness', 'A', '[{"area": "contact", "action": {"en": "Call them", "zh": "致电"}}]');
SELECT DISTINCT strategy_en, strategy_zh FROM followups_due WHERE tier = 'A';
SELECT set_strategy('sales_readiness', 'A', NULL);
DELETE FROM tier_strategies;
-- G04's windows
SET client_min_messages = warning;  -- each plan takes the place of the one before
SELECT plan_followup('deals', 'e1', current_date + 0) = current_date + 0 AS planned \gset
SELECT 0 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT plan_followup('deals', 'e1', current_date + 7) = current_date + 7 AS planned \gset
SELECT 7 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT plan_followup('deals', 'e1', current_date + 8) = current_date + 8 AS planned \gset
SELECT 8 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT plan_followup('deals', 'e1', current_date + 27) = current_date + 27 AS planned \gset
SELECT 27 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT plan_followup('deals', 'e1', current_date + 32) = current_date + 32 AS planned \gset
SELECT 32 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT plan_followup('deals', 'e1', current_date + 88) = current_date + 88 AS planned \gset
SELECT 88 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT plan_followup('deals', 'e1', current_date + 100) = current_date + 100 AS planned \gset
SELECT 100 AS days, urgency FROM followups_due WHERE customer = 'e1';
SELECT alter_program('deals', '{"calendar": "cn"}');
SELECT plan_followup('deals', 'e1', '2199-01-01');
SET client_min_messages = notice;
SELECT urgency, calendar_known FROM followups_due WHERE customer = 'e1';
SELECT alter_program('deals', '{"calendar": null}');

-- the five logs
SELECT log, customer, tier, title_zh, done, days_overdue FROM followup_logs WHERE customer <> 'c1' AND customer <> 'd1' AND customer NOT LIKE 'b%' ORDER BY rank, customer;
SELECT 'daily' AS log, string_agg(customer, ' ' ORDER BY customer) AS customers FROM daily_log
UNION ALL SELECT 'weekly', string_agg(customer, ' ' ORDER BY customer) FROM weekly_log
UNION ALL SELECT 'half-month', string_agg(customer, ' ' ORDER BY customer) FROM half_month_log
UNION ALL SELECT 'month', string_agg(customer, ' ' ORDER BY customer) FROM month_log
UNION ALL SELECT 'year', string_agg(customer, ' ' ORDER BY customer) FROM year_log;
SELECT count(*) FROM log_followup('deals', 'a2', 'phone', 'no answer', 'again tomorrow');
SELECT customer, channel, outcome, note, contacts, done, period_start = current_date AS today FROM daily_log ORDER BY customer;
SELECT log_of_cadence(e) FROM unnest('{P1D,P6D,P7D,P2W,P27D,P4W,P1M,P5M,P6M,P1Y,NULL}'::text[]) AS e;

-- owners
SELECT owner, tier, customers, overdue, due_today, due_in_7_days, never_contacted, longest_overdue FROM owner_workload ORDER BY owner, rank;
SELECT count(tier) FROM log_followup('deals', 'b2', 'phone', promise => 'an offer', promised_at => now());
SELECT keep_promise('deals', 'b2') < now() AS late;
UPDATE views_test.deals SET demand = 'none' WHERE id = 'c1';
UPDATE views_test.deals SET expected_close = current_date + 1 WHERE id = 'b1';
CALL retier('deals');
SELECT owner, tier, followups, on_time, late, promises_kept + promises_late AS promises, promises_broken, moved_up, moved_down FROM owner_performance ORDER BY owner, tier;

-- mixes
SELECT override_tier('deals', 'd1', 'A', 'x');
SELECT tier, rank, title_zh, customers, overridden, share FROM tier_mix_by_program ORDER BY rank;
SELECT customer, from_tier, to_tier, reason, cause FROM tier_changes WHERE reason <> 'first' ORDER BY customer;
-- the past, month by month
SELECT drop_program('deals');
SELECT create_program('deals', 'sales_readiness', 'views_test.deals', 'id', owner_column => 'owner');
INSERT INTO assignment_log (program, customer, since, tier, reason, cause) VALUES
    ('deals', 'x', '2020-01-15', 'C', 'first', 'backfill'), ('deals', 'x', '2020-02-15', 'B', 'promotion', 'backfill'), ('deals', 'x', '2020-03-01', 'D', 'demotion', 'backfill'),
    ('deals', 'y', '2020-01-20', 'A', 'first', 'backfill'), ('deals', 'y', '2020-03-20', NULL, 'gone', 'backfill'), ('deals', 'z', '2020-02-01', NULL, 'ungraded', 'backfill');
SELECT month, from_tier, to_tier, customers, movement FROM tier_migration_by_month WHERE month < '2020-05-01' ORDER BY month, from_tier, to_tier;
SELECT customer, tier, valid, previous_tier FROM assignment_history WHERE customer IN ('x', 'y', 'z') ORDER BY customer, valid;
SELECT at::date, customer, tier, rank FROM unnest('{2020-01-15,2020-02-28,2020-03-20}'::timestamptz[]) AS at, tiers_as_of('deals', at) ORDER BY at, customer;
SELECT count(*) FROM tiers_as_of('nothing', now());
SELECT drop_program('deals');

-- No date and no time of a view or table is infinite: most clients cannot read it. What has no end is NULL.
SELECT create_program('deals', 'sales_readiness', 'views_test.deals', 'id', owner_column => 'owner', last_followup_column => 'contacted');
UPDATE views_test.deals SET contacted = NULL WHERE id = 'd1';
UPDATE views_test.deals SET owner = 'carl' WHERE id = 'c1';
CALL retier('deals');
SET client_min_messages = warning;
SELECT override_tier('deals', 'd1', 'A', 'for good'), override_tier('deals', 'b2', 'A', 'for a year', until => now() + interval '1 year'), stop_contact('deals', 'd1', 'asked for it'),
    stop_contact('deals', 'a1', 'not by phone', channel => 'phone'), log_complaint('deals', 'a2', 'late', now() - interval '1 hour') IS NOT NULL AS complaint;
SELECT count(*) FROM log_followup('deals', 'a1', 'email', 'reached', promised_at => now() + interval '1 day', promise => 'a call back');
RESET client_min_messages;
SELECT customer, overridden, overridden_until IS NOT NULL AS override_ends, no_contact, no_contact_until FROM current_tiers WHERE customer IN ('a1', 'b2', 'd1') ORDER BY 1;
SELECT count(*) > 5 AS some, bool_and(since = lower(valid) AND until IS NOT DISTINCT FROM upper(valid)) AS bounds, bool_or(until IS NULL) AS open FROM assignment_history;
SELECT override_tier('deals', 'b1', 'A', 'to the end of days', until => 'infinity'), stop_contact('deals', 'b1', 'to the end of days', until => 'infinity');
SELECT count(*) FILTER (WHERE o.until IS NULL) AS overrides_without_end, (SELECT count(*) FROM contact_stops s WHERE s.until IS NULL) AS stops_without_end FROM overrides o;
\set VERBOSITY terse
UPDATE overrides SET until = 'infinity';
UPDATE contact_stops SET until = 'infinity';
UPDATE assignments SET override_until = 'infinity';
UPDATE assignments SET no_contact_until = 'infinity';
\set VERBOSITY default
CREATE FUNCTION views_test.infinite() RETURNS TABLE (view_name name, column_name name, read bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR view_name, column_name IN
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind IN ('v', 'r') AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) ORDER BY 1, 2
    LOOP
        EXECUTE format('SELECT count(*) FROM tiering.%I WHERE NOT isfinite(%I)', view_name, column_name) INTO read;
        RETURN NEXT;
    END LOOP;
END
$$;
SELECT count(*) > 40 AS many FROM views_test.infinite();
SELECT * FROM views_test.infinite() WHERE read > 0;  -- none
SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'v' AND format_type(a.atttypid, NULL) ~ '(range|date\[|time.*\[)' ORDER BY 1, 2;  -- beside since and until
-- Every view with a tier has its rank, by which it sorts.
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'tiering'::regnamespace AND c.relkind = 'v' AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('tier', 'to_tier'))
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('rank', 'to_rank')) ORDER BY 1;
SELECT from_tier, from_rank, to_tier, to_rank FROM tier_migration_by_month WHERE program = 'deals' AND to_tier IS NOT NULL ORDER BY 2, 4;
SELECT tier, rank FROM assignment_history WHERE program = 'deals' GROUP BY 1, 2 ORDER BY 2;
SELECT brief_en, brief_zh, length(brief_en) <= 60 AS short, starts_with(strategy_en, rtrim(brief_en, '…')) AS begins_so FROM followups_due WHERE program = 'deals' ORDER BY rank LIMIT 1;
SELECT strategy_brief('[]', 'en') IS NULL AS none, strategy_brief(NULL, 'en') IS NULL AS unknown, strategy_brief('[{"action": {"en": "Call, write, visit and call again, and again, and after that once more, please"}}]', 'en') AS cut;
SELECT drop_program('deals');
DROP SCHEMA views_test CASCADE;
