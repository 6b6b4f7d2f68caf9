-- Periodic review of customers and schemes: when it is due, what was decided, by whom and why.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA reviews_test;
CREATE TABLE reviews_test.clients (id integer PRIMARY KEY, annual_value numeric, owner text);
INSERT INTO reviews_test.clients VALUES (1, 300000, 'anna'), (2, 100000, 'anna'), (3, 1000, 'ben'), (4, NULL, 'ben');
SELECT create_scheme('{"scheme": "reviews_test", "inputs": [{"name": "annual_value", "type": "number", "missing": "ungraded"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "annual_value", "gt": 200000}, "tier": "A"}, {"when": {"input": "annual_value", "gt": 50000}, "tier": "B"}], "otherwise": "C"},
    "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]}'), approve_scheme('reviews_test');
SELECT create_program('reviews', 'reviews_test', 'reviews_test.clients', 'id', owner_column => 'owner');
CALL retier('reviews');
-- Nobody has set a period: every year from the first grading on; the scheme from its approval on.
UPDATE assignment_log SET since = '2026-01-31 12:00+00' WHERE program = 'reviews';
SELECT name, subject, tier, rank, last_review, decision, due, days_overdue = greatest((now() AT TIME ZONE 'UTC')::date - due, 0) AS overdue
FROM reviews_due WHERE program = 'reviews' AND subject = 'customer' ORDER BY name;
SELECT name, subject, owner, tier, last_review, due = ((now() AT TIME ZONE 'UTC')::date + interval '1 year')::date AS in_a_year, days_overdue FROM reviews_due WHERE program = 'reviews' AND subject = 'scheme';
SELECT set_review_periods('reviews', '1 month');
SELECT name, due FROM reviews_due WHERE program = 'reviews' AND subject = 'customer' ORDER BY name;
SELECT set_review_periods('reviews', scheme => '3 months');
SELECT customers, scheme, set_by = session_user AS mine FROM review_periods;
-- decided: keep and part_with are on record, up and down are overrides until the next review
SELECT record_review('reviews', '1', 'keep', 'as it should be');
SELECT record_review('reviews', ' 2', 'up', 'will grow');
SELECT record_review('reviews', '3', 'part_with', '只占用资源');
SELECT record_review('reviews', '3', 'up', 'the board wants it', tier => 'A');
SELECT record_review('reviews', '3', 'down', 'not so much');
SELECT customer, decision, label(decision, 'zh') AS zh, reason, tier, tier_after, reviewed_by = session_user AS mine FROM reviews ORDER BY customer, at;
SELECT customer, tier, overridden, override_reason, overridden_until = now() + interval '1 month' OR overridden_until > now() + interval '27 days' AS until_then FROM current_tiers WHERE program = 'reviews' ORDER BY 1;
SELECT name, decision, due = ((now() AT TIME ZONE 'UTC')::date + interval '1 month')::date AS in_a_month FROM reviews_due WHERE program = 'reviews' AND subject = 'customer' ORDER BY name;
SELECT record_scheme_review('reviews_test', 'keep', 'the figures hold');
SELECT record_scheme_review('reviews_test', 'revise', 'prices rose');
SELECT version, decision, label(decision, 'zh') AS zh, reason, reviewed_by = session_user AS mine FROM scheme_reviews ORDER BY at;
SELECT decision, last_review IS NOT NULL AS reviewed, due = ((now() AT TIME ZONE 'UTC')::date + interval '3 months')::date AS in_three_months FROM reviews_due WHERE program = 'reviews' AND subject = 'scheme';

SELECT record_review('reviews', '1', 'up', 'x');
SELECT record_review('reviews', '2', 'down', 'x', tier => 'A');
SELECT record_review('reviews', '2', 'down', 'x', tier => 'nothing');
SELECT record_review('reviews', '2', 'keep', 'x', tier => 'A');
SELECT record_review('reviews', '2', 'promote', 'x');
SELECT record_review('reviews', '2', NULL, 'x');
SELECT record_review('reviews', '2', 'keep', '');
SELECT record_review('reviews', 'nobody', 'keep', 'x');
SELECT record_review('nothing', '1', 'keep', 'x');
SELECT record_scheme_review('nothing', 'keep', 'x');
SELECT record_scheme_review('reviews_test', 'part_with', 'x');
SELECT record_scheme_review('reviews_test', 'keep', NULL);
SELECT set_review_periods('reviews', '0');
SELECT set_review_periods('reviews', scheme => '11 years');
SELECT set_review_periods('nothing', '1 year');
SELECT count(*) AS nothing_more FROM reviews;

-- Agents read, administrators decide, in their own name only.
CREATE ROLE reviews_agent;
CREATE ROLE reviews_boss;
SELECT grant_agent('reviews_agent'), grant_admin('reviews_boss');
SET ROLE reviews_agent;
SELECT count(*) FROM reviews;
SELECT record_review('reviews', '1', 'keep', 'mine');
RESET ROLE;
GRANT USAGE ON SCHEMA reviews_test TO reviews_boss;
GRANT SELECT ON reviews_test.clients TO reviews_boss;
SET ROLE reviews_boss;
SELECT record_review('reviews', '1', 'keep', 'by the boss');
INSERT INTO reviews (program, customer, decision, reason, reviewed_by) VALUES ('reviews', '2', 'keep', 'x', 'somebody else');
UPDATE reviews SET reviewed_by = 'somebody else', at = '2020-01-01' WHERE reason = 'by the boss';
UPDATE scheme_reviews SET reviewed_by = 'somebody else';
RESET ROLE;
SELECT count(*) FROM reviews WHERE reviewed_by <> session_user OR at < '2021-01-01';
SELECT count(*) FROM scheme_reviews WHERE reviewed_by <> session_user;

-- erased with the customer, dropped with the program
SELECT erase_customer('reviews', '3') > 2 AS erased;
SELECT count(*) FROM reviews WHERE customer = '3';
SELECT drop_program('reviews');
SELECT (SELECT count(*) FROM reviews) AS reviews, (SELECT count(*) FROM review_periods) AS periods;
DELETE FROM scheme_reviews WHERE scheme = 'reviews_test';
SELECT retire_scheme('reviews_test');
DELETE FROM schemes WHERE scheme = 'reviews_test';
DROP OWNED BY reviews_agent, reviews_boss;
DROP ROLE reviews_agent, reviews_boss;
DROP SCHEMA reviews_test CASCADE;
