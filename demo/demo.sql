-- Run by `make demo` from the top of the clone, again and again: starts from nothing each time.
\set ON_ERROR_STOP on
\set QUIET on
\encoding UTF8
\pset border 1
\pset footer off
\pset linestyle unicode
\pset pager off
SET client_min_messages = warning;
SET timezone = 'UTC'; -- in which the schemes count days, so that the demo shows the same everywhere

DROP SCHEMA IF EXISTS shop, crm CASCADE;
DROP EXTENSION IF EXISTS customer_tiering CASCADE;
CREATE EXTENSION customer_tiering;

-- 12.3 % and a bar of 8 % a block, to an eighth of a block
CREATE FUNCTION pg_temp.bar(share numeric) RETURNS text LANGUAGE sql
RETURN right(to_char(100 * share, '990.0'), 5) || ' % ' || repeat('█', (share * 100)::integer / 8)
    || ('{"",▏,▎,▍,▌,▋,▊,▉}'::text[])[(share * 100)::integer % 8 + 1];

CREATE FUNCTION pg_temp.place_of(value float8, leftmost float8, rightmost float8) RETURNS integer LANGUAGE sql
RETURN round(40 * (value - leftmost) / (rightmost - leftmost));
-- an interval on a line of 40 places from `leftmost` to `rightmost`, with its estimate and zero
CREATE FUNCTION pg_temp.interval_bar(low float8, estimate float8, high float8, leftmost float8, rightmost float8) RETURNS text LANGUAGE sql
RETURN (SELECT string_agg(CASE place
        WHEN pg_temp.place_of(estimate, leftmost, rightmost) THEN '●' WHEN pg_temp.place_of(low, leftmost, rightmost) THEN '├' WHEN pg_temp.place_of(high, leftmost, rightmost) THEN '┤'
        WHEN pg_temp.place_of(0, leftmost, rightmost) THEN '│'
        ELSE CASE WHEN place BETWEEN pg_temp.place_of(low, leftmost, rightmost) AND pg_temp.place_of(high, leftmost, rightmost) THEN '─' ELSE ' ' END END, '' ORDER BY place)
    FROM generate_series(0, 40) AS place);

\echo
\echo '══ customer_tiering ════════════════════════════════════════════════════════════'
\ir cdnow.sql
\ir lifetime.sql
\ir pipeline.sql
\ir programs.sql
\ir measures.sql
\ir outcomes.sql
