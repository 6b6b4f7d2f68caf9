-- Bins, points and a trial of a scorecard; weights, missing values, and outcomes that are not known.
CREATE TABLE leads AS
SELECT g AS id, nullif(g * 7919::bigint % 100003 % 900, 7)::integer AS a, (g * 104729::bigint % 1000003) * 0.25 AS b, (ARRAY['x', 'y', 'z'])[1 + g % 3] AS c,
    CASE WHEN g % 41 = 0 THEN NULL ELSE (g * 48271::bigint % 2147483647 * 48271 % 2147483647) % 100 < 20 + g % 3 * 10 + g * 7919::bigint % 100003 % 900 / 30 END AS won, 1 + g % 4 * 0.25 AS weight,
    CASE WHEN g % 6 < 2 THEN 'often' WHEN g % 6 = 2 THEN 'now and then' ELSE 'once ' || g % 20000 END AS e, date '2026-01-31' - (g * 7919::bigint % 100003 % 900)::integer AS f
FROM generate_series(1, 70000) AS g;
ANALYZE leads;
CREATE TABLE made AS SELECT '{"scheme": "leads", "inputs": [{"name": "a", "type": "integer", "missing": "null"}, {"name": "b", "type": "number"}, {"name": "c", "type": "text", "allowed": ["x", "y", "z"]}, {"name": "e", "type": "text"}, {"name": "f", "type": "date"}],
    "characteristics": [{"name": "a", "input": "a", "fit": {"to": "outcome"}}, {"name": "b", "input": "b", "fit": {"to": "outcome"}}, {"name": "c", "input": "c", "fit": {"to": "outcome"}}, {"name": "e", "input": "e", "fit": {"to": "outcome"}}, {"name": "f", "input": "f", "fit": {"to": "outcome"}}],
    "score": {}, "decision": {"method": "score", "cuts": [{"tier": "A"}]}, "tiers": [{"code": "A"}]}'::tiering.scheme AS d;
CREATE TABLE binned AS SELECT tiering.outcome_bins((SELECT d FROM made), '2026-01-31', won, weight, a, b, c, e, f) AS d FROM leads;
CREATE TABLE pointed AS SELECT tiering.outcome_points((SELECT d FROM binned), '2026-01-31', won, weight, a, b, c, e, f) AS d FROM leads;
-- query
SELECT tiering.outcome_bins((SELECT d FROM made), '2026-01-31', won, weight, a, b, c, e, f)::text, tiering.outcome_points((SELECT d FROM binned), '2026-01-31', won, weight, l)::text,
    tiering.outcome_trial((SELECT d FROM pointed), '2026-01-31', won, weight, id % 5 = 0, a, b, c, e, f), tiering.outcome_points((SELECT d FROM binned), '2026-01-31', won, weight, a, b, c, e, f) FILTER (WHERE id < 0)::text FROM leads l;
