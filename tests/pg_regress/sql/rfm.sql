-- The aggregate rfm(), its values and what can be asked of them, against the same in plain SQL.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA rfm_test;
CREATE TABLE rfm_test.orders AS
SELECT g AS id, g * 7919 % 97 AS customer, timestamptz '2025-01-01 00:00+00' + (g * 7919 % 8000) * interval '1 hour' AS at,
    round(((g * 104729 % 20011) - 1500)::numeric / 100, 2) AS amount
FROM generate_series(1, 4000) AS g;
ANALYZE rfm_test.orders;

-- one customer, all figures
CREATE VIEW rfm_test.one AS SELECT * FROM (VALUES
    (timestamptz '2026-01-01 10:00+00', 100.00), ('2026-01-01 23:30+00', 50.5), ('2026-01-10 00:00+00', 0), ('2026-01-20 12:00+00', -30.125)) AS v (at, amount);
SELECT rfm(at, amount) FROM rfm_test.one;
SELECT recency(r, '2026-01-31 23:59+00'), recency(r, date '2026-01-31') AS to_day, frequency(r), refunds(r), monetary(r), average_order(r),
    repeat_monetary(r), first_at(r), last_at(r), repeat_days(r), repeat_span(r), age(r, '2026-01-31'), age(r, date '2026-01-31') AS age_to_day
FROM (SELECT rfm(at, amount) AS r FROM rfm_test.one) v;
SELECT (figures(r, '2026-01-31')).* FROM (SELECT rfm(at, amount) AS r FROM rfm_test.one) v;
SELECT customer_tier('rfm', figures(r, '2026-01-31')) = customer_tier('rfm', recency(r, '2026-01-31'), frequency(r), monetary(r)) AS by_row
FROM (SELECT rfm(at, amount) AS r FROM rfm_test.one) v;
-- as of a day means as of that day: what was ordered later is not seen, or asked to be left out; the same for each accessor and each day
SELECT recency(rfm(at, amount), '2025-12-31'), age(rfm(at, amount), date '2025-12-31') FROM rfm_test.one;
SELECT as_of, recency(whole, as_of) IS NOT DISTINCT FROM recency(until, as_of) AND recency(whole, as_of::date) IS NOT DISTINCT FROM recency(until, as_of::date) AS recency,
    age(whole, as_of) IS NOT DISTINCT FROM age(until, as_of) AND age(whole, as_of::date) IS NOT DISTINCT FROM age(until, as_of::date) AS age, recency(whole, as_of), age(whole, as_of)
FROM (SELECT as_of, (SELECT rfm(at, amount) FROM rfm_test.one) AS whole, (SELECT rfm(at, amount) FILTER (WHERE at < as_of::date + 1) FROM rfm_test.one) AS until
    FROM unnest(ARRAY[timestamptz '2025-12-31 23:59:59+00', '2026-01-01 00:00+00', '2026-01-09 23:00+00', '2026-01-10 00:00+00', '2026-02-01 12:00+00']) AS as_of) v;
