-- The aggregates tier_mix() and migration(), and what can be asked of their values.
\set SHOW_CONTEXT never
SET search_path = tiering, pg_catalog;
CREATE SCHEMA tally_test;
CREATE TABLE tally_test.moves AS
SELECT g AS id, (ARRAY['A', 'B', 'C', NULL])[1 + g * 7919 % 4] AS before, (ARRAY['C', 'A', NULL, 'B', 'B'])[1 + g * 104729 % 5] AS after FROM generate_series(1, 1000) AS g;
ANALYZE tally_test.moves;

SELECT tier_mix(after), migration(before, after) FROM tally_test.moves;
SELECT * FROM tier_counts((SELECT tier_mix(after) FROM tally_test.moves), 'abc_share');
SELECT to_jsonb(tier_mix(after), 'abc_share') FROM tally_test.moves;
SELECT * FROM migration_matrix((SELECT migration(before, after) FROM tally_test.moves), 'abc_share');
SELECT * FROM migration_summary((SELECT migration(before, after) FROM tally_test.moves), 'abc_share');
SELECT to_jsonb(migration(before, after), 'abc_share') -> 'summary' AS summary, jsonb_array_length(to_jsonb(migration(before, after), 'abc_share') -> 'matrix') AS cells FROM tally_test.moves;
-- against plain SQL: 0 differences
SELECT count(*) AS differences FROM (
    SELECT tier, n, share FROM tier_counts((SELECT tier_mix(after) FROM tally_test.moves))
    EXCEPT SELECT after, count(*), count(*) / sum(count(*)) OVER () FROM tally_test.moves WHERE after IS NOT NULL GROUP BY 1) d;
SELECT count(*) AS differences FROM (
    SELECT from_tier, to_tier, movement, n FROM migration_matrix((SELECT migration(before, after) FROM tally_test.moves), 'abc_share')
    EXCEPT SELECT before, after, CASE WHEN before IS NULL THEN 'entered' WHEN after IS NULL THEN 'left' WHEN before = after THEN 'stayed' WHEN after < before THEN 'up' ELSE 'down' END, count(*)
    FROM tally_test.moves WHERE before IS NOT NULL OR after IS NOT NULL GROUP BY 1, 2, 3) d;
SELECT sum(n) = (SELECT count(*) FROM tally_test.moves WHERE before IS NOT NULL OR after IS NOT NULL) AS everybody, round(sum(share), 10) AS shares FROM migration_summary((SELECT migration(before, after) FROM tally_test.moves), 'abc_share');

-- tiers that the scheme does not rank, an empty code, no scheme
SELECT * FROM tier_counts((SELECT tier_mix(t) FROM unnest(ARRAY['Z', 'B', '', '金', 'A', 'B']) AS t), 'abc_share');
SELECT * FROM tier_counts((SELECT tier_mix(t) FROM unnest(ARRAY['Z', 'B', '', '金', 'A', 'B']) AS t));
SELECT * FROM migration_matrix((SELECT migration(f, t) FROM (VALUES ('Z', 'A'), ('A', 'Z'), ('Z', 'Z'), ('', NULL), (NULL, '')) AS v (f, t)), 'abc_share');
SELECT * FROM migration_summary((SELECT migration(f, t) FROM (VALUES ('Z', 'A'), ('A', 'B')) AS v (f, t)), 'abc_share');
SELECT movement, n FROM migration_matrix((SELECT migration('A', 'B')), NULL);
-- NULLs, nothing
SELECT tier_mix(NULL), migration(NULL, NULL), rollup(NULL::tier_tally), rollup(NULL::migration), to_jsonb(NULL::tier_tally), to_jsonb(NULL::migration, 'abc_share');
SELECT tier_mix(after), migration(before, after), rollup(NULL::tier_tally) FROM tally_test.moves WHERE false;
SELECT (SELECT count(*) FROM tier_counts(NULL)), (SELECT count(*) FROM migration_matrix(NULL, 'abc_share')), (SELECT count(*) FROM migration_summary(NULL, 'abc_share'));
-- FILTER, DISTINCT, ORDER BY, GROUPING SETS, windows, types of text
SELECT tier_mix(after) FILTER (WHERE after < 'C'), tier_mix(DISTINCT after), tier_mix(after ORDER BY id DESC)::text = tier_mix(after)::text AS order_does_not_matter FROM tally_test.moves;
SELECT count(*) AS groups, count(*) FILTER (WHERE total = n) AS equal FROM (
    SELECT count(after) AS n, (SELECT sum(c.n) FROM tier_counts(tier_mix(after)) c) AS total FROM tally_test.moves GROUP BY GROUPING SETS ((id % 3, id % 2), (id % 3), ())) v;
SELECT count(*) AS groups, count(*) FILTER (WHERE total = n) AS equal FROM (
    SELECT count(coalesce(before, after)) AS n, (SELECT sum(c.n) FROM migration_matrix(migration(before, after), 'abc_share') c) AS total FROM tally_test.moves GROUP BY CUBE (id % 3, id % 2)) v;
SELECT bool_and((SELECT sum(n) FROM tier_counts(running)) = c), bool_and((SELECT sum(n) FROM tier_counts(moving)) = m) FROM (
    SELECT tier_mix(after) OVER w AS running, count(after) OVER w AS c, tier_mix(after) OVER (w ROWS 4 PRECEDING) AS moving, count(after) OVER (w ROWS 4 PRECEDING) AS m
    FROM tally_test.moves WHERE id BETWEEN 5 AND 200 WINDOW w AS (ORDER BY id)) v;
