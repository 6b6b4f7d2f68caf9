-- Overrides that stand in a table or view, such as a spreadsheet that was loaded: what is right is taken, what is not comes back row by row.

CREATE FUNCTION tiering.import_overrides(
    program text, source regclass, customer text DEFAULT 'customer', tier text DEFAULT 'tier', reason text DEFAULT 'reason', until text DEFAULT NULL,
    kind text DEFAULT 'fixed', strict boolean DEFAULT false, dry_run boolean DEFAULT false, path text DEFAULT current_setting('search_path')
) RETURNS TABLE (rejected text, column_name text, value text, problem text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(import_overrides.program);
    until_type regtype;
    customers text[];
    wrong record;
    n_wrong bigint;
    began timestamptz := now();
    taken bigint := 0;
    unchanged bigint;
BEGIN
    IF import_overrides.source IS NULL OR import_overrides.customer IS NULL OR import_overrides.tier IS NULL OR import_overrides.reason IS NULL
        OR import_overrides.strict IS NULL OR import_overrides.dry_run IS NULL
    THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'source, customer, tier, reason, strict and dry_run must not be NULL',
            HINT = 'SELECT * FROM tiering.import_overrides(program, ''schema.table'', customer => ''column'', tier => ''column'', reason => ''column'').';
    END IF;
    IF (import_overrides.kind IN ('fixed', 'at_least', 'at_most')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('an override cannot be of kind "%s"', coalesce(import_overrides.kind, 'NULL')),
            HINT = 'kind => ''fixed'' gives this tier, ''at_least'' this or a better one, ''at_most'' this or a worse one.';
    END IF;
    PERFORM tiering.require_column(import_overrides.source, u.name, 'Name the columns: customer => ''…'', tier => ''…'', reason => ''…'', until => ''…''.')
    FROM unnest(ARRAY[import_overrides.customer, import_overrides.tier, import_overrides.reason, import_overrides.until]) AS u (name) WHERE u.name IS NOT NULL;
    SELECT tiering.base_type(c.type) INTO until_type FROM tiering.source_columns(import_overrides.source) c WHERE c.column_name = import_overrides.until;
    IF until_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but an override ends at a time', import_overrides.until, import_overrides.source, until_type),
            HINT = 'Import from a view that casts it to timestamptz, timestamp or date.';
    END IF;
    PERFORM tiering.drop_temporary('tiering: overrides');
    PERFORM tiering.read_import(tiering.plan_program(p.program, now()), format(
        'CREATE TEMP TABLE pg_temp."tiering: overrides" AS SELECT pg_catalog.row_number() OVER () AS n, %1$s COLLATE pg_catalog."C" AS customer, '
        '%1$s COLLATE pg_catalog."C" AS written, s.%2$I::pg_catalog.text COLLATE pg_catalog."C" AS tier, s.%3$I::pg_catalog.text AS reason, %4$s AS until, '
        'NULL::pg_catalog.text AS wrong_column, NULL::pg_catalog.text AS value, NULL::pg_catalog.text AS problem FROM %5$s s',
        (SELECT tiering.key_expression(format('s.%I', c.column_name), c.type) FROM tiering.source_columns(import_overrides.source) c
            WHERE c.column_name = import_overrides.customer),
        import_overrides.tier, import_overrides.reason,
        coalesce('nullif(' || tiering.moment_expression('s.' || quote_ident(import_overrides.until), until_type, p.zone) || ', ''infinity''::timestamptz)', 'NULL::timestamptz'),
        import_overrides.source), import_overrides.source, ARRAY[import_overrides.customer, import_overrides.tier, import_overrides.reason, import_overrides.until], import_overrides.customer,
        import_overrides.path);

    customers := ARRAY(SELECT DISTINCT o.customer FROM pg_temp."tiering: overrides" o WHERE o.customer IS NOT NULL ORDER BY 1);
    UPDATE pg_temp."tiering: overrides" o SET customer = k.key
    FROM unnest(customers, tiering.customer_keys(p.program, customers, import_overrides.path, false)) AS k (customer, key)
    WHERE k.customer = o.customer AND k.key IS DISTINCT FROM o.customer;
    -- The first thing that is wrong with a row is told. Rows of a customer are numbered in one pass.
    UPDATE pg_temp."tiering: overrides" o SET (wrong_column, value, problem) = (SELECT w.column_name, w.value, w.problem FROM (
        SELECT 1 AS n, import_overrides.customer AS column_name, o.written AS value, 'names no customer' AS problem WHERE o.written IS NULL
        UNION ALL SELECT 2, import_overrides.customer, left(o.written, 200), format('program "%s" has graded no such customer', p.program)
            WHERE NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = o.customer AND a.gone_since IS NULL OFFSET 0)
        UNION ALL SELECT 3, import_overrides.customer, o.written, 'the customer stands in an earlier row, too'
            WHERE o.customer IS NOT NULL AND d.place > 1
        UNION ALL SELECT 4, import_overrides.tier, left(o.tier, 200), format('the scheme has no such tier; it has: %s',
                (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = p.program))
            WHERE NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = o.tier)
        UNION ALL SELECT 5, import_overrides.reason, o.reason, 'an override needs a reason' WHERE coalesce(o.reason, '') = ''
        UNION ALL SELECT 6, import_overrides.until, o.until::text, 'lies in the past' WHERE o.until <= now()
    ) w ORDER BY w.n LIMIT 1)
    FROM (SELECT e.n, row_number() OVER (PARTITION BY e.customer ORDER BY e.n) AS place FROM pg_temp."tiering: overrides" e) d
    WHERE d.n = o.n;
    SELECT o.customer, o.written, o.wrong_column, o.value, o.problem INTO wrong FROM pg_temp."tiering: overrides" o WHERE o.problem IS NOT NULL ORDER BY o.n LIMIT 1;
    SELECT count(*) INTO n_wrong FROM pg_temp."tiering: overrides" o WHERE o.problem IS NOT NULL;
    IF n_wrong > 0 AND import_overrides.strict THEN
        RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = format('overrides that cannot be imported: %s', n_wrong),
            DETAIL = format('The first is that of customer %s: column "%s", %s.', coalesce('"' || left(wrong.written, 200) || '"', 'NULL'), wrong.wrong_column, wrong.problem),
            HINT = 'Without strict those are left out and returned; dry_run => true returns them and imports nothing.';
    END IF;
    -- The same decree twice is one.
    DELETE FROM pg_temp."tiering: overrides" o USING tiering.overrides x
    WHERE o.problem IS NULL AND x.program = p.program AND x.customer = o.customer AND tiering.lasts(x.until)
        AND (x.tier, x.reason, x.author, x.until, x.kind) IS NOT DISTINCT FROM (o.tier, o.reason, session_user::text, o.until, import_overrides.kind);
    GET DIAGNOSTICS unchanged = ROW_COUNT;
    IF import_overrides.dry_run THEN
        SELECT count(*) INTO taken FROM pg_temp."tiering: overrides" o WHERE o.problem IS NULL;
    ELSE
        PERFORM tiering.hold_program(p.program);
        customers := ARRAY(SELECT o.customer FROM pg_temp."tiering: overrides" o WHERE o.problem IS NULL ORDER BY 1);
        PERFORM FROM unnest(customers) AS k (customer)
        CROSS JOIN LATERAL (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = k.customer COLLATE "C" FOR NO KEY UPDATE) l;
        -- Later than every earlier one of these customers, should several have been given in this transaction.
        SELECT greatest(began, max(l.since) + interval '1 microsecond') INTO began FROM unnest(customers) AS k (customer)
        CROSS JOIN LATERAL (SELECT x.since FROM tiering.overrides x WHERE x.program = p.program AND x.customer = k.customer COLLATE "C" ORDER BY x.since DESC LIMIT 1) l;
        UPDATE tiering.overrides x SET until = began, cleared_by = session_user
        FROM unnest(customers) AS k (customer) WHERE x.program = p.program AND x.customer = k.customer COLLATE "C" AND coalesce(x.until > began, true);
        INSERT INTO tiering.overrides (program, customer, since, until, tier, reason, kind)
        SELECT p.program, o.customer, began, CASE WHEN o.until IS NOT NULL THEN greatest(o.until, began) END, o.tier, o.reason, import_overrides.kind
        FROM pg_temp."tiering: overrides" o WHERE o.problem IS NULL ORDER BY o.customer;
        GET DIAGNOSTICS taken = ROW_COUNT;
        PERFORM tiering.date_overrides(p.program, customers);
    END IF;
    RAISE NOTICE USING MESSAGE = format('program "%s": overrides %s: %s, in force already: %s, rejected: %s', p.program,
        CASE WHEN import_overrides.dry_run THEN 'that would be taken' ELSE 'taken' END, taken, unchanged, n_wrong);
    RETURN QUERY SELECT o.written, o.wrong_column, o.value, o.problem FROM pg_temp."tiering: overrides" o WHERE o.problem IS NOT NULL ORDER BY o.n;
    DROP TABLE pg_temp."tiering: overrides";
END
$$;
COMMENT ON FUNCTION tiering.import_overrides(text, regclass, text, text, text, text, text, boolean, boolean, text) IS
    'gives the tiers of a whole table or view by decree, as override_tier() does, in the name of the session user. Name its columns: customer, tier, reason, until (timestamptz, '
    'timestamp or date; NULL: without end). What is right is taken, and a NOTICE counts it; each row that is not is returned with its customer (rejected), column, value and problem: an unknown '
    'customer or tier, one who stands in an earlier row, no reason, an end in the past. kind: fixed, at_least or at_most. strict: one such row is an error, and nothing is taken. dry_run: nothing '
    'is taken, all is told. Done again, it changes nothing. path: search_path under which the source is read. ERROR 42704 unknown program, 42703 no such column, 42804 until is no time, '
    '22023 another kind, 22004 a NULL; with strict 22000';