SELECT figures(rfm(at, amount), '2026-01-09') FROM rfm_test.one;
SELECT (figures(rfm(at, amount), '2026-01-09')).recency_days FROM rfm_test.one;
SELECT (figures(rfm(at, amount), '2026-01-09')).monetary FROM rfm_test.one;
SELECT (figures(rfm(at, amount), '2026-01-09')).average_order FROM rfm_test.one;
SELECT frequency(rfm(at, amount), '2026-01-09') FROM rfm_test.one;
SELECT refunds(rfm(at, amount), '2026-01-09') FROM rfm_test.one;
SELECT repeat_days(rfm(at, amount), '2026-01-09') FROM rfm_test.one;
SELECT first_at(rfm(at, amount), '2026-01-09') FROM rfm_test.one;
SELECT last_at(rfm(at, amount), '2026-01-09') FROM rfm_test.one;
SELECT customer_tier_asof('rfm', '2026-01-09', figures(rfm(at, amount), '2026-01-09')) FROM rfm_test.one;
SELECT figures(rfm(at, amount) FILTER (WHERE at < '2026-01-10'), '2026-01-09') FROM rfm_test.one;
SELECT figures(rfm(at, amount), '2026-01-10') FROM rfm_test.one;
-- the day is that of the zone of the value: in Shanghai the order of midnight UTC was on the tenth as well
SELECT frequency(rfm(at, amount, 'Asia/Shanghai'), '2026-01-09 16:00+00') FROM rfm_test.one;
SELECT frequency(rfm(at, amount, 'Asia/Shanghai'), '2026-01-09 15:59+00') FROM rfm_test.one;
-- who only gave things back never bought
SELECT r, frequency(r), refunds(r), monetary(r), average_order(r), repeat_monetary(r), first_at(r), last_at(r), repeat_days(r), repeat_span(r), recency(r, now()), age(r, now())
FROM (SELECT rfm(date '2026-01-01', -5) AS r) v;
SELECT figures(NULL, now()), figures(rfm(date '2026-01-01', 5), NULL), recency(NULL, now()), frequency(NULL), monetary(NULL);

-- E16: amounts of different currencies do not add up; the code stays with the value, and rollup() minds it
CREATE VIEW rfm_test.money AS SELECT * FROM (VALUES (1, date '2026-01-01', 41.90, 'EUR'), (1, '2026-01-02', 8319.00, 'INR'), (2, '2026-01-01', 10, 'eur'), (2, '2026-01-03', 5, 'EUR'),
    (2, '2026-01-04', 100, NULL)) AS v (customer, at, amount, currency);
SELECT rfm(at, amount, currency) FROM rfm_test.money;
SELECT customer, currency(r), monetary(r), frequency(r) FROM (SELECT customer, rfm(at, amount, currency) AS r FROM rfm_test.money GROUP BY customer, upper(currency)) v ORDER BY 1, 2;
SELECT monetary(rfm(at::timestamptz, amount, 'Asia/Shanghai', currency)), monetary(rfm(at, amount::real, currency)), monetary(rfm(at, amount::float8, currency)) FROM rfm_test.money WHERE customer = 2;
SELECT monetary(rfm(at::timestamptz, amount::real, 'UTC', currency)), monetary(rfm(at::timestamptz, amount::float8, 'UTC', currency)) FROM rfm_test.money WHERE customer = 2;
SELECT rollup(r) FROM (SELECT rfm(at, amount, currency) AS r FROM rfm_test.money WHERE currency IS NOT NULL GROUP BY currency ORDER BY currency) v;
SELECT rollup(r) FROM (VALUES (rfm_in('{"version": 1, "currency": "EUR", "purchases": 0, "refunds": 1, "monetary": "-1", "days": []}')), ('{"version": 1, "purchases": 0, "refunds": 1, "monetary": "-1", "days": []}')) AS v (r);
SELECT currency(rfm(at, amount, 'cny')), currency(rfm(at, amount, currency::char(3))) FROM rfm_test.money WHERE customer = 2;
SELECT rfm(at, amount, '€') FROM rfm_test.money;
SELECT '{"version": 1, "currency": "euro", "purchases": 0, "refunds": 1, "monetary": "-1", "days": []}'::rfm;
SELECT currency(rfm(at, amount)) IS NULL AS none_named FROM rfm_test.money;

-- against plain SQL, customer by customer: 0 differences
CREATE VIEW rfm_test.plain AS
SELECT customer,
    date '2026-06-30' - (max(at) FILTER (WHERE amount >= 0) AT TIME ZONE 'UTC')::date AS recency,
    count(*) FILTER (WHERE amount >= 0) AS frequency, count(*) FILTER (WHERE amount < 0) AS refunds, sum(amount) AS monetary,
    min(at) FILTER (WHERE amount >= 0) AS first_at, max(at) FILTER (WHERE amount >= 0) AS last_at,
    count(DISTINCT (at AT TIME ZONE 'UTC')::date) FILTER (WHERE amount >= 0) - 1 AS repeat_days,
    date '2026-06-30' - (min(at) FILTER (WHERE amount >= 0) AT TIME ZONE 'UTC')::date AS age
