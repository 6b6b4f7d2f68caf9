-- What is measured: SELECT count(expression) FROM source, the whole query. All variants of a topic must give every customer
-- the same tier as its first one, which is also the one that the ratios are against.

CREATE TABLE bench.variants (
    place integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    topic text,
    title text,
    expression text,
    source text DEFAULT 'bench.customers',
    at_most numeric, -- times the first variant of its topic, or of the one named below
    against text,
    grades boolean DEFAULT true -- false: it only reads the columns, which no way to grade takes less than
);

CREATE TABLE bench.topics (topic text PRIMARY KEY, title text, place integer GENERATED ALWAYS AS IDENTITY);
INSERT INTO bench.topics (topic, title) VALUES
    ('rules', 'Five rules over number, integer, text and date'),
    ('readiness', 'The preset `sales_readiness`: seven rules over text and date'),
    ('score', 'Score of six characteristics with five bins, five tiers'),
    ('matrix', 'Matrix of three by three');

-- --- rules ---

\set case 'CASE WHEN annual_spend >= 50000 AND segment IN (''enterprise'', ''public'') AND expected_close <= (:today + interval ''1 month'')::date THEN ''A'' WHEN annual_spend >= 100000 THEN ''A'' WHEN expected_close <= (:today + interval ''3 months'')::date AND orders_12m >= 6 THEN ''B'' WHEN annual_spend >= 10000 AND segment IN (''enterprise'', ''public'') THEN ''B'' WHEN orders_12m >= 2 AND annual_spend >= 500 THEN ''C'' ELSE ''D'' END'

INSERT INTO bench.variants (topic, title, expression, source, at_most, against) VALUES
('rules', 'inlined `CASE`', :'case', DEFAULT, NULL, NULL),
('rules', 'SQL function (which PostgreSQL inlines)',
    'bench.rules_sql(annual_spend, orders_12m, segment, expected_close, :today)', DEFAULT, NULL, NULL),
('rules', '**`customer_tier`, column by column**',
    'tiering.customer_tier(''bench_rules'', annual_spend, orders_12m, segment, expected_close)', DEFAULT, 0.5, NULL),
('rules', '**`grade`, column by column**',
    'tiering.grade(:scheme, :today::timestamp AT TIME ZONE ''UTC'', annual_spend, orders_12m, segment, expected_close)', DEFAULT, 0.5, NULL),
('rules', '**`customer_tier`, a row of a subselect**',
    'tiering.customer_tier(''bench_rules'', r)',
    '(SELECT id, annual_spend, orders_12m, segment, expected_close FROM bench.customers) r', 1.0, NULL),
('rules', '**`customer_tier`, the whole row of the table**',
    'tiering.customer_tier(''bench_rules'', c)', 'bench.customers c', NULL, NULL),
('rules', 'PL/pgSQL function',
    'bench.rules_plpgsql(annual_spend, orders_12m, segment, expected_close, :today)', DEFAULT, NULL, NULL),
('rules', 'look-up table, joined', 'l.tier',
    'bench.customers LEFT JOIN LATERAL (SELECT r.tier FROM bench.rules r '
    'WHERE (r.spend_from IS NULL OR annual_spend >= r.spend_from) AND (r.orders_from IS NULL OR orders_12m >= r.orders_from) '
    'AND (r.segments IS NULL OR segment = ANY (r.segments)) AND (r.close_to IS NULL OR expected_close <= r.close_to) '
    'ORDER BY r.place LIMIT 1) l ON true', NULL, NULL),
('rules', 'look-up table, in an SQL function',
    'bench.rules_table(annual_spend, orders_12m, segment, expected_close)', DEFAULT, NULL, NULL),
('rules', '`CASE` over `jsonb ->>`',
    replace(replace(replace(replace(:'case', 'annual_spend', '(data->>''annual_spend'')::numeric'), 'segment', '(data->>''segment'')'),
        'expected_close', '(data->>''expected_close'')::date'), 'orders_12m', '(data->>''orders_12m'')::integer'),
    'bench.documents', NULL, NULL),
('rules', '**`customer_tier`, one jsonb**', 'tiering.customer_tier(''bench_rules'', data)', 'bench.documents', 0.3, '`CASE` over `jsonb ->>`');

-- --- sales readiness ---

