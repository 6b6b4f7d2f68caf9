-- Complaints: logged, resolved, counted; and the customers whose signals point to trouble.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA complaints_test;
GRANT USAGE ON SCHEMA complaints_test TO PUBLIC;
CREATE TABLE complaints_test.clients (id integer PRIMARY KEY, annual_value numeric, owner text);
INSERT INTO complaints_test.clients SELECT g, CASE WHEN g <= 4 THEN 300000 WHEN g <= 6 THEN 100000 ELSE 1000 END, 'owner ' || g % 2 FROM generate_series(1, 9) AS g;
SELECT create_scheme('{"scheme": "complaints_test", "inputs": [{"name": "annual_value", "type": "number"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "annual_value", "gt": 200000}, "tier": "A"}, {"when": {"input": "annual_value", "gt": 50000}, "tier": "B"}], "otherwise": "C"},
    "tiers": [{"code": "A", "followup": {"every": "P7D"}}, {"code": "B", "followup": {"every": "P7D"}}, {"code": "C", "followup": {"every": "P7D"}}]}'), approve_scheme('complaints_test');
SELECT create_program('complaints', 'complaints_test', 'complaints_test.clients', 'id', owner_column => 'owner');
CALL retier('complaints');
SELECT tier, count(*) FROM current_tiers WHERE program = 'complaints' GROUP BY 1 ORDER BY 1;

SELECT date_trunc('second', now()) AS t \gset
-- logged, of customers by any spelling of their key, by any word for the channel; a new customer is graded first
INSERT INTO complaints_test.clients VALUES (10, 300000, 'owner 0');
SELECT log_complaint('complaints', '10', 'nobody calls', timestamptz :'t' - interval '2 days', '电话') = timestamptz :'t' - interval '2 days' AS logged;
SELECT log_complaint('complaints', ' 1', 'came late', timestamptz :'t' - interval '3 days') IS NOT NULL AS logged;
SELECT log_complaint('complaints', '1', 'came broken', timestamptz :'t' - interval '3 days') IS NOT NULL AS logged;
SELECT log_complaint('complaints', '7', '服务差', :'t') IS NOT NULL AS logged;
SELECT customer, n, complaint, channel, owner, tier, logged_by = session_user AS mine FROM complaints ORDER BY customer, at, n;
-- resolved, the oldest first, or that of a time
SELECT resolve_complaint('complaints', '1', 'sent anew', resolved_at => timestamptz :'t' - interval '1 day');
SELECT resolve_complaint('complaints', '7', at => :'t', resolved_at => :'t');
SELECT customer, complaint, status, label(status, 'zh') AS zh, CASE status WHEN 'resolved' THEN open_for = interval '2 days' ELSE open_for > interval '1 day' END AS open_for, resolution, resolved_by = session_user AS mine FROM complaint_status WHERE customer <> '7' ORDER BY customer, complaint;
SELECT resolve_complaint('complaints', '7');
SELECT resolve_complaint('complaints', '1', 'x', resolved_at => '2999-01-01');
SELECT resolve_complaint('complaints', '1', 'x', resolved_at => NULL);
SELECT resolve_complaint('complaints', '1', 'x', at => '2020-01-01');
SELECT log_complaint('complaints', '1', NULL);
SELECT log_complaint('complaints', '1', '');
SELECT log_complaint('complaints', '1', 'x', '2999-01-01');
SELECT log_complaint('complaints', '1', 'x', 'infinity');
SELECT log_complaint('complaints', '1', 'x', NULL);
SELECT log_complaint('complaints', 'nobody', 'x');
SELECT log_complaint('complaints', NULL, 'x');
SELECT log_complaint('nothing', '1', 'x');
-- a program that rests takes complaints of those whom it knows
SELECT pause_program('complaints');
INSERT INTO complaints_test.clients VALUES (11, 300000, 'owner 1');
SELECT log_complaint('complaints', '7', 'again', '2020-01-01 00:00+00');
SELECT log_complaint('complaints', '11', 'x');
SELECT resolve_complaint('complaints', '7', 'x', resolved_at => '2019-12-31 00:00+00');
SELECT resume_program('complaints');

-- M10 counts what was logged, unless a source of complaints is registered
SELECT tier, complaints FROM tier_scorecard('complaints', now() - interval '10 days', now() + interval '1 second', tier_at => now()) ORDER BY tier;
SELECT tier, complaints FROM tier_scorecard('complaints', '2019-12-31', '2020-01-02', tier_at => now()) ORDER BY tier;
CREATE TABLE complaints_test.tickets (client integer, at timestamptz);
INSERT INTO complaints_test.tickets VALUES (5, now());
SELECT register_events('complaints', 'complaint', 'complaints_test.tickets', 'client', 'at');
SELECT tier, complaints FROM tier_scorecard('complaints', now() - interval '10 days', now() + interval '1 second', tier_at => now()) ORDER BY tier;
SELECT unregister_events('complaints', 'complaint');

