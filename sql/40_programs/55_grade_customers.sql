-- A few customers, graded in one statement; what would change; why; and what is said of customers who cannot be.

CREATE FUNCTION tiering.graded_columns() RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '{tier,rank,computed_tier,score,owner,last_followup,pending_since,cadence_due,next_due,rhythm_since,valid_until,group_key,label,since,gone_since,reasons}'::text[];
COMMENT ON FUNCTION tiering.graded_columns() IS 'the columns of tiering.assignments that a grading writes';

CREATE FUNCTION tiering.write_query(
    program text, cause text, outcomes text, state text DEFAULT 'tiering.assignments', condition text DEFAULT 'true', problems_at text DEFAULT NULL,
    log text DEFAULT 'tiering.assignment_log', contacted text DEFAULT NULL
) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    written text := array_to_string(tiering.graded_columns(), ', ');
BEGIN
    RETURN format($query$
WITH outcome AS MATERIALIZED (%1$s
), changed AS (
    -- Nobody has graded it since: the version of the row is the one that was compared.
    UPDATE %2$s a SET (%3$s) = ROW (%4$s)%10$s
    FROM outcome o WHERE a.program = o.program AND a.customer = o.customer AND a.xmin = o.seen AND NOT o.set_aside AND %6$s
    RETURNING a.customer, a.since, a.tier, o.reason, a.owner, a.reasons, o.resumed, o.as_of, o.pending_before
), resumed AS (
    -- Who came back in the transaction that closed him was never gone.
    DELETE FROM %9$s l USING outcome o
    WHERE o.resumed IS NOT NULL AND l.program = o.program AND l.customer = o.customer AND l.since = o.resumed AND l.reason = 'gone'
), added AS (
    INSERT INTO %2$s AS a (program, customer, %3$s)
    SELECT %5$L, o.customer, %4$s FROM outcome o WHERE o.seen IS NULL AND NOT o.set_aside ORDER BY o.owner COLLATE pg_catalog."C", o.customer
    ON CONFLICT (program, customer) DO NOTHING
    RETURNING a.customer, a.since, a.tier, CASE WHEN a.tier IS NULL THEN 'ungraded' ELSE 'first' END AS reason, a.owner, a.reasons
), logged AS (
    INSERT INTO %9$s (program, customer, since, tier, reason, cause, owner, reasons, as_of, pending_since)
    SELECT %5$L, c.customer, c.since, c.tier, c.reason, %7$L, c.owner, c.reasons, c.as_of, c.pending_before
    FROM (SELECT x.customer, x.since, x.tier, x.reason, x.owner, x.reasons, x.as_of, x.pending_before FROM changed x WHERE x.reason IS NOT NULL
        UNION ALL SELECT n.*, NULL, NULL FROM added n) c
    RETURNING 1
)%8$s
SELECT o.*, c.*, (SELECT pg_catalog.count(*) FROM added) AS added, (SELECT pg_catalog.count(*) FROM logged) AS logged
FROM (SELECT pg_catalog.count(*) AS rows, %11$s AS customers, pg_catalog.count(*) FILTER (WHERE x.gone_since IS NULL) AS here,
        pg_catalog.count(*) FILTER (WHERE x.seen IS NULL AND NOT x.set_aside) AS unknown, pg_catalog.count(x.problem) + pg_catalog.count(x.refused) AS problems FROM outcome x) o
CROSS JOIN (SELECT pg_catalog.count(*) FILTER (WHERE x.reason <> 'gone' OR x.resumed IS NOT NULL) AS moved, pg_catalog.count(*) FILTER (WHERE x.reason IS NULL AND x.resumed IS NULL) AS updated,
        pg_catalog.count(*) FILTER (WHERE x.reason = 'gone') AS gone FROM changed x) c$query$,
        outcomes, state, written, (SELECT string_agg('o.' || u.name, ', ' ORDER BY u.n) FROM unnest(tiering.graded_columns()) WITH ORDINALITY AS u (name, n)),
        program, condition, cause,
        CASE WHEN problems_at IS NOT NULL THEN format(', noted AS (%s)', tiering.note_query(program, problems_at, cause, 'outcome')) ELSE '' END, log,
        CASE WHEN contacted IS NOT NULL THEN ', last_logged = greatest(a.last_logged, o.contacted)' ELSE '' END,
        -- Of many it would be a sort of them all.
        CASE WHEN contacted IS NOT NULL AND tiering.has_unique_key((tiering.find_program(program)).source, tiering.key_columns(program)) THEN 'pg_catalog.count(*)'
            ELSE 'pg_catalog.count(DISTINCT x.customer)' END);
