-- What keeps an aggregate from being computed where the rows are, as far as the catalogue says. An aggregate with a reason is named here and in
-- docs/architecture.md; whoever adds one finds out.
SELECT a.aggfnoid::regprocedure AS aggregate, w.why
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_proc t ON t.oid = a.aggtransfn,
    LATERAL (SELECT array_to_string(ARRAY[
        CASE WHEN a.aggcombinefn = 0 THEN 'parts cannot be merged' END,
        CASE WHEN a.aggtranstype = 'internal'::regtype THEN 'the state cannot be sent as a value' END,
        CASE WHEN p.proargtypes::oid[] && ARRAY['"any"'::regtype, 'anyelement'::regtype]::oid[] THEN 'arguments of any type' END,
        CASE WHEN p.pronargs > 1 AND EXISTS (SELECT FROM unnest(p.proargtypes) AS y (type) JOIN pg_type y2 ON y2.oid = y.type WHERE y2.typcollation <> 0)
            THEN 'postgres_fdw sends columns of text, no constants' END,
        CASE WHEN t.provolatile <> 'i' THEN 'depends on the session' END,
        CASE WHEN p.proparallel <> 's' THEN 'not parallel safe' END], '; ')) AS w (why)
WHERE p.pronamespace = 'tiering'::regnamespace AND w.why <> '' ORDER BY a.aggfnoid::regprocedure::text COLLATE "C";

-- Every state can be sent as text and as bytes.
SELECT y.oid::regtype AS type FROM pg_type y
WHERE y.oid IN (SELECT a.aggtranstype FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.pronamespace = 'tiering'::regnamespace)
    AND (y.typtype = 'p' OR 0 IN (y.typinput, y.typoutput, y.typreceive, y.typsend));

-- What is marked immutable is computed on whatever server has the rows: it gives the same under any settings of the session there.
SET search_path = tiering, public;
CREATE SCHEMA distributable_test;
CREATE TABLE distributable_test.customers AS
SELECT g AS customer, rfm(timestamptz '2025-01-01 00:00+00' + g * n * interval '7 hours', (g * n % 97) + 0.1) AS r,
    rfm(timestamptz '2025-01-01 00:00+00' + g * n * interval '7 hours', (g * n % 97) + 0.1, 'Asia/Tokyo') AS of_tokyo, g * 7.25::float8 AS amount,
    timestamptz '2025-11-02 05:30+00' + g * interval '11 hours' AS at, date '2025-03-30' + g AS day
FROM generate_series(1, 40) AS g, generate_series(1, 12) AS n GROUP BY g;
CREATE FUNCTION distributable_test.computed() RETURNS text LANGUAGE sql AS $$
    SELECT md5(concat_ws('|', encode(rfm_send(tiering.rollup(c.r)), 'hex'), encode(rfm_send(tiering.rfm(c.at, c.amount)), 'hex'),
        encode(rfm_send(tiering.rfm(c.at, c.amount::numeric, 'America/New_York')), 'hex'), encode(rfm_send(tiering.rfm(c.day, c.amount)), 'hex'),
        encode(distribution_send(tiering.distribution(c.amount)), 'hex'), tiering.churn_rate(c.r, '2026-03-29 02:30+00', '1 mon 150 days 3 hours'),
        tiering.churn_rate(c.of_tokyo, '2026-03-29 02:30+00', '1 mon 150 days 3 hours'), tiering.retention(c.r, '2025-01-01', '2025-02-01', '2025-06-01'),
        tiering.repeat_rate(c.r), string_agg(concat_ws(',', tiering.recency(c.r, timestamptz '2026-06-16 00:00+00'), tiering.age(c.of_tokyo, timestamptz '2026-06-16 00:00+00'),
            tiering.monetary(c.r), extract(epoch FROM tiering.last_at(c.r)), tiering.split_figures(c.r, '2025-02-01', '2025-06-01')::text,
            tiering.key_text(c.amount), tiering.key_text(c.at), tiering.key_text(c.day), tiering.is_drawn(c.customer::text, 0.5, 7),
            tiering.grade(d.rfm, '2026-03-29 02:30+00', tiering.recency(c.r, '2026-06-16 00:00+00'), tiering.frequency(c.r), tiering.monetary(c.r)),
            extract(epoch FROM tiering.response_due(c.at, 'PT4H', 'working', 'Europe/Berlin', d.cn)), tiering.followup_due(c.day, 'P1M', 'following', d.cn) - date '2025-01-01',
            extract(epoch FROM tiering.working_time_between(d.cn, c.at, c.at + interval '72 hours', 'Asia/Shanghai', NULL))), ';' ORDER BY c.customer),
        tiering.fit_mbg_nbd(c.r, date '2026-12-31', 'week')::text, tiering.fit((SELECT unfitted(current_scheme('abc_share'))), '2026-03-29 02:30+00', c.amount)::text,
        tiering.population((SELECT current_scheme('abc_share')), '2026-03-29 02:30+00', c.amount)))
    FROM distributable_test.customers c, (SELECT current_scheme('rfm') AS rfm, (SELECT document FROM tiering.calendars WHERE calendar = 'cn') AS cn) d
$$;
SET client_min_messages = error;
SELECT count(*) = 40 AND bool_and(tiering.response_due(c.at, 'PT4H', 'working', 'Europe/Berlin', d.document) IS NOT NULL) AS not_null
FROM distributable_test.customers c, tiering.calendars d WHERE d.calendar = 'cn';
SELECT distributable_test.computed() AS here \gset
SET timezone = 'America/St_Johns';
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'sql_standard';
SET extra_float_digits = -5;
SET bytea_output = 'escape';
SET xmlbinary = 'hex';
SET search_path = pg_catalog, tiering;
SELECT distributable_test.computed() = :'here' AS same;
RESET timezone;
RESET datestyle;
RESET intervalstyle;
RESET extra_float_digits;
RESET bytea_output;

-- Units and zones are no text, which has a collation; text is taken for them, and looked at when it is typed.
SET search_path = tiering, public;
SELECT t.typname, t.typcollation = 0 AS without_collation FROM pg_type t WHERE t.oid IN ('time_unit'::regtype, 'time_zone'::regtype) ORDER BY 1;
SELECT rfm(at, amount, 'asia/tokyo')::text = rfm(at, amount, z)::text AS of_a_column, rfm(at, amount, z::varchar)::text = rfm(at, amount, 'Asia/Tokyo'::text)::text AS of_a_varchar
FROM distributable_test.customers, (SELECT 'Asia/Tokyo'::text AS z) z;
SELECT rfm(at, amount, 'Asia/Tokio') FROM distributable_test.customers;
SELECT fit_bg_nbd(r, date '2026-12-31', 'weeks') FROM distributable_test.customers;
SELECT fit_bg_nbd(r, date '2026-12-31', 'weeks'::text) FROM distributable_test.customers;
SELECT 'etc/utc'::time_zone, 'week'::time_unit;
\set VERBOSITY terse
DROP SCHEMA distributable_test CASCADE;
