-- Programs: a scheme at work on a table or view.
--
-- Columns of the source are kept by name and by number. The number follows a rename; the name finds the column
-- again where numbers have changed, which is after a dump and restore: the trigger below numbers the columns of
-- every row that comes in. Each retier() brings the names up to date.

-- In collation "C" only ASCII characters are in a class, so that letters of all scripts are what is left.
CREATE FUNCTION tiering.names_program(name text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN length($1) <= 63 AND replace($1, '_', 'x') COLLATE "C" ~ '^[^[:digit:][:space:][:punct:][:cntrl:]][^[:space:][:punct:][:cntrl:]]*$';
COMMENT ON FUNCTION tiering.names_program(text) IS
    'whether a text can name a program: letters of any script, digits and underscores, at most 63 characters, the first one no digit';

CREATE FUNCTION tiering.require_program_name(name text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tiering.names_program(name) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"%s" cannot name a program', name),
            DETAIL = 'A name has letters of any script, digits and underscores, at most 63 characters, the first one no digit.',
            HINT = 'SELECT tiering.create_program(''sales_2026'', …), or ''销售跟进''.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_program_name(text) IS 'ERROR if a text cannot name a program: 22023';

CREATE TABLE tiering.programs (
    program text COLLATE "C" PRIMARY KEY CHECK (tiering.names_program(program)),
    scheme text NOT NULL,
    version integer CHECK (version > 0),
    source regclass NOT NULL,
    key_column text NOT NULL,
    inputs jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(inputs) = 'object'),
    owner_column text,
    last_followup_column text,
    calendar text,
    timezone text,
    own_customers_only boolean NOT NULL DEFAULT false,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    applied_version integer,
    zone text NOT NULL DEFAULT 'UTC',
    column_numbers jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT session_user
);
GRANT SELECT ON tiering.programs TO PUBLIC;
GRANT INSERT, UPDATE, DELETE ON tiering.programs TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.programs', '');
COMMENT ON TABLE tiering.programs IS 'programs: which scheme grades the rows of which table or view; made by tiering.create_program()';
COMMENT ON COLUMN tiering.programs.program IS 'name: letters of any script, digits and underscores, at most 63 characters, the first one no digit';
COMMENT ON COLUMN tiering.programs.scheme IS 'scheme that grades';
COMMENT ON COLUMN tiering.programs.version IS 'pinned version of the scheme; NULL: the current one, taken up by the next retier()';
COMMENT ON COLUMN tiering.programs.source IS 'table or view with one row for each customer; follows renames';
COMMENT ON COLUMN tiering.programs.key_column IS 'column of the source that identifies the customer';
COMMENT ON COLUMN tiering.programs.inputs IS
    'for each input of the scheme, by input: its column of the source, or an object of that (column) and the value for each word of the column (values)';
COMMENT ON COLUMN tiering.programs.owner_column IS 'column of the source with who looks after the customer; NULL: nobody';
COMMENT ON COLUMN tiering.programs.last_followup_column IS 'column of the source with a last contact known from elsewhere; NULL: only logged ones count';
COMMENT ON COLUMN tiering.programs.calendar IS 'calendar by which due dates move to working days; NULL: that of the database (set_defaults()), or else every day is worked';
COMMENT ON COLUMN tiering.programs.timezone IS 'time zone of its own; NULL: that of the scheme, or else of the database (set_defaults())';
COMMENT ON COLUMN tiering.programs.own_customers_only IS 'whether agents see their own customers only; administrators see all';
COMMENT ON COLUMN tiering.programs.status IS 'active or paused; a paused program grades nobody';
COMMENT ON COLUMN tiering.programs.applied_version IS 'version of the scheme by which the tiers in force were given';
COMMENT ON COLUMN tiering.programs.zone IS 'time zone in which its days begin, as of the last retier()';
COMMENT ON COLUMN tiering.programs.column_numbers IS 'number of each named column in the source, by which renames are followed';
COMMENT ON COLUMN tiering.programs.created_at IS 'when it was made';
COMMENT ON COLUMN tiering.programs.created_by IS 'by which session user';

CREATE FUNCTION tiering.number_columns() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Never an error: a row that a restore copies in must come in. Use of a missing column is the error.
    NEW.column_numbers := (
        SELECT coalesce(jsonb_object_agg(a.attname, a.attnum), '{}')
        FROM pg_attribute a
        WHERE a.attrelid = NEW.source AND a.attnum > 0 AND NOT a.attisdropped
            AND (a.attname IN (NEW.key_column, NEW.owner_column, NEW.last_followup_column)
                OR a.attname IN (SELECT tiering.input_column(i.value) FROM jsonb_each(NEW.inputs) AS i)));
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.number_columns() IS 'trigger: looks up the numbers of the columns that a program names';
CREATE TRIGGER number_columns BEFORE INSERT OR UPDATE OF source, key_column, inputs, owner_column, last_followup_column ON tiering.programs
    FOR EACH ROW EXECUTE FUNCTION tiering.number_columns();

-- Foreign keys to programs would break pg_restore -j, which knows no order between the tables of an extension. Instead, what
-- stands under the name of a program goes with it, and changes its name with it.
CREATE FUNCTION tiering.program_tables() RETURNS regclass[]
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(c.oid::regclass ORDER BY c.relname)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'program' AND NOT a.attisdropped
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'customer_tiering'
    WHERE c.relkind = 'r' AND c.oid <> 'tiering.programs'::regclass;
END;
COMMENT ON FUNCTION tiering.program_tables() IS 'the tables of the extension whose rows belong to programs';

CREATE FUNCTION tiering.forget_program(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t regclass;
BEGIN
    FOREACH t IN ARRAY tiering.program_tables() LOOP
        EXECUTE format('DELETE FROM %s t WHERE t.program = $1', t) USING forget_program.program;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.forget_program(text) IS 'deletes all rows that belong to a program, but its own';

CREATE FUNCTION tiering.check_program_name() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.require_program_name(NEW.program);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.check_program_name() IS 'trigger: a program that is written by hand has a name that a program can have';
CREATE TRIGGER check_name BEFORE INSERT OR UPDATE OF program ON tiering.programs FOR EACH ROW EXECUTE FUNCTION tiering.check_program_name();

CREATE FUNCTION tiering.follow_program() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    t regclass;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM tiering.forget_program(OLD.program);
    ELSE
        FOREACH t IN ARRAY tiering.program_tables() LOOP
            EXECUTE format('UPDATE %s t SET program = $1 WHERE t.program = $2', t) USING NEW.program, OLD.program;
        END LOOP;
        -- The triggers on the source have the name of the program in theirs, and as their argument.
        IF tiering.drop_triggers(OLD.program, NULL) > 0 THEN
            PERFORM tiering.enable_automatic(NEW.program);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.follow_program() IS 'trigger: what belongs to a program goes with it, and changes its name with it';
CREATE TRIGGER forget AFTER DELETE ON tiering.programs FOR EACH ROW EXECUTE FUNCTION tiering.follow_program();
CREATE TRIGGER rename AFTER UPDATE OF program ON tiering.programs
    FOR EACH ROW WHEN (OLD.program <> NEW.program) EXECUTE FUNCTION tiering.follow_program();

CREATE TABLE tiering.program_tiers (
    program text COLLATE "C" NOT NULL,
    tier text COLLATE "C" NOT NULL,
    rank integer NOT NULL CHECK (rank > 0),
    title_en text,
    title_zh text,
    followup_every text,
    workday text,
    log text CHECK (log IN ('daily', 'weekly', 'half_month', 'month', 'year')),
    strategy jsonb,
    PRIMARY KEY (program, tier),
    UNIQUE (program, rank)
);
GRANT SELECT ON tiering.program_tiers TO PUBLIC;
GRANT INSERT, UPDATE, DELETE ON tiering.program_tiers TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.program_tiers', '');
COMMENT ON TABLE tiering.program_tiers IS 'the tiers that each program gives, from the version of its scheme that is applied';
COMMENT ON COLUMN tiering.program_tiers.program IS 'program';
COMMENT ON COLUMN tiering.program_tiers.tier IS 'code of the tier';
COMMENT ON COLUMN tiering.program_tiers.rank IS 'rank, 1 is the best';
COMMENT ON COLUMN tiering.program_tiers.title_en IS 'title, English';
COMMENT ON COLUMN tiering.program_tiers.title_zh IS 'title, Chinese';
COMMENT ON COLUMN tiering.program_tiers.followup_every IS 'follow-up cadence, ISO 8601 duration; NULL: none';
COMMENT ON COLUMN tiering.program_tiers.workday IS 'how a due day that is no working day moves: none, following, preceding, modified_following';
COMMENT ON COLUMN tiering.program_tiers.log IS
    'the log that its customers are kept in, by the cadence: daily (less than a week), weekly (less than two), half_month (less than four), '
    'month (less than half a year), year; NULL: none';
COMMENT ON COLUMN tiering.program_tiers.strategy IS 'the actions of the tier in the document';

-- What a message says of a program that is not there.
CREATE FUNCTION tiering.find_program(program text) RETURNS tiering.programs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_program tiering.programs;
BEGIN
    PERFORM tiering.language('en');  -- a function of the library: what loads it can also translate what follows
    SELECT p.* INTO found_program FROM tiering.programs p WHERE p.program = find_program.program;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('program "%s" does not exist', find_program.program),
            DETAIL = coalesce('There are: ' || (SELECT string_agg(p.program, ', ' ORDER BY p.program) FROM tiering.programs p) || '.', 'There is none yet.'),
            HINT = 'SELECT tiering.create_program(name, scheme, source, key) makes one.';
    END IF;
    RETURN found_program;
END
$$;
COMMENT ON FUNCTION tiering.find_program(text) IS 'the row of a program; ERROR 42704 if there is none';

CREATE FUNCTION tiering.renamed_column(source regclass, column_numbers jsonb, column_name text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = $1 AND a.attnum = ($2 ->> $3)::smallint AND NOT a.attisdropped), $3);
END;
COMMENT ON FUNCTION tiering.renamed_column(regclass, jsonb, text) IS
    'the name that a column has now, by its number; the same name if the number is not known or its column was dropped';

CREATE FUNCTION tiering.program_columns(program text)
    RETURNS TABLE (purpose text, input text, column_name text, type regtype, words jsonb)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(program_columns.program);
    lost record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.source) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_table',
            MESSAGE = format('the source of program "%s" does not exist any more', p.program),
            DETAIL = 'The table or view was dropped, perhaps to be made anew.',
            HINT = format('SELECT tiering.alter_program(%L, ''{"source": "schema.table"}'') names another; tiering.drop_program(%L) gives the program up.',
                p.program, p.program);
    END IF;
    FOR purpose, input, column_name, type, words IN
        SELECT u.purpose, u.input, coalesce(a.attname::text, u.column_name), CASE WHEN a.attnum IS NOT NULL THEN a.atttypid::regtype END, u.words
        FROM (
            SELECT 'key' AS purpose, NULL AS input, p.key_column AS column_name, NULL::jsonb AS words
            UNION ALL SELECT 'owner', NULL, p.owner_column, NULL WHERE p.owner_column IS NOT NULL
            UNION ALL SELECT 'last_followup', NULL, p.last_followup_column, NULL WHERE p.last_followup_column IS NOT NULL
            UNION ALL SELECT 'input', i.key, tiering.input_column(i.value), tiering.input_words(i.value) FROM jsonb_each(p.inputs) AS i
        ) u
        LEFT JOIN pg_attribute a ON a.attrelid = p.source AND NOT a.attisdropped
            AND a.attnum = (p.column_numbers ->> u.column_name)::smallint
    LOOP
        IF type IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column',
                MESSAGE = format('%s has no column "%s", which program "%s" uses as %s', p.source, column_name, p.program,
                    CASE purpose WHEN 'input' THEN format('input "%s"', input) WHEN 'last_followup' THEN 'the last follow-up' ELSE purpose END),
                DETAIL = tiering.column_list(p.source),
                HINT = format('SELECT tiering.alter_program(%L, %L) names another.', p.program,
                    CASE purpose WHEN 'input' THEN jsonb_build_object('inputs', jsonb_build_object(input, 'column'))
                        ELSE jsonb_build_object(purpose, 'column') END);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.program_columns(text) IS
    'the columns of its source that a program uses, by the names they have now: key, owner, last_followup, inputs (with words, the map of values). '
    'ERROR 42P01 if the source is gone, 42703 if a column is';

