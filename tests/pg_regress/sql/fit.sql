-- Schemes fitted to customers: fit(), population(), fit_scheme(), scheme_drift().
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA fit_test;
CREATE TABLE fit_test.customers AS
SELECT g AS id, round((g * 7919 % 1009)::numeric / 4, 2) AS annual_value, g * 7919 % 1009 / 4.0::float8 AS annual_value_float, g * 31 % 400 AS recency_days,
    1 + (g * 17 % 1000) / 40 AS frequency, (g * 7919 % 1009)::numeric(12, 2) AS monetary FROM generate_series(1, 1000) AS g;
ANALYZE fit_test.customers;

-- a preset gets a name of one's own; the shares are those of the ranking
SELECT * FROM fit_scheme('abc_share', 'fit_test.customers');
-- a column that is missing is looked for by the scheme that is there, not by the one that is to be
CREATE TABLE fit_test.turnovers AS SELECT 1 AS turnover;
SELECT * FROM fit_scheme('abc_share', 'fit_test.turnovers', fitted_as => 'abc_fit');
SELECT * FROM fit_scheme('abc_share', 'fit_test.customers', fitted_as => 'abc_fit');
SELECT status, is_unfitted(document), to_jsonb(document) #> '{population,bins}' AS bins, (to_jsonb(document) #> '{characteristics,0,fitted}') - 'at' AS fitted FROM schemes WHERE scheme = 'abc_fit';
SELECT customer_tier('abc_fit', 5);
SELECT approve_scheme('abc_fit');
SELECT customer_tier('abc_fit', annual_value) AS tier, count(*), min(annual_value), max(annual_value),
    count(*) = count(*) FILTER (WHERE customer_tier('abc_fit', annual_value) = CASE WHEN place <= 200 THEN 'A' WHEN place <= 700 THEN 'B' ELSE 'C' END) AS as_ranked
FROM (SELECT *, rank() OVER (ORDER BY annual_value DESC) AS place FROM fit_test.customers) v GROUP BY 1 ORDER BY 1;
-- again: the next version, the same cuts; mapping, doubles, integers, a view, a subset, a partitioned table
SELECT version, cuts, n FROM fit_scheme('abc_fit', 'fit_test.customers');
SELECT version, cuts, n, min, max FROM fit_scheme('abc_fit', 'fit_test.customers', '{"annual_value": "annual_value_float"}');
CREATE VIEW fit_test.subset AS SELECT monetary::integer AS "Wert!" FROM fit_test.customers WHERE id <= 100;
SELECT version, cuts, n FROM fit_scheme('abc_fit', 'fit_test.subset', '{"annual_value": "Wert!"}');
SELECT version, status FROM schemes WHERE scheme = 'abc_fit' ORDER BY version;
-- only if something has moved: the same customers give no version, other criteria and others do
SELECT version, cuts FROM fit_scheme('abc_fit', 'fit_test.customers', '{"annual_value": "annual_value_float"}');
SELECT version, cuts FROM fit_scheme('abc_fit', 'fit_test.customers', only_if_drift => 0.1);
SELECT max(version) FROM schemes WHERE scheme = 'abc_fit';
CREATE VIEW fit_test.drifted AS SELECT id, CASE WHEN id % 3 = 0 THEN annual_value * 40 ELSE annual_value END AS annual_value FROM fit_test.customers;
SELECT max(psi) > 0.1 AS moved FROM population_drift(to_jsonb(newest_scheme('abc_fit')), 'abc_fit', (SELECT population(newest_scheme('abc_fit'), now(), annual_value) FROM fit_test.drifted)) WHERE code IS NULL;
SELECT count(*) AS fitted FROM fit_scheme('abc_fit', 'fit_test.drifted', only_if_drift => 0.1);
SELECT count(*) AS fitted FROM fit_scheme('abc_fit', 'fit_test.drifted', only_if_drift => 0.1);
SELECT count(*) AS fitted FROM fit_scheme('abc_share', 'fit_test.drifted', fitted_as => 'abc_first', only_if_drift => 0.1);
SELECT count(*) AS fitted FROM fit_scheme('abc_share', 'fit_test.drifted', fitted_as => 'abc_first', only_if_drift => 0.1);
SELECT revise_scheme(scheme(jsonb_set(to_jsonb(newest_scheme('abc_first')), '{characteristics,0,fit,cuts}', '[0.3, 0.6]')));
SELECT count(*) AS fitted FROM fit_scheme('abc_first', 'fit_test.drifted', only_if_drift => 0.1);
DELETE FROM schemes WHERE scheme = 'abc_first';
DELETE FROM schemes WHERE scheme = 'abc_fit' AND version > 4;
-- the newest version that is not retired is fitted, a draft as well; its unfitted form waits
SELECT is_unfitted(unfitted(document)), unfitted(document) = unfitted(unfitted(document)) AS once FROM schemes WHERE scheme = 'abc_fit' AND version = 1;
SELECT grade(unfitted(document), now(), 5) FROM schemes WHERE scheme = 'abc_fit' AND version = 1;
SELECT create_scheme('{"scheme": "fit_draft", "inputs": [{"name": "annual_value", "type": "number", "missing": {"default": 0}}],
    "characteristics": [{"name": "half", "input": "annual_value", "bins": [{"code": "up"}, {"code": "down"}, {"code": "none", "missing": true}], "fit": {"share_of": "customers", "cuts": [0.5]}}],
    "decision": {"method": "bands", "characteristic": "half"}, "tiers": [{"code": "up"}, {"code": "down"}, {"code": "none"}]}');