END
$$;
COMMENT ON FUNCTION tiering.write_query(text, text, text, text, text, text, text, text) IS
    'the statement that writes outcomes, a query of rows as grading_query() gives them, to the assignments and the history, and counts them: rows, customers, '
    'here, unknown, problems, moved, updated, gone, added, logged. condition: which rows are to be looked for; problems_at: an expression, as of which problems are noted; log: the history; contacted: as of grading_query()';

-- Owner by owner: the entries of one stand in few pages of the indexes of owners, of the assignments and of the log, which are written one after the other. write_query() adds in the
-- same order, so that two sessions that add the same customers wait for each other only once.
CREATE FUNCTION tiering.add_query(program text, cause text, outcomes text) RETURNS text
    LANGUAGE sql STABLE
    RETURN format($query$
WITH added AS (
    INSERT INTO tiering.assignments AS a (program, customer, %1$s)
    SELECT %2$L, o.customer, %3$s FROM (%4$s) o
    ORDER BY o.owner COLLATE pg_catalog."C", o.customer
    RETURNING a.customer, a.since, a.tier, a.owner, a.reasons
)
INSERT INTO tiering.assignment_log (program, customer, since, tier, reason, cause, owner, reasons)
SELECT %2$L, n.customer, n.since, n.tier, CASE WHEN n.tier IS NULL THEN 'ungraded' ELSE 'first' END, %5$L, n.owner, n.reasons FROM added n$query$,
        array_to_string(tiering.graded_columns(), ', '), $1, (SELECT string_agg('o.' || u.name, ', ' ORDER BY u.n) FROM unnest(tiering.graded_columns()) WITH ORDINALITY AS u (name, n)), $3, $2);
COMMENT ON FUNCTION tiering.add_query(text, text, text) IS
    'the statement that writes outcomes of customers who have no assignment; where one has after all, it fails, and write_query() writes the others';

-- A few customers, in one statement: those of log_followup() and of automatic grading. The row of each is written even if nothing
-- changes, so that a retier() which compared it before knows that it was graded since.
CREATE FUNCTION tiering.grade_customers(program text, customers text[], cause text, path text DEFAULT current_setting('search_path'), contacted text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_few(grade_customers.program, cause);
    written record;
BEGIN
    IF NOT has_any_column_privilege('tiering.assignments', 'UPDATE') THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not grade customers of program "%s"', plan.program),
            DETAIL = 'Whoever changes the source of a program that grades automatically, or logs contacts, grades customers.',
            HINT = format('SELECT tiering.grant_agent(%L) gives the rights of an agent.', current_user);
    END IF;
    IF plan.spelt_freely THEN
        customers := tiering.follow_spellings(plan, customers, path);
    END IF;
    IF contacted IS NOT NULL THEN
        -- Found by where they are: for so many the planner would make a hash table of all assignments that there are, of other programs, too.
        plan.write_few := tiering.write_query(plan.program, cause, tiering.grading_query(plan, true, with_gone => NOT tiering.hides_rows(plan.source::regclass), contacted => contacted,
            state => 'pg_temp."tiering: locked"'),
            condition => 'a.ctid = ANY (ARRAY(SELECT p.place FROM outcome p))', problems_at => 'pg_catalog.now()', contacted => contacted);
    END IF;
    FOR attempt IN 1..2 LOOP
        -- An import has locked them.
        IF contacted IS NULL THEN
            PERFORM FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest(customers) AS k (customer) ORDER BY 1) k
            CROSS JOIN LATERAL (SELECT FROM tiering.assignments a WHERE a.program = plan.program AND a.customer = k.customer FOR NO KEY UPDATE) l;
        END IF;
        -- Of many customers the planner knows better what to do when it sees them.
        written := tiering.run_statement(plan, plan.write_few, customers, path, contacted IS NULL AND cardinality(customers) <= 100, NULL, CASE WHEN contacted IS NULL THEN cause END);
        IF written.rows > written.customers THEN
            PERFORM tiering.refuse_keys(plan.program, 'duplicate key', path);
        END IF;
        -- Whoever waited for the rows of a program that was dropped meanwhile adds nobody to it.
        IF written.added > 0 THEN
            PERFORM tiering.find_program(plan.program);
        END IF;
        -- Fewer were added than were new: another session has added some since, whose rows are seen now, and graded again.
        EXIT WHEN written.unknown = written.added;
        IF attempt = 2 THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                MESSAGE = format('program "%s" hides customers from you that you were to grade', plan.program),
                DETAIL = 'They belong to other owners.',
                HINT = 'An administrator adds the owners that you stand for to tiering.agents.';
        END IF;
    END LOOP;
    IF written.problems > 0 THEN
        PERFORM tiering.warn_of_problems(plan.program, now(), customers);
    END IF;
    PERFORM tiering.date_overrides(plan.program, customers);
    RETURN CASE WHEN contacted IS NULL THEN written.here ELSE written.moved + written.updated END;