-- The version that a program is to apply.
CREATE FUNCTION tiering.wanted_version(scheme text, version integer) RETURNS integer
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target record;
BEGIN
    IF wanted_version.version IS NULL THEN
        PERFORM tiering.current_scheme(wanted_version.scheme);
        RETURN (SELECT c.version FROM tiering.current_schemes c WHERE c.scheme = wanted_version.scheme);
    END IF;
    target := tiering.find_version(wanted_version.scheme, wanted_version.version, 'approved');
    IF target.status_found = 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('scheme "%s" version %s is a draft', wanted_version.scheme, wanted_version.version),
            HINT = format('SELECT tiering.approve_scheme(%L, %s) approves it.', wanted_version.scheme, wanted_version.version);
    END IF;
    RETURN wanted_version.version;
END
$$;
COMMENT ON FUNCTION tiering.wanted_version(text, integer) IS
    'the version of a scheme that a program applies: the pinned one, or else the current; ERROR 42704 if there is none, 55000 for a draft';

CREATE FUNCTION tiering.log_of_cadence(every text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN every::interval < interval '1 week' THEN 'daily'
        WHEN every::interval < interval '2 weeks' THEN 'weekly'
        WHEN every::interval < interval '4 weeks' THEN 'half_month'
        -- Intervals are compared with months of 30 days.
        WHEN every::interval < interval '6 months' THEN 'month'
        WHEN every IS NOT NULL THEN 'year'
    END;
COMMENT ON FUNCTION tiering.log_of_cadence(text) IS
    'the log in which customers of a follow-up cadence are kept: daily (less than a week), weekly (less than two), half_month '
    '(less than four), month (less than half a year), year';

CREATE FUNCTION tiering.follow_renames(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The UPDATE fires number_columns(), so that it is made only where a name has changed.
    UPDATE tiering.programs p SET key_column = n.key_column, owner_column = n.owner_column,
        last_followup_column = n.last_followup_column, inputs = n.inputs
    FROM (
        SELECT q.program, tiering.renamed_column(q.source, q.column_numbers, q.key_column) AS key_column,
            tiering.renamed_column(q.source, q.column_numbers, q.owner_column) AS owner_column,
            tiering.renamed_column(q.source, q.column_numbers, q.last_followup_column) AS last_followup_column,
            coalesce((SELECT jsonb_object_agg(i.key, CASE jsonb_typeof(i.value) WHEN 'object' THEN i.value || jsonb_build_object('column', n.name) ELSE to_jsonb(n.name) END)
                FROM jsonb_each(q.inputs) AS i
                CROSS JOIN LATERAL (SELECT tiering.renamed_column(q.source, q.column_numbers, tiering.input_column(i.value))) AS n (name)), '{}') AS inputs
        FROM tiering.programs q WHERE q.program = follow_renames.program
    ) n
    WHERE p.program = n.program AND (p.key_column, p.owner_column, p.last_followup_column, p.inputs)
        IS DISTINCT FROM (n.key_column, n.owner_column, n.last_followup_column, n.inputs);
END
$$;
COMMENT ON FUNCTION tiering.follow_renames(text) IS 'writes down the names that the columns of a program have now';

CREATE FUNCTION tiering.program_zone(timezone text, document jsonb) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(timezone, document ->> 'timezone', tiering.default_timezone());
COMMENT ON FUNCTION tiering.program_zone(text, jsonb) IS 'the time zone of a program: its own, or that of its scheme, or that of the database';

CREATE FUNCTION tiering.apply_version(program text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(apply_version.program);
    wanted integer := tiering.wanted_version(p.scheme, p.version);
    document jsonb;
BEGIN
    SELECT tiering.to_jsonb(s.document) INTO document FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = wanted;
    IF p.zone <> tiering.program_zone(p.timezone, document) THEN
        UPDATE tiering.programs q SET zone = tiering.program_zone(p.timezone, document) WHERE q.program = apply_version.program;
    END IF;
    IF p.applied_version = wanted THEN
        RETURN false;
    END IF;
    UPDATE tiering.programs q SET applied_version = wanted WHERE q.program = apply_version.program;
    DELETE FROM tiering.program_tiers t WHERE t.program = apply_version.program;
    INSERT INTO tiering.program_tiers (program, tier, rank, title_en, title_zh, followup_every, workday, log, strategy)
    SELECT apply_version.program, t.tier ->> 'code', t.n, t.tier #>> '{title,en}', t.tier #>> '{title,zh}', t.tier #>> '{followup,every}',
        coalesce(t.tier #>> '{followup,workday}', 'none'), tiering.log_of_cadence(t.tier #>> '{followup,every}'),
        t.tier -> 'strategy'
    FROM jsonb_array_elements(document -> 'tiers') WITH ORDINALITY AS t (tier, n);
    RETURN true;
END
$$;
COMMENT ON FUNCTION tiering.apply_version(text) IS
    'takes up the version of its scheme that a program is to apply; whether it is another than before';

CREATE FUNCTION tiering.check_program(program text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(check_program.program);
    stored tiering.scheme;
    document jsonb;
    i jsonb;
    chosen text;
    unheard_of text;
    found_type regtype;
BEGIN
    SELECT s.document, tiering.to_jsonb(s.document) INTO stored, document
    FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version);
    SELECT m.key INTO unheard_of FROM jsonb_object_keys(p.inputs) AS m (key)
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(document -> 'inputs') AS e (input) WHERE e.input ->> 'name' = m.key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('scheme "%s" has no input "%s"', p.scheme, unheard_of),
            DETAIL = format('Its inputs are: %s.',
                (SELECT string_agg(e.input ->> 'name', ', ') FROM jsonb_array_elements(document -> 'inputs') AS e (input)));
    END IF;
    FOR chosen IN
        SELECT u.column_name FROM (
            SELECT p.key_column UNION ALL SELECT p.owner_column UNION ALL SELECT p.last_followup_column
            UNION ALL SELECT tiering.input_column(m.value) FROM jsonb_each(p.inputs) AS m
        ) u (column_name) WHERE u.column_name IS NOT NULL
    LOOP
        IF NOT p.column_numbers ? chosen THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s"', p.source, chosen),
                DETAIL = tiering.column_list(p.source),
                HINT = format('SELECT * FROM tiering.suggest_mapping(%L, %L) proposes columns for the inputs.', p.scheme, p.source);
        END IF;
    END LOOP;
    PERFORM tiering.require_key_type(p.source, p.key_column);
    FOR i IN SELECT e.input FROM jsonb_array_elements(document -> 'inputs') AS e (input) LOOP
        IF NOT p.inputs ? (i ->> 'name') THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column',
                MESSAGE = format('%s has no column "%s" for the input of that name of scheme "%s"', p.source, i ->> 'name', p.scheme),
                HINT = format('Say which column serves: inputs => ''{"%s": "column"}''. SELECT * FROM tiering.suggest_mapping(%L, %L) proposes one.',
                    i ->> 'name', p.scheme, p.source);
        END IF;
        IF tiering.input_words(p.inputs -> (i ->> 'name')) IS NOT NULL THEN
            PERFORM tiering.require_words(stored, i ->> 'name', tiering.input_words(p.inputs -> (i ->> 'name')));
            CONTINUE;
        END IF;
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.inputs ->> (i ->> 'name');
        IF NOT tiering.type_serves(i ->> 'type', found_type) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but input "%s" of scheme "%s" is of type %s',
                    p.inputs ->> (i ->> 'name'), p.source, found_type, i ->> 'name', p.scheme, i ->> 'type'),
                HINT = format('Say which value its words stand for: inputs => ''{"%1$s": {"column": "%2$s", "values": {"word": value}}}''; '
                    '"values": {} reads the words themselves as type %3$s.', i ->> 'name', p.inputs ->> (i ->> 'name'), i ->> 'type');
        END IF;
    END LOOP;
    IF p.last_followup_column IS NOT NULL THEN
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.last_followup_column;
        IF found_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but a last follow-up is a timestamptz, timestamp or date',
                    p.last_followup_column, p.source, found_type),
                HINT = 'Make a view that casts the column, and use it as the source.';
        END IF;
    END IF;
    PERFORM tiering.require_calendar(p.calendar);
    PERFORM tiering.require_timezone(p.timezone);
    IF (document #> '{stability,promote_margin}' IS NOT NULL OR document #> '{stability,demote_margin}' IS NOT NULL)
        AND tiering.margin_measure(stored) IS NULL
    THEN
        RAISE WARNING USING MESSAGE = format('the margins of scheme "%s" have no effect', p.scheme),
            DETAIL = 'Margins are measured on a score, or on the number whose bands are the tiers.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.check_program(text) IS
    'ERROR if a program cannot grade: 42704 unknown input or calendar, 42703 missing column, 42804 column of a type that does not serve';

CREATE FUNCTION tiering.check_inputs(program text)
    RETURNS TABLE (input text, column_name text, finding text, count bigint, share numeric, examples text[])
    LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(check_inputs.program);
    mapping jsonb;
    columns jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(c.input, CASE WHEN c.words IS NULL THEN to_jsonb(c.column_name)
            ELSE jsonb_build_object('column', c.column_name, 'values', c.words) END) FILTER (WHERE c.purpose = 'input'), '{}'),
        jsonb_object_agg(c.purpose, c.column_name) FILTER (WHERE c.purpose <> 'input')
    INTO mapping, columns FROM tiering.program_columns(check_inputs.program) AS c;
    RETURN QUERY SELECT f.* FROM tiering.schemes s
    CROSS JOIN LATERAL tiering.source_findings(s.document, p.source, mapping, columns ->> 'key', columns ->> 'owner', columns ->> 'last_followup') AS f
    WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version);
END
$$;
COMMENT ON FUNCTION tiering.check_inputs(text) IS
    'what is wrong with the values that the source of a program has: its inputs, key, owner and last contact, by the version of the scheme that '
    'the program applies; as the other check_inputs(). ERROR 42704 unknown program';

CREATE FUNCTION tiering.create_program(
    name text, scheme text, source regclass, key text, inputs jsonb DEFAULT '{}', owner_column text DEFAULT NULL,
    calendar text DEFAULT NULL, last_followup_column text DEFAULT NULL, version integer DEFAULT NULL,
    timezone text DEFAULT NULL
) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing text;
BEGIN
    SELECT u.argument INTO missing
    FROM (VALUES ('name', create_program.name IS NULL), ('scheme', create_program.scheme IS NULL), ('source', create_program.source IS NULL), ('key', create_program.key IS NULL)) AS u (argument, lacking)
    WHERE u.lacking LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('%s is NULL', missing),
            HINT = 'SELECT tiering.create_program(''name'', ''scheme'', ''schema.table'', key => ''column'').';
    END IF;
    PERFORM tiering.require_program_name(create_program.name);
    IF jsonb_typeof(create_program.inputs) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'inputs is not a jsonb object',
            HINT = 'Pass the columns by input, such as {"annual_value": "turnover"}.';
    END IF;
    PERFORM tiering.require_inputs(create_program.inputs);
    INSERT INTO tiering.programs (program, scheme, version, source, key_column, inputs, owner_column, last_followup_column, calendar, timezone)
    SELECT create_program.name, create_program.scheme, create_program.version, create_program.source, create_program.key,
        -- An input that is not named is looked for under its own name.
        coalesce((SELECT jsonb_object_agg(e.input ->> 'name', e.input ->> 'name')
            FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'inputs') AS e (input)
            WHERE s.scheme = create_program.scheme AND s.version = tiering.wanted_version(create_program.scheme, create_program.version)
                AND EXISTS (SELECT FROM tiering.source_columns(create_program.source) c WHERE c.column_name = e.input ->> 'name')), '{}') || create_program.inputs,
        create_program.owner_column, create_program.last_followup_column, create_program.calendar, create_program.timezone
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object', MESSAGE = format('program "%s" already exists', create_program.name),
            HINT = format('Choose another name, or change it: SELECT tiering.alter_program(%L, ''{"scheme": …}'').', create_program.name);
    END IF;
    PERFORM tiering.forget_program(create_program.name);  -- what a session may have written just as a program of this name was dropped
    PERFORM tiering.check_program(create_program.name);
    PERFORM tiering.apply_version(create_program.name);
    RETURN create_program.name;