SELECT tier_mix(x::text), migration(x, x) FROM unnest(ARRAY['a', 'b']::varchar[]) AS x;
SELECT tier_mix(x::text), migration(x, x) FROM unnest(ARRAY['a ', 'b']::char(3)[]) AS x;
SELECT tier_mix('A'::text), migration('A', NULL), migration(NULL, 'A');

-- stored and rolled up, text and bytes
CREATE TABLE tally_test.parts AS SELECT id % 6 AS part, tier_mix(after) AS x, migration(before, after) AS m FROM tally_test.moves GROUP BY 1;
SELECT rollup(x)::text = (SELECT tier_mix(after)::text FROM tally_test.moves) AS mix, rollup(m)::text = (SELECT migration(before, after)::text FROM tally_test.moves) AS migration FROM tally_test.parts;
-- what the receive function makes of bytes: the text of the value, or the error
CREATE FUNCTION tally_test.receive(type regtype, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
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
SELECT count(*), bool_and(x::text::tier_tally::text = x::text AND m::text::migration::text = m::text) AS text,
    bool_and(tally_test.receive('tier_tally', tier_tally_send(x)) = x::text AND tally_test.receive('migration', migration_send(m)) = m::text) AS bytes FROM tally_test.parts;
CREATE TABLE tally_test.many AS SELECT tier_mix('tier ' || g) AS x FROM generate_series(1, 20000) AS g;
SELECT count(*), sum(n), (SELECT x::text::tier_tally::text = x::text FROM tally_test.many) AS text FROM tier_counts((SELECT rollup(x) FROM tally_test.many));

-- text and bytes that nobody's aggregate wrote
CREATE FUNCTION tally_test.refused(type regtype, bad text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
    EXECUTE format('SELECT %L::%s::text', bad, type) INTO answer;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN concat(SQLSTATE, ': ', SQLERRM);
END $$;
SELECT n, tally_test.refused('tier_tally', bad) AS mix, tally_test.refused('migration', bad) AS migration FROM unnest(ARRAY['', '[]', '{}', '{"version":1,"counts":[]}', '{"version":2,"counts":[]}', '{"version":1,"counts":[[["A"],1]]}', '{"version":1,"counts":[[["A","B"],1]]}',
    '{"version":1,"counts":[[["A"],0]]}', '{"version":1,"counts":[[["A"],-1]]}', '{"version":1,"counts":[[[null],1]]}', '{"version":1,"counts":[[[null,null],1]]}', '{"version":1,"counts":[[["B"],1],[["A"],1]]}',
    '{"version":1,"counts":[[["A"],1],[["A"],1]]}', '{"version":1,"counts":[[["A"],9223372036854775807],[["B"],1]]}', '{"version":1,"counts":[[["A"],18446744073709551615]]}', '{"version":1,"counts":[[["A\u0000"],1]]}', '{"version":1,"more":1,"counts":[]}']) WITH ORDINALITY AS b (bad, n) ORDER BY n;
SELECT tier_mix_counts('{"version":1,"counts":[[["A\u0000"],1]]}');
SELECT rollup(x) FROM unnest(ARRAY['{"version":1,"counts":[[["A"],9223372036854775807]]}', '{"version":1,"counts":[[["B"],1]]}']::tier_tally[]) AS x;
CREATE TABLE tally_test.sent AS SELECT migration_send(migration(f, t)) AS bytes FROM (VALUES ('A', 'B'), ('金', NULL), (NULL, 'A')) AS v (f, t);
SELECT octet_length(bytes), tally_test.receive('migration', bytes || '\x00'::bytea), tally_test.receive('tier_tally', bytes), tally_test.receive('migration', '') FROM tally_test.sent;
SELECT DISTINCT tally_test.receive('migration', substr(bytes, 1, n)) FROM tally_test.sent, generate_series(3, octet_length(bytes) - 1) AS n;
SELECT left(answer, 5) AS answer, count(*) > 0 AS some FROM (
    SELECT CASE WHEN answer LIKE '{%' THEN CASE WHEN answer::migration::text = answer THEN 'value' ELSE 'WRONG' END ELSE answer END AS answer
    FROM tally_test.sent, generate_series(0, octet_length(bytes) - 1) AS n, unnest(ARRAY[1, 2, 128]) AS flip,
        LATERAL (SELECT tally_test.receive('migration', set_byte(bytes, n, get_byte(bytes, n) # flip)) AS answer) a) v
GROUP BY 1 ORDER BY 1;
-- errors
SELECT * FROM tier_counts((SELECT tier_mix('A'::text)), 'unheard_of');
SELECT * FROM migration_matrix((SELECT migration('A', 'B')), 'unheard_of');
SELECT tier_mix(g::text) FROM generate_series(1, 65537) AS g;
SELECT tier_mix(5);
SET client_min_messages = warning;
DROP SCHEMA tally_test CASCADE;

-- columns of the types that customers' tables have
SELECT tier_counts(tier_mix(a)), tier_counts(tier_mix(b)) FROM (VALUES ('A'::varchar, 'A'::char(3)), ('A', 'A')) AS v (a, b);