FROM rfm_test.orders GROUP BY customer;
CREATE FUNCTION rfm_test.same(r rfm) RETURNS TABLE (recency int, frequency bigint, refunds bigint, monetary numeric, first_at timestamptz, last_at timestamptz, repeat_days bigint, age int)
    LANGUAGE sql AS $$ SELECT tiering.recency(r, date '2026-06-30'), tiering.frequency(r), tiering.refunds(r), tiering.monetary(r), tiering.first_at(r), tiering.last_at(r),
        tiering.repeat_days(r)::bigint, tiering.age(r, timestamptz '2026-06-30 12:00+00') $$;
SELECT count(*) AS customers, sum(refunds) > 100 AS with_refunds FROM rfm_test.plain;
SELECT count(*) AS differences FROM (
    (SELECT customer, s.* FROM (SELECT customer, rfm(at, amount) AS r FROM rfm_test.orders GROUP BY customer) v, rfm_test.same(r) s
     EXCEPT ALL SELECT * FROM rfm_test.plain)
    UNION ALL (SELECT * FROM rfm_test.plain
     EXCEPT ALL SELECT customer, s.* FROM (SELECT customer, rfm(at, amount) AS r FROM rfm_test.orders GROUP BY customer) v, rfm_test.same(r) s)) d;
-- doubles count as they print; each way of passing an order gives the same, whatever the order of the rows
SELECT count(DISTINCT r::text) AS one FROM (
    SELECT rfm(at, amount) AS r FROM rfm_test.orders UNION ALL SELECT rfm(at, amount::float8) FROM rfm_test.orders
    UNION ALL SELECT rfm(at, amount ORDER BY id DESC) FROM rfm_test.orders UNION ALL SELECT rfm(at, amount ORDER BY amount, id) FROM rfm_test.orders
    UNION ALL SELECT rfm(at, amount, 'UTC') FROM rfm_test.orders UNION ALL SELECT rfm(at, amount::float8, 'utc') FROM rfm_test.orders
    UNION ALL SELECT rfm(at AT TIME ZONE 'UTC', amount) FROM rfm_test.orders) v;
SELECT rfm(at::date, amount)::text = rfm(at::date, amount::float8)::text AS of_dates, rfm(at::date, amount)::text = rfm(at::date::timestamptz, amount)::text AS midnight FROM rfm_test.orders;
SELECT monetary(rfm(now(), 0.1::float8)) AS shown, monetary(rfm(now(), x)) = 1000.1 AS exact, sum(x) = 1000.1 AS sum_of_doubles
FROM (SELECT 0.1::float8 AS x FROM generate_series(1, 10001)) v;
-- NULLs, nothing, FILTER, DISTINCT, GROUPING SETS
SELECT rfm(at, amount) FROM rfm_test.orders WHERE false;
SELECT rfm(NULL::timestamptz, 1.0), rfm(now(), NULL::numeric), rfm(now(), 1.0, NULL), rfm(NULL::date, NULL::float8), rollup(NULL::rfm);
SELECT frequency(rfm(at, amount)) FROM (SELECT at, nullif(amount, 0) AS amount FROM rfm_test.one UNION ALL SELECT NULL, 5) v;
SELECT frequency(rfm(at, amount) FILTER (WHERE amount > 60)), frequency(rfm(DISTINCT at::date, 1.0)), frequency(rfm(at::date, 1.0)) FROM rfm_test.one;
SELECT count(*) AS groups, count(*) FILTER (WHERE monetary(r) = total AND frequency(r) = n) AS equal
FROM (SELECT customer % 5 AS a, id % 3 AS b, rfm(at, amount) AS r, sum(amount) AS total, count(*) FILTER (WHERE amount >= 0) AS n
    FROM rfm_test.orders GROUP BY GROUPING SETS ((a, b), (a), (b), ())) v;
