-- Programs: a scheme at work on a table or view.
--
-- The source is kept by OID, which follows a rename, and by name, for where the OID says nothing: after a restore, which may bring the table later, and at a
-- subscriber. Which of them counts is told by source_home: an OID is one of the database that it was written down in.
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
    source_oid oid NOT NULL,
    source regclass GENERATED ALWAYS AS (source_oid) STORED,
    key_column text NOT NULL,
    tenant_column text,
    inputs jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(inputs) = 'object'),
    owner_column text,
    last_followup_column text,
    joined_column text,
    deleted_column text,
    group_column text,
    label_column text,
    calendar text,
    timezone text,
    own_customers_only boolean NOT NULL DEFAULT false,
    attempts text[] NOT NULL DEFAULT '{}',
    shares_contacts text CHECK (shares_contacts <> ''),
    score_step numeric CHECK (score_step >= 0 AND score_step < 'infinity'),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    applied_version integer,
    stepped boolean NOT NULL DEFAULT false,
    zone text NOT NULL DEFAULT 'UTC',
    column_numbers jsonb NOT NULL DEFAULT '{}',
    path text,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT session_user,
    source_name text,
    source_owner text,
    source_home text
);
GRANT SELECT ON tiering.programs TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.programs TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.programs', '');
COMMENT ON TABLE tiering.programs IS 'programs: which scheme grades the rows of which table or view; made by tiering.create_program()';
COMMENT ON COLUMN tiering.programs.program IS 'name: letters of any script, digits and underscores, at most 63 characters, the first one no digit';
COMMENT ON COLUMN tiering.programs.scheme IS 'scheme that grades';
COMMENT ON COLUMN tiering.programs.version IS 'pinned version of the scheme; NULL: the current one, taken up by the next retier()';
COMMENT ON COLUMN tiering.programs.source_oid IS 'OID of the source; 0: there is none of its name';
COMMENT ON COLUMN tiering.programs.source IS 'table or view with one row for each customer; follows renames';
COMMENT ON COLUMN tiering.programs.key_column IS 'column of the source that identifies the customer';
COMMENT ON COLUMN tiering.programs.tenant_column IS
    'column of the source with the tenant within which the key is unique; a customer is then named by both, as tiering.tenant_key() writes them: 7/4711. NULL: the key is unique by itself';
COMMENT ON COLUMN tiering.programs.inputs IS
    'for each input of the scheme, by input: its column of the source, or an object of that (column) and the value for each word of the column (values)';
COMMENT ON COLUMN tiering.programs.owner_column IS 'column of the source with who looks after the customer; NULL: nobody';
COMMENT ON COLUMN tiering.programs.last_followup_column IS 'column of the source with a last contact known from elsewhere; NULL: only logged ones count';
COMMENT ON COLUMN tiering.programs.joined_column IS
    'column of the source with the day since which the company has the customer, for demotions on the anniversary; NULL: that of the first grading counts';
COMMENT ON COLUMN tiering.programs.deleted_column IS
    'column of the source that says whether a row is deleted: true, or a time; who is deleted is gone. NULL: every row of the source is a customer';
COMMENT ON COLUMN tiering.programs.group_column IS
    'column of the source with the family, household or group of a customer: a contact with one member counts for the others. NULL: each customer is alone';
COMMENT ON COLUMN tiering.programs.label_column IS
    'column of the source with what people call the customer, such as the name: all lists show it beside the key. NULL: they show the key alone';
COMMENT ON COLUMN tiering.programs.calendar IS 'calendar by which due dates move to working days; NULL: that of the database (set_defaults()), or else every day is worked';
COMMENT ON COLUMN tiering.programs.timezone IS 'time zone of its own; NULL: that of the scheme, or else of the database (set_defaults())';
COMMENT ON COLUMN tiering.programs.own_customers_only IS 'whether agents see their own customers only; administrators see all';
COMMENT ON COLUMN tiering.programs.attempts IS 'outcomes with which nobody was reached, such as no_answer: what is logged with one is an attempt, not a contact';
COMMENT ON COLUMN tiering.programs.shares_contacts IS
    'a word of your own: a contact with a customer in one program counts as the last contact in all programs of the same word that know the customer by the same key; NULL: contacts are not shared';
