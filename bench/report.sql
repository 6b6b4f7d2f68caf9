-- The tables, as Markdown.

SELECT format('%s, %s cores; PostgreSQL %s; %s customers (%s), all in shared buffers; one backend, jit off; medians of %s runs, '
        'those over 2.5 s of 5. Whole queries, `SELECT count(…) FROM customers`%s.',
    :'cpu', :cores, split_part(current_setting('server_version'), ' ', 1), to_char(:rows, 'FM999G999G999'),
    pg_size_pretty(pg_table_size('bench.customers')), :runs,
    coalesce((SELECT format(', a bare scan of which takes %s ms', round(milliseconds)) FROM bench.medians WHERE topic = 'scan'), ''));

SELECT line FROM (
    SELECT first.place AS block, 0 AS place, format(E'\n| %s | ms | ratio |\n|---|--:|--:|', t.title) AS line
    FROM bench.topics t
    CROSS JOIN LATERAL (SELECT * FROM bench.medians m WHERE m.topic = t.topic ORDER BY place LIMIT 1) first
    WHERE first.topic <> 'scan'
    UNION ALL
    SELECT first.place, m.place, format('| %s | %s | %s |', m.title, round(m.milliseconds), round((m.milliseconds / first.milliseconds)::numeric, 2))
    FROM bench.medians m
    CROSS JOIN LATERAL (SELECT * FROM bench.medians f WHERE f.topic = m.topic ORDER BY place LIMIT 1) first
    WHERE first.topic <> 'scan'
) l ORDER BY block, place;

CREATE TABLE bench.verdicts (place integer GENERATED ALWAYS AS IDENTITY, what text, found numeric, bound numeric, unit text);

INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT format('%s: %s, against %s', m.topic, replace(m.title, '**', ''), base.title), m.milliseconds / base.milliseconds, m.at_most, '×'
FROM bench.medians m
CROSS JOIN LATERAL (
    SELECT * FROM bench.medians b WHERE b.topic = m.topic AND (m.against IS NULL OR b.title = m.against) ORDER BY place LIMIT 1) base
WHERE m.at_most IS NOT NULL
ORDER BY m.place;

INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT format('quintiles: distribution, against %s', base.title), m.milliseconds / base.milliseconds, 0.2, '×'
FROM bench.medians m, bench.medians base
WHERE m.title = '**`distribution`**' AND base.title LIKE '`ntile(5)`%';
\if :aggregates
-- 1.7 times faster: at most 0.59 of the time
INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT format('two workers, the time of one: `%s`', coalesce(substring(query FROM 'tiering\.\w+'), 'sum, avg, stddev, min, max')),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) FILTER (WHERE workers = 2)
        / percentile_cont(0.5) WITHIN GROUP (ORDER BY milliseconds) FILTER (WHERE workers = 1), CASE WHEN query LIKE '%tiering.%' THEN round(1 / 1.7, 3) END, '×'
FROM bench.workers GROUP BY query ORDER BY query;
\endif

\if :single
INSERT INTO bench.verdicts (what, found, bound, unit) VALUES
    (format('one customer by name, prepared, on top of the %s µs of reading the row', round(:plain)), :tier - :plain, 40, ' µs');
\endif

-- --- programs ---

\if :programs

SELECT format(E'\nA program of %s customers, the five rules, two tables with four indexes written.\n\n| | ms | ratio |\n|---|--:|--:|', to_char(:program_rows, 'FM999G999G999'));
SELECT format('| %s | %s | %s |', t.title, round(m.milliseconds::numeric, CASE WHEN m.milliseconds < 100 THEN 1 ELSE 0 END),
    CASE WHEN t.ratio THEN round((m.milliseconds / h.milliseconds)::numeric, 3)::text ELSE '' END)
