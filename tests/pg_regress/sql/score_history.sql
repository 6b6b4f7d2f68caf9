-- Scores that move (E22): kept when they have moved by the step of the program.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET search_path = tiering, pg_catalog;
CREATE SCHEMA score_test;
SELECT create_scheme('{"scheme": "health_of", "title": {"en": "Health"}, "inputs": [{"name": "usage", "type": "number"}, {"name": "tickets", "type": "number"}],
    "characteristics": [{"name": "u", "input": "usage", "bins": [{"code": "hi", "gte": 50, "points": 80}, {"code": "mid", "gte": 40, "lt": 50, "points": 78}, {"code": "lo", "lt": 40, "points": 0}]},
        {"name": "t", "input": "tickets", "bins": [{"code": "few", "lte": 3, "points": 20}, {"code": "many", "gt": 3, "points": 0}]}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "green", "gte": 80}, {"tier": "red"}]}, "tiers": [{"code": "green"}, {"code": "red"}]}'), approve_scheme('health_of');
CREATE TABLE score_test.accounts (id integer PRIMARY KEY, usage numeric, tickets numeric);
INSERT INTO score_test.accounts VALUES (1, 60, 1), (2, 60, 1), (3, 10, 9);
SELECT create_program('scores', 'health_of', 'score_test.accounts', key => 'id');
CALL retier('scores', '2026-01-31 20:00+00');
SELECT count(*) FROM score_history WHERE program = 'scores';
SELECT * FROM score_changes('scores');
SELECT alter_program('scores', '{"score_step": 5}');
CALL retier('scores', '2026-02-28 20:00+00');
-- by 20, by 2, not at all
UPDATE score_test.accounts SET tickets = 9 WHERE id = 1;
UPDATE score_test.accounts SET usage = 45 WHERE id = 2;
CALL retier('scores', '2026-03-31 20:00+00');
CALL retier('scores', '2026-04-30 20:00+00');
SELECT customer, at, score FROM score_history WHERE program = 'scores' ORDER BY 1, 2;
SELECT tier, score FROM current_tiers WHERE program = 'scores' ORDER BY customer;
SELECT customer, score_before, score, change FROM score_changes('scores', now() - '2026-03-15 00:00+00') WHERE change <= -20;
SELECT customer, change FROM score_changes('scores', '100 years');
-- however far one looks back
SELECT count(*) = (SELECT count(*) FROM score_changes('scores', '100 years')) AS same FROM score_changes('scores', '300000 years');
SELECT * FROM score_changes('scores', '0');
-- who leaves has none any more, and is forgotten when erased
UPDATE score_test.accounts SET usage = NULL WHERE id = 3;
CALL retier('scores', '2026-05-31 20:00+00');
SELECT customer, at, score FROM score_history WHERE program = 'scores' AND customer = '3' ORDER BY 2;
DELETE FROM score_test.accounts WHERE id = 3;
SELECT erase_customer('scores', '3') > 0 AS erased;
SELECT count(*) FROM score_history WHERE program = 'scores' AND customer = '3';
SELECT drop_program('scores');
DROP SCHEMA score_test CASCADE;
