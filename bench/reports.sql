-- The report of a program of :report_rows customers, two hundred owners, a year of history, as many contacts as half of them and three orders each: without orders and
-- with them, and the page of one customer. A retier makes each step of the history, so that nothing here is written by hand.
SET max_parallel_workers_per_gather = 2;
CREATE TABLE bench.readers AS
    SELECT g.*, 'owner ' || id % 200 AS owner, CASE WHEN id % 10 > 0 THEN now() - make_interval(days => (id % 97)::integer) END AS last_contact
    FROM bench.generate(:report_rows) AS g;
ALTER TABLE bench.readers ADD PRIMARY KEY (id);
CREATE TABLE bench.reader_orders AS SELECT 1 + (:report_rows * bench.noise(g, 21))::bigint % :report_rows AS account, now() - bench.noise(g, 22) * interval '400 days' AS at,
    (1000 * bench.noise(g, 23))::numeric(10, 2) AS amount FROM generate_series(1, 3 * :report_rows::bigint) AS g;
CREATE INDEX ON bench.reader_orders (account, at);
CREATE TABLE bench.reader_contacts AS SELECT (2 * g)::text AS customer, now() - bench.noise(g, 24) * interval '90 days' AS at FROM generate_series(1, :report_rows / 2) AS g;
VACUUM (ANALYZE, FREEZE) bench.readers, bench.reader_orders, bench.reader_contacts;
SELECT tiering.create_scheme(tiering.scheme(tiering.to_jsonb(tiering.current_scheme('bench_rules')) || '{"scheme": "bench_report", "tiers": [
    {"code": "A", "followup": {"every": "P15D"}}, {"code": "B", "followup": {"every": "P1M"}},
    {"code": "C", "followup": {"every": "P3M"}}, {"code": "D", "followup": {"every": "P6M"}}]}')),
    tiering.approve_scheme('bench_report') \g /dev/null
SELECT tiering.create_program('report', 'bench_report', 'bench.readers', 'id', owner_column => 'owner', last_followup_column => 'last_contact', label_column => 'name') \g /dev/null
CALL tiering.retier('report', now() - interval '12 months');
UPDATE bench.readers SET annual_spend = annual_spend * 3 WHERE id % 11 = 0;
CALL tiering.retier('report', now() - interval '40 days');
UPDATE bench.readers SET annual_spend = annual_spend / 5 WHERE id % 23 = 0;
DELETE FROM bench.readers WHERE id % 211 = 0;
CALL tiering.retier('report', now() - interval '10 days');
SELECT tiering.import_followups('report', 'bench.reader_contacts') \g /dev/null
CALL tiering.retier('report');
SELECT tiering.override_tier('report', (2 * n)::text, 'A', 'bench') FROM generate_series(1, 200) AS n \g /dev/null
VACUUM ANALYZE tiering.assignments, tiering.assignment_log, tiering.followups, tiering.overrides, bench.readers;

CREATE TABLE bench.report_timings (what text, run integer, milliseconds float8);
CREATE PROCEDURE bench.measure_report(measured text, query text, runs integer)
    LANGUAGE plpgsql
AS $$
BEGIN
    FOR run IN 0 .. runs LOOP
        INSERT INTO bench.report_timings SELECT measured, run, bench.milliseconds(query);
        COMMIT;
    END LOOP;
    -- the first one warms up
    DELETE FROM bench.report_timings t WHERE t.run = 0;
END
$$;
CALL bench.measure_report('report', $$SELECT tiering.report_html('report')$$, :report_runs);
CALL bench.measure_report('one customer', $$SELECT tiering.customer_report_html('report', '4')$$, 5 * :report_runs);
SELECT tiering.register_events('report', 'order', 'bench.reader_orders', 'account', 'at', 'amount') \g /dev/null
CALL bench.measure_report('with orders', $$SELECT tiering.report_html('report')$$, :report_runs);

-- A decision table of ten thousand rules as another tool writes it, of two inputs.
CREATE TABLE bench.dmn AS SELECT '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="large" namespace="bench"><decision id="large" name="Large"><decisionTable hitPolicy="FIRST">
    <input id="i1" label="Spend"><inputExpression typeRef="number"><text>spend</text></inputExpression></input><input id="i2" label="Orders"><inputExpression typeRef="number"><text>orders</text></inputExpression></input>
    <output id="o" name="tier" typeRef="string"><outputValues><text>"A","B","C"</text></outputValues></output>'
    || string_agg(format('<rule id="r%s"><inputEntry id="a%s"><text>[%s..%s)</text></inputEntry><inputEntry id="b%s"><text>&gt;= %s</text></inputEntry><outputEntry id="c%s"><text>"%s"</text></outputEntry></rule>',
        n, n, 10 * n, 10 * n + 10, n, n % 7, n, (ARRAY['A', 'B', 'C'])[1 + n % 3]), '' ORDER BY n)
    || '</decisionTable></decision></definitions>' AS document FROM generate_series(1, 10000) AS n;
CALL bench.measure_report('dmn', $$SELECT tiering.scheme_from_dmn(document) FROM bench.dmn$$, :report_runs);
SELECT E'\nReports of ' || :report_rows || E' customers, and what other tools write\n';
SELECT E'| measured | ms | at most | |\n|---|--:|--:|---|\n' || string_agg(format('| %s | %s | %s | %s |', m.what, round(t.ms::numeric), m.bound, CASE WHEN t.ms <= m.bound THEN 'holds' ELSE '**missed**' END), E'\n' ORDER BY m.place)
FROM (VALUES (1, 'report', '`report_html` of a program', 3000), (2, 'with orders', 'the same with three orders each', 3000), (3, 'one customer', '`customer_report_html`', 50),
    (4, 'dmn', '`scheme_from_dmn` of 10 000 rules', 1000)) m (place, key, what, bound)
JOIN (SELECT t.what, percentile_cont(0.5) WITHIN GROUP (ORDER BY t.milliseconds) AS ms FROM bench.report_timings t GROUP BY t.what) t ON t.what = m.key;