SELECT create_scheme('{"scheme": "fit_draft", "inputs": [{"name": "annual_value", "type": "number", "missing": "null"}],
    "characteristics": [{"name": "half", "input": "annual_value", "bins": [{"code": "up"}, {"code": "down"}, {"code": "none", "missing": true}], "fit": {"share_of": "customers", "cuts": [0.5]}}],
    "decision": {"method": "bands", "characteristic": "half"}, "tiers": [{"code": "up"}, {"code": "down"}, {"code": "none"}]}');
SELECT customer_tier('fit_draft', 1);
SELECT approve_scheme('fit_draft');
CREATE TABLE fit_test.few (annual_value numeric);
INSERT INTO fit_test.few VALUES (1), (2), (3), (4), (NULL), (NULL);
SELECT * FROM fit_scheme('fit_draft', 'fit_test.few');
SELECT to_jsonb(document) -> 'population' ->> 'bins' AS bins FROM schemes WHERE scheme = 'fit_draft' ORDER BY version DESC LIMIT 1;

-- the aggregate: positions, row, jsonb, numeric or double, all the same cuts
CREATE TABLE fit_test.fits AS
SELECT fit(d, '2026-01-01', annual_value) AS positions, fit(d, '2026-01-01', annual_value_float) AS doubles, fit(d, '2026-01-01', c) AS of_row, fit(d, '2026-01-01', to_jsonb(c)) AS of_jsonb,
    fit(d, '2026-01-01', annual_value ORDER BY id DESC) AS backwards, fit(d, '2026-01-01', annual_value) FILTER (WHERE id <= 500) AS part
FROM fit_test.customers c, (SELECT unfitted(current_scheme('abc_fit')) AS d) s;
ALTER TABLE fit_test.fits ADD d scheme;
UPDATE fit_test.fits SET d = unfitted(positions);
SELECT positions = doubles AS doubles, positions = of_row AS of_row, positions = of_jsonb AS of_jsonb, positions = backwards AS backwards, positions <> part AS part, is_unfitted(positions),
    to_jsonb(positions) #> '{characteristics,0,fitted}' AS fitted FROM fit_test.fits;