SELECT count(*) AS groups, count(*) FILTER (WHERE monetary(r) = total) AS equal
FROM (SELECT customer % 5 AS a, id % 3 AS b, rfm(at, amount) AS r, sum(amount) AS total FROM rfm_test.orders GROUP BY CUBE (a, b)) v;
-- windows: growing, moving, and the empty frame
SELECT count(*) FILTER (WHERE monetary(running) = sum_running), count(*) FILTER (WHERE monetary(moving) = sum_moving), count(*) FILTER (WHERE none IS NULL), count(*)
FROM (SELECT rfm(at, amount) OVER w AS running, sum(amount) OVER w AS sum_running,
        rfm(at, amount) OVER (w ROWS 3 PRECEDING) AS moving, sum(amount) OVER (w ROWS 3 PRECEDING) AS sum_moving,
        rfm(at, amount) OVER (w ROWS BETWEEN 3 PRECEDING AND 4 PRECEDING) AS none
    FROM rfm_test.orders WHERE id < 500 WINDOW w AS (ORDER BY id)) v;

-- stored by month, rolled up later: as from the orders
CREATE TABLE rfm_test.months AS SELECT customer, date_trunc('month', at) AS month, rfm(at, amount) AS r FROM rfm_test.orders GROUP BY 1, 2;
SELECT count(*) AS customers, count(*) FILTER (WHERE w.r::text = o.r::text) AS equal
FROM (SELECT customer, rollup(r) AS r FROM rfm_test.months GROUP BY 1) w
JOIN (SELECT customer, rfm(at, amount) AS r FROM rfm_test.orders GROUP BY 1) o USING (customer);
SELECT rollup(r ORDER BY month DESC)::text = rollup(r ORDER BY month)::text AS order_does_not_matter, frequency(rollup(r)) = (SELECT count(*) FROM rfm_test.orders WHERE amount >= 0) AS whole FROM rfm_test.months;
SELECT bool_and(running::text = again::text)
FROM (SELECT rollup(r) OVER (ORDER BY month, customer) AS running, month, customer FROM rfm_test.months WHERE customer < 3) v
JOIN LATERAL (SELECT rollup(r) AS again FROM rfm_test.months m WHERE customer < 3 AND (m.month, m.customer) <= (v.month, v.customer)) l ON true;
CREATE MATERIALIZED VIEW rfm_test.kept AS SELECT customer, rollup(r) AS r FROM rfm_test.months GROUP BY 1;
REFRESH MATERIALIZED VIEW rfm_test.kept;
SELECT sum(monetary(r)) = (SELECT sum(amount) FROM rfm_test.orders) FROM rfm_test.kept;

-- text and binary forms read back; TOASTed ones, too (4 000 days)
CREATE TABLE rfm_test.long AS SELECT g % 2 AS part, rfm(date '2000-01-01' + g, g / 100.0) AS r FROM generate_series(1, 8000) AS g GROUP BY 1;
ALTER TABLE rfm_test.long ALTER r SET STORAGE EXTERNAL;
UPDATE rfm_test.long SET r = r::text::rfm;
SELECT part, pg_column_size(r) > 2000 AS toasted, repeat_days(r) FROM rfm_test.long ORDER BY 1;
SELECT repeat_days(rollup(r)), monetary(rollup(r)) FROM rfm_test.long;
-- what the receive function makes of bytes: the text of the value, or the error
CREATE FUNCTION rfm_test.receive(type regtype, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    -- the binary format of COPY: signature, flags, no extension; one row of one column; the end
    message bytea := '\x5047434f50590aff0d0a00'::bytea || int4send(0) || int4send(0) || int2send(1::int2) || int4send(octet_length(bytes)) || bytes || int2send((-1)::int2);
    octal text := (SELECT string_agg(format('\%s%s%s', b / 64, b / 8 % 8, b % 8), '' ORDER BY n)
        FROM generate_series(0, octet_length(message) - 1) AS n, LATERAL (SELECT get_byte(message, n) AS b) v);
    answer text;
BEGIN
    EXECUTE format('CREATE TEMP TABLE received (value %s)', type);
    EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal));
    SELECT value::text INTO answer FROM received;
    DROP TABLE received;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN concat(SQLSTATE, ': ', SQLERRM);