-- Early warnings: each signal alone and together, of the best of three tiers only; a contact that is exactly two cadences ago is none.
UPDATE assignments SET since = now() - interval '100 days' WHERE program = 'complaints';
UPDATE assignments SET last_followup = now() - interval '14 days' WHERE program = 'complaints';
UPDATE assignments SET last_followup = now() - interval '15 days' WHERE program = 'complaints' AND customer = '2';
UPDATE assignments SET last_followup = NULL WHERE program = 'complaints' AND customer IN ('3', '5');
SELECT count(snooze_followup('complaints', c, current_date + n, 'busy')) FROM (VALUES ('3', 2), ('4', 2), ('4', 3)) AS s (c, n);
INSERT INTO promises (program, customer, made_at, promised_at) VALUES ('complaints', '2', now() - interval '5 days', now() - interval '4 days'),
    ('complaints', '3', now() - interval '5 days', now() + interval '4 days');
SELECT customer, owner, tier, rank, signal_count, signals, days_silent, followup_every, snoozes, broken_promises, open_complaints
FROM early_warnings WHERE program = 'complaints' ORDER BY signal_count DESC, customer;
SELECT customer, signals_en, signals_zh FROM early_warnings WHERE program = 'complaints' ORDER BY signal_count DESC, customer;
-- who is held out is left alone: that is no sign, but a complaint is
SELECT hold_out('complaints', 0.999999);
SELECT customer, signals FROM early_warnings WHERE program = 'complaints' ORDER BY customer;
SELECT hold_out('complaints', 0);

-- Agents log and resolve in their own name, what has been, once.
CREATE ROLE complaints_agent;
CREATE ROLE complaints_reader;
SELECT grant_agent('complaints_agent'), grant_reader('complaints_reader');
INSERT INTO agents VALUES ('complaints_agent', 'owner 1');
GRANT SELECT ON complaints_test.clients TO complaints_agent;
SELECT alter_program('complaints', '{"own_customers_only": true}');
SET ROLE complaints_agent;
SELECT count(*) AS own FROM complaints;
SELECT log_complaint('complaints', '3', 'by an agent') IS NOT NULL AS logged;
SELECT log_complaint('complaints', '4', 'of another owner');
INSERT INTO complaints (program, customer, at, complaint, owner, tier) VALUES ('complaints', '3', now() - interval '1 hour', 'by hand', 'owner 0', 'C');
SELECT complaint, owner, tier FROM complaints WHERE customer = '3' ORDER BY at;
INSERT INTO complaints (program, customer, at, complaint) VALUES ('complaints', '3', '2999-01-01', 'x');
INSERT INTO complaints (program, customer, at, complaint) VALUES ('complaints', 'phantom', now(), 'x');
INSERT INTO complaints (program, customer, at, complaint, logged_by) VALUES ('complaints', '3', now(), 'x', 'boss');
UPDATE complaints SET complaint = 'all is well';
UPDATE complaints SET resolved_at = '2999-01-01' WHERE customer = '3';
UPDATE complaints SET resolved_at = now(), resolved_by = 'boss' WHERE customer = '3' AND complaint = 'by hand';
SELECT resolved_by <> 'boss' AS in_own_name FROM complaints WHERE complaint = 'by hand';
UPDATE complaints SET resolved_at = NULL WHERE complaint = 'by hand';
DELETE FROM complaints;
SELECT resolve_complaint('complaints', '3', 'a present') IS NOT NULL AS resolved;
RESET ROLE;
SET ROLE complaints_reader;
SELECT count(*) FROM complaint_status;
SELECT log_complaint('complaints', '1', 'x');
RESET ROLE;

-- erased with the customer, renamed and dropped with the program
SELECT erase_customer('complaints', '7') > 2 AS erased, (SELECT count(*) FROM complaints) AS before;
SELECT count(*) AS after FROM complaints;
UPDATE programs SET program = 'renamed' WHERE program = 'complaints';
SELECT DISTINCT program FROM complaints;
SELECT drop_program('renamed');
SELECT count(*) FROM complaints;
DELETE FROM agents WHERE agent = 'complaints_agent';
SELECT retire_scheme('complaints_test');
DELETE FROM schemes WHERE scheme = 'complaints_test';
DROP OWNED BY complaints_agent, complaints_reader;
DROP ROLE complaints_agent, complaints_reader;
DROP SCHEMA complaints_test CASCADE;
