-- Plots of a few characters, for any query in psql.

CREATE FUNCTION tiering.bar(value double precision, max double precision, width integer DEFAULT 20) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    eighths integer;
BEGIN
    IF width IS NULL OR width < 1 OR width > 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a bar cannot be %s characters wide', coalesce(width::text, 'NULL')),
            HINT = 'Give a width from 1 to 1000.';
    END IF;
    IF value IS NULL OR max IS NULL THEN
        RETURN NULL;
    END IF;
    IF NOT (value >= 0 AND value < 'Infinity' AND max >= 0 AND max < 'Infinity') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'a bar shows a finite value that is not negative',
            DETAIL = format('The value is %s, the largest %s.', value, max), HINT = 'Leave such rows out: FILTER or WHERE.';
    END IF;
    -- What is beyond the largest value fills the bar; of nothing there is nothing to see.
    eighths := CASE WHEN max = 0 OR value = 0 THEN 0 ELSE round(8 * width * least(value::numeric / max::numeric, 1)) END;
    -- ▏ to ▉ are the left one to seven eighths of █.
    RETURN repeat('█', eighths / 8) || CASE WHEN eighths % 8 > 0 THEN chr(9616 - eighths % 8) ELSE '' END;
END
$$;
COMMENT ON FUNCTION tiering.bar(double precision, double precision, integer) IS
    'a bar of block characters, as long as value is of max: bar(count(*), max(count(*)) OVER ()). In eighths of a character; width characters (1 to 1000) for max and whatever is '
    'beyond. NULL for NULL. ERROR 22023 a value that is negative or not finite, or a width out of range';

CREATE FUNCTION tiering.spark("values" double precision[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    least double precision;
    most double precision;
BEGIN
    SELECT min(v.value), max(v.value) INTO least, most FROM unnest("values") AS v (value);
    IF EXISTS (SELECT FROM unnest("values") AS v (value) WHERE v.value IN ('NaN', 'Infinity', '-Infinity')) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'a line shows finite values', HINT = 'Leave such rows out: FILTER or WHERE.';
    END IF;
    -- Halves first: the difference between the largest numbers that there are is none.
    RETURN (SELECT string_agg(CASE WHEN v.value IS NULL THEN ' ' WHEN most = least THEN '▄'
            ELSE chr(9601 + round(7 * ((v.value / 2 - least / 2) / (most / 2 - least / 2)))::integer) END, '' ORDER BY v.n)
        FROM unnest("values") WITH ORDINALITY AS v (value, n));
END
$$;
COMMENT ON FUNCTION tiering.spark(double precision[]) IS
    'values in their order as a line of block characters, from ▁ for the least to █ for the most: spark(array_agg(sales ORDER BY month)). A space for NULL, ▄ where all are equal, '
    'NULL for an empty array. ERROR 22023 a value that is not finite';