END
$$;
COMMENT ON FUNCTION tiering.create_program(text, text, regclass, text, jsonb, text, text, text, integer, text) IS
    'binds a scheme to a table or view, and returns the name; nobody is graded yet: CALL tiering.retier(name) does that. key: the column that '
    'identifies the customer. inputs: the column for each input whose name differs, or an object of that and the values that its words stand for: '
    '{"demand": {"column": "意向", "values": {"明确": "explicit"}}}. owner_column: who looks after the customer. '
    'calendar: by which due dates move to working days. last_followup_column: a last contact known from elsewhere. version: pins a '
    'version of the scheme; otherwise every retier takes up the current one. timezone: in which days begin, if not that of the scheme or of '
    'the database. ERROR 42710 the name is taken, 42704 unknown scheme, input or '
    'calendar, 42703 no such column, 42804 a column of a type that does not serve, 22023 no name for a program or a value that an input does not take or unknown zone, 22004 a NULL';

CREATE FUNCTION tiering.alter_program(program text, changes jsonb) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(alter_program.program);
    unheard_of text;
    moved boolean;
BEGIN
    IF jsonb_typeof(alter_program.changes) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'changes is not a jsonb object',
            HINT = 'Name what changes, such as {"calendar": "cn", "version": null}.';
    END IF;
    SELECT k.key INTO unheard_of FROM jsonb_object_keys(alter_program.changes) AS k (key)
    WHERE k.key NOT IN ('scheme', 'version', 'source', 'key', 'inputs', 'owner', 'last_followup', 'calendar', 'timezone', 'own_customers_only') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a program has no "%s" to change', unheard_of),
            HINT = 'Keys: scheme, version, source, key, inputs, owner, last_followup, calendar, timezone, own_customers_only; null takes an optional one away.';
    END IF;
    SELECT k.key INTO unheard_of FROM jsonb_each(alter_program.changes) AS k
    WHERE k.key IN ('scheme', 'source', 'key', 'inputs', 'own_customers_only') AND k.value = 'null'
        OR k.key = 'inputs' AND jsonb_typeof(k.value) <> 'object' OR k.key = 'own_customers_only' AND jsonb_typeof(k.value) <> 'boolean'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"%s" of a program cannot be %s', unheard_of, alter_program.changes -> unheard_of);
    END IF;
    PERFORM tiering.require_inputs(alter_program.changes -> 'inputs');
    IF jsonb_typeof(alter_program.changes -> 'version') <> 'null' AND (alter_program.changes ->> 'version' !~ '^[0-9]{1,9}$' OR alter_program.changes ->> 'version' ~ '^0*$') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"version" of a program cannot be %s', alter_program.changes -> 'version'),
            HINT = 'Versions are numbers from 1 on: {"version": 1} pins one, {"version": null} takes up the current one.';
    END IF;
    IF alter_program.changes ? 'source' AND to_regclass(alter_program.changes ->> 'source') IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_table', MESSAGE = format('relation "%s" does not exist', alter_program.changes ->> 'source'),
            HINT = 'Name the table or view with its schema.';
    END IF;
    PERFORM tiering.follow_renames(alter_program.program);
    moved := alter_program.changes ?| '{scheme,version,source,inputs}';
    UPDATE tiering.programs q SET
        scheme = coalesce(alter_program.changes ->> 'scheme', q.scheme),
        applied_version = CASE WHEN coalesce(alter_program.changes ->> 'scheme', q.scheme) = q.scheme THEN q.applied_version END,
        version = CASE WHEN alter_program.changes ? 'version' THEN (alter_program.changes ->> 'version')::integer WHEN NOT alter_program.changes ? 'scheme' THEN q.version END,
        source = coalesce((alter_program.changes ->> 'source')::regclass, q.source),
        key_column = coalesce(alter_program.changes ->> 'key', q.key_column),
        owner_column = CASE WHEN alter_program.changes ? 'owner' THEN alter_program.changes ->> 'owner' ELSE q.owner_column END,
        last_followup_column = CASE WHEN alter_program.changes ? 'last_followup' THEN alter_program.changes ->> 'last_followup' ELSE q.last_followup_column END,
        calendar = CASE WHEN alter_program.changes ? 'calendar' THEN alter_program.changes ->> 'calendar' ELSE q.calendar END,
        timezone = CASE WHEN alter_program.changes ? 'timezone' THEN alter_program.changes ->> 'timezone' ELSE q.timezone END,
        own_customers_only = coalesce((alter_program.changes ->> 'own_customers_only')::boolean, q.own_customers_only)
    WHERE q.program = alter_program.program
    RETURNING q.* INTO p;
    IF moved THEN
        UPDATE tiering.programs q SET inputs = coalesce((
            SELECT jsonb_object_agg(e.input ->> 'name', coalesce(alter_program.changes -> 'inputs' -> (e.input ->> 'name'), p.inputs -> (e.input ->> 'name'), e.input -> 'name'))
            FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'inputs') AS e (input)
            WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version)), '{}')
            || coalesce(alter_program.changes -> 'inputs', '{}')
        WHERE q.program = alter_program.program;
    END IF;
    PERFORM tiering.check_program(alter_program.program);
    PERFORM tiering.apply_version(alter_program.program);
    IF alter_program.changes -> 'own_customers_only' = 'true' THEN
        PERFORM tiering.warn_of_copies('materialized views show the customers of all owners to whoever may read them: %s');
    END IF;
    RETURN alter_program.program;