END
$$;
COMMENT ON FUNCTION tiering.grade_customers(text, text[], text, text, text) IS
    'grades some customers of a program again, from the source, and writes what follows; returns how many of them the source has. Who cannot be graded keeps '
    'the tier, and stands in tiering.run_problems. path: the search_path under which the source is read. contacted: a table of them, whom lock_contacted() has locked and read, with the last contact (at) that is to be written as well; then it returns how many were written, and a row of the source that cannot be read is an ERROR';

-- A program that shares the contact must not keep it from being logged, whatever is wrong there: its next retier() reads the contacts, too.
CREATE FUNCTION tiering.share_contacts(plan tiering.program_plan, customers text[], path text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    other text;
    known text[];
BEGIN
    IF plan.grouped IS NOT NULL THEN
        known := tiering.group_members(plan.program, customers);
        IF known <> '{}' THEN
            PERFORM tiering.grade_customers(plan.program, known, 'followup', path);
        END IF;
    END IF;
    FOREACH other IN ARRAY coalesce(plan.sharing, '{}') LOOP
        CONTINUE WHEN (SELECT p.status = 'paused' FROM tiering.programs p WHERE p.program = other);
        known := ARRAY(SELECT k.customer FROM unnest(customers) AS k (customer)
            WHERE EXISTS (SELECT FROM tiering.assignments a WHERE a.program = other AND a.customer = k.customer AND a.gone_since IS NULL OFFSET 0));
        CONTINUE WHEN known = '{}';
        BEGIN
            PERFORM tiering.grade_customers(other, known, 'followup', path);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING USING MESSAGE = format('the contact counts in program "%s" from its next retier() on', other), DETAIL = SQLERRM;
        END;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.share_contacts(tiering.program_plan, text[], text) IS
    'a part of log_followup() and import_followups(): grades the other members of groups, and the customers in the programs that share the contacts, so that they count there at once; WARNING where another program fails';

-- One order for all, whichever of the programs or members the contact is logged with: two contacts at once wait for each other, one after the other.
CREATE FUNCTION tiering.lock_sharing(plan tiering.program_plan, customers text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one text;
    known text[];
BEGIN
    FOR one IN SELECT s.program FROM unnest(coalesce(plan.sharing, '{}') || plan.program) AS s (program) ORDER BY s.program COLLATE "C" LOOP
        known := CASE WHEN one = plan.program AND plan.grouped IS NOT NULL THEN customers || tiering.group_members(one, customers) ELSE customers END;
        PERFORM FROM tiering.assignments a WHERE a.program = one AND a.customer = ANY (known) ORDER BY a.customer FOR NO KEY UPDATE;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.lock_sharing(tiering.program_plan, text[]) IS
    'a part of log_followup() and import_followups(): locks whatever contacts with some customers will change: the other members of groups, and the customers in the programs that share the contacts';

CREATE FUNCTION tiering.group_members(program text, customers text[]) RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT m.customer), '{}') FROM unnest($2) AS k (customer)
    CROSS JOIN LATERAL (SELECT a.group_key FROM tiering.assignments a WHERE a.program = $1 AND a.customer = k.customer OFFSET 0) g
    CROSS JOIN LATERAL (SELECT a.customer FROM tiering.assignments a WHERE a.program = $1 AND a.group_key = g.group_key AND a.gone_since IS NULL OFFSET 0) m
    -- Looked up by hash: an import names as many as there are.
    WHERE (m.customer IN (SELECT o.customer FROM unnest($2) AS o (customer))) IS NOT TRUE;
