CREATE TABLE bench.timings (place integer REFERENCES bench.variants, run integer, milliseconds float8);

CREATE FUNCTION bench.milliseconds(query text) RETURNS float8
    LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE query;
    RETURN 1000 * extract(epoch FROM clock_timestamp() - started);
END
$$;

-- Whether all variants of a topic agree on every customer; which also warms them up.
CREATE PROCEDURE bench.check(checked text)
    LANGUAGE plpgsql
AS $$
DECLARE
    variant bench.variants;
    agreeing bigint;
    customers bigint := (SELECT count(*) FROM bench.customers);
BEGIN
    FOR variant IN SELECT * FROM bench.variants WHERE topic = checked AND grades ORDER BY place LOOP
        IF to_regclass('pg_temp.expected') IS NULL THEN
            EXECUTE format('CREATE TEMP TABLE expected AS SELECT id, %s AS tier FROM %s', variant.expression, variant.source);
            ANALYZE expected;
        ELSE
            EXECUTE format('SELECT count(*) FROM (SELECT id, %s AS tier FROM %s) v JOIN expected e USING (id) '
                'WHERE v.tier IS NOT DISTINCT FROM e.tier', variant.expression, variant.source) INTO agreeing;
            ASSERT agreeing = customers, format('%s: %s agrees on %s customers of %s', checked, variant.title, agreeing, customers);
        END IF;
    END LOOP;
    DROP TABLE expected;
END
$$;

-- The variants take turns, so that a machine that slows down for a while slows down all of them. Those that take seconds run five times.
CREATE PROCEDURE bench.measure(measured text, runs integer)
    LANGUAGE plpgsql
AS $$
DECLARE
    variant bench.variants;
BEGIN
    FOR run IN 1 .. runs LOOP
        FOR variant IN
            SELECT * FROM bench.variants v
            WHERE topic = measured AND (run <= 5 OR (SELECT min(milliseconds) < 2500 FROM bench.timings t WHERE t.place = v.place))
            ORDER BY place
        LOOP
            INSERT INTO bench.timings SELECT variant.place, run,
                bench.milliseconds(format('SELECT count(%s) FROM %s', variant.expression, variant.source));
            COMMIT;
        END LOOP;
    END LOOP;
END
$$;

CREATE VIEW bench.medians AS
    SELECT v.place, v.topic, v.title, v.at_most, v.against,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY t.milliseconds) AS milliseconds, count(*) AS runs
    FROM bench.variants v JOIN bench.timings t USING (place)
    GROUP BY v.place;

-- Of this backend, in kB: the memory that is its own, shared buffers not counted.
CREATE FUNCTION bench.resident() RETURNS integer
    LANGUAGE sql VOLATILE
    RETURN substring(pg_catalog.pg_read_file('/proc/self/status') FROM 'RssAnon:\s*(\d+)')::integer;