END
$$;
COMMENT ON FUNCTION tiering.alter_program(text, jsonb) IS
    'changes a program, and returns its name. changes: any of scheme, version, source, key, inputs (those that change), owner, last_followup, '
    'calendar, timezone, own_customers_only; null takes an optional one away. Who is not graded before keeps the tier until the next retier(). '
    'Errors as of create_program()';

CREATE FUNCTION tiering.pause_program(program text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(pause_program.program);
    UPDATE tiering.programs p SET status = 'paused' WHERE p.program = pause_program.program;
    RETURN pause_program.program;
END
$$;
COMMENT ON FUNCTION tiering.pause_program(text) IS
    'stops a program: it grades nobody until resume_program(); retier() and log_followup() fail with 55000, automatic grading rests';

CREATE FUNCTION tiering.resume_program(program text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(resume_program.program);
    UPDATE tiering.programs p SET status = 'active' WHERE p.program = resume_program.program;
    RETURN resume_program.program;
END
$$;
COMMENT ON FUNCTION tiering.resume_program(text) IS 'lets a paused program grade again; what changed meanwhile is found by the next retier()';

CREATE FUNCTION tiering.create_tier_view(program text, name text, materialized boolean DEFAULT false) RETURNS regclass
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(create_tier_view.program);
    parts text[] := parse_ident(name);
    target text;
    kind text := CASE WHEN materialized THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
    key record;
    owner record;
    taken text[] := '{tier,rank,title_en,title_zh,computed_tier,overridden,since,score,reasons,last_followup,next_due}';
    key_shown text;
    owner_shown text;
BEGIN
    IF parts IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'name is NULL',
            HINT = 'SELECT tiering.create_tier_view(program, ''schema.view'').';
    END IF;
    IF cardinality(parts) <> 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('"%s" does not say in which schema the view is to be', name),
            HINT = format('SELECT tiering.create_tier_view(%L, %L).', p.program, 'public.' || quote_ident(parts[cardinality(parts)]));
    END IF;
    target := format('%I.%I', parts[1], parts[2]);
    SELECT c.column_name, c.type INTO key FROM tiering.program_columns(p.program) c WHERE c.purpose = 'key';
    SELECT c.column_name INTO owner FROM tiering.program_columns(p.program) c WHERE c.purpose = 'owner';
    -- A column of the source that has the name of one of ours is shown under another.
    SELECT n.name INTO key_shown FROM unnest(ARRAY[key.column_name, 'customer']) WITH ORDINALITY AS n (name, i) WHERE n.name <> ALL (taken) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO owner_shown FROM unnest(ARRAY[owner.column_name, 'owner', 'owner_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (taken || key_shown) ORDER BY n.i LIMIT 1;
    -- || '': see tiering.followup_logs.
    EXECUTE format('CREATE %s %s %s AS SELECT s.%I AS %I, t.tier, t.rank, p.title_en, p.title_zh, t.computed_tier, t.overridden, t.since, t.score, '
            't.reasons, t.last_followup, t.next_due%s '
            'FROM %s s JOIN tiering.programs r ON r.program = %L JOIN tiering.current_tiers t ON t.program = r.program || '''' AND t.customer = %s '
            'LEFT JOIN tiering.program_tiers p ON p.program = r.program AND p.tier = t.tier',
        kind, target, CASE WHEN materialized THEN '' ELSE 'WITH (security_invoker)' END, key.column_name, key_shown,
        CASE WHEN owner.column_name IS NULL OR owner.column_name = key.column_name THEN '' ELSE format(', s.%I AS %I', owner.column_name, owner_shown) END,
        p.source, p.program, tiering.key_expression(format('s.%I', key.column_name), key.type));
    IF materialized THEN
        EXECUTE format('CREATE UNIQUE INDEX ON %s (%I)', target, key_shown);
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', kind, target, format('the customers of program %s and their tiers; made by tiering.create_tier_view()', p.program));
    RETURN target::regclass;
END
$$;
COMMENT ON FUNCTION tiering.create_tier_view(text, text, boolean) IS
    'makes a view, or a materialized view with a unique index for REFRESH … CONCURRENTLY, of the customers of a program: key, tier, rank, titles, '
    'computed tier, override, since, score, reasons, last and next follow-up, owner. name: with its schema. '
    'A key or owner whose column has the name of one of these is shown as customer or owner. ERROR 42602 no schema is named, 42P07 the name is taken';
