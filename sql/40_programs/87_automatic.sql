-- Automatic grading: triggers on the source grade just the customers that a statement has changed, in its transaction.
--
-- The trigger functions themselves have no search_path of their own, since policies and functions of the user run in what they
-- execute: they do nothing but run what changed_customers() writes for them, where every name is qualified. grade_changed() keeps these statements planned
-- (src/automatic.rs): their text names the table, since rows of another one have other columns.

CREATE FUNCTION tiering.changed_query(p tiering.programs, relation regclass, operation text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    key text := tiering.program_key(p.program, 'r');
    used text := (SELECT string_agg(format('r.%I', c.column_name), ', ') FROM tiering.program_columns(p.program) c);
    changed text;
BEGIN
    changed := CASE operation
        WHEN 'INSERT' THEN format('SELECT %s AS customer FROM tiering_new r', key)
        WHEN 'DELETE' THEN format('SELECT %s AS customer FROM tiering_old r', key)
        -- Rows are compared byte by byte: another case or scale is a change. Columns that the program does not use may change as they like.
        WHEN 'UPDATE' THEN format(
            'SELECT u.customer FROM (SELECT %1$s AS customer, ROW(%2$s) AS used FROM tiering_new r) n '
            'FULL JOIN (SELECT %1$s AS customer, ROW(%2$s) AS used FROM tiering_old r) o ON o.customer OPERATOR(pg_catalog.=) n.customer '
            'CROSS JOIN LATERAL (VALUES (n.customer), (o.customer)) u (customer) '
            'WHERE n.customer IS NULL OR o.customer IS NULL OR n.used OPERATOR(pg_catalog.*<>) o.used', key, used)
        WHEN 'TRUNCATE' THEN format('SELECT a.customer FROM tiering.assignments a WHERE a.program OPERATOR(pg_catalog.=) %L AND a.gone_since IS NULL', p.program)
        WHEN 'ROW' THEN format('SELECT %1$s AS customer FROM (SELECT ($1).*) r UNION SELECT %1$s FROM (SELECT ($2).*) r', key)
    END;
    changed := format('/* %s */ SELECT pg_catalog.array_agg(DISTINCT c.customer ORDER BY c.customer) FROM (%s) c WHERE c.customer IS NOT NULL', relation::oid, changed);
    -- While a deferred key is not yet unique, whose customers are they? The statement that makes it unique grades them.
    IF NOT tiering.has_unique_key(p.source, tiering.key_columns(p.program)) THEN
        changed := format('SELECT pg_catalog.array_agg(q.customer ORDER BY q.customer) FROM (SELECT pg_catalog.unnest(c.customers) AS customer FROM (%s) c (customers)) q '
            'WHERE (SELECT pg_catalog.count(*) FROM %s r WHERE %s) OPERATOR(pg_catalog.<) 2', changed, p.source,
            tiering.program_key_condition(p.program, 'ARRAY[q.customer]', 'r'));
    END IF;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION tiering.changed_query(tiering.programs, regclass, text) IS
    'makes the statement of changed_customers(), from the program and the columns and indexes of its source; ERROR 42703 if a column is gone';

CREATE FUNCTION tiering.changed_customers(program text, relation regclass, operation text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs;
    kept tiering.program_plan;
    found_program record;
BEGIN
    -- All that changed_query() reads. Whatever is done to columns, keys and heirs of the source gives its row type another number.
    SELECT q.status, q.source, pg_catalog.concat_ws(' ', q.xmin, q.ctid, tiering.row_type_revision(q.source), tiering.row_type_revision('tiering.program_plan'::regclass),
        (SELECT t.xmin FROM pg_class t WHERE t.oid = q.source)) AS revision INTO found_program
    FROM tiering.programs q WHERE q.program = changed_customers.program;
    IF NOT FOUND THEN
        RAISE WARNING USING ERRCODE = 'undefined_object',
            MESSAGE = format('%s has the triggers of program "%s", which does not exist here: nobody was graded', relation, program),
            DETAIL = 'The table was restored without its program, perhaps.',
            HINT = format('SELECT tiering.drop_triggers(%L, %L) takes them off.', program, relation);
        RETURN NULL;
    END IF;
    IF found_program.status = 'paused' THEN
        RETURN NULL;
    END IF;
    -- The triggers may be those of an earlier source.
    IF found_program.source <> relation THEN
        IF NOT EXISTS (SELECT FROM pg_partition_ancestors(relation) AS r WHERE r.relid = found_program.source) THEN
            RETURN NULL;
        END IF;
    END IF;
    kept := tiering.kept_plan(concat(changed_customers.program, ' ', operation, ' ', relation::oid), found_program.revision);
    IF kept.program IS NULL THEN
        SELECT q.* INTO p FROM tiering.programs q WHERE q.program = changed_customers.program;
        kept.program := p.program;
        BEGIN
            kept.changed := tiering.changed_query(p, relation, operation);
        EXCEPTION WHEN undefined_column THEN
            RAISE WARNING USING ERRCODE = 'undefined_column', MESSAGE = SQLERRM || ': nobody was graded',
                HINT = format('SELECT tiering.alter_program(%L, …) names another column; tiering.disable_automatic(%L) takes the triggers off.', p.program, p.program);
            RETURN NULL;
        END;
        PERFORM tiering.keep_plan(concat(p.program, ' ', operation, ' ', relation::oid), found_program.revision, kept);
    END IF;
    RETURN kept.changed;
END
$$;
COMMENT ON FUNCTION tiering.changed_customers(text, regclass, text) IS
    'a part of automatic grading: the query that gives the customers of a program whom an operation on a table has changed, an array; NULL if nobody is to be '
    'graded, with a WARNING if the program is not there or lacks a column. operation: INSERT, UPDATE, DELETE, TRUNCATE, or ROW for the rows $1 and $2';

CREATE FUNCTION tiering.grade_found(program text, customers text[], path text DEFAULT current_setting('search_path')) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.grade_customers(program, customers, 'automatic', path);
EXCEPTION WHEN datatype_mismatch THEN
    -- Somebody has given a column another type. The application goes on, as it does when the column is dropped.
    RAISE WARNING USING ERRCODE = SQLSTATE, MESSAGE = SQLERRM || ': nobody was graded',
        HINT = format('Let program %L read a view that casts the column (tiering.alter_program); tiering.disable_automatic(%1$L) takes the triggers off.', program);
END
$$;
COMMENT ON FUNCTION tiering.grade_found(text, text[], text) IS
    'a part of automatic grading: grades customers; WARNING if a column of the source has another type than the scheme takes';

CREATE FUNCTION tiering.grade_changed() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'grade_changed';
COMMENT ON FUNCTION tiering.grade_changed() IS
    'trigger: grades the customers whom a statement has added, changed or removed; argument: the program. Whoever changes the source needs the rights of '
    'an agent (tiering.grant_agent). Values that cannot be graded are set aside with a WARNING (tiering.run_problems), and so is that the program is not there';

-- On a subscriber of logical replication no statement is executed, so that only triggers of rows can see what arrives. Replication must go on:
-- what cannot be graded is left to the next retier().
CREATE FUNCTION tiering.grade_replicated() RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    query text;
    customers text[];
BEGIN
    -- The initial copy of a table, and sessions that set session_replication_role, pass: retier() grades a whole table better.
    IF EXISTS (SELECT FROM pg_catalog.pg_stat_get_subscription(NULL) s WHERE s.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() AND s.relid IS NULL) THEN
        BEGIN
            query := tiering.changed_customers(TG_ARGV[0], TG_RELID::pg_catalog.regclass, 'ROW');
            IF query IS NOT NULL THEN
                EXECUTE query INTO customers USING OLD, NEW;
                IF customers IS NOT NULL THEN
                    PERFORM tiering.grade_customers(TG_ARGV[0], customers, 'automatic', pg_catalog.current_setting('search_path'));
                END IF;
            END IF;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING USING ERRCODE = SQLSTATE, MESSAGE = pg_catalog.format('program "%s" has not graded what was replicated to %s: %s',
                    TG_ARGV[0], TG_RELID::pg_catalog.regclass, SQLERRM),
                HINT = pg_catalog.format('CALL tiering.retier(%L) grades it.', TG_ARGV[0]);
        END;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.grade_replicated() IS
    'trigger: grades the customers of rows that logical replication brings; argument: the program. What cannot be graded is a WARNING in the log of the server';

CREATE FUNCTION tiering.program_triggers(program text) RETURNS TABLE (source regclass, name name)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.tgrelid::regclass, g.tgname FROM pg_trigger g
    WHERE g.tgfoid IN ('tiering.grade_changed'::regproc, 'tiering.grade_replicated'::regproc)
        AND g.tgargs = convert_to($1, getdatabaseencoding()) || decode('00', 'hex') AND g.tgparentid = 0
    ORDER BY g.tgrelid, g.tgname;
END;
COMMENT ON FUNCTION tiering.program_triggers(text) IS 'the triggers of automatic grading of a program, by table';

-- Sessions that make or drop the triggers of a table do so one after the other: each would hold what the other one waits for.
CREATE FUNCTION tiering.lock_source(source regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Whoever is not the owner is refused by what follows.
    IF (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = lock_source.source AND c.relkind IN ('r', 'p')) THEN
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', lock_source.source);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.lock_source(regclass) IS 'a part of enable_automatic() and disable_automatic(): keeps others from making or dropping triggers of a table until the end of the transaction';

CREATE FUNCTION tiering.drop_triggers(program text, source regclass) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t record;
    of_table regclass;
    dropped integer := 0;
BEGIN
    FOREACH of_table IN ARRAY ARRAY(SELECT g.source FROM tiering.program_triggers(drop_triggers.program) g
        WHERE drop_triggers.source IS NULL OR g.source = drop_triggers.source GROUP BY g.source ORDER BY g.source::oid)
    LOOP
        PERFORM tiering.lock_source(of_table);
        -- Another session may have dropped them meanwhile.
        FOR t IN SELECT g.name FROM tiering.program_triggers(drop_triggers.program) g WHERE g.source = of_table LOOP
            EXECUTE format('DROP TRIGGER %I ON %s', t.name, of_table);
            dropped := dropped + 1;
        END LOOP;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION tiering.drop_triggers(text, regclass) IS 'drops the triggers of a program on a table, or (NULL) wherever they are; returns how many';

CREATE FUNCTION tiering.trigger_name(program text, event text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    -- A name has at most 63 bytes: of a longer program what fits, and a hash of the whole.
    RETURN CASE WHEN octet_length(format('tiering_%s_%s', $1, $2)) <= 63 THEN format('tiering_%s_%s', $1, $2)
        ELSE format('tiering_%s_%s_%s',
            (SELECT max(left($1, n)) FROM generate_series(1, length($1)) AS n WHERE octet_length(left($1, n)) <= 63 - 18 - octet_length($2)),
            left(md5($1), 8), $2) END;
COMMENT ON FUNCTION tiering.trigger_name(text, text) IS 'the name of the trigger of a program for an event: insert, update, delete, truncate or replica';

CREATE FUNCTION tiering.enable_automatic(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(enable_automatic.program);
    key text[] := tiering.key_columns(p.program);
    event text;
    inherited CONSTANT boolean := EXISTS (SELECT FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent AND c.relkind = 'r' WHERE h.inhparent = p.source);
    by_hand CONSTANT text := format('Let it be retiered regularly: SELECT cron.schedule(%L, ''0 3 * * *'', %L), with pg_cron.', 'retier ' || p.program,
        format('CALL tiering.retier(%L)', p.program));
BEGIN
    IF tiering.rows_elsewhere(p.source) = 'distributed' THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", is distributed by Citus', p.source, p.program),
            DETAIL = 'Citus has no triggers on distributed tables: their rows are changed on its workers.', HINT = by_hand;
    END IF;
    IF (SELECT c.relkind NOT IN ('r', 'p') FROM pg_class c WHERE c.oid = p.source) THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", is not a table', p.source, p.program),
            DETAIL = CASE (SELECT c.relkind FROM pg_class c WHERE c.oid = p.source) WHEN 'f' THEN 'Statements that change the rows of a foreign table on its server fire no trigger here.'
                ELSE 'A view has no rows of its own that could change.' END, HINT = by_hand;
    END IF;
    IF EXISTS (SELECT FROM pg_partition_tree(p.source) AS t JOIN pg_class c ON c.oid = t.relid WHERE c.relkind = 'f') THEN
        RAISE EXCEPTION USING ERRCODE = 'wrong_object_type', MESSAGE = format('%s, the source of program "%s", has rows on other servers', p.source, p.program),
            DETAIL = 'Statements that change them there fire no trigger here.', HINT = by_hand;
    END IF;
    IF NOT tiering.has_unique_key(p.source, key, true) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format(CASE cardinality(key) WHEN 1 THEN '%s has no unique index on column "%s", or the column may be NULL' ELSE '%s has no unique index on columns "%s", or one may be NULL' END,
                p.source, array_to_string(key, '", "')),
            DETAIL = CASE WHEN inherited THEN 'Other tables inherit from it, and an index of it says nothing of their rows.'
                ELSE 'Without it, each statement would search the whole table for its customers.' END,
            -- A unique index over partitions has the columns by which they are made.
            HINT = CASE WHEN inherited OR EXISTS (SELECT FROM pg_partitioned_table t JOIN unnest(t.partattrs) AS n (number) ON true
                    LEFT JOIN pg_attribute a ON a.attrelid = t.partrelid AND a.attnum = n.number AND a.attname = ANY (key) WHERE t.partrelid = p.source AND a.attname IS NULL)
                THEN by_hand ELSE format('ALTER TABLE %s %s, ADD UNIQUE (%s).', p.source, (SELECT string_agg(format('ALTER %I SET NOT NULL', k.name), ', ' ORDER BY k.n) FROM unnest(key) WITH ORDINALITY AS k (name, n)),
                    (SELECT string_agg(quote_ident(k.name), ', ' ORDER BY k.n) FROM unnest(key) WITH ORDINALITY AS k (name, n))) END;
    END IF;
    PERFORM tiering.lock_source(p.source);
    PERFORM tiering.hold_program(p.program);  -- after the table, as drop_program() takes them
    PERFORM tiering.drop_triggers(p.program, NULL);
    FOREACH event IN ARRAY '{insert,update,delete,truncate}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION tiering.grade_changed(%L)',
            tiering.trigger_name(p.program, event), upper(event), p.source,
            CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS tiering_new' WHEN 'update' THEN 'REFERENCING OLD TABLE AS tiering_old NEW TABLE AS tiering_new'
                WHEN 'delete' THEN 'REFERENCING OLD TABLE AS tiering_old' ELSE '' END, p.program);
    END LOOP;
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tiering.grade_replicated(%L)',
        tiering.trigger_name(p.program, 'replica'), p.source, p.program);
    EXECUTE format('ALTER TABLE %s ENABLE REPLICA TRIGGER %I', p.source, tiering.trigger_name(p.program, 'replica'));
    -- A truncation that is replicated fires triggers of the statement.
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', p.source, tiering.trigger_name(p.program, 'truncate'));
END
$$;
COMMENT ON FUNCTION tiering.enable_automatic(text) IS
    'from now on every statement that changes the source of a program (INSERT, COPY, UPDATE, DELETE, MERGE, TRUNCATE) grades the customers that it changes, in its '
    'own transaction, by triggers on the table, of which you must be the owner; writing to a partition directly goes past them. What logical replication brings is graded '
    'row by row, but for the initial copy. What changed before is found by the next retier(), which is still wanted for '
    'what changes by time alone. ERROR 42809 the source is no table, or has rows on other servers (foreign tables, partitions that are, Citus), 55000 it has no unique key, 42501 not your table';

CREATE FUNCTION tiering.disable_automatic(program text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(disable_automatic.program);
    RETURN tiering.drop_triggers(disable_automatic.program, NULL) > 0;
END
$$;
COMMENT ON FUNCTION tiering.disable_automatic(text) IS 'takes the triggers of a program off its source again; whether there were any';
