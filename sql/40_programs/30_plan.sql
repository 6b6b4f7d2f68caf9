-- What grading by a program needs to know, gathered once.

CREATE TYPE tiering.program_plan AS (
    program text,
    document tiering.scheme,
    as_of timestamptz,
    today date,
    zone text,
    tiers text[],
    every text[],
    workday text[],
    grace text[],
    steps jsonb[],
    rhythm_since date[],
    at_once date[],
    calendar tiering.calendar,
    source text,
    customer text,
    chosen text,
    chosen_one text,
    owner text,
    latest_contact timestamptz,
    contact text,
    refused text,
    sharing text[],
    grouped text,
    labelled text,
    present text,
    kept_out text,
    joined text,
    arguments text[],
    scored boolean,
    with_reasons boolean,
    stability boolean,
    kept boolean,
    measured text,
    measure text,
    paused boolean,
    attempts text[],
    spelt_freely boolean,
    path text,
    elsewhere boolean,
    read_one text,
    write_few text,
    changed text
);
COMMENT ON TYPE tiering.program_plan IS 'all that grading by a program needs to know, gathered once';
COMMENT ON COLUMN tiering.program_plan.program IS 'program';
COMMENT ON COLUMN tiering.program_plan.document IS 'scheme document that is applied';
COMMENT ON COLUMN tiering.program_plan.as_of IS 'time as of which is graded';
COMMENT ON COLUMN tiering.program_plan.today IS 'its day, in the zone of the program';
COMMENT ON COLUMN tiering.program_plan.zone IS 'zone of the program';
COMMENT ON COLUMN tiering.program_plan.tiers IS 'tiers, by rank';
COMMENT ON COLUMN tiering.program_plan.every IS 'cadences, by rank';
COMMENT ON COLUMN tiering.program_plan.workday IS 'business-day conventions, by rank';
COMMENT ON COLUMN tiering.program_plan.grace IS 'how long after a change of tier nobody is due, by rank';
COMMENT ON COLUMN tiering.program_plan.steps IS 'contacts that come first in a tier, by rank, as tiering.program_tiers.steps; NULL: no tier has any';
COMMENT ON COLUMN tiering.program_plan.rhythm_since IS 'days since which the cadences are others than before, by rank; NULL: from the beginning';
COMMENT ON COLUMN tiering.program_plan.at_once IS 'due days of those never contacted, by rank';
COMMENT ON COLUMN tiering.program_plan.calendar IS 'calendar document; NULL: every day is worked';
COMMENT ON COLUMN tiering.program_plan.source IS 'source, quoted';
COMMENT ON COLUMN tiering.program_plan.customer IS 'expression of the text by which a customer is named';
COMMENT ON COLUMN tiering.program_plan.chosen IS 'condition that picks the customers of $2, an array of such texts';
COMMENT ON COLUMN tiering.program_plan.chosen_one IS 'condition that picks the first customer of $2: what a view joins and groups by its key is looked up by it, too';
COMMENT ON COLUMN tiering.program_plan.owner IS 'expression of the owner; NULL if the name is longer than an index takes';
COMMENT ON COLUMN tiering.program_plan.latest_contact IS 'a contact after this has not been yet';
COMMENT ON COLUMN tiering.program_plan.contact IS 'expression of the last contact known to the source; NULL if it cannot have been';
COMMENT ON COLUMN tiering.program_plan.refused IS 'expression of the values of the source that are not used, as a jsonb object of their purposes (last_followup, joined, owner, group) and texts; NULL: all are';
COMMENT ON COLUMN tiering.program_plan.sharing IS 'other programs whose contacts count here, too; NULL: there are none';
COMMENT ON COLUMN tiering.program_plan.grouped IS 'expression of the family or group; NULL: each customer is alone';
COMMENT ON COLUMN tiering.program_plan.labelled IS 'expression of what people call the customer; NULL: the program does not know it';
COMMENT ON COLUMN tiering.program_plan.present IS 'condition that a row is not marked as deleted, and its customer not kept out; NULL: all are here';
COMMENT ON COLUMN tiering.program_plan.kept_out IS 'condition that the customer of a row is kept out; NULL: nobody is';
COMMENT ON COLUMN tiering.program_plan.joined IS 'expression of the day since which the company has the customer; NULL: it is not needed';
COMMENT ON COLUMN tiering.program_plan.arguments IS 'expressions of the inputs, in the order of the scheme';
COMMENT ON COLUMN tiering.program_plan.scored IS 'whether the scheme has a score';
COMMENT ON COLUMN tiering.program_plan.with_reasons IS 'whether it gives reason codes';
COMMENT ON COLUMN tiering.program_plan.stability IS 'whether it has stability rules';
COMMENT ON COLUMN tiering.program_plan.kept IS 'whether they keep a tier until a day';
COMMENT ON COLUMN tiering.program_plan.measured IS 'column that margins are measured on, as a numeric; NULL: none is';
COMMENT ON COLUMN tiering.program_plan.measure IS 'where a grading has what margins are measured on; NULL: nowhere';
COMMENT ON COLUMN tiering.program_plan.paused IS 'whether the program is paused';
COMMENT ON COLUMN tiering.program_plan.attempts IS 'outcomes of contacts that reach nobody';
COMMENT ON COLUMN tiering.program_plan.spelt_freely IS 'whether equal keys may be spelt differently';
COMMENT ON COLUMN tiering.program_plan.path IS 'search_path under which the last retier() read the source; NULL: there was none';
COMMENT ON COLUMN tiering.program_plan.elsewhere IS 'rows of the source are on other servers, of which only those are asked that have the customers, if their keys are known when a statement is planned';
COMMENT ON COLUMN tiering.program_plan.read_one IS 'statement that gives the assignment which one customer should have; of plan_few()';
COMMENT ON COLUMN tiering.program_plan.changed IS 'statement that gives the customers whom a statement on the source has changed; of changed_customers()';
COMMENT ON COLUMN tiering.program_plan.write_few IS 'statement that grades a few customers and writes what follows; of plan_few()';

