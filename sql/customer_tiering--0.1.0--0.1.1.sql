-- From 0.1.0 to 0.1.1. CONTRIBUTING.md, "Change what is released", says what stands here.
\echo Use "ALTER EXTENSION customer_tiering UPDATE" to load this file. \quit

CREATE OR REPLACE FUNCTION tiering.snapshot_function(customers_as_of regprocedure) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF customers_as_of IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'customers_as_of must be given',
            HINT = 'Pass a function such as crm.accounts_as_of(timestamptz), which returns the columns that the program uses.';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_proc f WHERE f.oid = customers_as_of AND f.proretset AND f.pronargs = 1 AND f.proargtypes[0] = 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no function of a timestamptz that returns rows', customers_as_of),
            HINT = 'Pass one such as crm.accounts_as_of(timestamptz), which returns the columns that the program uses.';
    END IF;
    RETURN replace((SELECT customers_as_of::regproc::text), '%', '%%') || '(%L::timestamptz)';
END
$$;
COMMENT ON FUNCTION tiering.snapshot_function(regprocedure) IS
    'the FROM item of the customers as a function returns them for a time, with %L for the time; ERROR 22004 NULL, 22023 no function of a timestamptz that returns rows';

CREATE OR REPLACE FUNCTION tiering.snapshot_table(snapshots regclass, taken_at text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    shown text := replace(format('%s', snapshots), '%', '%%');
    taken text := replace(format('%I', taken_at), '%', '%%');
BEGIN
    IF snapshots IS NULL OR taken_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'snapshots and taken_at must be given',
            HINT = 'Pass a table or view with the columns of the source, and the name of its column that says when each row was copied: snapshots => ''crm.accounts_daily'', taken_at => ''copied_at''.';
    END IF;
    IF NOT EXISTS (SELECT FROM tiering.source_columns(snapshots) c
        WHERE c.column_name = taken_at AND c.type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype))
    THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s" with the time of the snapshot', snapshots, taken_at),
            DETAIL = tiering.column_list(snapshots),
            HINT = 'It must be of type timestamptz, timestamp or date.';
    END IF;
    RETURN format('(SELECT * FROM %s WHERE %s = (SELECT max(%s) FROM %s WHERE %s <= %%L))', shown, taken, taken, shown, taken);
END
$$;
COMMENT ON FUNCTION tiering.snapshot_table(regclass, text) IS
    'the FROM item of the customers of the newest snapshot of a table by a time, with %L for the time; ERROR 22004 a NULL, 42703 no such column';