SELECT population(positions, '2026-01-01', annual_value) FROM fit_test.fits, fit_test.customers;
SELECT (population(positions, '2026-01-01', c) -> 'tiers' ->> 'A')::int = count(*) FILTER (WHERE grade(positions, '2026-01-01', annual_value) = 'A') AS counts FROM fit_test.fits, fit_test.customers c;
SELECT count(*) AS groups, count(DISTINCT f::text) AS different FROM (SELECT fit(d, '2026-01-01', annual_value) AS f FROM fit_test.customers, fit_test.fits GROUP BY GROUPING SETS ((id % 2), ())) v;
-- a frame of one customer leaves all bins but the worst empty
SELECT to_jsonb(fit(d, '2026-01-01', annual_value) OVER (ORDER BY id)) #>> '{characteristics,0,bins,0,gte}' AS best FROM fit_test.customers, fit_test.fits WHERE id BETWEEN 1 AND 2;
SELECT count(f), count(DISTINCT f::text) FROM (SELECT fit(d, '2026-01-01', annual_value) OVER (ORDER BY id ROWS BETWEEN 5 PRECEDING AND 5 FOLLOWING) AS f FROM fit_test.customers, fit_test.fits WHERE id < 50) v;
-- In parts, of which other servers can compute some: what a customer has comes as bytes; the parts, merged, give what the whole gives. grade() takes the bytes as well.
SELECT fit_final(rollup(p.fitted)) = whole.fitted AS fits, population_final(rollup(p.counted)) = whole.counted AS counts, count(*) AS parts
FROM (SELECT id % 3, fit_part(d, '2026-01-01', reading(d, annual_value)) AS fitted, population_part(positions, '2026-01-01', reading(positions, annual_value)) AS counted
    FROM fit_test.customers, fit_test.fits GROUP BY 1) p,
    (SELECT fit(d, '2026-01-01', annual_value) AS fitted, population(positions, '2026-01-01', annual_value) AS counted FROM fit_test.customers, fit_test.fits) whole
GROUP BY whole.fitted, whole.counted;
SELECT bool_and(grade(d, '2026-01-01', a, b) IS NOT DISTINCT FROM grade(d, '2026-01-01', reading(d, a, b))) AS one_by_one, bool_and(reading(d, a, b) = reading(d, v)) AS of_row,
    count(DISTINCT reading(d, a, b)) AS different
FROM current_scheme('sales_readiness') AS d, (SELECT demand, expected_close, demand AS a, expected_close AS b
    FROM unnest(ARRAY['none', 'latent', 'explicit', NULL]) AS demand, unnest(ARRAY['2026-01-01', '2026-03-01', NULL]::date[]) AS expected_close) v;
SELECT fit_final(fit_part(d, '2026-01-01', reading(d, v))) IS NOT NULL AS fitted FROM (VALUES (5.0::float8), (7), ('NaN'), ('Infinity'), (NULL)) AS c (v), current_scheme('abc_share') AS d;
-- The same of readings, one argument without the scheme, which the final function is given. Parts of them merge with those that hold it.
SELECT fit_final(rollup(p.fitted), whole.d) = whole.fitted AS fits, population_final(rollup(p.counted), whole.positions) = whole.counted AS counts, count(*) AS parts,
    fit_final(rollup(coalesce(p.with_document, p.fitted))) = whole.fitted AS with_others
FROM (SELECT id % 3, fit_part(fit_reading(d, '2026-01-01', annual_value)) AS fitted, population_part(population_reading(positions, '2026-01-01', annual_value)) AS counted,
        CASE id % 3 WHEN 1 THEN fit_part(d, '2026-01-01', reading(d, annual_value)) END AS with_document
    FROM fit_test.customers, fit_test.fits GROUP BY 1) p,
    (SELECT d, positions, fit(d, '2026-01-01', annual_value) AS fitted, population(positions, '2026-01-01', annual_value) AS counted FROM fit_test.customers, fit_test.fits GROUP BY 1, 2) whole
GROUP BY whole.d, whole.positions, whole.fitted, whole.counted;
SELECT octet_length(fit_reading(d, '2026-01-01', annual_value)) AS bytes, bool_and(fit_reading(d, '2026-01-01', annual_value) = fit_reading(d, '2026-01-01', c)
    AND fit_reading(d, '2026-01-01', c) = fit_reading(d, '2026-01-01', to_jsonb(c))) AS of_row_and_jsonb, max(octet_length(population_reading(positions, '2026-01-01', c))) AS of_population
