-- Values that could not be used, and errors of a source: noted, told, raised again.

CREATE TABLE tiering.run_problems (
    program text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    customer text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('input', 'last_followup', 'joined', 'owner', 'group', 'contact')),
    n integer NOT NULL DEFAULT 1,
    cause text COLLATE "C" NOT NULL CHECK (cause IN ('retier', 'followup', 'automatic', 'backfill', 'regrade', 'import')),
    input text,
    value text,
    sqlstate text NOT NULL,
    message text NOT NULL,
    detail text,
    hint text,
    PRIMARY KEY (program, at, customer, purpose, n)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.run_problems TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.run_problems', '');
COMMENT ON TABLE tiering.run_problems IS
    'values that could not be used: customers that could not be graded, who keep their tier, contacts and days of joining that cannot have been, names that are too long. By run: at is retier_runs.started, '
    'or the time of the transaction. A retier() removes those older than 90 days';
COMMENT ON COLUMN tiering.run_problems.program IS 'program';
COMMENT ON COLUMN tiering.run_problems.at IS 'beginning of the run, or of the transaction that graded';
COMMENT ON COLUMN tiering.run_problems.customer IS 'customer; empty: the row names none';
COMMENT ON COLUMN tiering.run_problems.purpose IS 'what the value was for: input, last_followup, joined, owner, group (of the source), contact (to be imported)';
COMMENT ON COLUMN tiering.run_problems.n IS 'which of several of one customer';
COMMENT ON COLUMN tiering.run_problems.cause IS 'what graded: retier, followup, automatic, backfill, regrade or import';
COMMENT ON COLUMN tiering.run_problems.input IS 'input of the scheme; NULL: several together, or none';
COMMENT ON COLUMN tiering.run_problems.value IS 'the value as text, its first 200 characters';
COMMENT ON COLUMN tiering.run_problems.sqlstate IS 'SQLSTATE of the error that it would have been';
COMMENT ON COLUMN tiering.run_problems.message IS 'its message';
COMMENT ON COLUMN tiering.run_problems.detail IS 'its detail';
COMMENT ON COLUMN tiering.run_problems.hint IS 'its hint';

CREATE FUNCTION tiering.note_query(program text, at text, cause text, outcomes text) RETURNS text
    LANGUAGE sql STABLE
    RETURN format($query$INSERT INTO tiering.run_problems (program, at, customer, purpose, cause, input, value, sqlstate, message, detail, hint)
        SELECT %L, %s, o.customer, p.purpose, %L, p.input, pg_catalog.left(p.value, 200), p.sqlstate, p.message, p.detail, p.hint
        FROM %s o
        CROSS JOIN LATERAL (
            SELECT 'input' AS purpose, o.problem ->> 'input' AS input, o.problem ->> 'value' AS value, o.problem ->> 'sqlstate' AS sqlstate,
                o.problem ->> 'message' AS message, o.problem ->> 'detail' AS detail, o.problem ->> 'hint' AS hint WHERE o.problem IS NOT NULL
            UNION ALL
            SELECT r.key, NULL, r.value, m.sqlstate, m.message, NULL, m.hint
            FROM pg_catalog.jsonb_each_text(o.refused) AS r
            JOIN (VALUES
                ('last_followup', '22008', 'the last contact lies in the future, or is no day of the calendar', 'It is ignored until the source is corrected.'),
                ('joined', '22008', 'the day of joining is no day of the calendar', 'That of the first grading counts until the source is corrected.'),
                ('owner', '54000', 'the name of the owner is too long', 'The customer belongs to nobody until it has at most 400 bytes.'),
                ('group', '54000', 'the name of the family or group is too long', 'The customer is alone until it has at most 400 bytes.')
            ) m (purpose, sqlstate, message, hint) ON m.purpose = r.key
        ) p
        WHERE o.problem IS NOT NULL OR o.refused IS NOT NULL
        ON CONFLICT DO NOTHING$query$, program, at, cause, outcomes);
COMMENT ON FUNCTION tiering.note_query(text, text, text, text) IS
    'the statement that writes the problems of outcomes, rows of grading_query(), to tiering.run_problems; at: an expression';