COMMENT ON COLUMN tiering.programs.score_step IS 'by how much a score moves until tiering.score_history keeps it, 0 for every change; NULL: scores are not kept';
COMMENT ON COLUMN tiering.programs.status IS 'active or paused; a paused program grades nobody';
COMMENT ON COLUMN tiering.programs.applied_version IS 'version of the scheme by which the tiers in force were given';
COMMENT ON COLUMN tiering.programs.stepped IS 'whether one of its tiers has steps';
COMMENT ON COLUMN tiering.programs.zone IS 'time zone in which its days begin, as of the last retier()';
COMMENT ON COLUMN tiering.programs.column_numbers IS 'number of each named column in the source, by which renames are followed';
COMMENT ON COLUMN tiering.programs.path IS 'search_path under which the last retier() read the source; agents read it under the same, whatever theirs is. NULL: there was none';
COMMENT ON COLUMN tiering.programs.created_at IS 'when it was made';
COMMENT ON COLUMN tiering.programs.created_by IS 'by which session user';
COMMENT ON COLUMN tiering.programs.source_name IS 'name that the source had last, with its schema, by which a table that was made anew is found';
COMMENT ON COLUMN tiering.programs.source_owner IS 'who owned it then: only a table of the same owner takes its place';
COMMENT ON COLUMN tiering.programs.source_home IS 'the database that source_oid is of, as tiering.here() names it: in another one, such as after a restore, the source is found by its name';

CREATE FUNCTION tiering.here() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'here';
COMMENT ON FUNCTION tiering.here() IS 'this database, told apart from all others: system identifier of the cluster and OID of the database';