FROM fit_test.fits, fit_test.customers c WHERE annual_value IS NOT NULL GROUP BY 1;
-- of texts and dates, some missing; the latest as-of is that of the part
SELECT population_final(population_part(population_reading(d, at, demand, expected_close)), d) = population(d, at, demand, expected_close) AS counts, population(d, at, demand, expected_close) ->> 'at' AS at
FROM current_scheme('sales_readiness') AS d, unnest(ARRAY['none', 'latent', 'explicit', NULL]) AS demand, unnest(ARRAY['2026-01-01', '2026-03-01', NULL]::date[]) AS expected_close,
    unnest(ARRAY['2026-01-15 12:00+00', '2026-03-01 12:00+00']::timestamptz[]) AS at
GROUP BY d;
-- set aside, and told with the others
SELECT fit_final(fit_part(fit_reading(d, '2026-01-01', v)), d) = fit_final(fit_part(d, '2026-01-01', reading(d, v))) AS fitted
FROM (VALUES (5.0::float8), (7), ('NaN'), ('Infinity'), (NULL)) AS c (v), current_scheme('abc_share') AS d GROUP BY d;
SELECT fit_final(fit_part(fit_reading(d, now(), annual_value)), d), population_final(population_part(population_reading(positions, now(), annual_value)), positions) FROM fit_test.customers, fit_test.fits WHERE false GROUP BY d, positions;
SELECT population_final(population_part(population_reading(positions, '2026-01-01', NULL::jsonb)), positions) = population(positions, '2026-01-01', NULL::jsonb) AS of_nobody FROM fit_test.fits GROUP BY positions;
-- readings of one are not those of the other
SELECT fit_part(population_reading(d, now(), 5)) FROM current_scheme('abc_share') AS d;
SELECT population_part(fit_reading(d, now(), 5)) FROM current_scheme('abc_share') AS d;
SELECT grade(d, now(), fit_reading(d, now(), 5)) FROM current_scheme('abc_share') AS d;
-- The type of the only input decides which of the aggregates it is; all of them give the same, as do the inputs as jsonb or bytes, and domains, literals and texts find theirs.
CREATE DOMAIN fit_test.points AS integer;
SELECT count(DISTINCT f) AS fits, count(DISTINCT p) AS populations, count(*) AS types FROM (
    SELECT fit(d, '2026-01-01', v)::text AS f, population(positions, '2026-01-01', v) AS p FROM fit_test.fits, (SELECT n::smallint AS v FROM generate_series(1, 500) AS n) x
    UNION ALL SELECT fit(d, '2026-01-01', v)::text, population(positions, '2026-01-01', v) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', v::bigint)::text, population(positions, '2026-01-01', v::bigint) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', v::real)::text, population(positions, '2026-01-01', v::real) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', v::float8)::text, population(positions, '2026-01-01', v::float8) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', v::numeric)::text, population(positions, '2026-01-01', v::numeric) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', v::fit_test.points)::text, population(positions, '2026-01-01', v::fit_test.points) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', v::text::word)::text, population(positions, '2026-01-01', v::text::word) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', jsonb_build_object('annual_value', v))::text, population(positions, '2026-01-01', jsonb_build_object('annual_value', v)) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', reading(d, v))::text, population(positions, '2026-01-01', reading(positions, v)) FROM fit_test.fits, generate_series(1, 500) AS v
    UNION ALL SELECT fit(d, '2026-01-01', r)::text, population(positions, '2026-01-01', r) FROM fit_test.fits, (SELECT v AS annual_value FROM generate_series(1, 500) AS v) r) t;
