-- Automatic grading: triggers on the source grade just the customers that a statement has changed, in its transaction.

CREATE FUNCTION tiering.grade_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs;
    key text;
    used text;
    customers text[];
BEGIN
    SELECT q.* INTO p FROM tiering.programs q WHERE q.program = TG_ARGV[0];
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('%s still has the triggers of program "%s", which does not exist any more', TG_RELID::regclass, TG_ARGV[0]),
            HINT = format('DROP TRIGGER %I ON %s, and so with the others of this program.', TG_NAME, TG_RELID::regclass);
    END IF;
    IF p.status = 'paused' THEN
        RETURN NULL;
    END IF;
    IF p.source <> TG_RELID THEN
        RETURN NULL;  -- the program has another source now; these triggers are of the earlier one
    END IF;
    SELECT c.column_name INTO key FROM tiering.program_columns(p.program) c WHERE c.purpose = 'key';
    CASE TG_OP
        WHEN 'INSERT' THEN
            EXECUTE format('SELECT array_agg(n.%1$I::text ORDER BY n.%1$I::text COLLATE "C") FROM tiering_new n WHERE n.%1$I IS NOT NULL', key) INTO customers;
        WHEN 'DELETE' THEN
            EXECUTE format('SELECT array_agg(o.%1$I::text ORDER BY o.%1$I::text COLLATE "C") FROM tiering_old o WHERE o.%1$I IS NOT NULL', key) INTO customers;
        WHEN 'UPDATE' THEN
            -- Columns that the program does not use may change as they like.
            SELECT string_agg(format('%I', c.column_name), ', ') INTO used FROM tiering.program_columns(p.program) c;
            EXECUTE format('SELECT array_agg(DISTINCT c.k COLLATE "C" ORDER BY c.k COLLATE "C") FROM ('
                '(SELECT %1$I::text AS k, %2$s FROM tiering_new EXCEPT ALL SELECT %1$I::text, %2$s FROM tiering_old) UNION ALL '
                '(SELECT %1$I::text, %2$s FROM tiering_old EXCEPT ALL SELECT %1$I::text, %2$s FROM tiering_new)) c WHERE c.k IS NOT NULL', key, used)
            INTO customers;
        WHEN 'TRUNCATE' THEN
            SELECT array_agg(a.customer ORDER BY a.customer) INTO customers
            FROM tiering.assignments a WHERE a.program = p.program AND a.gone_since IS NULL;
    END CASE;
    IF customers IS NOT NULL THEN
        PERFORM tiering.grade_customers(p.program, customers, 'automatic');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.grade_changed() IS
    'trigger: grades the customers whom a statement has added, changed or removed; argument: the program. Whoever changes the source needs the rights of '
    'an agent (tiering.grant_agent). A value that grading refuses makes the statement fail';

CREATE FUNCTION tiering.drop_triggers(program text, source regclass) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t record;
    dropped integer := 0;
BEGIN
    FOR t IN
        SELECT g.tgname, g.tgrelid::regclass AS source FROM pg_trigger g
        WHERE g.tgfoid = 'tiering.grade_changed'::regproc AND g.tgargs = convert_to($1, 'UTF8') || '\x00'::bytea AND ($2 IS NULL OR g.tgrelid = $2)
            AND g.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.source);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION tiering.drop_triggers(text, regclass) IS 'drops the triggers of a program on a table, or (NULL) wherever they are; returns how many';

CREATE FUNCTION tiering.enable_automatic(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program($1);
    kind "char";
    key text;
    event text;
BEGIN
    SELECT c.relkind INTO kind FROM pg_class c WHERE c.oid = p.source;
    SELECT c.column_name INTO key FROM tiering.program_columns($1) c WHERE c.purpose = 'key';
    IF kind NOT IN ('r', 'p') THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", is no table', p.source, $1),
            DETAIL = 'A view has no rows of its own that could change.',
            HINT = format('Let it be retiered now and then: SELECT cron.schedule(''retier %1$s'', ''0 3 * * *'', $q$CALL tiering.retier(%2$L)$q$), with pg_cron.', $1, $1);
    END IF;
    IF NOT tiering.has_unique_key(p.source, key) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no unique index on column "%s", or the column may be NULL', p.source, key),
            DETAIL = 'Without it, each statement would search the whole table for its customers.',
            HINT = format('ALTER TABLE %s ALTER %I SET NOT NULL, ADD UNIQUE (%I).', p.source, key, key);
    END IF;
    PERFORM tiering.drop_triggers($1, NULL);
    FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION tiering.grade_changed(%L)',
            format('tiering_%s_%s', left($1, 46), event), upper(event), p.source,
            CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS tiering_new' WHEN 'update' THEN 'REFERENCING OLD TABLE AS tiering_old NEW TABLE AS tiering_new'
                WHEN 'delete' THEN 'REFERENCING OLD TABLE AS tiering_old' ELSE '' END, $1);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.enable_automatic(text) IS
    'from now on every statement that changes the source of a program (INSERT, COPY, UPDATE, DELETE, MERGE, TRUNCATE) grades the customers that it changes, in its '
    'own transaction, by triggers on the table, of which you must be the owner; writing to a partition directly goes past them. What changed before is found by the next retier(), which is still wanted for '
    'what changes by time alone. ERROR 42809 the source is no table, 55000 it has no unique key, 42501 not your table';

CREATE FUNCTION tiering.disable_automatic(program text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program($1);
    RETURN tiering.drop_triggers($1, NULL) > 0;
END
$$;
COMMENT ON FUNCTION tiering.disable_automatic(text) IS 'takes the triggers of a program off its source again; whether there were any';