CREATE FUNCTION tiering.warn_of_problems(program text, at timestamptz, customers text[] DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_ones record;
BEGIN
    SELECT count(*) AS n, string_agg(tiering.translated(format('customer "%s": %s', p.customer, p.message)), '; ' ORDER BY p.customer) FILTER (WHERE p.place <= 3) AS first_ones
    INTO found_ones
    FROM (
        SELECT q.customer, q.message || coalesce(' (' || q.value || ')', '') AS message, row_number() OVER (ORDER BY q.customer) AS place
        FROM tiering.run_problems q
        WHERE q.program = warn_of_problems.program AND q.at = warn_of_problems.at AND (customers IS NULL OR q.customer IN (SELECT o.customer FROM unnest(customers) AS o (customer)))
    ) p;
    IF found_ones.n > 0 THEN
        RAISE WARNING USING MESSAGE = format('program "%s": values that cannot be used: %s', program, found_ones.n),
            DETAIL = format('%s%s.', found_ones.first_ones, CASE WHEN found_ones.n > 3 THEN ' …' ELSE '' END),
            HINT = format('SELECT * FROM tiering.run_problems WHERE program = %L ORDER BY at DESC lists them. Those customers keep their tier.', program);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.warn_of_problems(text, timestamptz, text[]) IS 'WARNING with the number and the first of the problems of a run, if there are any';

CREATE TYPE tiering.error_names AS (column_name text, constraint_name text, type_name text, table_name text, schema_name text);
COMMENT ON TYPE tiering.error_names IS 'what an error is about, by which programs tell one from another; empty where it names none';
COMMENT ON COLUMN tiering.error_names.column_name IS 'column';
COMMENT ON COLUMN tiering.error_names.constraint_name IS 'constraint';
COMMENT ON COLUMN tiering.error_names.type_name IS 'data type';
COMMENT ON COLUMN tiering.error_names.table_name IS 'table';
COMMENT ON COLUMN tiering.error_names.schema_name IS 'schema of these';

-- What stands below is read or written by generated statements, dozens of lines long. Errors in them are told without these: with the program, and with
-- what to look at. A statement that fails alone would put all of its text into the CONTEXT of the error.
CREATE FUNCTION tiering.inside_of(context text, statement text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- The lines before the statement are those of the user's own functions, which say where it came up.
    RETURN CASE WHEN strpos($1, $2) > 0 THEN nullif(replace(rtrim(split_part($1, 'SQL statement "' || $2, 1), chr(10)), chr(10), ', '), '') END;
COMMENT ON FUNCTION tiering.inside_of(text, text) IS 'of the CONTEXT of an error, in which functions of the user a generated statement failed; NULL: in none';

CREATE FUNCTION tiering.raise_of_source(plan tiering.program_plan, customers text[], statement text, state text, message text, detail text, hint text, context text,
    names tiering.error_names
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Of a past that is graded afterwards it is a function, or a query of snapshots.
    is_relation CONSTANT boolean := plan.source NOT LIKE '%)';
BEGIN
    -- What has a hint of its own says enough; what the server, the transaction or other sessions stopped is no fault of the source.
    IF hint = '' AND left(state, 2) NOT IN ('25', '40', '53', '54', '55', '57') THEN
        detail := concat_ws(' ', nullif(detail, ''), format('This came up while %s%s.',
            CASE WHEN plan.program IS NULL THEN plan.source || ' was imported' ELSE format('customers of program "%s" were graded', plan.program) END, coalesce(', in ' || tiering.inside_of(context, statement), '')));
        hint := CASE WHEN state = '42501' THEN
                format('Who %s reads %s and has the rights of an agent: %sSELECT tiering.grant_agent(%L).', CASE WHEN plan.program IS NULL THEN 'imports it' ELSE 'grades customers' END,
                    CASE WHEN is_relation THEN plan.source ELSE 'what they are graded from' END, CASE WHEN is_relation THEN format('GRANT SELECT ON %s TO %I; ', plan.source, current_user) END, current_user)
                || CASE WHEN has_database_privilege(current_database(), 'TEMPORARY') THEN ''
                    ELSE format(' It takes temporary tables, too: GRANT TEMPORARY ON DATABASE %I TO %I.', current_database(), current_user) END
            ELSE format('SELECT * FROM %s%s shows whether the source itself can be read.%s', plan.source,
                CASE WHEN customers IS NOT NULL THEN format(' s WHERE %s', replace(plan.chosen, '$2', quote_literal(customers[1:10]::text))) WHEN NOT is_relation THEN ' s' ELSE '' END,
                CASE WHEN state LIKE '22%' THEN ' A view that fails for one row fails for all: let it give NULL there, as nullif(x, 0) and CASE do.' ELSE '' END) END;
    END IF;
    PERFORM tiering.raise_again(state, message, detail, hint, names);
END
$$;
COMMENT ON FUNCTION tiering.raise_of_source(tiering.program_plan, text[], text, text, text, text, text, text, tiering.error_names) IS
    'an error of a generated statement, without the text of the statement; with the program in the DETAIL, or (NULL) with what is imported, and a HINT, if it has none';

CREATE FUNCTION tiering.raise_of_program(plan tiering.program_plan, statement text, path text, state text, message text, detail text, hint text, context text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF tiering.is_of_a_row(state) THEN
        PERFORM tiering.raise_of_reading(plan.source, array_agg(DISTINCT c.column_name), min(c.column_name) FILTER (WHERE c.purpose = 'key'), NULL, path, state, message,
            concat_ws(' ', nullif(detail, ''), 'It came up in ' || tiering.inside_of(context, statement) || '.'), hint)
        FROM tiering.program_columns(plan.program) c;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.raise_of_program(tiering.program_plan, text, text, text, text, text, text, text) IS
    'raise_of_reading() of the source of a program, for an error that may come from one of its rows';

CREATE FUNCTION tiering.run_statement(
    plan tiering.program_plan, statement text, customers text[], path text, kept boolean DEFAULT false, assignment tiering.assignments DEFAULT NULL, aside text DEFAULT NULL
) RETURNS record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    answer record;
    n bigint;
    failed_detail text;
    failed_hint text;
    failed_context text;
    names tiering.error_names;
    searched text;
BEGIN
    -- Agents cannot have the source mean something else by a search_path of their own: what they write is believed because it follows from the source.
    IF plan.path IS NOT NULL AND NOT tiering.is_administrator() THEN
        path := plan.path;
    END IF;
    searched := set_config('search_path', tiering.source_path(path), true);
    IF kept AND NOT plan.elsewhere THEN
        answer := tiering.run_kept(statement, plan, customers, assignment);
    ELSIF statement LIKE 'CREATE %' THEN
        EXECUTE statement USING plan, customers;
        GET DIAGNOSTICS n = ROW_COUNT;
        SELECT n INTO answer;
    ELSE
        EXECUTE statement INTO answer USING plan, customers, assignment;
    END IF;
    RETURN answer;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT, failed_context = PG_EXCEPTION_CONTEXT,
        names.column_name = COLUMN_NAME, names.constraint_name = CONSTRAINT_NAME, names.type_name = PG_DATATYPE_NAME, names.table_name = TABLE_NAME,
        names.schema_name = SCHEMA_NAME;
    IF aside IS NOT NULL AND tiering.is_of_a_row(SQLSTATE) THEN
        answer := tiering.run_aside(plan, customers, path, assignment, aside, jsonb_strip_nulls(jsonb_build_object('unread', true, 'sqlstate', SQLSTATE, 'message', SQLERRM,
            'detail', nullif(concat_ws(' ', nullif(failed_detail, ''), 'It came up in ' || tiering.inside_of(failed_context, statement) || '.'), ''), 'hint', coalesce(nullif(failed_hint, ''),
                format('SELECT * FROM %s s WHERE %s shows the error.', plan.source, replace(plan.chosen, '$2', quote_literal(customers[1:1]::text)))))));
        -- A record IS NOT NULL only if no column is.
        IF NOT answer IS NULL THEN
            RETURN answer;
        END IF;
    END IF;
    PERFORM tiering.raise_of_source(plan, customers, statement, SQLSTATE, SQLERRM, failed_detail, failed_hint, failed_context, names);
END
$$;
COMMENT ON FUNCTION tiering.run_statement(tiering.program_plan, text, text[], text, boolean, tiering.assignments, text) IS
    'runs a statement that reads the source of a program, with the plan as $1, the customers as $2 and, if the statement is one of plan_few(), which the session keeps planned, '
    'an assignment as $3, under the search_path of the caller or, for those who are no administrators, of the last retier(); returns its first row, or for CREATE TABLE AS the number of rows as n. An error of it is told by raise_of_source(); aside: the cause, for a statement that grades: one that a row of the source '
    'gives is the problem of that customer, and the others are graded';

-- The source is asked for its types alone: nothing of it is read.
CREATE FUNCTION tiering.unread_query(plan tiering.program_plan, problem jsonb) RETURNS text
    LANGUAGE sql STABLE
    RETURN format('(SELECT k.customer, g.computed_tier, g.score, g.owner, g.contact, g.refused, g.measure, g.joined, g.group_key, g.label%s, %L::pg_catalog.jsonb AS problem '
        'FROM (SELECT ($2)[1] COLLATE pg_catalog."C" AS customer) k LEFT JOIN (%s) g ON false) u',
        CASE WHEN plan.with_reasons THEN (SELECT string_agg(format(', g.argument%s', n), '' ORDER BY n) FROM generate_subscripts(plan.arguments, 1) AS n) ELSE '' END,
        problem, tiering.source_query(plan, true));
COMMENT ON FUNCTION tiering.unread_query(tiering.program_plan, jsonb) IS
    'what stands in the place of source_query() for the first customer of $2, whose row cannot be read: a row with the problem alone';

CREATE FUNCTION tiering.run_aside(plan tiering.program_plan, customers text[], path text, assignment tiering.assignments, cause text, problem jsonb) RETURNS record
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    named text[] := ARRAY(SELECT DISTINCT c.customer COLLATE "C" AS customer FROM unnest(customers) AS c (customer) ORDER BY 1);
    middle integer := cardinality(named) / 2;
    unread text := tiering.unread_query(plan, problem);
    one record;
    other record;
    answer record;
BEGIN
    IF middle > 0 THEN
        one := tiering.run_statement(plan, plan.write_few, named[:middle], path, true, NULL, cause);
        other := tiering.run_statement(plan, plan.write_few, named[middle + 1:], path, true, NULL, cause);
        SELECT one.rows + other.rows AS rows, one.customers + other.customers AS customers, one.here + other.here AS here, one.unknown + other.unknown AS unknown,
            one.problems + other.problems AS problems, one.added + other.added AS added, one.moved + other.moved AS moved, one.updated + other.updated AS updated INTO answer;
        RETURN answer;
    END IF;
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE CASE WHEN assignment.customer IS NOT NULL
        THEN format('SELECT o.*, 1::pg_catalog.int8 AS rows FROM (%s) o', tiering.grading_query(plan, true, graded => unread, with_gone => false, only_one => true))
        ELSE tiering.write_query(plan.program, cause, tiering.grading_query(plan, true, graded => unread), problems_at => 'pg_catalog.now()') END
    INTO answer USING plan, named, assignment;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    IF middle > 0 OR NOT tiering.is_of_a_row(SQLSTATE) THEN
        RAISE;
    END IF;
    RETURN NULL;  -- it is no row that fails, but the source
END
$$;
COMMENT ON FUNCTION tiering.run_aside(tiering.program_plan, text[], text, tiering.assignments, text, jsonb) IS
    'a part of run_statement(), when a statement that grades a few customers has failed by a row of the source: grades each half of them; the one who fails alone keeps the tier, with the problem. NULL: the source fails without its rows, too';

CREATE FUNCTION tiering.drop_temporary(VARIADIC names text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        IF to_regclass(format('pg_temp.%I', name)) IS NOT NULL THEN
            EXECUTE format('DROP TABLE pg_temp.%I', name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.drop_temporary(text[]) IS 'drops temporary tables that are there, without a word of those that are not';

CREATE FUNCTION tiering.read_import(plan tiering.program_plan, statement text, source regclass, columns text[], key text, path text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- It is not the source of the program that is read, and may fail.
    plan.source := source::text;
    plan.program := NULL;
    PERFORM tiering.run_statement(plan, statement, NULL, path);
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        PERFORM tiering.raise_of_reading(source::text, array_remove(columns, NULL), key, NULL, path, SQLSTATE, SQLERRM, NULL, '');
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.read_import(tiering.program_plan, text, regclass, text[], text, text) IS
    'a part of imports: runs a statement that reads a table or view to be imported; an error of it names the column and the customer of raise_of_reading()';

-- Who fails by a row of the source (20_grading/25_reading.sql) is looked for by halves, and set aside.
CREATE FUNCTION tiering.read_halves(plan tiering.program_plan, customers text[], path text, max_problems bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    statement text := 'INSERT INTO pg_temp."tiering: graded" ' || tiering.source_query(plan, true, cardinality(customers) = 1);
    middle integer := cardinality(customers) / 2;
    failed bigint;
    failed_message text;
    failed_detail text;
    failed_hint text;
BEGIN
    BEGIN
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE statement USING plan, customers;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        RETURN 0;
    EXCEPTION WHEN OTHERS THEN
        IF NOT tiering.is_of_a_row(SQLSTATE) THEN
            RAISE;
        END IF;
        IF middle = 0 THEN
            GET STACKED DIAGNOSTICS failed_message = MESSAGE_TEXT, failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
            INSERT INTO pg_temp."tiering: graded" (customer, problem) VALUES (customers[1], jsonb_build_object('unread', true, 'sqlstate', SQLSTATE,
                'message', failed_message, 'detail', nullif(failed_detail, ''), 'hint', coalesce(nullif(failed_hint, ''), format('SELECT * FROM %s s WHERE %s shows the error.',
                    plan.source, replace(plan.chosen, '$2', quote_literal(customers::text))))));
            RETURN 1;
        END IF;
    END;
    failed := tiering.read_halves(plan, customers[:middle], path, max_problems);
    IF failed > max_problems THEN
        RETURN failed;
    END IF;
    RETURN failed + tiering.read_halves(plan, customers[middle + 1:], path, max_problems - failed);
END
$$;
COMMENT ON FUNCTION tiering.read_halves(tiering.program_plan, text[], text, bigint) IS
    'a part of read_source(): grades some customers, or each half of them if that fails; returns how many failed, who stand there with the error';

CREATE FUNCTION tiering.read_source(plan tiering.program_plan, path text, max_problems bigint) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    created text := 'CREATE TEMP TABLE pg_temp."tiering: graded" AS ' || tiering.source_query(plan, false);
    listed record;
    customers text[];
    unnamed boolean;
BEGIN
    BEGIN
        PERFORM tiering.run_statement(plan, created, NULL, path);
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        IF NOT tiering.is_of_a_row(SQLSTATE) THEN
            RAISE;
        END IF;
        BEGIN
            -- The server computes no columns of a view that nobody asks for.
            listed := tiering.run_statement(plan, format('SELECT pg_catalog.array_agg(k.customer) AS customers, pg_catalog.bool_or(k.customer IS NULL) AS unnamed '
                'FROM (SELECT %s COLLATE pg_catalog."C" AS customer FROM %s s%s ORDER BY 1) k', plan.customer, plan.source, coalesce(' WHERE ' || plan.present, '')), NULL, path);
            customers := listed.customers;
            unnamed := listed.unnamed;
        EXCEPTION WHEN OTHERS THEN
            IF NOT tiering.is_of_a_row(SQLSTATE) THEN
                RAISE;
            END IF;
        END;
        -- Not even the keys can be read: it is the error of the whole.
        IF customers IS NULL THEN
            RAISE;
        END IF;
    END;
    IF unnamed THEN
        PERFORM tiering.refuse_keys(plan.program, 'missing key', path);
    END IF;
    PERFORM tiering.run_statement(plan, created || ' WITH NO DATA', NULL, path);
    PERFORM tiering.read_halves(plan, customers, path, max_problems);
END
$$;
COMMENT ON FUNCTION tiering.read_source(tiering.program_plan, text, bigint) IS
    'reads the source of a program once into a temporary table, graded; customers whose row cannot be read stand there with the error, and when they are more than max_problems '
    'the others are left out';