SELECT population(positions, '2026-01-01', '12') -> 'n' AS literal, population(positions, '2026-01-01', NULL) -> 'n' AS missing, population(positions, '2026-01-01', 12.5) -> 'n' AS number FROM fit_test.fits;
SELECT fit(d, now(), annual_value), population(positions, now(), annual_value), fit(NULL::scheme, now(), annual_value) FROM fit_test.customers, fit_test.fits WHERE false;
SELECT fit(NULL::scheme, now(), annual_value), fit(d, NULL, annual_value) FROM fit_test.customers, fit_test.fits;
-- one scheme a group is fine, two in one group are not
SELECT count(*), bool_and(NOT is_unfitted(f)) FROM (SELECT fit(document, '2026-01-01', annual_value) AS f FROM schemes, fit_test.customers WHERE scheme = 'abc_fit' GROUP BY version) v;
SELECT fit(document, '2026-01-01', annual_value) FROM schemes, fit_test.customers WHERE scheme = 'abc_fit';

-- quintiles of all three, best low first; integer inputs
SELECT characteristic, share_of, cuts, n, min, max FROM fit_scheme('rfm', 'fit_test.customers', fitted_as => 'rfm_fit');
SELECT approve_scheme('rfm_fit');
SELECT min(n), max(n) FROM (SELECT count(*) AS n FROM fit_test.customers GROUP BY customer_score('rfm_fit', recency_days, 1, 0)) v;
SELECT e #>> '{characteristics,0,bin}' AS r, count(*), min(recency_days), max(recency_days) FROM fit_test.customers, explain_tier('rfm_fit', recency_days, frequency, monetary) AS e GROUP BY 1 ORDER BY 1;
-- ties: equal values share a bin, which leaves others empty
CREATE TABLE fit_test.ties AS SELECT CASE WHEN g <= 60 THEN 1 ELSE g END AS frequency, g AS recency_days, g AS monetary FROM generate_series(1, 100) AS g;
SELECT characteristic, cuts FROM fit_scheme('rfm_fit', 'fit_test.ties');
SELECT to_jsonb(document) #> '{population,bins,f}' AS f FROM schemes WHERE scheme = 'rfm_fit' ORDER BY version DESC LIMIT 1;
-- all but one equal
CREATE TABLE fit_test.one_other AS SELECT CASE WHEN g = 7 THEN 9 ELSE 2 END AS annual_value FROM generate_series(1, 10) AS g;
SELECT cuts, n FROM fit_scheme('abc_fit', 'fit_test.one_other');

-- shares of the value: the Pareto cuts; the best customer is in the best class, however much he has
SELECT derive_scheme('abc_share', 'pareto_fit', '{"characteristics": [{"name": "value_class", "input": "annual_value", "bins": [{"code": "A"}, {"code": "B"}, {"code": "C"}], "fit": {"share_of": "value", "cuts": [0.8, 0.95]}}]}');
CREATE TABLE fit_test.pareto AS SELECT v AS annual_value FROM unnest(ARRAY[5, 60, 3, 20, 2, 10]) AS v;
SELECT * FROM fit_scheme('pareto_fit', 'fit_test.pareto');
UPDATE fit_test.pareto SET annual_value = 100000 WHERE annual_value = 60;
SELECT cuts FROM fit_scheme('pareto_fit', 'fit_test.pareto');
-- a score whose cuts are fitted: a second pass
SELECT create_scheme('{"scheme": "score_fit", "inputs": [{"name": "frequency", "type": "integer"}, {"name": "monetary", "type": "number"}],
    "characteristics": [{"name": "f", "input": "frequency", "bins": [{"code": "2", "points": 2}, {"code": "1", "points": 1}], "fit": {"share_of": "customers", "parts": 2}},
        {"name": "m", "input": "monetary", "bins": [{"code": "3", "points": 3}, {"code": "2", "points": 2}, {"code": "1", "points": 1}], "fit": {"share_of": "customers", "parts": 3}}],
    "score": {"weights": {"f": 10}}, "decision": {"method": "score", "cuts": [{"tier": "A"}, {"tier": "B"}, {"tier": "C"}], "fit": {"share_of": "customers", "cuts": [0.2, 0.6]}},
    "tiers": [{"code": "A"}, {"code": "B"}, {"code": "C"}]}');
