-- What happens with customers: orders, answers, tickets, costs … in tables and views that are already there, registered once.

CREATE FUNCTION tiering.parse_condition(condition text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'parse_condition';
COMMENT ON FUNCTION tiering.parse_condition(text) IS
    'the condition itself, if it is one expression that may stand after WHERE. ERROR 42601 if it cannot be parsed, 22023 if it is more than that';

CREATE FUNCTION tiering.event_kinds()
    RETURNS TABLE (kind text, title_en text, title_zh text, amount text, other text[])
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- amount: required, allowed or none; other: the further columns that the kind reads.
    SELECT * FROM (VALUES
        ('order', 'orders', '订单', 'required', '{profit,item,currency}'::text[]),
        ('opportunity', 'opportunities offered', '商机', 'allowed', '{ended_at,currency}'),
        ('survey', 'answers about satisfaction', '满意度调查', 'required', '{}'),
        ('nps', 'recommendations from 0 to 10', '净推荐值调查', 'required', '{}'),
        ('relation', 'marks for the relationship', '客情关系评分', 'required', '{}'),
        ('ticket', 'service tickets', '服务工单', 'none', '{ended_at}'),
        ('complaint', 'complaints', '投诉', 'none', '{}'),
        ('referral', 'referrals of new customers', '转介绍', 'none', '{}'),
        ('activity', 'logins, visits and the like', '活跃行为', 'none', '{}'),
        ('acquired', 'days on which customers were won', '获客日期', 'none', '{}'),
        ('acquisition_cost', 'costs of winning customers', '获客成本', 'required', '{currency}'),
        ('retention_cost', 'costs of keeping customers', '维系成本', 'required', '{currency}'),
        ('program_cost', 'costs of the tiering itself', '分级项目成本', 'required', '{currency}')
    ) k (kind, title_en, title_zh, amount, other);
END;
COMMENT ON FUNCTION tiering.event_kinds() IS
    'the kinds of events that measures count: kind, titles, whether an amount is required, allowed or none, and the further columns of the kind';

-- No foreign key to programs: a restore by parts knows no order between the tables of an extension. drop_program() leaves nothing behind.
CREATE TABLE tiering.event_sources (
    program text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    source text NOT NULL,
    customer_column text,
    at_column text NOT NULL,
    amount_column text,
    profit_column text,
    ended_at_column text,
    item_column text,
    currency_column text,
    only_where text,
    scale numrange,
    threshold numeric,
    cost_share text NOT NULL DEFAULT 'customers' CHECK (cost_share IN ('customers', 'contacts', 'sales')),
    churn_after interval NOT NULL DEFAULT '90 days' CHECK (churn_after > interval '0'),
    registered_at timestamptz NOT NULL DEFAULT now(),
    registered_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, kind, source)
);
GRANT SELECT ON tiering.event_sources TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.event_sources TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.event_sources', '');
COMMENT ON TABLE tiering.event_sources IS 'where the events are that the measures of a program count; made by tiering.register_events()';
COMMENT ON COLUMN tiering.event_sources.program IS 'program';
COMMENT ON COLUMN tiering.event_sources.kind IS 'kind of event, see tiering.event_kinds()';
COMMENT ON COLUMN tiering.event_sources.source IS 'table or view, by its quoted name with schema: a table that is made anew under its name goes on counting';
COMMENT ON COLUMN tiering.event_sources.customer_column IS 'column with the customer, the key of the program as text; NULL: costs that belong to nobody in particular';
COMMENT ON COLUMN tiering.event_sources.at_column IS 'column with the time: timestamptz, timestamp or date (the latter two in the zone of the program)';
COMMENT ON COLUMN tiering.event_sources.amount_column IS 'column with the money of orders, opportunities and costs, or with the score of an answer';
COMMENT ON COLUMN tiering.event_sources.profit_column IS 'column with the profit of an order';
COMMENT ON COLUMN tiering.event_sources.ended_at_column IS 'column with the time at which a ticket was resolved or an opportunity won; NULL: not yet';
COMMENT ON COLUMN tiering.event_sources.item_column IS 'column with what was bought, by which selling across is told';
COMMENT ON COLUMN tiering.event_sources.currency_column IS 'column with the currency; amounts of several are not added up';
COMMENT ON COLUMN tiering.event_sources.only_where IS 'condition on the rows that count';
COMMENT ON COLUMN tiering.event_sources.scale IS 'lowest and highest score of an answer; others do not count, and check_events() lists them';
COMMENT ON COLUMN tiering.event_sources.threshold IS 'score from which on an answer about satisfaction is a good one';
COMMENT ON COLUMN tiering.event_sources.cost_share IS 'by what costs without a customer are spread over the tiers: customers, contacts or sales';
COMMENT ON COLUMN tiering.event_sources.churn_after IS 'silence after which a buyer counts as lost';
COMMENT ON COLUMN tiering.event_sources.registered_at IS 'when it was registered';
COMMENT ON COLUMN tiering.event_sources.registered_by IS 'by which session user';