FROM (VALUES (1, 'by hand', '`INSERT … SELECT CASE` into both tables', true), (2, 'first', '**first `retier()`**', true), (2, 'ready', '`INSERT` of the same rows, ready-made', true), (3, 'second', '**`retier()` with nothing to do**', true),
    (3, 'bad rows', '**first `retier()`, 1 000 customers of which cannot be graded**', true), (4, 'changes', '**`retier()` that finds 1 000 changes**', true), (5, 'trigger', '**`UPDATE` of 1 000 customers, graded by the trigger**', true),
    (6, 'due', '**`followups_due`, top 50**', false), (7, 'claim', '**`claim_followups()`, 10**', false),
    (8, 'log table', '**`log_followup()`, a table of 200 000**', false), (9, 'log view', '**`log_followup()`, a view of it with a computed key**', false),
    (10, 'update', '`UPDATE` of one customer', false), (11, 'update graded', '**the same, graded by the trigger**', false),
    (14, 'first plain', 'first `retier()` of these 200 000', false), (15, 'first worded', '**with terms, steps, grace, channels and deleted rows**', false),
    (16, 'first tenants', '**with keys of tenant and customer**', false), (17, 'second plain', '`retier()` of them with nothing to do', false), (18, 'second worded', '**with terms and the rest**', false),
    (19, 'second tenants', '**with keys of tenant and customer**', false), (20, 'one plain', '`retier_customers()`, one', false), (21, 'one worded', '**with terms and the rest**', false),
    (22, 'one tenants', '**with keys of tenant and customer**', false),
    (23, 'copy', '`COPY` of 100 000 contacts', false), (24, 'import', '**`import_followups()` of them**', false),
    (12, 'jit off', '`tier_migration_by_month`, `jit = off`', false), (13, 'jit on', '**the same by default**', false)) AS t (place, what, title, ratio)
JOIN bench.program_medians m USING (what)
CROSS JOIN (SELECT milliseconds FROM bench.program_medians WHERE what = 'by hand') h
ORDER BY t.place;
SELECT format(E'\n`log_followup()` from two clients: %s a second; a transaction of the same effect, written by hand: %s.', round(:logged), round(:by_hand));

INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT 'a transaction by hand that logs a contact, how often in the time of one log_followup()', :by_hand / :logged, 2, '×'
UNION ALL
SELECT 'first retier, against the same by hand', f.milliseconds / h.milliseconds, 0.8, '×'
FROM bench.program_medians f, bench.program_medians h WHERE f.what = 'first' AND h.what = 'by hand'
UNION ALL
SELECT CASE s.what WHEN 'second' THEN 'second retier with no change, against the first' ELSE 'retier that finds 1 000 changes, against the first' END, s.milliseconds / f.milliseconds, 0.08, '×'
FROM bench.program_medians s, bench.program_medians f WHERE s.what IN ('second', 'changes') AND f.what = 'first'
UNION ALL
SELECT 'an UPDATE of one customer that is graded by the trigger, on top of the UPDATE', g.milliseconds - u.milliseconds, 1, ' ms'
FROM bench.program_medians g, bench.program_medians u WHERE g.what = 'update graded' AND u.what = 'update'
UNION ALL
SELECT 'import of 100 000 contacts, against COPY', i.milliseconds / c.milliseconds, 5, '×'
FROM bench.program_medians i, bench.program_medians c WHERE i.what = 'import' AND c.what = 'copy'
UNION ALL
SELECT 'first call in a fresh backend, on top of a plain query in one', :first_call - :first_query, 5, ' ms'
UNION ALL
SELECT 'CREATE EXTENSION', :created, 1000, ' ms'
UNION ALL
SELECT '1 000 changed customers through the trigger, against the first retier, in hundredths', 100 * t.milliseconds / f.milliseconds, 1, ' %'
FROM bench.program_medians t, bench.program_medians f WHERE t.what = 'trigger' AND f.what = 'first'
UNION ALL
SELECT 'followups_due, top 50', milliseconds, 20, ' ms' FROM bench.program_medians WHERE what = 'due'
UNION ALL
SELECT format('retier_customers(), one, %s', CASE what WHEN 'one worded' THEN 'with terms and the rest' ELSE 'by tenant and key' END), milliseconds, 3, ' ms'
FROM bench.program_medians WHERE what IN ('one worded', 'one tenants');

INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT v.what, a.milliseconds / b.milliseconds, v.bound, '×'
FROM (VALUES (1, 'first retier with 1 000 customers that cannot be graded, against that without', 'bad rows', 'first', 1.1),
    (2, 'log_followup on a view with a computed key, against a table', 'log view', 'log table', 2),
    (3, 'first retier with terms, steps, grace, channels and deleted rows, against that without', 'first worded', 'first plain', 1.15),
    (4, 'retier with nothing to do with terms and the rest, against that without', 'second worded', 'second plain', 1.15),
    (5, 'first retier with keys of tenant and customer, against that with keys of one column', 'first tenants', 'first plain', 1.15),
    (6, 'tier_migration_by_month, jit as it is by default, against jit off', 'jit on', 'jit off', 1.2)) AS v (place, what, measured, base, bound)
JOIN bench.program_medians a ON a.what = v.measured JOIN bench.program_medians b ON b.what = v.base
ORDER BY v.place;
-- What takes less than a millisecond is measured no better than to a millisecond.
INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT format('a new program before ANALYZE, against after it, `%s`', regexp_replace(u.query, '^tiering\.| WHERE .*$', '', 'g')),
    greatest(percentile_cont(0.5) WITHIN GROUP (ORDER BY u.milliseconds) FILTER (WHERE NOT u.analyzed), 1)
        / greatest(percentile_cont(0.5) WITHIN GROUP (ORDER BY u.milliseconds) FILTER (WHERE u.analyzed), 1), 2, '×'
FROM bench.unknown u GROUP BY u.query ORDER BY u.query;

\endif

-- --- linear and flat ---

\if :linear

-- the same query on both tables, in turns
\set graded 'count(tiering.customer_tier(''bench_rules'', annual_spend, orders_12m, segment, expected_close))'
CREATE TEMP TABLE linear AS
    SELECT run, bench.milliseconds('SELECT ' || :'graded' || ' FROM bench.customers') AS small,
        bench.milliseconds('SELECT ' || :'graded' || ' FROM bench.customers_x5') AS large
    FROM generate_series(1, 5) AS run;
INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT format('five times as many customers (%s), time for each of them', to_char(5 * :rows, 'FM999G999G999')),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY large) / percentile_cont(0.5) WITHIN GROUP (ORDER BY small) / 5, 1.1, '×'
FROM linear;

-- memory of the backend, looked at again and again while one query runs, once a part of it is behind
CREATE TEMP TABLE flat AS
    SELECT 'column by column' AS form, max(resident) - min(resident) AS growth FROM (
        SELECT tiering.customer_tier('bench_rules', annual_spend, orders_12m, segment, expected_close) AS tier,
            CASE WHEN id % (:rows / 4) = 0 THEN bench.resident() END AS resident
        FROM bench.customers_x5 OFFSET 0) g WHERE tier IS NOT NULL
    UNION ALL
    SELECT 'a row', max(resident) - min(resident) FROM (
        SELECT tiering.customer_tier('bench_rules', c) AS tier, CASE WHEN id % (:rows / 4) = 0 THEN bench.resident() END AS resident
        FROM (SELECT id, annual_spend, orders_12m, segment, expected_close FROM bench.customers_x5) c OFFSET 0) g WHERE tier IS NOT NULL
    UNION ALL
    SELECT 'one jsonb', max(resident) - min(resident) FROM (
        SELECT tiering.customer_tier('bench_rules', data) AS tier, CASE WHEN id % (:rows / 4) = 0 THEN bench.resident() END AS resident
        FROM bench.documents OFFSET 0) g WHERE tier IS NOT NULL;
INSERT INTO bench.verdicts (what, found, bound, unit)
SELECT format('memory of the backend while it grades them, growth, %s', form), growth, 1024, ' kB' FROM flat;

\endif

SELECT E'\n| bound | at most | found | |\n|---|--:|--:|---|';
SELECT format('| %s | %s | %s%s | %s |', what, bound || unit, CASE WHEN abs(found) < 10 THEN round(found, 2) ELSE round(found) END, unit,
    CASE WHEN bound IS NULL THEN 'for comparison' WHEN found <= bound THEN 'holds' ELSE '**missed**' END)
FROM bench.verdicts ORDER BY place;
SELECT CASE count(*) FILTER (WHERE found > bound) WHEN 0 THEN E'\nAll bounds hold.'
    ELSE format(E'\n%s of %s bounds missed.', count(*) FILTER (WHERE found > bound), count(*)) END
FROM bench.verdicts;