SELECT * FROM fit_scheme('score_fit', 'fit_test.customers');
SELECT approve_scheme('score_fit');
SELECT tier, count(*), min(score), max(score) FROM (SELECT customer_tier('score_fit', frequency, monetary) AS tier, customer_score('score_fit', frequency, monetary) AS score FROM fit_test.customers) v GROUP BY 1 ORDER BY 1;
SELECT is_unfitted(fit(unfitted(current_scheme('score_fit')), now(), frequency, monetary)) AS after_one_pass FROM fit_test.customers;
-- either pass in parts, of numbers of several types, some missing
WITH passes AS (
    SELECT unfitted(current_scheme('score_fit')) AS d UNION ALL SELECT fit(unfitted(current_scheme('score_fit')), '2026-01-01', frequency, monetary) FROM fit_test.customers
)
SELECT fit_final(fit_part(fit_reading(d, '2026-01-01', frequency, monetary)), d) = fit(d, '2026-01-01', frequency, monetary) AS whole,
    fit_final(fit_part(fit_reading(d, '2026-01-01', nullif(frequency, 3), monetary::float8)), d) = fit(d, '2026-01-01', nullif(frequency, 3), monetary::float8) AS gaps, count(*) AS customers
FROM passes, fit_test.customers GROUP BY d;
-- defaults count; "error" is one
CREATE TABLE fit_test.gaps AS SELECT nullif(g % 4, 0) AS annual_value FROM generate_series(1, 100) AS g;
SELECT revise_scheme(merge_patch(to_jsonb(current_scheme('abc_fit')), '{"inputs": [{"name": "annual_value", "type": "number", "missing": {"default": 1000}}]}')::scheme);
SELECT cuts, n, max FROM fit_scheme('abc_fit', 'fit_test.gaps');
SELECT revise_scheme(merge_patch(to_jsonb(current_scheme('abc_fit')), '{"inputs": [{"name": "annual_value", "type": "number", "missing": "error"}]}')::scheme);
SELECT cuts, n, max FROM fit_scheme('abc_fit', 'fit_test.gaps');
SELECT fit_final(fit_part(fit_reading(d, '2026-01-01', annual_value)), d) = fit(d, '2026-01-01', annual_value) AS in_parts
FROM fit_test.gaps, (SELECT document AS d FROM schemes WHERE scheme = 'abc_fit' ORDER BY version DESC LIMIT 2) s GROUP BY d;
SELECT revise_scheme(current_scheme('abc_fit'));
SELECT cuts, n, max FROM fit_scheme('abc_fit', 'fit_test.gaps');

-- drift: none, moved, nobody graded
SELECT * FROM scheme_drift('abc_fit', 'fit_test.customers');
CREATE VIEW fit_test.moved AS SELECT annual_value + 30 AS annual_value FROM fit_test.customers;
SELECT * FROM scheme_drift('abc_fit', 'fit_test.moved');
WITH counts AS (SELECT code, share_then AS a, greatest(share_now, 0.0001) AS b, psi FROM scheme_drift('abc_fit', 'fit_test.moved') WHERE measure = 'tier' AND code IS NOT NULL)
SELECT bool_and(abs(psi - (b - a) * ln(b / a)) < 0.00001) AS as_defined FROM counts;
CREATE VIEW fit_test.unknown AS SELECT NULL::numeric AS annual_value;
SELECT measure, code, n_now, share_now, psi FROM scheme_drift('abc_fit', 'fit_test.unknown');
SELECT * FROM scheme_drift('rfm', 'fit_test.customers');
SELECT * FROM scheme_drift('unheard_of', 'fit_test.customers');
SELECT * FROM scheme_drift('abc_fit', 'fit_test.customers', '{"turnover": "id"}');
SELECT count(*) FROM scheme_drift(NULL, 'fit_test.customers');