END $$;
SELECT part, rfm_test.receive('rfm', rfm_send(r)) = r::text AS received FROM rfm_test.long ORDER BY 1;
SELECT count(*) AS values, count(*) FILTER (WHERE rfm_test.receive('rfm', rfm_send(r)) = r::text) AS received FROM rfm_test.months WHERE customer < 5;
SELECT bool_and(rfm_send(r::text::rfm) = rfm_send(r)) FROM rfm_test.months;
SELECT to_jsonb(r), jsonb_typeof(r::text::jsonb) FROM (SELECT rfm(date '2026-01-01', 5) AS r) v;

-- zones: the day of a purchase is that of the zone, which the value keeps
SELECT rfm(at, 1, zone), recency(rfm(at, 1, zone), '2026-01-31 16:00+00') AS recency
FROM unnest(ARRAY['UTC', 'Asia/Shanghai', 'america/new_york']) AS zone, (VALUES (timestamptz '2026-01-01 16:00+00'), ('2026-01-02 04:59+00')) AS v (at)
GROUP BY zone ORDER BY zone COLLATE "C";
SELECT count(*) AS differences FROM (
    SELECT customer, repeat_days(rfm(at, amount, 'Asia/Shanghai')) FROM rfm_test.orders GROUP BY 1
    EXCEPT SELECT customer, count(DISTINCT (at AT TIME ZONE 'Asia/Shanghai')::date) - 1 FROM rfm_test.orders WHERE amount >= 0 GROUP BY 1) d;
-- a day of 25 hours is one day
SELECT repeat_days(rfm(at, 1, 'Europe/Berlin')) FROM (VALUES (timestamptz '2026-10-24 22:00+00'), ('2026-10-25 22:59+00')) AS v (at);
SELECT rollup(r)::text = rfm(at, 1, 'Asia/Shanghai')::text AS one_name FROM (SELECT at, rfm(at, 1, zone) AS r
    FROM (VALUES (timestamptz '2026-01-01', 'asia/shanghai'), ('2026-01-02', 'Asia/Shanghai')) AS v (at, zone) GROUP BY at, zone) v;
SELECT rfm(now(), 1, zone) FROM unnest(ARRAY['UTC', 'Asia/Shanghai']) AS zone;
SELECT rollup(r) FROM (SELECT rfm(now(), 1, zone) AS r FROM unnest(ARRAY['UTC', 'Asia/Shanghai']) AS zone GROUP BY zone) v;
SELECT rfm(now(), 1, 'Mars/Olympus');

-- arguments resolve: literals, integers, reals, varying text
SELECT monetary(rfm('2026-01-01', 5)), monetary(rfm('2026-01-01', 5.25)), monetary(rfm('2026-01-01'::timestamp, 5::smallint)), monetary(rfm(date '2026-01-01', 5::bigint)),
    monetary(rfm('2026-01-01', 0.5::real)), monetary(rfm('2026-01-01', '5')), monetary(rfm(now(), 5, 'Asia/Shanghai'::varchar));