END;
COMMENT ON FUNCTION tiering.group_members(text, text[]) IS 'the other members of the families or groups of some customers';

-- PL/pgSQL keeps its plan for the session, and what was just written is seen.
CREATE FUNCTION tiering.group_contact(program text, group_key text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT max(a.last_logged) FROM tiering.assignments a WHERE a.program = group_contact.program AND a.group_key = group_contact.group_key);
END
$$;
COMMENT ON FUNCTION tiering.group_contact(text, text) IS 'the last contact that was logged with a member of a family or group';

CREATE FUNCTION tiering.refuse_ungraded(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    problem tiering.run_problems;
BEGIN
    SELECT q.* INTO problem FROM tiering.run_problems q
    WHERE q.program = refuse_ungraded.program AND q.customer = refuse_ungraded.customer AND q.purpose = 'input' AND q.at = now() ORDER BY q.n DESC LIMIT 1;
    IF FOUND THEN
        PERFORM tiering.raise_problem(problem.program, problem.customer, problem.sqlstate, problem.message, problem.detail, problem.hint);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.refuse_ungraded(text, text) IS 'ERROR of the problem that kept a customer who has no tier yet from being graded in this transaction';

CREATE FUNCTION tiering.raise_problem(program text, customer text, state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.raise_again(state, message, format('Customer "%s" of program "%s".%s', customer, program, coalesce(' ' || detail, '')), coalesce(hint, ''));
END
$$;
COMMENT ON FUNCTION tiering.raise_problem(text, text, text, text, text, text) IS 'the ERROR that grading a customer would have raised, with the name of the customer';

CREATE FUNCTION tiering.raise_again(state text, message text, detail text, hint text, names tiering.error_names DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF concat(names.column_name, names.constraint_name, names.type_name, names.table_name, names.schema_name) <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint, COLUMN = names.column_name, CONSTRAINT = names.constraint_name,
            DATATYPE = names.type_name, TABLE = names.table_name, SCHEMA = names.schema_name;
    ELSIF detail <> '' AND hint <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint;
    ELSIF detail <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail;
    ELSIF hint <> '' THEN
        RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, HINT = hint;
    END IF;
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
END
$$;
COMMENT ON FUNCTION tiering.raise_again(text, text, text, text, tiering.error_names) IS
    'an error that was caught, once what is to stay of its transaction is committed; names: what it is about';

CREATE FUNCTION tiering.refuse_keys(program text, finding text, path text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    p tiering.programs := tiering.find_program(refuse_keys.program);
    -- The columns as they are now; the row may still have the names from before a rename.
    key text := array_to_string(tiering.key_columns(p.program), ', ');
    customer text := (tiering.plan_program(p.program, now())).customer;
    n bigint;
    examples text;
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true);
    IF finding = 'missing key' THEN
        EXECUTE format('SELECT pg_catalog.count(*) FROM %s s WHERE %s IS NULL', p.source, customer) INTO n;
    ELSE
        EXECUTE format('SELECT pg_catalog.count(*), pg_catalog.string_agg(d.k, '', '' ORDER BY d.n) FILTER (WHERE d.n <= 3) FROM ('
            'SELECT c.k, pg_catalog.row_number() OVER (ORDER BY c.k COLLATE pg_catalog."C") AS n FROM (SELECT %s AS k FROM %s s) c '
            'WHERE c.k IS NOT NULL GROUP BY c.k HAVING pg_catalog.count(*) > 1) d', customer, p.source) INTO n, examples;
    END IF;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    IF finding = 'missing key' THEN
        RAISE EXCEPTION USING ERRCODE = 'not_null_violation',
            MESSAGE = format('the source of program "%s" has rows without a key', p.program),
            DETAIL = format('Rows of %s in which column "%s" is NULL: %s.', p.source, key, n),
            HINT = format('Make a view without those rows, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', p.program);
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'unique_violation',
        MESSAGE = format('the source of program "%s" has more than one row for a customer', p.program),
        DETAIL = format('Values of column "%s" that several rows of %s have: %s%s.', key, p.source, examples, CASE WHEN n > 3 THEN ' …' ELSE '' END),
        HINT = format('Make a view with one row for each, and use it as the source: SELECT tiering.alter_program(%L, ''{"source": "schema.view"}'').', p.program);
END
$$;
COMMENT ON FUNCTION tiering.refuse_keys(text, text, text) IS 'ERROR 23502 (missing key) or 23505 (duplicate key), with what the source of a program holds';

CREATE FUNCTION tiering.has_unique_key(source regclass, key_columns text[], or_deferred boolean DEFAULT false) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The index of a table says nothing of the tables that inherit from it, unless they are its partitions.
    SELECT EXISTS (
        SELECT FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid AND (c.relkind = 'p' OR c.relkind = 'r' AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = c.oid))
        WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND (i.indimmediate OR $3) AND i.indpred IS NULL
            -- Unique by one of two columns is unique by both.
            AND NOT EXISTS (SELECT FROM generate_series(0, i.indnkeyatts - 1) AS n (place) LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[n.place]
                WHERE (a.attname = ANY ($2)) IS NOT TRUE))
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = $1 AND a.attname = ANY ($2) AND NOT a.attnotnull);
END;
COMMENT ON FUNCTION tiering.has_unique_key(regclass, text[], boolean) IS
    'whether a table cannot have missing or duplicate values in a column, or in two together; or_deferred: or has duplicates only until the end of a transaction';

CREATE FUNCTION tiering.retier_preview(
    program text, as_of timestamptz DEFAULT now(), version integer DEFAULT NULL, path text DEFAULT current_setting('search_path')
) RETURNS TABLE (customer text, from_tier text, to_tier text, computed_tier text, reason text, score numeric, reasons text[], overridden boolean)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(retier_preview.program);
    -- A version that is named may be a draft.
    plan tiering.program_plan := tiering.plan_program(p.program, coalesce(retier_preview.as_of, now()), CASE WHEN retier_preview.version IS NULL
        THEN tiering.wanted_version(p.scheme, p.version) ELSE (tiering.find_version(p.scheme, retier_preview.version, 'draft')).version_found END);
    query text := format(
        'SELECT q.customer, q.previous_tier, q.tier, CASE WHEN q.gone_since IS NULL THEN q.computed_tier END, q.reason, '
        'CASE WHEN q.gone_since IS NULL THEN q.score END, CASE WHEN q.gone_since IS NULL THEN q.reasons END, '
        'q.gone_since IS NULL AND coalesce(tiering.override_counts(a.override_until, a.override_kind, pg_catalog.array_position(($1).tiers, a.override_tier), q.rank), false) FROM (%s) q '
        'LEFT JOIN tiering.assignments a ON a.program = q.program AND a.customer = q.customer '
        'WHERE q.reason IS NOT NULL AND NOT q.set_aside ORDER BY q.customer', tiering.grading_query(plan, false, with_gone => NOT tiering.hides_rows(p.source)));
    failed_detail text;
    failed_hint text;
    failed_context text;
    names tiering.error_names;
BEGIN
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE query USING plan;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT, failed_context = PG_EXCEPTION_CONTEXT,
        names.column_name = COLUMN_NAME, names.constraint_name = CONSTRAINT_NAME, names.type_name = PG_DATATYPE_NAME, names.table_name = TABLE_NAME,
        names.schema_name = SCHEMA_NAME;
    PERFORM tiering.raise_of_program(plan, query, path, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context);
    PERFORM tiering.raise_of_source(plan, NULL, query, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context, names);
END
$$;
COMMENT ON FUNCTION tiering.retier_preview(text, timestamptz, integer, text) IS
    'what retier() would change, without writing: customer, tier now and then, tier by the criteria alone, reason (first, promotion, demotion, graded, '
    'ungraded, criteria, gone, returned), score, reason codes, and whether an override stays in force all the same. By the version that retier() would take up, or by another, a draft as well, '
    'under its stability. Customers that cannot be graded keep their '
    'tier and do not stand here. path: search_path under which the source is read. ERROR 42704 unknown program or version';

CREATE FUNCTION tiering.explain_customer(program text, customer text, path text DEFAULT current_setting('search_path')) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(explain_customer.program, now());
    answer record;
    explanation jsonb;
BEGIN
    customer := tiering.customer_key(plan.program, customer, path);
    answer := tiering.run_statement(plan, format('SELECT tiering.explain_grade(($1).document, ($1).as_of, %s) AS explanation FROM %s s WHERE %s LIMIT 1',
        array_to_string(plan.arguments, ', '), plan.source, concat_ws(' AND ', plan.present, plan.chosen)), ARRAY[customer], path);
    explanation := answer.explanation;
    IF explanation IS NULL THEN
        PERFORM tiering.refuse_customer(plan.program, customer);
    END IF;
    RETURN explanation || (
        SELECT jsonb_build_object('program', plan.program, 'customer', explain_customer.customer,
            'version', (SELECT p.applied_version FROM tiering.programs p WHERE p.program = plan.program),
            'tier_in_force', t.tier, 'overridden', t.overridden, 'override_reason', t.override_reason, 'since', t.since, 'pending_since', t.pending_since)
        FROM (SELECT 1) one LEFT JOIN tiering.current_tiers t ON t.program = plan.program AND t.customer = explain_customer.customer);
END
$$;
COMMENT ON FUNCTION tiering.explain_customer(text, text, text) IS
    'why a customer of a program has the tier: explain_grade() of the row of the source as it is now, with the tier in force, override and pending '
    'demotion; path: search_path under which the source is read. ERROR 42704 if the source has no such customer';

CREATE FUNCTION tiering.refuse_customer(program text, customer text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(refuse_customer.program);
BEGIN
    -- Who may not read the table is not told. Other spellings of a key need not be looked for: the source gives the one that is there.
    IF has_table_privilege('tiering.kept_out', 'SELECT') THEN
        IF EXISTS (SELECT FROM tiering.kept_out k WHERE k.program = p.program AND k.hash = tiering.key_hash(tiering.kept_out_salt(p.program), refuse_customer.customer)) THEN
            PERFORM tiering.refuse_kept_out(p.program, refuse_customer.customer);
        END IF;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no customer "%s"', refuse_customer.program, CASE WHEN length(refuse_customer.customer) > 200 THEN left(refuse_customer.customer, 200) || '…' ELSE refuse_customer.customer END),
        DETAIL = format('No row of %s that you may see has this value in column "%s".', p.source,
            concat_ws(', ', tiering.renamed_column(p.source, p.column_numbers, p.tenant_column), tiering.renamed_column(p.source, p.column_numbers, p.key_column))),
        HINT = CASE WHEN p.tenant_column IS NULL THEN 'Customers are named by their key as text.'
            ELSE 'Customers are named by tenant and key, as tiering.tenant_key() writes them: 7/4711.' END;
END
$$;
COMMENT ON FUNCTION tiering.refuse_customer(text, text) IS 'ERROR 42704: the program has no such customer';
