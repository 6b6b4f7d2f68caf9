# Nothing runs on when it is cancelled: each call of tests/cancel.txt is cancelled once its backend has worked for half a second, and ends, with 57014 or
# a result, before it has worked for two. What counts, for both, is the processor time that the backend uses, not that which passes: a
# statement_timeout would, on a busy machine, cancel a call before it has come to the loop that is to listen.
source tests/lib.sh

extension_database cancel
PGOPTIONS='-c client_min_messages=error' psql -X -q -o /dev/null -v ON_ERROR_STOP=1 -d cancel <<'SQL'
CREATE TABLE shoppers AS SELECT g AS id, tiering.rfm(date '2025-01-01' + g * n % 360, 5) AS rfm FROM generate_series(1, 2000) AS g, generate_series(1, 5) AS n GROUP BY g;
-- many conditions over many inputs, and one row of them
CREATE TABLE wide AS SELECT ('{"scheme": "wide", "inputs": [' || string_agg(format('{"name": "n%s", "type": "number", "missing": "null"}', g), ',')
    || '], "decision": {"method": "rules", "hit_policy": "priority", "rules": ['
    || string_agg(format('{"when": {"any": [{"input": "n%s", "between": [%s, %s]}, {"input": "n%s", "gt": %s}]}, "tier": "A"}', g, g, g + 9, 1 + (g * 7) % 98, g), ',')
    || '], "otherwise": "B"}, "tiers": [{"code": "A"}, {"code": "B"}]}')::tiering.scheme AS scheme, jsonb_object_agg('n' || g, g) AS inputs FROM generate_series(1, 98) AS g;
CREATE TABLE cells AS SELECT ('{"scheme": "cells", "inputs": [{"name": "a", "type": "number"}, {"name": "b", "type": "number"}], "characteristics": [{"name": "x", "input": "a", "bins": ['
    || bins || ']}, {"name": "y", "input": "b", "bins": [' || bins || ']}], "decision": {"method": "matrix", "characteristics": ["x", "y"], "cells": ['
    || (SELECT string_agg(format('{"at": ["b%s", "b%s"], "tier": "A"}', x, y), ',') FROM generate_series(0, 99) AS x, generate_series(0, 99) AS y)
    || ']}, "tiers": [{"code": "A"}]}')::tiering.scheme AS scheme
FROM (SELECT string_agg(format('{"code": "b%s"%s%s}', g, CASE WHEN g > 0 THEN format(', "gte": %s', g) END, CASE WHEN g < 99 THEN format(', "lt": %s', g + 1) END), ',') AS bins FROM generate_series(0, 99) AS g) v;
SELECT tiering.create_scheme(wide.scheme), tiering.approve_scheme('wide') FROM wide;
CREATE TABLE calendar AS SELECT tiering.calendar(jsonb_build_object('calendar', 'x', 'title', '{"en": "X"}'::jsonb, 'working_days', '["mon"]'::jsonb,
    'holidays', jsonb_agg(date '2026-01-01' + g))) AS document FROM generate_series(1, 2000) AS g;
-- Programs over many customers: one that is graded, with events, and one that has yet to be.
CREATE TABLE people AS SELECT g AS id, (g % 100003) ^ 1.5::numeric AS annual_value FROM generate_series(1, 50000) AS g;
ALTER TABLE people ADD PRIMARY KEY (id);
CREATE VIEW many AS SELECT p.annual_value * g AS annual_value FROM people p, generate_series(1, 100) AS g;
CREATE VIEW many_shoppers AS SELECT s.rfm FROM shoppers s, generate_series(1, 1000) AS g;
CREATE FUNCTION people_as_of(at timestamptz) RETURNS SETOF people LANGUAGE sql STABLE AS 'SELECT * FROM public.people';
SELECT tiering.derive_scheme('abc_share', 'abc_cuts', '{"characteristics": [{"name": "value_class", "input": "annual_value",
    "bins": [{"code": "A", "gte": 120000}, {"code": "B", "gte": 70000, "lt": 120000}, {"code": "C", "lt": 70000}]}]}'), tiering.approve_scheme('abc_cuts');
SELECT tiering.create_program('graded', 'abc_cuts', 'people', 'id'), tiering.create_program('ungraded', 'abc_cuts', 'people', 'id');
CALL tiering.retier('graded', '2025-01-01 00:00+00');
SELECT tiering.hold_out('graded', 0.4, at => '2025-01-15 00:00+00');
CREATE TABLE orders AS SELECT p.id, day, p.annual_value / 12 AS amount FROM people p, unnest('{2025-05-10,2025-08-10,2025-09-10}'::date[]) AS day;
SELECT tiering.register_events('graded', 'order', 'orders', 'id', 'day', 'amount');
CREATE TABLE samples AS SELECT array_agg((1 + g % 997)::double precision) AS v FROM generate_series(1, 100000) AS g;
-- user and system time of a backend in hundredths of a second: fields 14 and 15, the first two being a number and a name in brackets
CREATE FUNCTION work(pid integer DEFAULT pg_backend_pid()) RETURNS integer LANGUAGE sql VOLATILE AS $$
    SELECT f[12]::integer + f[13]::integer FROM string_to_array(split_part(pg_read_file(format('/proc/%s/stat', pid)), ') ', 2), ' ') AS f
$$;
-- cancels each statement of the session that is called so, once it has worked long enough, until that session is gone
CREATE PROCEDURE cancel_all(session text) LANGUAGE plpgsql AS $$
DECLARE
    watched record;
    began timestamptz;
    worked integer;
BEGIN
    LOOP
        PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
        SELECT a.pid, a.state, a.query_start INTO watched FROM pg_stat_activity a WHERE a.application_name = session;
        EXIT WHEN NOT FOUND AND began IS NOT NULL;
        CONTINUE WHEN watched.state IS DISTINCT FROM 'active';
        IF watched.query_start IS DISTINCT FROM began THEN
            began := watched.query_start;
            worked := work(watched.pid);
        ELSIF work(watched.pid) - worked >= 50 THEN
            PERFORM pg_cancel_backend(watched.pid);
        END IF;
    END LOOP;
END
$$;
SQL

cases=$(grep -n -v -E '^[[:space:]]*(#|$)' tests/cancel.txt)
{
    echo "SET application_name = 'cancelled'; SET max_parallel_workers_per_gather = 0;" # what is done is done by this backend
    while IFS= read -r line; do
        # twice each: a call that ends just when it is cancelled leaves that to the next statement
        printf 'SELECT work() AS before \\gset\n%s \\g /dev/null\n\\set state :SQLSTATE\nSELECT work() - :before AS used \\gset\nSELECT work() - :before AS used \\gset\n\\echo @case %s :state :used\n' \
            "${line#*:}" "${line%%:*}"
    done <<<"$cases"
} >"$work/cancel.sql"
psql -X -q -d cancel -c "CALL cancel_all('cancelled')" &
psql -X -q -d cancel -f "$work/cancel.sql" >"$work/cancel.out" 2>&1 || true
wait
while IFS= read -r line; do
    read -r _ _ state used < <(grep "^@case ${line%%:*} " "$work/cancel.out") || true
    what="line ${line%%:*}: $(cut -c1-120 <<<"${line#*:}")"
    case ${state:-none} in
        00000 | 57014) if [ "$used" -lt 200 ]; then pass "$what"; else fail "$what" "$state after $used hundredths of a second"; fi ;;
        *) fail "$what" "SQLSTATE ${state:-none}" ;;
    esac
done <<<"$cases"