CREATE FUNCTION tiering.check_event_column(source regclass, column_name text, purpose text, types regtype[], expected text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_type regtype;
BEGIN
    SELECT c.type INTO found_type FROM tiering.source_columns(check_event_column.source) c WHERE c.column_name = check_event_column.column_name;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column', MESSAGE = format('%s has no column "%s"', source, column_name),
            DETAIL = tiering.column_list(source), HINT = format('Say which column is the %s: %s => ''column''.', purpose, purpose);
    END IF;
    IF found_type <> ALL (types) THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but %s is %s', column_name, source, found_type, purpose, expected),
            -- Two columns of a view cannot have one name.
            HINT = (SELECT format('Make a view that casts the column, such as SELECT *, %I::%s AS %s FROM %s, and register the view with %s => %L.', column_name,
                    n.type, n.name, source, purpose, n.name)
                FROM (SELECT t.type, purpose || CASE WHEN EXISTS (SELECT FROM tiering.source_columns(source) c WHERE c.column_name = purpose) THEN '_as_' || t.type ELSE '' END AS name
                    FROM (SELECT CASE WHEN 'numeric'::regtype = ANY (types) THEN 'numeric' ELSE 'timestamptz' END AS type) t) n);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.check_event_column(regclass, text, text, regtype[], text) IS
    'ERROR 42703 if a source of events has no such column, 42804 if it has another type';

-- Customers as another table spells them: another case where keys ignore it, 007 for a number, a UUID in capitals. Who bought under another spelling has not gone.
CREATE FUNCTION tiering.spellings(program text, texts text[]) RETURNS TABLE (written text, customer text)
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(spellings.program);
    key record;
    keys text[];
BEGIN
    SELECT a.attname::text AS name, a.atttypid::regtype AS type, (SELECT format(' COLLATE %s', o.oid::regcollation) FROM pg_collation o WHERE o.oid = a.attcollation) AS collated INTO key
    FROM pg_attribute a WHERE a.attrelid = p.source AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = tiering.renamed_column(p.source, p.column_numbers, p.key_column);
    -- With tenants there is one spelling only, that of tenant_key().
    IF NOT FOUND OR spellings.texts IS NULL OR p.tenant_column IS NOT NULL THEN
        RETURN;
    END IF;
    keys := tiering.read_keys(key.type, spellings.texts);
    IF NOT tiering.spelt_freely(p.source, key.name) THEN
        RETURN QUERY SELECT w.written, w.key COLLATE "C" FROM unnest(spellings.texts, keys) AS w (written, key) WHERE w.key <> w.written COLLATE "C";
        RETURN;
    END IF;
    -- As the program has graded them, first of all those who are there.
    RETURN QUERY EXECUTE format('SELECT w.written, (pg_catalog.array_agg(a.customer ORDER BY a.gone_since DESC NULLS FIRST))[1] '
        'FROM (SELECT u.written, u.key::%1$s%2$s AS key FROM unnest($1, $2) AS u (written, key) WHERE u.key IS NOT NULL OFFSET 0) w '
        'JOIN (SELECT x.customer, x.customer::%1$s%2$s AS key, x.gone_since FROM tiering.assignments x WHERE x.program = $3 OFFSET 0) a ON a.key %3$s w.key GROUP BY w.written',
        format_type(key.type, -1), coalesce(key.collated, ''), tiering.equality(key.type)) USING spellings.texts, keys, p.program;
END
$$;
COMMENT ON FUNCTION tiering.spellings(text, text[]) IS
    'of texts that name customers in another way than a program does, the customers; no row for a text that names nobody. ERROR 42704 unknown program';

CREATE FUNCTION tiering.customer_read(program text, source regclass, column_name text, alias text, n bigint DEFAULT 1, OUT key text, OUT joined text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    numbers CONSTANT regtype[] := '{smallint,integer,bigint,numeric,real,float8}';
    p tiering.programs := tiering.find_program(customer_read.program);
    own record;
    type regtype;
BEGIN
    joined := '';
    IF customer_read.column_name IS NULL THEN
        RETURN;
    END IF;
    SELECT c.type INTO type FROM tiering.source_columns(customer_read.source) c WHERE c.column_name = customer_read.column_name;
    key := tiering.key_expression(format('%s.%I', alias, customer_read.column_name), type);
    SELECT a.attname::text AS name, tiering.base_type(a.atttypid::regtype) AS type INTO own FROM pg_attribute a
    WHERE a.attrelid = p.source AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = tiering.renamed_column(p.source, p.column_numbers, p.key_column);
    -- Texts are as they are, and numbers are equal if their texts are.
    IF NOT FOUND OR p.tenant_column IS NOT NULL OR NOT tiering.spelt_freely(p.source, own.name)
        AND (own.type IN (type, 'text'::regtype, 'varchar'::regtype) OR own.type = ANY (numbers) AND type = ANY (numbers))
    THEN
        RETURN;
    END IF;
    -- The names are those of no column, so that a condition of the user's own means what it did.
    joined := format(' LEFT JOIN (SELECT w.written AS "tiering: written %4$s", w.customer AS "tiering: customer %4$s" FROM tiering.spellings(%1$L, ARRAY(SELECT k.key FROM '
        '(SELECT DISTINCT %2$s AS key FROM %3$s %5$s OFFSET 0) k WHERE NOT EXISTS (SELECT FROM tiering.assignments x WHERE x.program = %1$L AND x.customer = k.key))) w) "tiering: spelt %4$s" '
        'ON "tiering: written %4$s" = %2$s', p.program, key, customer_read.source, n, alias);
    key := format('coalesce("tiering: customer %s", %s)', n, key);
END
$$;
COMMENT ON FUNCTION tiering.customer_read(text, regclass, text, text, bigint) IS
    'how a query names the customers of a table beside the source, of that alias, as a program does: an expression, and what is joined to the table for it; nothing where customers have one spelling only. n: tells several of one query apart';

CREATE FUNCTION tiering.register_events(
    program text, kind text, source regclass, customer text, at text, amount text DEFAULT NULL, profit text DEFAULT NULL,
    ended_at text DEFAULT NULL, item text DEFAULT NULL, only_where text DEFAULT NULL, currency text DEFAULT NULL,
    scale numrange DEFAULT NULL, threshold numeric DEFAULT NULL, cost_share text DEFAULT 'customers', churn_after interval DEFAULT '90 days',
    path text DEFAULT current_setting('search_path')
) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    moments CONSTANT regtype[] := '{timestamptz,timestamp,date}';
    numbers CONSTANT regtype[] := '{smallint,integer,bigint,numeric,real,float8}';
    is_cost boolean := right(register_events.kind, 5) = '_cost';
    asked record;
    named record;
    qualified text;
BEGIN
    PERFORM tiering.hold_program(register_events.program);
    SELECT k.* INTO asked FROM tiering.event_kinds() k WHERE k.kind = register_events.kind;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no kind of event "%s"', register_events.kind),
            DETAIL = format('There are: %s.', (SELECT string_agg(k.kind, ', ') FROM tiering.event_kinds() k)),
            HINT = 'SELECT * FROM tiering.event_kinds() says what each is for.';
    END IF;
    SELECT u.argument INTO named
    FROM (VALUES ('source', source IS NULL), ('at', at IS NULL), ('customer', customer IS NULL AND NOT is_cost),
        ('amount', amount IS NULL AND asked.amount = 'required'), ('cost_share', cost_share IS NULL), ('churn_after', churn_after IS NULL)) u (argument, lacking)
    WHERE u.lacking LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('%s is NULL', named.argument),
            DETAIL = format('Events of kind "%s" need it.', register_events.kind), HINT = format(CASE named.argument WHEN 'source' THEN 'Name the table or view: source => ''schema.table''.' WHEN 'cost_share' THEN 'Choose customers, contacts or sales.'
                WHEN 'churn_after' THEN 'Give how long a buyer may be silent: churn_after => ''90 days''.' ELSE 'Say which column it is: %s => ''column''.' END, named.argument);
    END IF;
    SELECT u.argument INTO named
    FROM (VALUES ('amount', amount), ('profit', profit), ('ended_at', ended_at), ('item', item), ('currency', currency)) u (argument, given)
    WHERE u.given IS NOT NULL AND u.argument <> ALL (asked.other) AND NOT (u.argument = 'amount' AND asked.amount <> 'none') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('events of kind "%s" have no %s', register_events.kind, named.argument),
            HINT = format('Leave %s out, or register the table as another kind as well.', named.argument);
    END IF;
    IF register_events.kind NOT IN ('survey', 'nps', 'relation') AND (scale IS NOT NULL OR threshold IS NOT NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('events of kind "%s" have no scale and no threshold', register_events.kind),
            HINT = 'Only answers (survey, nps, relation) have.';
    END IF;
    scale := CASE register_events.kind WHEN 'nps' THEN numrange(0, 10, '[]') WHEN 'survey' THEN coalesce(scale, numrange(1, 5, '[]')) ELSE scale END;
    threshold := CASE register_events.kind WHEN 'survey' THEN coalesce(threshold, 4) ELSE threshold END;
    IF threshold = 'NaN' OR scale IS NOT NULL AND threshold IS NOT NULL AND NOT scale @> threshold THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('threshold %s is not on the scale %s', threshold, scale),
            HINT = 'For answers from 1 to 10: scale => ''[1,10]'', threshold => 8.';
    END IF;
    IF cost_share NOT IN ('customers', 'contacts', 'sales') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('costs cannot be shared by "%s"', cost_share),
            HINT = 'Choose customers, contacts or sales.';
    END IF;
    IF churn_after <= interval '0' OR churn_after > interval '1000 years' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a silence of %s makes nobody lost', churn_after),
            HINT = 'Give how long a buyer may be silent: churn_after => ''90 days''.';
    END IF;
    PERFORM tiering.check_event_column(source, at, 'at', moments, 'a timestamptz, timestamp or date');
    IF customer IS NOT NULL THEN
        PERFORM tiering.check_event_column(source, customer, 'customer', ARRAY(SELECT c.type FROM tiering.source_columns(source) c), 'any');
    END IF;
    FOR named IN SELECT u.* FROM (VALUES ('amount', amount), ('profit', profit)) u (argument, given) WHERE u.given IS NOT NULL LOOP
        PERFORM tiering.check_event_column(source, named.given, named.argument, numbers, 'a number');
    END LOOP;
    IF ended_at IS NOT NULL THEN
        PERFORM tiering.check_event_column(source, ended_at, 'ended_at', moments, 'a timestamptz, timestamp or date');
    END IF;
    FOR named IN SELECT u.* FROM (VALUES ('item', item), ('currency', currency)) u (argument, given) WHERE u.given IS NOT NULL LOOP
        PERFORM tiering.check_event_column(source, named.given, named.argument, ARRAY(SELECT c.type FROM tiering.source_columns(source) c), 'any');
    END LOOP;
    SELECT format('%I.%I', n.nspname, c.relname) INTO qualified FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = source;
    IF only_where IS NOT NULL THEN
        BEGIN
            PERFORM tiering.parse_condition(only_where);
            -- Read as it will be.
            PERFORM set_config('search_path', tiering.source_path(path), true);
            EXECUTE format('SELECT FROM %s e WHERE (%s' || chr(10) || ') LIMIT 0', qualified, only_where);
            PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        EXCEPTION WHEN syntax_error OR undefined_column OR datatype_mismatch OR undefined_function OR undefined_table THEN
            RAISE EXCEPTION USING ERRCODE = SQLSTATE, MESSAGE = format('only_where is no condition on %s: %s', qualified, SQLERRM),
                DETAIL = format('Found: %s. %s', only_where, tiering.column_list(source)), HINT = 'Give what would stand after WHERE: only_where => ''kind = ''''csat''''''.';
        END;
    END IF;
    INSERT INTO tiering.event_sources (program, kind, source, customer_column, at_column, amount_column, profit_column, ended_at_column,
        item_column, currency_column, only_where, scale, threshold, cost_share, churn_after)
    VALUES (register_events.program, register_events.kind, qualified, customer, at, amount, profit, ended_at, item, currency, only_where, scale,
        threshold, cost_share, churn_after)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object', MESSAGE = format('%s already gives events of kind "%s" to program "%s"', qualified, register_events.kind, register_events.program),
            HINT = format('SELECT tiering.unregister_events(%L, %L, %L) takes it away first.', register_events.program, register_events.kind, qualified);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.register_events(text, text, regclass, text, text, text, text, text, text, text, text, numrange, numeric, text, interval, text) IS
    'tells the measures of a program where events of a kind are: a table or view that is already there, and its columns. kind: see event_kinds(). customer: the '
    'key of the customer, in whatever type and spelling; NULL for costs of nobody in particular, which cost_share spreads by customers, contacts or sales. '
    'at: when; amount: money, or the score of an answer; profit; ended_at: when a ticket was resolved or an opportunity won; item: what was bought; currency; only_where: a '
    'condition on the rows; scale and threshold of answers (surveys: [1,5] and 4); churn_after: the silence after which a buyer counts as lost. '
    'ERROR 42704 unknown program, 22023 unknown kind or option, 22004 a column that the kind needs, 42703 no such column, 42804 a column of another type, 42710 registered already';

CREATE FUNCTION tiering.unregister_events(program text, kind text, source text DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    taken integer;
BEGIN
    PERFORM tiering.find_program(program);
    DELETE FROM tiering.event_sources e WHERE e.program = unregister_events.program AND e.kind = unregister_events.kind 
        -- with or without its schema; the table itself may be gone
        AND (source IS NULL OR e.source = source OR (parse_ident(e.source))[2] = source);
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has no such events of kind "%s"', program, kind),
            HINT = format('SELECT kind, source FROM tiering.event_sources WHERE program = %L shows what is registered.', program);
    END IF;
    RETURN taken;
END
$$;
COMMENT ON FUNCTION tiering.unregister_events(text, text, text) IS
    'takes back what register_events() said of a kind, for one source or all, and returns how many. ERROR 42704 nothing of the kind is registered';

-- The time of an event as a timestamptz; days and timestamps without a zone are those of the program. The condition is on the column itself, so
-- that an index on it serves.
CREATE FUNCTION tiering.event_time(source regclass, column_name text, zone text) RETURNS text
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN c.type = 'timestamptz'::regtype THEN format('e.%I', $2) ELSE tiering.moment_expression(format('e.%I', $2), c.type, $3) END
    FROM tiering.source_columns($1) c WHERE c.column_name = $2;
END;
COMMENT ON FUNCTION tiering.event_time(regclass, text, text) IS 'the expression that reads a column of a source of events as a timestamptz';

CREATE FUNCTION tiering.event_source(registered tiering.event_sources) RETURNS regclass
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_source regclass := to_regclass((event_source.registered).source);
    lost text;
BEGIN
    IF found_source IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_table',
            MESSAGE = format('%s, which gives events of kind "%s" to program "%s", does not exist', (event_source.registered).source, (event_source.registered).kind, (event_source.registered).program),
            HINT = format('Make it again, or give it up: SELECT tiering.unregister_events(%L, %L, %L).', (event_source.registered).program, (event_source.registered).kind, (event_source.registered).source);
    END IF;
    SELECT u.name INTO lost
    FROM unnest(ARRAY[(event_source.registered).customer_column, (event_source.registered).at_column, (event_source.registered).amount_column, (event_source.registered).profit_column, (event_source.registered).ended_at_column, (event_source.registered).item_column, (event_source.registered).currency_column]) u (name)
    WHERE u.name IS NOT NULL AND NOT EXISTS (SELECT FROM tiering.source_columns(found_source) c WHERE c.column_name = u.name) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_column',
            MESSAGE = format('%s has no column "%s", which events of kind "%s" of program "%s" use', (event_source.registered).source, lost, (event_source.registered).kind, (event_source.registered).program),
            DETAIL = tiering.column_list(found_source),
            HINT = format('SELECT tiering.unregister_events(%L, %L, %L); then register it again with the columns that it has.', (event_source.registered).program, (event_source.registered).kind, (event_source.registered).source);
    END IF;
    SELECT u.name INTO lost
    FROM unnest(ARRAY[(event_source.registered).customer_column, (event_source.registered).at_column, (event_source.registered).amount_column, (event_source.registered).profit_column, (event_source.registered).ended_at_column, (event_source.registered).item_column, (event_source.registered).currency_column]) u (name)
    WHERE u.name IS NOT NULL AND NOT has_column_privilege(found_source, u.name, 'SELECT') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%I may not read column "%s" of %s, which events of kind "%s" of program "%s" use', current_user, lost, (event_source.registered).source, (event_source.registered).kind, (event_source.registered).program),
            HINT = format('Its owner says: GRANT SELECT ON %s TO %I.', (event_source.registered).source, current_user);
    END IF;
    RETURN found_source;
END
$$;
COMMENT ON FUNCTION tiering.event_source(tiering.event_sources) IS
    'the table or view of a registration as it is now. ERROR 42P01 it does not exist any more, 42703 it has lost a column, 42501 the caller may not read one';

CREATE FUNCTION tiering.raise_of_events(program text, path text, state text, message text, detail text, hint text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    e tiering.event_sources;
BEGIN
    FOR e IN SELECT s.* FROM tiering.event_sources s WHERE s.program = raise_of_events.program ORDER BY s.source, s.kind LOOP
        PERFORM tiering.raise_of_reading(e.source, array_remove(ARRAY[e.customer_column, e.at_column, e.amount_column, e.profit_column, e.ended_at_column, e.item_column, e.currency_column], NULL),
            e.customer_column, e.only_where, path, state, message, detail, hint);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.raise_of_events(text, text, text, text, text, text) IS
    'an error again that came up while the sources of events of a program were read, with the source, the column and the customer for which it fails, if one of them does; otherwise nothing';

CREATE FUNCTION tiering.is_summable(amount numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN $1 NOT IN ('NaN', 'Infinity', '-Infinity') AND octet_length(translate($1::text, '-.', '')) <= 38;
COMMENT ON FUNCTION tiering.is_summable(numeric) IS 'whether an amount is finite, and has no more digits than an exact sum';

CREATE FUNCTION tiering.check_events(program text, path text DEFAULT current_setting('search_path'), lang text DEFAULT tiering.default_lang())
    RETURNS TABLE (kind text, source text, events bigint, without_customer bigint, unknown_customers bigint, without_time bigint, in_future bigint,
        without_amount bigint, off_scale bigint, duplicates bigint, currencies text[], first_at timestamptz, last_at timestamptz, findings text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(check_events.program);
    registered tiering.event_sources;
    relation regclass;
    customer record;
    spoken text := tiering.language(coalesce(check_events.lang, 'en'));
    failed_detail text;
    failed_hint text;
BEGIN
    FOR registered IN SELECT e.* FROM tiering.event_sources e WHERE e.program = p.program ORDER BY e.kind, e.source LOOP
        relation := tiering.event_source(registered);
        customer := tiering.customer_read(p.program, relation, registered.customer_column, 'e');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE format($query$
            WITH e AS MATERIALIZED (
                SELECT %s AS customer, %s AS at, %s AS amount, %s AS currency, %s AS item, %s AS profit
                FROM %s e%s WHERE %s
            )
            SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE e.customer IS NULL AND $3),
                pg_catalog.count(*) FILTER (WHERE e.customer IS NOT NULL AND NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = $1 AND a.customer = e.customer)),
                pg_catalog.count(*) FILTER (WHERE e.at IS NULL OR NOT pg_catalog.isfinite(e.at)), pg_catalog.count(*) FILTER (WHERE pg_catalog.isfinite(e.at) AND e.at > pg_catalog.now()),
                pg_catalog.count(*) FILTER (WHERE $4 AND tiering.is_summable(e.amount) IS NOT TRUE OR tiering.is_summable(e.profit) IS FALSE),
                pg_catalog.count(*) FILTER (WHERE NOT $2 @> e.amount),
                pg_catalog.count(*) - (SELECT pg_catalog.count(*) FROM (SELECT DISTINCT d.customer, d.at, d.amount, d.currency, d.item FROM e d) d),
                pg_catalog.array_agg(DISTINCT e.currency) FILTER (WHERE e.currency IS NOT NULL), pg_catalog.min(e.at) FILTER (WHERE pg_catalog.isfinite(e.at)), pg_catalog.max(e.at) FILTER (WHERE pg_catalog.isfinite(e.at))
            FROM e $query$,
            coalesce(customer.key, 'NULL::text'), tiering.event_time(relation, registered.at_column, p.zone),
            CASE WHEN registered.amount_column IS NULL THEN 'NULL::numeric' ELSE format('e.%I::numeric', registered.amount_column) END,
            CASE WHEN registered.currency_column IS NULL THEN 'NULL::text' ELSE format('e.%I::text', registered.currency_column) END,
            CASE WHEN registered.item_column IS NULL THEN 'NULL::text' ELSE format('e.%I::text', registered.item_column) END,
            CASE WHEN registered.profit_column IS NULL THEN 'NULL::numeric' ELSE format('e.%I::numeric', registered.profit_column) END,
            registered.source, customer.joined, coalesce('(' || registered.only_where || chr(10) || ')', 'true'))
        INTO events, without_customer, unknown_customers, without_time, in_future, without_amount, off_scale, duplicates, currencies, first_at, last_at
        USING p.program, registered.scale, registered.customer_column IS NOT NULL, registered.amount_column IS NOT NULL;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        kind := registered.kind;
        source := registered.source;
        SELECT string_agg(u.finding, CASE spoken WHEN 'zh' THEN '；' ELSE '; ' END ORDER BY u.n) INTO findings
        FROM (VALUES (1, without_customer, 'events without a customer'), (2, unknown_customers, 'events of customers whom the program does not know'),
            (3, without_time, 'events without a time'), (4, in_future, 'events later than now'), (5, without_amount, 'events without an amount that is a number'),
            (6, off_scale, format('answers outside %s', registered.scale)), (7, duplicates, 'events that repeat another one'),
            (8, CASE WHEN cardinality(currencies) > 1 THEN cardinality(currencies) END, 'currencies, whose amounts are not added up')
        ) f (n, number, what), LATERAL (SELECT f.n, tiering.label(format('%s %s', f.number, f.what), spoken)) u (n, finding)
        WHERE f.number > 0;
        RETURN NEXT;
    END LOOP;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_events(p.program, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.check_events(text, text, text) IS
    'looks through the registered sources of a program before one relies on its measures: how many events, and how many of them have no customer, a customer '
    'whom the program does not know, no time, a time later than now, no amount (or one that cannot be summed, or such a profit), an answer off the scale, or repeat another; the currencies; the first and the last. findings: the same in words, '
    'in lang (en or zh), NULL if all is well. ERROR 42P01 or 42703 if a source or a column is gone, 22023 unknown language';