CREATE FUNCTION tiering.found_source(source regclass) RETURNS TABLE (name text, owner text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT format('%I.%I', n.nspname, c.relname), pg_get_userbyid(c.relowner)::text
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
END;
COMMENT ON FUNCTION tiering.found_source(regclass) IS 'name with schema, and owner, of a table or view; no row if there is none';

CREATE FUNCTION tiering.find_source(program tiering.programs) RETURNS tiering.programs
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF program.source_name IS NOT NULL AND program.source_home IS DISTINCT FROM tiering.here() THEN
        program.source_oid := coalesce(to_regclass(program.source_name), 0::regclass);
    END IF;
    program.source := program.source_oid;
    program.source_home := tiering.here();
    program.column_numbers := (
        SELECT coalesce(jsonb_object_agg(a.attname, a.attnum), '{}')
        FROM pg_attribute a
        WHERE a.attrelid = program.source_oid AND a.attnum > 0 AND NOT a.attisdropped
            AND (a.attname IN (program.key_column, program.tenant_column, program.owner_column, program.last_followup_column, program.joined_column, program.deleted_column, program.group_column,
                    program.label_column)
                OR a.attname IN (SELECT tiering.input_column(i.value) FROM jsonb_each(program.inputs) AS i)));
    RETURN program;
END
$$;
COMMENT ON FUNCTION tiering.find_source(tiering.programs) IS
    'the row of a program with its source and the numbers of its columns as they are in this database: the source is looked for by its name if the row comes from another one';

CREATE FUNCTION tiering.number_columns() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
    owner text;
BEGIN
    -- Never an error: a row that a restore copies in must come in. Use of a missing column is the error. The generated column is computed later.
    NEW := tiering.find_source(NEW);
    SELECT f.name, f.owner INTO name, owner FROM tiering.found_source(NEW.source_oid) f;
    IF FOUND THEN
        NEW.source_name := name;
        NEW.source_owner := owner;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.number_columns() IS 'trigger: looks up the numbers of the columns that a program names, and the name of its source';
CREATE TRIGGER number_columns BEFORE INSERT OR UPDATE OF source_oid, key_column, tenant_column, inputs, owner_column, last_followup_column, joined_column, deleted_column, group_column, label_column ON tiering.programs
    FOR EACH ROW EXECUTE FUNCTION tiering.number_columns();
-- At a subscriber, too.
ALTER TABLE tiering.programs ENABLE ALWAYS TRIGGER number_columns;

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
    grace text,
    steps jsonb CHECK (jsonb_typeof(steps) = 'array'),
    channels jsonb CHECK (jsonb_typeof(channels) = 'object'),
    followup_since timestamptz,
    log text CHECK (log IN ('daily', 'weekly', 'half_month', 'month', 'year')),
    strategy jsonb,
    PRIMARY KEY (program, tier),
    UNIQUE (program, rank)
);
GRANT SELECT ON tiering.program_tiers TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.program_tiers TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.program_tiers', '');
COMMENT ON TABLE tiering.program_tiers IS 'the tiers that each program gives, from the version of its scheme that is applied';
COMMENT ON COLUMN tiering.program_tiers.program IS 'program';
COMMENT ON COLUMN tiering.program_tiers.tier IS 'code of the tier';
COMMENT ON COLUMN tiering.program_tiers.rank IS 'rank, 1 is the best';
COMMENT ON COLUMN tiering.program_tiers.title_en IS 'title, English';
COMMENT ON COLUMN tiering.program_tiers.title_zh IS 'title, Chinese';
COMMENT ON COLUMN tiering.program_tiers.followup_every IS 'follow-up cadence, ISO 8601 duration; NULL: none';
COMMENT ON COLUMN tiering.program_tiers.workday IS 'how a due day that is no working day moves: none, following, preceding, modified_following';
COMMENT ON COLUMN tiering.program_tiers.grace IS 'how long after a change of tier the first follow-up is due at the earliest, ISO 8601 duration; NULL: on the day of the change';
COMMENT ON COLUMN tiering.program_tiers.steps IS 'contacts that come first in the tier, each after a time since the customer came into it, with its channel; NULL: none';
COMMENT ON COLUMN tiering.program_tiers.channels IS 'channels that have a rhythm of their own besides, by their codes: cadence (every) and, if it is another than in a version before, since when (since); NULL: none';
COMMENT ON COLUMN tiering.program_tiers.followup_since IS 'since when the tier has another cadence or other steps than in the version before: nobody is late by it for a day before; NULL: from the beginning';
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
    -- A restore without triggers leaves the OID of another database.
    IF found_program.source_home IS DISTINCT FROM tiering.here() THEN
        RETURN tiering.find_source(found_program);
    END IF;
    RETURN found_program;
END
$$;
COMMENT ON FUNCTION tiering.find_program(text) IS 'the row of a program; ERROR 42704 if there is none';

