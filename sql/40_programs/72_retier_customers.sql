-- A few customers graded right now: by hand, or from a trigger on a table from which the source is made, such as orders below a view of sums.

CREATE FUNCTION tiering.retier_few(program text, customers text[], path text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(retier_few.program);
    named text[] := ARRAY(SELECT DISTINCT c.customer FROM unnest(retier_few.customers) AS c (customer) WHERE c.customer IS NOT NULL);
BEGIN
    IF p.status = 'paused' THEN
        -- Whatever application changes the orders of a paused program goes on.
        RAISE NOTICE USING MESSAGE = format('program "%s" is paused: nobody was graded', p.program),
            HINT = format('SELECT tiering.resume_program(%L) lets it grade again.', p.program);
        RETURN 0;
    END IF;
    -- The order of a guest, whose text is no key at all, is no customer's either.
    named := array_remove(tiering.customer_keys(p.program, named, retier_few.path, false), NULL);
    IF named = '{}' THEN
        RETURN 0;
    END IF;
    RETURN tiering.grade_customers(p.program, named, 'automatic', retier_few.path);
END
$$;
COMMENT ON FUNCTION tiering.retier_few(text, text[], text) IS 'a part of retier_customers(); path: search_path under which the source is read';

CREATE FUNCTION tiering.retier_customers(program text, VARIADIC customers text[]) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.retier_few($1, $2, current_setting('search_path'));
END;
COMMENT ON FUNCTION tiering.retier_customers(text, text[]) IS
    'grades some customers of a program again, now, from the source, and writes what follows as retier() does; returns how many of them the source has. Name them one by one, or '
    'VARIADIC ARRAY(SELECT …). Made to be called from a trigger on a table below the source, such as orders: SELECT tiering.retier_customers(''program'', NEW.customer::text). '
    'NULLs, customers whom the source does not have, and texts that are no key, are passed over; who cannot be graded keeps the tier, and stands in tiering.run_problems. Of a paused program nobody is '
    'graded, with a NOTICE. Needs the rights of an agent. ERROR 42704 unknown program, 42501 no right, 42P01, 42703 source or column dropped';