CREATE FUNCTION tiering.measured_expression(input text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN input LIKE '%::tiering.word'
        -- A word that is no number is no measure; that it cannot be graded is said elsewhere.
        THEN format($e$CASE WHEN (%1$s)::pg_catalog.text ~ '^[[:space:]]*[-+]?([0-9]{1,60}([.][0-9]{0,60})?|[.][0-9]{1,60})([eE][-+]?[0-9]{1,2})?[[:space:]]*$' THEN (%1$s)::pg_catalog.text::pg_catalog.numeric END$e$, input)
        ELSE input || '::pg_catalog.numeric' END;
COMMENT ON FUNCTION tiering.measured_expression(text) IS 'the SQL expression of an input, made of that by which it is graded, as the numeric that margins are measured on';

CREATE FUNCTION tiering.latest_contact(as_of timestamptz) RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    -- Clocks differ a little.
    RETURN greatest(as_of, clock_timestamp()) + interval '1 minute';
COMMENT ON FUNCTION tiering.latest_contact(timestamptz) IS 'until when contacts that a source tells of can have been';

CREATE FUNCTION tiering.plan_program(program text, as_of timestamptz, version integer DEFAULT NULL) RETURNS tiering.program_plan
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(plan_program.program);
    plan tiering.program_plan;
    document jsonb;
    measure jsonb;
    columns jsonb;
    expressions jsonb;
    -- Beside the longest key and name of a program they fit into an index.
    longest CONSTANT integer := 400;
    possible text;
    -- By purpose: when a value is refused.
    refused jsonb := '{}';
BEGIN
    IF plan_program.as_of NOT BETWEEN '0001-01-02 00:00+00' AND '9999-12-29 00:00+00' THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('nobody can be graded as of %s', plan_program.as_of),
            HINT = 'Give a time of the calendar, or leave it out for now.';
    END IF;
    SELECT s.document INTO plan.document FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = coalesce(plan_program.version, p.applied_version);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" has no version %s, which program "%s" applies', p.scheme, coalesce(plan_program.version, p.applied_version), p.program),
            HINT = format('CALL tiering.retier(%L) takes up the current version.', p.program);
    END IF;
    document := tiering.to_jsonb(plan.document);
    plan.program := p.program;
    plan.paused := p.status = 'paused';
    plan.attempts := p.attempts;
    plan.path := p.path;
    plan.as_of := plan_program.as_of;
    -- In the zone that the program has; another version is looked at in the zone that it would have.
    plan.zone := CASE WHEN plan_program.version = p.applied_version OR plan_program.version IS NULL THEN p.zone ELSE tiering.program_zone(p.timezone, document) END;
    IF plan.zone <> coalesce(document ->> 'timezone', 'UTC') THEN
        plan.document := tiering.scheme(document || jsonb_build_object('timezone', plan.zone));
    END IF;
    plan.today := (plan_program.as_of AT TIME ZONE plan.zone)::date;
    p.calendar := coalesce(p.calendar, tiering.default_calendar());
    SELECT c.document INTO plan.calendar FROM tiering.calendars c WHERE c.calendar = p.calendar;
    IF p.calendar IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('calendar "%s", which program "%s" uses, does not exist', p.calendar, p.program),
            HINT = format('SELECT tiering.import_calendar(%L, document) adds it; tiering.alter_program() and, for all programs, tiering.set_defaults() name another or none.', p.calendar);
    END IF;
    SELECT array_agg(t.tier ->> 'code' ORDER BY t.n), array_agg(t.tier #>> '{followup,every}' ORDER BY t.n),
        array_agg(coalesce(t.tier #>> '{followup,workday}', 'none') ORDER BY t.n), array_agg(t.tier #>> '{followup,grace}' ORDER BY t.n),
        -- A version that is looked at before it is applied would be so from now on.
        array_agg(CASE WHEN g.tier IS NOT NULL AND (g.followup_every, g.steps) IS DISTINCT FROM (t.tier #>> '{followup,every}', f.steps) THEN plan.today
            ELSE (g.followup_since AT TIME ZONE plan.zone)::date END ORDER BY t.n),
        array_agg(CASE WHEN plan.calendar IS NULL OR coalesce(t.tier #>> '{followup,workday}', 'none') = 'none' THEN plan.today
            ELSE tiering.add_workdays(plan.calendar, plan.today, 0) END ORDER BY t.n),
        CASE WHEN count(f.steps) > 0 THEN array_agg(f.steps ORDER BY t.n) END
    INTO plan.tiers, plan.every, plan.workday, plan.grace, plan.rhythm_since, plan.at_once, plan.steps
    FROM jsonb_array_elements(document -> 'tiers') WITH ORDINALITY AS t (tier, n)
    CROSS JOIN LATERAL (SELECT tiering.followup_steps(t.tier) AS steps) f
    LEFT JOIN tiering.program_tiers g ON g.program = p.program AND g.tier = t.tier ->> 'code';

    plan.source := p.source;
    plan.elsewhere := tiering.rows_elsewhere(p.source) IS NOT NULL;
    SELECT jsonb_object_agg(c.purpose, c.column_name) FILTER (WHERE c.purpose <> 'input'),
        jsonb_object_agg(c.input, tiering.input_expression(format('s.%I', c.column_name), c.type, c.words)) FILTER (WHERE c.purpose = 'input')
    INTO columns, expressions FROM tiering.program_columns(p.program) c;
    plan.customer := tiering.program_key(p.program);
    plan.chosen := tiering.program_key_condition(p.program, '$2');
    plan.chosen_one := tiering.program_key_condition(p.program, '$2', only_one => true);
    plan.owner := CASE WHEN columns ? 'owner' THEN format('CASE WHEN pg_catalog.octet_length(s.%1$I::pg_catalog.text) <= %2$s THEN s.%1$I::pg_catalog.text END', columns ->> 'owner', longest)
        ELSE 'NULL::pg_catalog.text' END;
    plan.latest_contact := tiering.latest_contact(plan.as_of);
    SELECT format('CASE WHEN s.%I %s THEN %s END', c.column_name, f.possible, format(f.instant, c.column_name)),
        format('s.%I %s', c.column_name, f.possible)
    INTO plan.contact, possible
    FROM tiering.program_columns(p.program) c
    CROSS JOIN LATERAL (
        SELECT 'BETWEEN ''0001-01-01''::pg_catalog.date AND (($1).latest_contact AT TIME ZONE ($1).zone)::pg_catalog.date' AS possible,
            's.%I::timestamp AT TIME ZONE ($1).zone' AS instant
        WHERE c.type = 'date'::regtype
        UNION ALL
        SELECT 'BETWEEN ''0001-01-01''::timestamp AND ($1).latest_contact AT TIME ZONE ($1).zone', 's.%I AT TIME ZONE ($1).zone'
        WHERE c.type = 'timestamp'::regtype
        UNION ALL
        SELECT 'BETWEEN ''0001-01-02 00:00+00''::timestamptz AND ($1).latest_contact', 's.%I::timestamptz'
        WHERE c.type NOT IN ('date'::regtype, 'timestamp'::regtype)
    ) f
    WHERE c.purpose = 'last_followup';
    IF FOUND THEN
        refused := refused || jsonb_build_object('last_followup', format('NOT (%s)', possible));
    END IF;
    IF p.shares_contacts IS NOT NULL THEN
        plan.sharing := nullif(ARRAY(SELECT q.program FROM tiering.programs q WHERE q.shares_contacts = p.shares_contacts AND q.program <> p.program ORDER BY 1), '{}');
    END IF;
    plan.grouped := CASE WHEN columns ? 'group' THEN
        format('CASE WHEN pg_catalog.octet_length(s.%1$I::pg_catalog.text) <= %2$s THEN s.%1$I::pg_catalog.text END COLLATE pg_catalog."C"', columns ->> 'group', longest) END;
    plan.labelled := CASE WHEN columns ? 'label' THEN format('s.%I::pg_catalog.text', columns ->> 'label') END;
    SELECT refused || coalesce(jsonb_object_agg(u.purpose, format('pg_catalog.octet_length(s.%I::pg_catalog.text) > %s', columns ->> u.purpose, longest)), '{}') INTO refused
    FROM unnest('{owner,group}'::text[]) AS u (purpose) WHERE columns ? u.purpose;
    plan.contact := coalesce(plan.contact, 'NULL::timestamptz');
    SELECT format(CASE WHEN tiering.base_type(c.type) = 'boolean'::regtype THEN 's.%I IS NOT TRUE' ELSE 's.%I IS NULL' END, c.column_name) INTO plan.present
    FROM tiering.program_columns(p.program) c WHERE c.purpose = 'deleted';
    plan.spelt_freely := tiering.spelt_freely(p.source, columns ->> 'key');
    plan.kept_out := tiering.kept_out_condition(p.program, plan.customer, tiering.equal_key(p.source, columns ->> 'key', format('s.%I', columns ->> 'key')));
    plan.present := nullif(concat_ws(' AND ', plan.present, 'NOT ' || plan.kept_out), '');
    IF document #>> '{stability,demote_on}' = 'customer_anniversary' THEN
        -- A day that nobody has entered is not known.
        SELECT format('CASE WHEN %s THEN (s.%I%s)::pg_catalog.date END', f.possible, c.column_name,
            CASE WHEN c.type = 'timestamptz'::regtype THEN format(' AT TIME ZONE %L', plan.zone) ELSE '' END), f.possible INTO plan.joined, possible
        FROM tiering.program_columns(p.program) c
        CROSS JOIN LATERAL (SELECT format('s.%1$I BETWEEN ''0001-01-02''::%2$s AND ''9999-12-30''::%2$s', c.column_name, format_type(c.type, -1)) AS possible) f
        WHERE c.purpose = 'joined';
        IF FOUND THEN
            refused := refused || jsonb_build_object('joined', format('NOT (%s)', possible));
        END IF;
        plan.joined := coalesce(plan.joined, 'NULL::pg_catalog.date');
    END IF;
    plan.refused := coalesce((SELECT format('CASE WHEN %s THEN pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(%s)) END', string_agg(r.value, ' OR ' ORDER BY r.key),
        string_agg(format('%L, CASE WHEN %s THEN s.%I::pg_catalog.text END', r.key, r.value, columns ->> r.key), ', ' ORDER BY r.key)) FROM jsonb_each_text(refused) AS r HAVING count(*) > 0),
        'NULL::pg_catalog.jsonb');
    -- Columns of another type than the version wants are refused by grading itself, with a hint.
    SELECT array_agg(coalesce(expressions ->> (i.input ->> 'name'), format('s.%I', i.input ->> 'name')) ORDER BY i.n) INTO plan.arguments
    FROM jsonb_array_elements(document -> 'inputs') WITH ORDINALITY AS i (input, n);
    plan.scored := document ? 'score';
    plan.with_reasons := plan.scored AND jsonb_path_exists(document, '$.characteristics[*].baseline');
    plan.stability := document ? 'stability' AND document -> 'stability' <> '{}';
    plan.kept := document -> 'stability' ?| '{term,demote_on}';
    IF plan.stability THEN
        measure := tiering.margin_measure(plan.document);
        plan.measure := CASE measure ->> 'measure' WHEN 'score' THEN 'g.score' WHEN 'input' THEN 'g.measure' END;
        plan.measured := CASE WHEN measure ? 'input' THEN
            tiering.measured_expression(coalesce(expressions ->> (measure ->> 'input'), format('s.%I', measure ->> 'input'))) END;
    END IF;
    RETURN plan;
END
$$;
COMMENT ON FUNCTION tiering.plan_program(text, timestamptz, integer) IS
    'gathers what grading by a program needs, by the version that is applied or by another; errors as of program_columns()';