-- There are no foreign keys: what is written about a program while another session drops it would stay, and be that of the next program of this name.
CREATE FUNCTION tiering.hold_program(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(program);
    IF tiering.is_administrator() THEN
        PERFORM FROM tiering.programs p WHERE p.program = hold_program.program FOR KEY SHARE;
        IF NOT FOUND THEN
            PERFORM tiering.find_program(program);
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.hold_program(text) IS
    'keeps a program from being dropped or renamed until the end of the transaction, if the caller may change programs; ERROR 42704 if there is none, as after the session that drops it';

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
    anew text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = p.source) THEN
        SELECT f.owner INTO anew FROM tiering.found_source(to_regclass(p.source_name)) f;
        RAISE EXCEPTION USING ERRCODE = 'undefined_table',
            MESSAGE = format('the source of program "%s" does not exist any more', p.program),
            DETAIL = CASE WHEN anew = p.source_owner THEN format('%s was made anew.', p.source_name)
                WHEN anew IS NOT NULL THEN format('%s has its name now, and belongs to "%s", not to "%s" as it did.', p.source_name, anew, p.source_owner)
                ELSE format('%s was dropped, perhaps to be made anew.', p.source_name) END,
            HINT = CASE WHEN anew = p.source_owner THEN format('CALL tiering.retier(%L) takes up the new one.', p.program)
                WHEN anew IS NOT NULL THEN format('SELECT tiering.alter_program(%L, %L) takes up the new one all the same.', p.program, jsonb_build_object('source', p.source_name))
                ELSE format('SELECT tiering.alter_program(%L, ''{"source": "schema.table"}'') names another; tiering.drop_program(%L) gives the program up.',
                    p.program, p.program) END;
    END IF;
    FOR purpose, input, column_name, type, words IN
        SELECT u.purpose, u.input, coalesce(a.attname::text, u.column_name), CASE WHEN a.attnum IS NOT NULL THEN a.atttypid::regtype END, u.words
        FROM (
            SELECT 'key' AS purpose, NULL AS input, p.key_column AS column_name, NULL::jsonb AS words
            UNION ALL SELECT 'tenant', NULL, p.tenant_column, NULL WHERE p.tenant_column IS NOT NULL
            UNION ALL SELECT 'owner', NULL, p.owner_column, NULL WHERE p.owner_column IS NOT NULL
            UNION ALL SELECT 'last_followup', NULL, p.last_followup_column, NULL WHERE p.last_followup_column IS NOT NULL
            UNION ALL SELECT 'joined', NULL, p.joined_column, NULL WHERE p.joined_column IS NOT NULL
            UNION ALL SELECT 'deleted', NULL, p.deleted_column, NULL WHERE p.deleted_column IS NOT NULL
            UNION ALL SELECT 'group', NULL, p.group_column, NULL WHERE p.group_column IS NOT NULL
            UNION ALL SELECT 'label', NULL, p.label_column, NULL WHERE p.label_column IS NOT NULL
            UNION ALL SELECT 'input', i.key, tiering.input_column(i.value), tiering.input_words(i.value) FROM jsonb_each(p.inputs) AS i
        ) u
        LEFT JOIN pg_attribute a ON a.attrelid = p.source AND NOT a.attisdropped
            AND a.attnum = (p.column_numbers ->> u.column_name)::smallint
    LOOP
        IF type IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_column',
                MESSAGE = format('%s has no column "%s", which program "%s" uses as %s', p.source, column_name, p.program,
                    CASE purpose WHEN 'input' THEN format('input "%s"', input) WHEN 'last_followup' THEN 'the last follow-up'
                        WHEN 'joined' THEN 'the day of joining' WHEN 'deleted' THEN 'the mark of what is deleted' WHEN 'owner' THEN 'the owner' WHEN 'group' THEN 'the family or group' WHEN 'label' THEN 'the name' WHEN 'tenant' THEN 'the tenant' ELSE 'the key' END),
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
    'the columns of its source that a program uses, by the names they have now: key, tenant, owner, last_followup, joined, deleted, group, label, inputs (with words, the map of values). '
    'ERROR 42P01 if the source is gone, 42703 if a column is';

CREATE FUNCTION tiering.program_key(program text, alias text DEFAULT 's') RETURNS text
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT tiering.tenant_key_expression(
        max(format('%s.%I', $2, c.column_name)) FILTER (WHERE c.purpose = 'tenant'), (max(c.type::oid::bigint) FILTER (WHERE c.purpose = 'tenant'))::oid::regtype,
        max(format('%s.%I', $2, c.column_name)) FILTER (WHERE c.purpose = 'key'), (max(c.type::oid::bigint) FILTER (WHERE c.purpose = 'key'))::oid::regtype)
    FROM tiering.program_columns($1) AS c;
END;
COMMENT ON FUNCTION tiering.program_key(text, text) IS 'the SQL expression of the text by which a program names a customer, of a row of its source under an alias';

CREATE FUNCTION tiering.key_columns(program text) RETURNS text[]
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(c.column_name ORDER BY c.purpose DESC) FROM tiering.program_columns($1) AS c WHERE c.purpose IN ('key', 'tenant');
END;
COMMENT ON FUNCTION tiering.key_columns(text) IS 'the columns by which a program names its customers: the tenant, if there is one, and the key';

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