-- a real counts as the decimal that it shows, however it comes in
SELECT monetary(rfm(now(), x)), monetary(rfm(now(), x, 'Europe/Berlin')), monetary(rfm(current_date, x)), sum(x::text::numeric)
FROM unnest(ARRAY[0.1, 19.99, 1e-7, 16777216, 1e20, -0.3]::real[]) AS x;
SELECT rfm(now(), 'NaN'::real);
SELECT rfm(now(), '-Infinity'::real);
SELECT monetary(rfm(now(), 3.4e38::real));
-- days at the ends of time, and their text
SELECT first_at(r), last_at(r), repeat_span(r), r::text::rfm::text = r::text AS reads FROM (SELECT rfm(at, 1) AS r FROM unnest(ARRAY[date '4714-11-24 BC', '0001-12-31 BC', '0001-01-01', '9999-12-30']) AS at) v;
SELECT rfm('infinity'::timestamptz, 1);
SELECT rfm('-infinity'::date, 1);
SELECT rfm('10000-01-01'::date, 1);
SELECT recency(rfm(now(), 1), 'infinity'::timestamptz);
SELECT age(rfm(now(), 1), 'infinity'::date);
-- amounts: huge, tiny, many digits, none at all
SELECT monetary(rfm(now(), x)) FROM (VALUES (99999999999999999999999999999999999999::numeric), (-0.1e1)) AS v (x);
SELECT monetary(rfm(now(), x)), sum(x) FROM (VALUES (0.00000000000000000000000000000000000001), (-0.5), (10), (10000.0000), (0.0000)) AS v (x);
SELECT monetary(rfm(now(), x)) FROM (VALUES (1e37::numeric), (0.1)) AS v (x);
SELECT monetary(rfm(now(), 1e38::numeric * 10));
SELECT monetary(rfm(now(), 1e-39::numeric));
SELECT monetary(rfm(now(), 1e300::float8));
SELECT monetary(rfm(now(), 1e-300::float8));
SELECT monetary(rfm(now(), x)), refunds(rfm(now(), x)) FROM unnest(ARRAY[1e22, 123456789012345.67, -0.0, 1e-7]::float8[]) AS x;
SELECT rfm(now(), 'NaN'::numeric);
SELECT rfm(now(), 'Infinity'::numeric);
SELECT rfm(now(), 'NaN'::float8);
SELECT rfm(now(), '-Infinity'::float8);