-- equal values: one bin has them all, the others are empty, and the other inputs are fitted as ever
CREATE TABLE fit_test.once AS SELECT g AS recency_days, 1 AS frequency, g * 3 AS monetary FROM generate_series(1, 50) AS g;
SELECT characteristic, cuts, n, min, max FROM fit_scheme('rfm', 'fit_test.once', fitted_as => 'rfm_once');
SELECT f, grade_score((SELECT document FROM schemes WHERE scheme = 'rfm_once'), now(), 1, f, 150) FROM generate_series(1, 2) AS f;
CREATE VIEW fit_test.equal AS SELECT 5 AS recency_days, 2 AS frequency, 10.5 AS monetary FROM generate_series(1, 9);
SELECT characteristic, cuts, n FROM fit_scheme('rfm', 'fit_test.equal', fitted_as => 'rfm_equal');
SET client_min_messages = error;
SELECT approve_scheme('rfm_once'), approve_scheme('rfm_equal');
RESET client_min_messages;
SELECT name, code, n_then, n_now FROM scheme_drift('rfm_equal', 'fit_test.equal') WHERE measure = 'characteristic' AND n_now > 0 AND code IS NOT NULL;

-- one customer who cannot be graded does not stop the others, and is named
CREATE TABLE fit_test.mixed (id integer PRIMARY KEY, recency_days float8, frequency numeric, monetary float8);
INSERT INTO fit_test.mixed SELECT g, g, g % 7, g * 10 FROM generate_series(1, 100) AS g;
CREATE TABLE fit_test.whole AS SELECT characteristic, cuts, n FROM fit_scheme('rfm', 'fit_test.mixed', fitted_as => 'rfm_whole');
INSERT INTO fit_test.mixed VALUES (101, 2.5, 1, 1), (102, 1, 'NaN', 'Infinity');
SELECT characteristic, cuts, n FROM fit_scheme('rfm', 'fit_test.mixed', fitted_as => 'rfm_mixed');
SELECT characteristic, cuts, n FROM fit_scheme('rfm', 'fit_test.mixed', fitted_as => 'rfm_mixed') EXCEPT SELECT * FROM fit_test.whole;
SELECT characteristic, cuts, n FROM fit_scheme('rfm', 'fit_test.mixed', fitted_as => 'rfm_strict', strict => true);
SELECT approve_scheme('rfm_mixed');
SELECT name, n_then, n_now FROM scheme_drift('rfm_mixed', 'fit_test.mixed') WHERE code IS NULL;
-- and what the aggregates say by themselves, the same in whatever order the rows come
SELECT population(current_scheme('rfm'), '2026-01-01', r, f, m) -> 'n' AS n FROM (VALUES (1.0::float8, 2::numeric, 3.0::float8), (1.5, 2, 3), (1, 'NaN', 3)) AS v (r, f, m);
SELECT population(current_scheme('rfm'), '2026-01-01', r, f, m) -> 'n' AS n FROM (VALUES (1.0::float8, 'NaN'::numeric, 3.0::float8), (1.5, 2, 3), (1, 2, 3)) AS v (r, f, m);
SELECT population(current_scheme('sales_readiness'), '2026-01-01', r) -> 'n' AS n
FROM (VALUES ('{"demand": "explicit"}'::jsonb), ('{"demand": 5}'), ('{"demand": "won"}'), ('{"expected_close": "2026-02-30"}')) AS v (r);
SELECT fit(current_scheme('abc_share'), now(), v) FROM (VALUES ('NaN'::float8), ('NaN')) AS v (v);
SELECT (to_jsonb(fit(current_scheme('abc_share'), now(), v)) #> '{characteristics,0,fitted}') - 'at' AS fitted FROM (VALUES (1::numeric), (2), (1e30)) AS v (v);

-- nothing is stored after an error
CREATE TABLE fit_test.versions AS SELECT scheme, max(version) AS version FROM schemes GROUP BY 1;
CREATE TABLE fit_test.bad (empty numeric, constant integer, nothing numeric, nan float8, infinite numeric, negative numeric, huge numeric, word text);
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "empty"}');
INSERT INTO fit_test.bad SELECT NULL, 5, NULL, CASE WHEN g = 2 THEN 'NaN'::float8 ELSE g END, CASE WHEN g = 2 THEN 'Infinity'::numeric ELSE g END, g - 2, 10::numeric ^ (20 + g), 'x' FROM generate_series(1, 5) AS g;
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "nothing"}');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "nan"}', strict => true);
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "infinite"}', key => 'constant', strict => true);
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', key => 'lacking');
SELECT * FROM fit_scheme('pareto_fit', 'fit_test.bad', '{"annual_value": "negative"}');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "huge"}');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "word"}');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"annual_value": "lacking"}');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '{"lacking": "constant"}');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.bad', '[]');
SELECT * FROM fit_scheme('unheard_of', 'fit_test.bad');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.lacking');
SELECT * FROM fit_scheme('sales_readiness', 'fit_test.customers', '{"demand": {"column": "id", "values": {}}, "expected_close": {"column": "id", "values": {}}}', 'readiness_fit');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.customers', fitted_as => 'rfm');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.customers', fitted_as => 'not a name');
SELECT * FROM fit_scheme('abc_fit', 'fit_test.customers', as_of => 'infinity');
SELECT count(*) FROM fit_scheme('abc_fit', NULL);
SELECT count(*) AS new_versions FROM (SELECT scheme, max(version) AS version FROM schemes GROUP BY 1 EXCEPT SELECT * FROM fit_test.versions) v;
SELECT fit(current_scheme('abc_fit'), now(), VARIADIC ARRAY[1, 2]);
SELECT fit(current_scheme('abc_fit'), now(), 1, 2);
SELECT fit(current_scheme('abc_fit'), now(), true);
SELECT population(unfitted(current_scheme('abc_fit')), now(), 1);