\set readiness 'CASE WHEN demand = ''none'' THEN ''E'' WHEN demand = ''explicit'' AND expected_close <= (current_date + interval ''1 month'')::date THEN ''A'' WHEN demand = ''explicit'' AND expected_close <= (current_date + interval ''3 months'')::date THEN ''B'' WHEN demand = ''explicit'' AND expected_close <= (current_date + interval ''6 months'')::date THEN ''C'' ELSE ''D'' END'

INSERT INTO bench.variants (topic, title, expression, source, at_most, against) VALUES
('readiness', 'inlined `CASE`', :'readiness', DEFAULT, NULL, NULL),
('readiness', '**`customer_tier`, column by column**', 'tiering.customer_tier(''sales_readiness'', demand, expected_close)', DEFAULT, 0.7, NULL),
('readiness', '**`customer_tier`, a row of a subselect**', 'tiering.customer_tier(''sales_readiness'', r)',
    '(SELECT id, demand, expected_close FROM bench.customers) r', 1.0, NULL);

-- --- score ---

\set sum 'bench.score_sql(annual_spend, outstanding, orders_12m, visits_12m, last_order, satisfaction, :today)'
\set cuts 'CASE WHEN score >= 6500 THEN ''A'' WHEN score >= 5000 THEN ''B'' WHEN score >= 3500 THEN ''C'' WHEN score >= 2000 THEN ''D'' ELSE ''E'' END'

INSERT INTO bench.variants (topic, title, expression, source, at_most, against) VALUES
('score', '`CASE` over the sum of six `CASE`', :'cuts', '(SELECT id, ' || :'sum' || ' AS score FROM bench.customers) s', NULL, NULL),
('score', 'the same, with `OFFSET 0` so that the sum is taken once', :'cuts',
    '(SELECT id, ' || :'sum' || ' AS score FROM bench.customers OFFSET 0) s', NULL, NULL),
('score', '**`customer_tier`, column by column**',
    'tiering.customer_tier(''bench_score'', annual_spend, outstanding, orders_12m, visits_12m, last_order, satisfaction)', DEFAULT, 0.25, NULL),
('score', '**`customer_tier`, a row of a subselect**', 'tiering.customer_tier(''bench_score'', r)',
    '(SELECT id, annual_spend, outstanding, orders_12m, visits_12m, last_order, satisfaction FROM bench.customers) r', NULL, NULL),
('score', 'PL/pgSQL function',
    'bench.score_plpgsql(annual_spend, outstanding, orders_12m, visits_12m, last_order, satisfaction, :today)', DEFAULT, NULL, NULL);

-- --- matrix ---

INSERT INTO bench.variants (topic, title, expression, source, at_most, against) VALUES
('matrix', 'inlined `CASE`', 'bench.matrix_sql(annual_spend, orders_12m)', DEFAULT, NULL, NULL),
('matrix', '**`customer_tier`, column by column**', 'tiering.customer_tier(''bench_matrix'', annual_spend, orders_12m)', DEFAULT, 0.6, NULL),
('matrix', '**`customer_tier`, a row of a subselect**', 'tiering.customer_tier(''bench_matrix'', r)',
    '(SELECT id, annual_spend, orders_12m FROM bench.customers) r', NULL, NULL),
('matrix', 'PL/pgSQL function', 'bench.matrix_plpgsql(annual_spend, orders_12m)', DEFAULT, NULL, NULL),
('matrix', 'look-up table, joined', 'cells.tier',
    'bench.customers JOIN bench.cells ON value = CASE WHEN annual_spend >= 20000 THEN 3 WHEN annual_spend >= 2000 THEN 2 ELSE 1 END '
    'AND loyalty = CASE WHEN orders_12m >= 12 THEN 3 WHEN orders_12m >= 4 THEN 2 ELSE 1 END', NULL, NULL);

INSERT INTO bench.variants (topic, title, expression, grades) VALUES
('rules', 'reading the columns alone', 'expected_close', false),
('readiness', 'reading the columns alone', 'demand', false),
('score', 'reading the columns alone', 'satisfaction', false),
('matrix', 'reading the columns alone', 'orders_12m', false);

-- Today and the scheme as constants, which is what makes the hand-written forms fastest.
UPDATE bench.variants SET
    expression = replace(replace(expression, ':today', quote_literal(current_date) || '::date'),
        ':scheme', quote_literal(tiering.current_scheme('bench_rules')::text) || '::tiering.scheme'),
    source = replace(source, ':today', quote_literal(current_date) || '::date');