-- text that nobody's aggregate wrote
SELECT '{}'::rfm;
SELECT ''::rfm;
SELECT '[]'::rfm;
SELECT '{"version":2,"purchases":0,"refunds":0,"monetary":"0","days":[]}'::rfm;
SELECT '{"version":1,"purchases":0,"refunds":0,"monetary":"0","days":[],"more":1}'::rfm;
SELECT '{"version":1,"purchases":0,"refunds":0,"monetary":"1","days":[]}'::rfm;
SELECT '{"version":1,"purchases":0,"refunds":0,"monetary":"x","days":[]}'::rfm;
SELECT '{"version":1,"purchases":-1,"refunds":0,"monetary":"0","days":[]}'::rfm;
SELECT '{"version":1,"purchases":1,"refunds":0,"monetary":"0","days":[]}'::rfm;
SELECT '{"version":1,"purchases":9223372036854775808,"refunds":0,"monetary":"1","first_day_monetary":"1","first_at":0,"last_at":0,"days":["1970-01-01"]}'::rfm;
SELECT '{"version":1,"purchases":1,"refunds":0,"monetary":"1","first_day_monetary":"1","first_at":0,"last_at":0,"days":["1970-01-02"]}'::rfm;
SELECT '{"version":1,"purchases":2,"refunds":0,"monetary":"1","first_day_monetary":"1","first_at":0,"last_at":86400000000,"days":["1970-01-02","1970-01-01"]}'::rfm;
SELECT '{"version":1,"purchases":1,"refunds":0,"monetary":"1","first_day_monetary":"1","first_at":9223372036854775807,"last_at":9223372036854775807,"days":["9999-12-31"]}'::rfm;
SELECT '{"version":1,"zone":"Mars/Olympus","purchases":0,"refunds":1,"monetary":"-1","days":[]}'::rfm;
-- the same for bytes: none, another format, another type, cut short, prolonged
SELECT rfm_test.receive('rfm', bytes) FROM unnest(ARRAY['', '\x01', '\x0200', '\x020072', '\x010064', '\x010072', '\x010072ffffffffffffffffffffffffffffffffffff', '\x01007203555443000000000000']::bytea[]) AS bytes;
CREATE TABLE rfm_test.sent AS SELECT rfm_send(rfm(at, amount, 'Asia/Shanghai')) AS bytes FROM rfm_test.one;
SELECT octet_length(bytes), rfm_test.receive('rfm', bytes || '\x00'::bytea) FROM rfm_test.sent;
SELECT DISTINCT rfm_test.receive('rfm', substr(bytes, 1, n)) FROM rfm_test.sent, generate_series(3, octet_length(bytes) - 1) AS n;
-- each byte turned: an error, or a value that reads back
SELECT left(answer, 5) AS answer, count(*) > 0 AS some FROM (
    SELECT CASE WHEN answer LIKE '{%' THEN CASE WHEN answer::rfm::text = answer THEN 'value' ELSE 'WRONG' END ELSE answer END AS answer
    FROM rfm_test.sent, generate_series(0, octet_length(bytes) - 1) AS n, unnest(ARRAY[1, 128]) AS flip,
        LATERAL (SELECT rfm_test.receive('rfm', set_byte(bytes, n, get_byte(bytes, n) # flip)) AS answer) a) v
GROUP BY 1 ORDER BY 1;

-- the CD shop's log of the demo: 946 of 2 357 customers came back by 1997-09-30, on 2 457 days
CREATE TABLE rfm_test.log (line text);
\copy rfm_test.log FROM demo/data/cdnow_sample.txt
CREATE TABLE rfm_test.cdnow AS
SELECT c[2]::int AS customer, c[3]::date AS day, c[5]::numeric AS amount FROM rfm_test.log, regexp_split_to_array(btrim(line), ' +') AS c;
SELECT count(*) AS customers, count(*) FILTER (WHERE repeat_days(r) > 0) AS repeaters, sum(repeat_days(r)) AS repeat_purchases, sum(monetary(r)) AS amount
FROM (SELECT customer, rfm(day, amount) AS r FROM rfm_test.cdnow WHERE day <= '1997-09-30' GROUP BY 1) v;
SELECT count(*) AS differences FROM (
    SELECT customer, frequency(r), monetary(r), recency(r, date '1998-07-01'), age(r, date '1998-07-01'), repeat_days(r), repeat_span(r), repeat_monetary(r)
    FROM (SELECT customer, rfm(day, amount) AS r FROM rfm_test.cdnow GROUP BY 1) v
    EXCEPT SELECT customer, count(*), sum(amount), date '1998-07-01' - max(day), date '1998-07-01' - min(day), (count(DISTINCT day) - 1)::int, max(day) - min(day),
        coalesce(sum(amount) FILTER (WHERE day > first), 0)
    FROM (SELECT *, min(day) OVER (PARTITION BY customer) AS first FROM rfm_test.cdnow) v GROUP BY 1) d;

SELECT rollup(DISTINCT r)::text = rollup(r)::text AS months_differ FROM rfm_test.months;

-- errors of use; what a user who owns nothing may do
SELECT rfm_final(5);
SELECT rfm_add(5, now(), 5);
CREATE ROLE rfm_stranger;
SET ROLE rfm_stranger;
SELECT tiering.frequency(tiering.rfm(date '2026-01-01', 5));
SELECT tiering.rfm(at, amount) FROM rfm_test.orders;
RESET ROLE;
DROP ROLE rfm_stranger;
\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA rfm_test CASCADE;