-- the rights are those of the caller, rows that he may not see do not count
CREATE ROLE fit_reader;
GRANT USAGE ON SCHEMA fit_test TO fit_reader;
SET ROLE fit_reader;
SELECT * FROM fit_scheme('abc_fit', 'fit_test.customers');
RESET ROLE;
GRANT SELECT ON fit_test.customers TO fit_reader;
SET ROLE fit_reader;
SELECT * FROM fit_scheme('abc_fit', 'fit_test.customers');
SELECT code, n_now FROM scheme_drift('abc_fit', 'fit_test.customers') WHERE measure = 'tier';
RESET ROLE;
ALTER TABLE fit_test.customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY best ON fit_test.customers TO fit_reader USING (annual_value > 200);
SET ROLE fit_reader;
SELECT code, n_now FROM scheme_drift('abc_fit', 'fit_test.customers') WHERE measure = 'tier';
RESET ROLE;
ALTER POLICY best ON fit_test.customers USING (false);
SET ROLE fit_reader;
SELECT * FROM scheme_drift('abc_fit', 'fit_test.customers');
RESET ROLE;

-- prepared statements and loops see the scheme of the moment; composite types may change between calls
CREATE TABLE fit_test.changing AS SELECT g AS annual_value FROM generate_series(1, 10) AS g;
PREPARE fitted AS SELECT to_jsonb(fit(current_scheme('pareto_fit'), '2026-01-01', c)) #> '{characteristics,0,fitted}' AS fitted FROM fit_test.changing c;
SELECT approve_scheme('pareto_fit');
EXECUTE fitted;
ALTER TABLE fit_test.changing ADD COLUMN note text;
ALTER TABLE fit_test.changing ALTER annual_value TYPE float8;
EXECUTE fitted;
ALTER TABLE fit_test.changing RENAME annual_value TO turnover;
EXECUTE fitted;
DO $$
DECLARE s tiering.scheme;
BEGIN
    FOR i IN 1..3 LOOP
        SELECT tiering.fit(tiering.current_scheme('pareto_fit'), '2026-01-01', i * turnover) INTO s FROM fit_test.changing;
        RAISE NOTICE '%', tiering.to_jsonb(s) #>> '{characteristics,0,fitted,max}';
    END LOOP;
END $$;
SET client_min_messages = warning;
DROP SCHEMA fit_test CASCADE;
DROP ROLE fit_reader;
