-- Programs made, changed, stopped; and what is looked at before.

CREATE FUNCTION tiering.follow_renames(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The UPDATE fires number_columns(), so that it is made only where a name has changed.
    UPDATE tiering.programs p SET key_column = n.key_column, tenant_column = n.tenant_column, owner_column = n.owner_column,
        last_followup_column = n.last_followup_column, joined_column = n.joined_column, deleted_column = n.deleted_column, group_column = n.group_column, label_column = n.label_column, inputs = n.inputs
    FROM (
        SELECT q.program, tiering.renamed_column(q.source, q.column_numbers, q.key_column) AS key_column,
            tiering.renamed_column(q.source, q.column_numbers, q.tenant_column) AS tenant_column,
            tiering.renamed_column(q.source, q.column_numbers, q.owner_column) AS owner_column,
            tiering.renamed_column(q.source, q.column_numbers, q.last_followup_column) AS last_followup_column,
            tiering.renamed_column(q.source, q.column_numbers, q.joined_column) AS joined_column,
            tiering.renamed_column(q.source, q.column_numbers, q.deleted_column) AS deleted_column,
            tiering.renamed_column(q.source, q.column_numbers, q.group_column) AS group_column,
            tiering.renamed_column(q.source, q.column_numbers, q.label_column) AS label_column,
            coalesce((SELECT jsonb_object_agg(i.key, CASE jsonb_typeof(i.value) WHEN 'object' THEN i.value || jsonb_build_object('column', n.name) ELSE to_jsonb(n.name) END)
                FROM jsonb_each(q.inputs) AS i
                CROSS JOIN LATERAL (SELECT tiering.renamed_column(q.source, q.column_numbers, tiering.input_column(i.value))) AS n (name)), '{}') AS inputs
        FROM tiering.programs q WHERE q.program = follow_renames.program
    ) n
    WHERE p.program = n.program AND (p.key_column, p.tenant_column, p.owner_column, p.last_followup_column, p.joined_column, p.deleted_column, p.group_column, p.label_column, p.inputs)
        IS DISTINCT FROM (n.key_column, n.tenant_column, n.owner_column, n.last_followup_column, n.joined_column, n.deleted_column, n.group_column, n.label_column, n.inputs);
END
$$;
COMMENT ON FUNCTION tiering.follow_renames(text) IS 'writes down the names that the columns of a program have now';

-- Tools rebuild tables: they drop one and make it anew, or put a copy in its place by renaming both. Whoever owned the source may do so, nobody else:
-- a view of somebody else would run its functions with the rights of who grades.
CREATE FUNCTION tiering.follow_source(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(follow_source.program);
    named regclass := to_regclass(p.source_name);
    found_name text;
    found_owner text;
BEGIN
    IF (SELECT q.source_home IS DISTINCT FROM tiering.here() FROM tiering.programs q WHERE q.program = p.program) THEN
        UPDATE tiering.programs q SET source_oid = q.source_oid WHERE q.program = p.program;
        p := tiering.find_program(p.program);
    END IF;
    SELECT f.name, f.owner INTO found_name, found_owner FROM tiering.found_source(p.source) f;
    IF NOT FOUND THEN
        IF (SELECT f.owner FROM tiering.found_source(named) f) = p.source_owner THEN
            UPDATE tiering.programs q SET source_oid = named WHERE q.program = p.program;
            -- Whether it serves: columns may be others than before.
            PERFORM FROM tiering.program_columns(p.program);
            PERFORM tiering.check_program(p.program);
            RAISE NOTICE USING MESSAGE = format('program "%s" reads %s as it was made anew', p.program, p.source_name),
                DETAIL = 'What it read before was dropped; the table or view of the same name and owner takes its place.',
                HINT = format('If its changes were graded at once: SELECT tiering.enable_automatic(%L).', p.program);
        END IF;
    ELSIF named <> p.source THEN
        RAISE WARNING USING MESSAGE = format('program "%s" reads %s, which was %s; another table or view has that name now', p.program, found_name, p.source_name),
            HINT = format('SELECT tiering.alter_program(%L, %L) takes the new one, with %L it stays with the old one.', p.program,
                jsonb_build_object('source', p.source_name), jsonb_build_object('source', found_name));
    ELSIF (p.source_name, p.source_owner) IS DISTINCT FROM (found_name, found_owner) THEN
        UPDATE tiering.programs q SET source_name = found_name, source_owner = found_owner WHERE q.program = p.program;
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.follow_source(text) IS
    'a part of retier() and log_followup(): writes down the name that the source has now; takes up the one of the same name and owner if it was dropped and made anew (NOTICE), if its columns serve; '
    'WARNING if the source was renamed and another has its name';

CREATE FUNCTION tiering.program_zone(timezone text, document jsonb) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(timezone, document ->> 'timezone', tiering.default_timezone());
COMMENT ON FUNCTION tiering.program_zone(text, jsonb) IS 'the time zone of a program: its own, or that of its scheme, or that of the database';

-- People may write 电话 in a document; contacts have the code.
CREATE FUNCTION tiering.followup_steps(tier jsonb) RETURNS jsonb
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('after', s.step ->> 'after', 'channel', tiering.code_of('channel', s.step ->> 'channel'))) ORDER BY s.n)
    FROM jsonb_array_elements($1 #> '{followup,steps}') WITH ORDINALITY AS s (step, n);
END;
COMMENT ON FUNCTION tiering.followup_steps(jsonb) IS 'the steps of a tier of a document, their channels by their codes; NULL: it has none';

CREATE FUNCTION tiering.followup_channels(tier jsonb, earlier jsonb, is_new boolean) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_object_agg(c.channel, jsonb_strip_nulls(jsonb_build_object('every', c.every,
        'since', CASE WHEN $2 #>> ARRAY[c.channel, 'every'] = c.every THEN $2 #>> ARRAY[c.channel, 'since'] WHEN NOT $3 THEN now()::text END)))
    FROM (SELECT tiering.code_of('channel', e.key) AS channel, e.value AS every FROM jsonb_each_text($1 #> '{followup,channels}') AS e) c;
END;
COMMENT ON FUNCTION tiering.followup_channels(jsonb, jsonb, boolean) IS
    'the channels of a tier of a document that have a rhythm of their own, by their codes: cadence (every), and since when it is another than in the version before (since); earlier: '
    'the same of the version before, is_new: that had no such tier. NULL: no channel has one';

CREATE FUNCTION tiering.apply_version(program text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(apply_version.program);
    wanted integer := tiering.wanted_version(p.scheme, p.version);
    document jsonb;
    earlier tiering.program_tiers[] := ARRAY(SELECT t FROM tiering.program_tiers t WHERE t.program = apply_version.program);
BEGIN
    SELECT tiering.to_jsonb(s.document) INTO document FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = wanted;
    IF p.zone <> tiering.program_zone(p.timezone, document) THEN
        UPDATE tiering.programs q SET zone = tiering.program_zone(p.timezone, document) WHERE q.program = apply_version.program;
    END IF;
    IF p.applied_version = wanted THEN
        RETURN false;
    END IF;
    IF p.version IS NULL AND p.applied_version IS NOT NULL AND EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = wanted AND s.built_in) THEN
        RAISE NOTICE USING MESSAGE = tiering.translated(format('program "%s" takes up version %s of the built-in scheme "%s" instead of %s: %s customers move', p.program, wanted, p.scheme, p.applied_version,
                (SELECT count(*) FROM tiering.retier_preview(p.program, version => wanted) v WHERE v.from_tier IS DISTINCT FROM v.to_tier AND v.reason <> 'gone'))),
            HINT = tiering.translated(format('An update of the extension has brought it. SELECT tiering.alter_program(%L, ''{"version": %s}'') goes back, and stays with it.', p.program, p.applied_version));
    END IF;
    UPDATE tiering.programs q SET applied_version = wanted, stepped = jsonb_path_exists(document, '$.tiers[*].followup.steps') WHERE q.program = apply_version.program;
    DELETE FROM tiering.program_tiers t WHERE t.program = apply_version.program;
    INSERT INTO tiering.program_tiers (program, tier, rank, title_en, title_zh, followup_every, workday, grace, steps, channels, followup_since, log, strategy)
    SELECT apply_version.program, t.tier ->> 'code', t.n, t.tier #>> '{title,en}', t.tier #>> '{title,zh}', t.tier #>> '{followup,every}',
        coalesce(t.tier #>> '{followup,workday}', 'none'), t.tier #>> '{followup,grace}',
        f.steps, tiering.followup_channels(t.tier, e.channels, e.tier IS NULL),
        CASE WHEN (e.followup_every, e.steps) IS DISTINCT FROM (t.tier #>> '{followup,every}', f.steps) AND e.tier IS NOT NULL THEN now() ELSE e.followup_since END,
        tiering.log_of_cadence(t.tier #>> '{followup,every}'), t.tier -> 'strategy'
    FROM jsonb_array_elements(document -> 'tiers') WITH ORDINALITY AS t (tier, n)
    CROSS JOIN LATERAL (SELECT tiering.followup_steps(t.tier) AS steps) f
    LEFT JOIN unnest(earlier) AS e ON e.tier = t.tier ->> 'code';
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
    IF NOT EXISTS (SELECT FROM tiering.found_source(p.source)) THEN
        PERFORM FROM tiering.program_columns(p.program);
    END IF;
    SELECT s.document, tiering.to_jsonb(s.document) INTO stored, document
    FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version);
    SELECT m.key INTO unheard_of FROM jsonb_object_keys(p.inputs) AS m (key)
    WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(document -> 'inputs') AS e (input) WHERE e.input ->> 'name' = m.key)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('scheme "%s" has no input "%s"', p.scheme, unheard_of),
            DETAIL = format('Its inputs are: %s.',
                (SELECT string_agg(e.input ->> 'name', ', ') FROM jsonb_array_elements(document -> 'inputs') AS e (input))),
            HINT = format('Give the column of one of them: inputs => ''{"%s": "column"}''.', document #>> '{inputs,0,name}');
    END IF;
    FOR chosen IN
        SELECT u.column_name FROM (
            SELECT p.key_column UNION ALL SELECT p.tenant_column UNION ALL SELECT p.owner_column UNION ALL SELECT p.last_followup_column
            UNION ALL SELECT p.joined_column UNION ALL SELECT p.deleted_column UNION ALL SELECT p.group_column UNION ALL SELECT p.label_column
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
    IF p.tenant_column IS NOT NULL THEN
        PERFORM tiering.require_tenant(p.source, p.tenant_column, p.key_column);
    END IF;
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
                    '"values": {} reads the words themselves as type %3$s.', i ->> 'name', p.inputs ->> (i ->> 'name'), i ->> 'type')
                    || CASE WHEN p.applied_version IS NOT NULL THEN format(' SELECT tiering.alter_program(%L, ''{"inputs": {"%s": …}}'') takes it, or another column.', p.program, i ->> 'name') ELSE '' END;
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
    IF p.joined_column IS NOT NULL THEN
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.joined_column;
        IF found_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but the day of joining is a date, timestamp or timestamptz', p.joined_column, p.source, found_type),
                HINT = 'Make a view that casts the column, and use it as the source.';
        END IF;
    END IF;
    IF p.deleted_column IS NOT NULL THEN
        SELECT c.type INTO found_type FROM tiering.source_columns(p.source) c WHERE c.column_name = p.deleted_column;
        IF found_type NOT IN ('boolean'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
                MESSAGE = format('column "%s" of %s is of type %s, but what marks a row as deleted is a boolean or a time', p.deleted_column, p.source, found_type),
                DETAIL = 'Rows in which it is true, or has a time, are no customers.',
                HINT = 'Make a view that says it with a boolean, such as (status = ''deleted'') AS deleted, and use it as the source.';
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

CREATE FUNCTION tiering.program_findings(program text, path text)
    RETURNS TABLE (input text, column_name text, finding text, count bigint, share numeric, examples text[], message text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(program_findings.program);
    mapping jsonb;
    columns jsonb;
BEGIN
    SELECT coalesce(jsonb_object_agg(c.input, CASE WHEN c.words IS NULL THEN to_jsonb(c.column_name)
            ELSE jsonb_build_object('column', c.column_name, 'values', c.words) END) FILTER (WHERE c.purpose = 'input'), '{}'),
        jsonb_object_agg(c.purpose, c.column_name) FILTER (WHERE c.purpose <> 'input')
    INTO mapping, columns FROM tiering.program_columns(p.program) AS c;
    RETURN QUERY SELECT f.*, tiering.finding_message(f.finding) FROM tiering.schemes s
    CROSS JOIN LATERAL tiering.source_findings(s.document, p.source, mapping, columns ->> 'key', columns ->> 'owner', columns ->> 'last_followup', path, columns ->> 'tenant') AS f
    WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version);
END
$$;
COMMENT ON FUNCTION tiering.program_findings(text, text) IS 'the rows of check_inputs(program), under a search_path';

-- It has no path as an argument: check_inputs('scheme', 'table') would be taken for it.
CREATE FUNCTION tiering.check_inputs(program text)
    RETURNS TABLE (input text, column_name text, finding text, count bigint, share numeric, examples text[], message text)
    LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
    SELECT * FROM tiering.program_findings($1, current_setting('search_path'));
END;
COMMENT ON FUNCTION tiering.check_inputs(text) IS
    'what is wrong with the values that the source of a program has: its inputs, key, owner and last contact, by the version of the scheme that '
    'the program applies; as the other check_inputs(), in the language of set_defaults(). ERROR 42704 unknown program';

CREATE FUNCTION tiering.create_program(
    name text, scheme text, source regclass, key text, inputs jsonb DEFAULT '{}', owner_column text DEFAULT NULL,
    calendar text DEFAULT NULL, last_followup_column text DEFAULT NULL, version integer DEFAULT NULL,
    timezone text DEFAULT NULL, label_column text DEFAULT NULL
) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing text;
    -- Two columns, tenant and key, as the text of an array: {tenant_id,customer_id}.
    key_columns text[] := CASE WHEN create_program.key LIKE '{%}' AND NOT EXISTS (SELECT FROM tiering.source_columns(create_program.source) c WHERE c.column_name = create_program.key)
        THEN create_program.key::text[] ELSE ARRAY[create_program.key] END;
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
    IF cardinality(key_columns) NOT IN (1, 2) OR array_position(key_columns, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s cannot be the key', create_program.key),
            DETAIL = 'A key has one column, or two: the tenant and the key that is unique within it.', HINT = 'key => ''customer_id'', or key => ''{tenant_id,customer_id}''.';
    END IF;
    INSERT INTO tiering.programs (program, scheme, version, source_oid, key_column, tenant_column, inputs, owner_column, last_followup_column, calendar, timezone, label_column)
    SELECT create_program.name, create_program.scheme, create_program.version, create_program.source, key_columns[cardinality(key_columns)],
        CASE WHEN cardinality(key_columns) = 2 THEN key_columns[1] END,
        -- An input that is not named is looked for under its own name.
        coalesce((SELECT jsonb_object_agg(e.input ->> 'name', e.input ->> 'name')
            FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'inputs') AS e (input)
            WHERE s.scheme = create_program.scheme AND s.version = tiering.wanted_version(create_program.scheme, create_program.version)
                AND EXISTS (SELECT FROM tiering.source_columns(create_program.source) c WHERE c.column_name = e.input ->> 'name')), '{}')
            || tiering.coded_inputs((SELECT s.document FROM tiering.schemes s WHERE s.scheme = create_program.scheme
                AND s.version = tiering.wanted_version(create_program.scheme, create_program.version)), create_program.inputs),
        create_program.owner_column, create_program.last_followup_column, create_program.calendar, create_program.timezone, create_program.label_column
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
COMMENT ON FUNCTION tiering.create_program(text, text, regclass, text, jsonb, text, text, text, integer, text, text) IS
    'binds a scheme to a table or view, and returns the name; nobody is graded yet: CALL tiering.retier(name) does that. key: the column that '
    'identifies the customer, or {tenant,key}, two columns that do so together: a customer is then named 7/4711, as tenant_key() writes it. inputs: the column for each input whose name differs, or an object of that and the values that its words stand for, or what the scheme calls them: '
    '{"demand": {"column": "意向", "values": {"明确": "explicit", "再议": "潜在"}}}. owner_column: who looks after the customer. '
    'calendar: by which due dates move to working days. last_followup_column: a last contact known from elsewhere. version: pins a '
    'version of the scheme; otherwise every retier takes up the current one. timezone: in which days begin, if not that of the scheme or of '
    'the database. label_column: what people call the customer, such as the name, which all lists show beside the key. ERROR 42710 the name is taken, 42704 unknown scheme, input or '
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
    WHERE k.key NOT IN ('scheme', 'version', 'source', 'key', 'tenant', 'inputs', 'owner', 'last_followup', 'joined', 'deleted', 'group', 'label', 'calendar', 'timezone', 'own_customers_only', 'attempts', 'shares_contacts', 'score_step') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a program has no "%s" to change', unheard_of),
            HINT = 'Keys: scheme, version, source, key, tenant, inputs, owner, last_followup, joined, deleted, group, label, calendar, timezone, own_customers_only, attempts, shares_contacts, score_step; null takes an optional one away.';
    END IF;
    SELECT k.key INTO unheard_of FROM jsonb_each(alter_program.changes) AS k
    WHERE k.key IN ('scheme', 'source', 'key', 'inputs', 'own_customers_only', 'attempts') AND k.value = 'null'
        OR k.key = 'score_step' AND k.value <> 'null' AND (jsonb_typeof(k.value) <> 'number' OR (k.value #>> '{}')::numeric < 0)
        OR k.key = 'shares_contacts' AND k.value <> 'null' AND (jsonb_typeof(k.value) <> 'string' OR k.value #>> '{}' = '')
        OR k.key = 'attempts' AND (jsonb_typeof(k.value) <> 'array' OR jsonb_path_exists(k.value, 'strict $[*] ? (@.type() != "string" || @ == "")'))
        OR k.key = 'source' AND jsonb_typeof(k.value) <> 'string'
        OR k.key = 'inputs' AND jsonb_typeof(k.value) <> 'object' OR k.key = 'own_customers_only' AND jsonb_typeof(k.value) <> 'boolean'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"%s" of a program cannot be %s', unheard_of, alter_program.changes -> unheard_of),
            HINT = format('SELECT tiering.alter_program(program, ''{"%s": %s}'').', unheard_of, CASE unheard_of WHEN 'inputs' THEN '{"annual_value": "turnover"}' WHEN 'own_customers_only' THEN 'true'
                WHEN 'attempts' THEN '["no_answer"]' WHEN 'score_step' THEN '5' ELSE '"name"' END);
    END IF;
    PERFORM tiering.require_inputs(alter_program.changes -> 'inputs');
    IF jsonb_typeof(alter_program.changes -> 'version') <> 'null' AND (alter_program.changes ->> 'version' !~ '^[0-9]{1,9}$' OR alter_program.changes ->> 'version' ~ '^0*$') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('"version" of a program cannot be %s', alter_program.changes -> 'version'),
            HINT = 'Versions are numbers from 1 on: {"version": 1} pins one, {"version": null} takes up the current one.';
    END IF;
    PERFORM tiering.name_parts(alter_program.changes ->> 'source');
    IF alter_program.changes ? 'source' AND to_regclass(alter_program.changes ->> 'source') IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_table', MESSAGE = format('relation "%s" does not exist', alter_program.changes ->> 'source'),
            HINT = 'Name the table or view with its schema.';
    END IF;
    IF NOT alter_program.changes ? 'source' THEN
        PERFORM tiering.follow_source(alter_program.program);
    END IF;
    PERFORM tiering.follow_renames(alter_program.program);
    moved := alter_program.changes ?| '{scheme,version,source,inputs}';
    UPDATE tiering.programs q SET
        scheme = coalesce(alter_program.changes ->> 'scheme', q.scheme),
        applied_version = CASE WHEN coalesce(alter_program.changes ->> 'scheme', q.scheme) = q.scheme THEN q.applied_version END,
        version = CASE WHEN alter_program.changes ? 'version' THEN (alter_program.changes ->> 'version')::integer WHEN NOT alter_program.changes ? 'scheme' THEN q.version END,
        source_oid = coalesce((alter_program.changes ->> 'source')::regclass, q.source_oid),
        key_column = coalesce(alter_program.changes ->> 'key', q.key_column),
        tenant_column = CASE WHEN alter_program.changes ? 'tenant' THEN alter_program.changes ->> 'tenant' ELSE q.tenant_column END,
        owner_column = CASE WHEN alter_program.changes ? 'owner' THEN alter_program.changes ->> 'owner' ELSE q.owner_column END,
        last_followup_column = CASE WHEN alter_program.changes ? 'last_followup' THEN alter_program.changes ->> 'last_followup' ELSE q.last_followup_column END,
        joined_column = CASE WHEN alter_program.changes ? 'joined' THEN alter_program.changes ->> 'joined' ELSE q.joined_column END,
        deleted_column = CASE WHEN alter_program.changes ? 'deleted' THEN alter_program.changes ->> 'deleted' ELSE q.deleted_column END,
        group_column = CASE WHEN alter_program.changes ? 'group' THEN alter_program.changes ->> 'group' ELSE q.group_column END,
        label_column = CASE WHEN alter_program.changes ? 'label' THEN alter_program.changes ->> 'label' ELSE q.label_column END,
        calendar = CASE WHEN alter_program.changes ? 'calendar' THEN alter_program.changes ->> 'calendar' ELSE q.calendar END,
        timezone = CASE WHEN alter_program.changes ? 'timezone' THEN alter_program.changes ->> 'timezone' ELSE q.timezone END,
        score_step = CASE WHEN alter_program.changes ? 'score_step' THEN (alter_program.changes ->> 'score_step')::numeric ELSE q.score_step END,
        shares_contacts = CASE WHEN alter_program.changes ? 'shares_contacts' THEN alter_program.changes ->> 'shares_contacts' ELSE q.shares_contacts END,
        attempts = CASE WHEN alter_program.changes ? 'attempts'
            THEN ARRAY(SELECT DISTINCT tiering.code_of('outcome', e.outcome) FROM jsonb_array_elements_text(alter_program.changes -> 'attempts') AS e (outcome) ORDER BY 1) ELSE q.attempts END,
        own_customers_only = coalesce((alter_program.changes ->> 'own_customers_only')::boolean, q.own_customers_only)
    WHERE q.program = alter_program.program
    RETURNING q.* INTO p;
    IF moved THEN
        UPDATE tiering.programs q SET inputs = coalesce((
            SELECT jsonb_object_agg(e.input ->> 'name', coalesce(alter_program.changes -> 'inputs' -> (e.input ->> 'name'), p.inputs -> (e.input ->> 'name'), e.input -> 'name'))
            FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'inputs') AS e (input)
            WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version)), '{}')
            || coalesce(tiering.coded_inputs((SELECT s.document FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = tiering.wanted_version(p.scheme, p.version)),
                alter_program.changes -> 'inputs'), '{}')
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
    'changes a program, and returns its name. changes: any of scheme, version, source, key, tenant (the column within whose values the key is unique: with it, or without it, customers have other names, and those of before are gone), inputs (those that change), owner, last_followup, '
    'joined (the column with the day since which the company has the customer), deleted (the column that marks deleted rows, a boolean or a time: those customers are gone), group (the column with the family or group, whose members share their contacts), label (the column with what people call the customer, which all lists show), '
    'calendar, timezone, own_customers_only, attempts (the outcomes with which nobody was reached, such as ["no_answer"]), shares_contacts (a word: programs of the same word share their contacts), score_step (by how much a score moves until it is kept); null takes an optional one away. Who is not graded before keeps the tier until the next retier(). '
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
