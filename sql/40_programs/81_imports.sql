-- Contacts that were written down elsewhere, taken in from a table or view.

CREATE FUNCTION tiering.set_contacts_aside(program text, strict boolean) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    problem record;
    n_problems bigint;
    first_ones text;
BEGIN
    SELECT c.customer, c.given::text AS at, c.state, c.message INTO problem FROM pg_temp."tiering: contacts" c WHERE c.state IS NOT NULL ORDER BY c.customer, c.given::text LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    IF strict THEN
        PERFORM tiering.raise_again(problem.state, problem.message,
            format('Customer %s at %s.', coalesce('"' || problem.customer || '"', 'NULL'), coalesce(problem.at, 'NULL')),
            'Import from a view that leaves out such rows, or without strict, which sets them aside.');
    END IF;
    SELECT count(*), string_agg(format('customer %s at %s: %s', coalesce('"' || c.customer || '"', 'NULL'), coalesce(c.at, 'NULL'), c.message), '; ' ORDER BY c.place)
        FILTER (WHERE c.place <= 3) INTO n_problems, first_ones
    FROM (SELECT t.customer, t.given::text AS at, t.message, row_number() OVER (ORDER BY t.customer, t.given::text) AS place FROM pg_temp."tiering: contacts" t WHERE t.state IS NOT NULL) c;
    INSERT INTO tiering.run_problems (program, at, customer, purpose, n, cause, value, sqlstate, message, hint)
    SELECT set_contacts_aside.program, now(), c.customer, 'contact',
        row_number() OVER (PARTITION BY c.customer ORDER BY c.at) + coalesce((SELECT max(q.n) FROM tiering.run_problems q
            WHERE q.program = set_contacts_aside.program AND q.at = now() AND q.customer = c.customer AND q.purpose = 'contact'), 0),
        'import', left(c.at, 200), c.state, c.message, 'Correct it and import again: contacts that are known already are not logged twice.'
    FROM (SELECT coalesce(t.customer, '') AS customer, t.given::text AS at, t.state, t.message FROM pg_temp."tiering: contacts" t
        WHERE t.state IS NOT NULL ORDER BY t.customer, t.given::text LIMIT 10000) c;
    DELETE FROM pg_temp."tiering: contacts" c WHERE c.state IS NOT NULL;
    RAISE WARNING USING MESSAGE = format('program "%s": contacts that cannot be imported: %s', program, n_problems),
        DETAIL = format('%s%s.', first_ones, CASE WHEN n_problems > 3 THEN ' …' ELSE '' END),
        HINT = format('SELECT * FROM tiering.run_problems WHERE program = %L AND purpose = ''contact'' ORDER BY at DESC lists them. '
            'Corrected, they come with another import: what is known already is not logged twice.', program);
    RETURN n_problems;
END
$$;
COMMENT ON FUNCTION tiering.set_contacts_aside(text, boolean) IS
    'a part of import_followups(): moves the contacts that cannot be used to tiering.run_problems, the first 10000, with a WARNING; strict: the first of them is an ERROR';

CREATE FUNCTION tiering.grade_allowed(program text, customers text[], path text) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    middle integer := cardinality(customers) / 2;
BEGIN
    BEGIN
        PERFORM tiering.grade_customers(program, customers, 'followup', path);
        RETURN '{}';
    EXCEPTION WHEN insufficient_privilege THEN
        IF program <> ALL (tiering.hidden_programs()) OR NOT has_any_column_privilege((tiering.find_program(program)).source, 'SELECT') THEN
            RAISE;
        END IF;
        IF middle = 0 THEN
            RETURN customers;
        END IF;
    END;
    RETURN tiering.grade_allowed(program, customers[:middle], path) || tiering.grade_allowed(program, customers[middle + 1:], path);
END
$$;
COMMENT ON FUNCTION tiering.grade_allowed(text, text[], text) IS
    'a part of import_followups(): grades customers, and returns those who belong to other owners, whom an agent may not see; they are looked for by halves';

CREATE FUNCTION tiering.lock_contacted(program text, attempts text[]) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    customers text[];
BEGIN
    PERFORM tiering.drop_temporary('tiering: contacted', 'tiering: locked');
    CREATE TEMP TABLE pg_temp."tiering: contacted" AS
        SELECT c.customer, max(c.at) FILTER (WHERE (c.outcome = ANY (attempts)) IS NOT TRUE) AS at
        FROM pg_temp."tiering: contacts" c WHERE c.state IS NULL GROUP BY c.customer ORDER BY c.customer;
    customers := ARRAY(SELECT k.customer FROM pg_temp."tiering: contacted" k);
    -- In the order of their keys, in which they are locked by others, too, and stand in the indexes.
    CREATE TEMP TABLE pg_temp."tiering: locked" AS
        SELECT a.xmin AS seen, a.ctid AS place, a.* FROM tiering.assignments a
        WHERE a.program = lock_contacted.program AND a.customer = ANY (customers) ORDER BY a.customer FOR NO KEY UPDATE;
    RETURN customers;
END
$$;
COMMENT ON FUNCTION tiering.lock_contacted(text, text[]) IS
    'a part of import_followups(): the customers of the contacts that are not set aside, with the last contact that is no attempt (at), and their assignments, which it locks and reads once, stand in temporary tables '
    'afterwards: tiering: contacted, tiering: locked. Returns the customers';

-- Before the contacts are written: those that are known already have done what they do.
CREATE FUNCTION tiering.finish_plans(program text, attempts text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    contacted record;
    a tiering.assignments;
    contact timestamptz;
    done text[];
BEGIN
    FOR contacted IN
        SELECT o.customer, array_agg(o.at ORDER BY o.at) AS contacts FROM (
            SELECT DISTINCT c.customer, c.at, c.channel, c.outcome, c.note
            FROM (SELECT l.customer, coalesce((SELECT min(f.planned_at) FROM tiering.followup_plans f WHERE f.program = finish_plans.program AND f.customer = l.customer
                    AND (f.kind = 'snooze' OR f.due = ANY (l.planned_due || l.later_plans))), '-infinity') AS planned_at
                FROM pg_temp."tiering: locked" l WHERE l.planned_due IS NOT NULL OR l.snoozed_until IS NOT NULL OFFSET 0) l
            JOIN pg_temp."tiering: contacts" c ON c.customer = l.customer AND c.at >= l.planned_at
            WHERE (c.outcome = ANY (attempts)) IS NOT TRUE
        ) o
        WHERE NOT EXISTS (SELECT FROM tiering.followups f WHERE f.program = finish_plans.program AND f.customer = o.customer AND f.at = o.at
            AND (f.channel, f.outcome, f.note) IS NOT DISTINCT FROM (o.channel, o.outcome, o.note) OFFSET 0)
        GROUP BY o.customer ORDER BY o.customer
    LOOP
        SELECT x.* INTO a FROM tiering.assignments x WHERE x.program = finish_plans.program AND x.customer = contacted.customer;
        FOREACH contact IN ARRAY contacted.contacts LOOP
            a := tiering.after_contact(a, contact);
        END LOOP;
        UPDATE tiering.assignments x SET planned_due = a.planned_due, later_plans = a.later_plans, snoozed_until = a.snoozed_until
        WHERE x.program = a.program AND x.customer = a.customer
            AND (x.planned_due, x.later_plans, x.snoozed_until) IS DISTINCT FROM (a.planned_due, a.later_plans, a.snoozed_until);
        IF FOUND THEN
            done := done || a.customer;
        END IF;
    END LOOP;
    -- Where the rows are now, and what they say.
    UPDATE pg_temp."tiering: locked" l SET seen = n.seen, place = n.place, planned_due = n.planned_due, later_plans = n.later_plans, snoozed_until = n.snoozed_until
    FROM (SELECT x.xmin AS seen, x.ctid AS place, x.customer, x.planned_due, x.later_plans, x.snoozed_until FROM unnest(done) AS d (customer)
        JOIN tiering.assignments x ON x.program = finish_plans.program AND x.customer = d.customer) n
    WHERE l.customer = n.customer;
END
$$;
COMMENT ON FUNCTION tiering.finish_plans(text, text[]) IS
    'a part of import_followups(), after lock_contacted(): what was planned with customers, or put off, before one of the contacts that are new is done, as by log_followup()';

-- Side by side, not joined: whatever the planner takes their number for, nothing is looked for row by row.
CREATE FUNCTION tiering.unsettled_customers(program text, customers text[], path text) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    plan tiering.program_plan := tiering.plan_program(unsettled_customers.program, now());
    settled record;
BEGIN
    settled := tiering.run_statement(plan, format($query$
        SELECT pg_catalog.array_agg(b.customer) AS customers FROM (
            SELECT a.customer, a.owner COLLATE pg_catalog."C" AS owner FROM pg_temp."tiering: locked" a WHERE a.gone_since IS NULL
            INTERSECT SELECT %s COLLATE pg_catalog."C", (%s) COLLATE pg_catalog."C" FROM %s s WHERE %s) b$query$,
        plan.customer, plan.owner, plan.source, concat_ws(' AND ', plan.present, plan.chosen)), customers, path);
    RETURN CASE WHEN coalesce(cardinality(settled.customers), 0) = cardinality(customers) THEN NULL
        ELSE ARRAY(SELECT k.customer FROM unnest(customers) AS k (customer) EXCEPT SELECT b.customer FROM unnest(settled.customers) AS b (customer)) END;
EXCEPTION WHEN OTHERS THEN
    IF NOT tiering.is_of_a_row(SQLSTATE) THEN
        RAISE;
    END IF;
    -- Whose row cannot be read, grading finds.
    RETURN customers;
END
$$;
COMMENT ON FUNCTION tiering.unsettled_customers(text, text[], text) IS
    'a part of import_followups(), after lock_contacted(): those of some customers who have no assignment, are gone, are not in the source any more, or belong to another owner there; NULL: none of them';

CREATE FUNCTION tiering.grade_contacted(program text, customers text[], path text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    late text[];
BEGIN
    BEGIN
        IF tiering.grade_customers(program, customers, 'followup', path, 'pg_temp."tiering: contacted"') = cardinality(customers) THEN
            RETURN;
        END IF;
    EXCEPTION WHEN OTHERS THEN
        IF NOT tiering.is_of_a_row(SQLSTATE) THEN
            RAISE;
        END IF;
    END;
    -- Of whom grading does not see, or cannot read everybody, contacts are written first.
    late := ARRAY(SELECT a.customer FROM (SELECT grade_contacted.program AS program, k.customer, k.at FROM pg_temp."tiering: contacted" k WHERE k.at IS NOT NULL OFFSET 0) c
        JOIN tiering.assignments a ON a.program = c.program AND a.customer = c.customer WHERE (a.last_logged >= c.at) IS NOT TRUE ORDER BY a.customer);
    IF late <> '{}' THEN
        UPDATE tiering.assignments a SET last_logged = greatest(a.last_logged, c.at), last_followup = greatest(a.last_followup, c.at)
        FROM (SELECT grade_contacted.program AS program, k.customer, k.at FROM pg_temp."tiering: contacted" k WHERE k.customer = ANY (late) OFFSET 0) c
        WHERE a.program = c.program AND a.customer = c.customer;
        PERFORM tiering.grade_customers(program, customers, 'followup', path);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.grade_contacted(text, text[], text) IS 'a part of import_followups(): grades customers again, and writes the contacts with them that stand in a temporary table, in one statement if that can be';

CREATE FUNCTION tiering.refuse_crowd() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    most record;
BEGIN
    SELECT c.customer, c.at, count(*) AS contacts INTO most FROM pg_temp."tiering: contacts" c GROUP BY c.customer, c.at ORDER BY contacts DESC LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'program_limit_exceeded', MESSAGE = format('customer "%s" has more than 32767 contacts at %s', most.customer, most.at),
        DETAIL = format('There are %s in this import.', most.contacts), HINT = 'Import from a view that leaves such a customer out, or that gives the time of the day as well.';
END
$$;
COMMENT ON FUNCTION tiering.refuse_crowd() IS 'a part of import_followups(): ERROR 54000, one customer has more contacts at one time than can be numbered';

CREATE FUNCTION tiering.import_followups(
    program text, source regclass, customer text DEFAULT 'customer', at text DEFAULT 'at', channel text DEFAULT NULL,
    outcome text DEFAULT NULL, note text DEFAULT NULL, strict boolean DEFAULT false, path text DEFAULT current_setting('search_path')
) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(import_followups.program);
    found_type regtype;
    imported bigint;
    customers text[];
    keys text[];
    unsettled text[];
    of_others text[];
    plan tiering.program_plan;
BEGIN
    PERFORM tiering.require_active(p.program);
    IF import_followups.source IS NULL OR import_followups.customer IS NULL OR import_followups.at IS NULL OR import_followups.strict IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'source, customer, at and strict must not be NULL',
            HINT = 'SELECT tiering.import_followups(program, ''schema.table'', customer => ''column'', at => ''column'').';
    END IF;
    PERFORM tiering.require_column(import_followups.source, u.name, 'Name the columns: customer => ''…'', at => ''…'', channel => ''…''.')
    FROM unnest(ARRAY[import_followups.customer, import_followups.at, import_followups.channel, import_followups.outcome, import_followups.note]) AS u (name)
    WHERE u.name IS NOT NULL;
    SELECT c.type INTO found_type FROM tiering.source_columns(import_followups.source) c WHERE c.column_name = import_followups.at;
    IF found_type NOT IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch',
            MESSAGE = format('column "%s" of %s is of type %s, but a contact has a time', import_followups.at, import_followups.source, found_type),
            HINT = 'Import from a view that casts it to timestamptz, timestamp or date.';
    END IF;
    PERFORM tiering.drop_temporary('tiering: contacts');
    plan := tiering.plan_program(p.program, now());
    plan.path := NULL;  -- it is not the source of the program that is read
    PERFORM tiering.read_import(plan, format(
        'CREATE TEMP TABLE pg_temp."tiering: contacts" AS SELECT %1$s COLLATE pg_catalog."C" AS customer, s.%2$I::%3$s AS given, '
        'CASE WHEN s.%2$I BETWEEN ''0001-01-02''::%3$s AND ''9999-12-29''::%3$s THEN s.%2$I::%4$s END AS at, '
        'tiering.code_of(''channel'', %5$s::pg_catalog.text) AS channel, tiering.code_of(''outcome'', %6$s::pg_catalog.text) AS outcome, %7$s::pg_catalog.text AS note, '
        'NULL::pg_catalog.text COLLATE pg_catalog."C" AS state, NULL::pg_catalog.text AS message FROM %8$s s',
        (SELECT tiering.key_expression(format('s.%I', c.column_name), c.type) FROM tiering.source_columns(import_followups.source) c
            WHERE c.column_name = import_followups.customer),
        import_followups.at, found_type,
        CASE WHEN found_type = 'timestamptz'::regtype THEN 'timestamptz' ELSE format('timestamp AT TIME ZONE %L', p.zone) END,
        coalesce('s.' || quote_ident(import_followups.channel), 'NULL'), coalesce('s.' || quote_ident(import_followups.outcome), 'NULL'),
        coalesce('s.' || quote_ident(import_followups.note), 'NULL'), import_followups.source), import_followups.source,
        ARRAY[import_followups.customer, import_followups.at, import_followups.channel, import_followups.outcome, import_followups.note], import_followups.customer, import_followups.path);
    UPDATE pg_temp."tiering: contacts" c SET
        state = CASE WHEN c.customer IS NULL OR c.given IS NULL THEN '22004' ELSE '22008' END,
        message = CASE WHEN c.customer IS NULL THEN 'the contact names no customer' WHEN c.given IS NULL THEN 'the contact has no time'
            WHEN c.at > clock_timestamp() THEN 'the contact lies in the future' ELSE 'the contact is at no time of the calendar' END
    WHERE c.customer IS NULL OR c.at IS NULL OR c.at > clock_timestamp();
    -- Mostly all are named as they were graded, and nothing has to be said of them but that. Whose contacts count for others is locked before.
    IF plan.grouped IS NULL AND plan.sharing IS NULL THEN
        customers := tiering.lock_contacted(p.program, p.attempts);
        unsettled := tiering.unsettled_customers(p.program, customers, import_followups.path);
    ELSE
        customers := ARRAY(SELECT DISTINCT c.customer FROM pg_temp."tiering: contacts" c WHERE c.state IS NULL ORDER BY 1);
    END IF;
    IF unsettled IS NOT NULL OR plan.grouped IS NOT NULL OR plan.sharing IS NOT NULL THEN
        -- Not in the statement, which would look them up once to be planned and once to be run.
        keys := tiering.customer_keys(p.program, customers, import_followups.path, false);
        UPDATE pg_temp."tiering: contacts" c SET customer = coalesce(k.key, left(c.customer, 500)), state = CASE WHEN k.key IS NULL THEN '42704' END,
            message = CASE WHEN k.key IS NULL THEN format('program "%s" has no customer "%s"', p.program, left(c.customer, 500)) END
        FROM unnest(customers, keys) AS k (customer, key)
        WHERE k.customer = c.customer AND c.state IS NULL AND k.key IS DISTINCT FROM c.customer;
        IF plan.grouped IS NOT NULL OR plan.sharing IS NOT NULL THEN
            PERFORM tiering.lock_sharing(plan, ARRAY(SELECT DISTINCT c.customer FROM pg_temp."tiering: contacts" c WHERE c.state IS NULL ORDER BY 1));
        END IF;
        customers := tiering.lock_contacted(p.program, p.attempts);
        -- Customers whom no retier has seen yet are graded first, and so is known whom the source has not. All others are graded once, with their contacts.
        unsettled := tiering.unsettled_customers(p.program, customers, import_followups.path);
    END IF;
    IF unsettled IS NOT NULL THEN
        of_others := tiering.grade_allowed(p.program, unsettled, import_followups.path);
        UPDATE pg_temp."tiering: contacts" c SET state = '42501', message = format('customer "%s" of program "%s" belongs to an owner for whom you do not stand', c.customer, p.program)
        WHERE c.customer = ANY (of_others) AND c.state IS NULL;
        UPDATE pg_temp."tiering: contacts" c SET state = coalesce(u.sqlstate, '42704'), message = coalesce(u.message, format('program "%s" has no customer "%s"', p.program, c.customer))
        FROM unnest(unsettled) AS k (customer)
        LEFT JOIN LATERAL (SELECT q.sqlstate, q.message FROM tiering.run_problems q WHERE q.program = p.program AND q.at = now() AND q.customer = k.customer
            AND q.purpose = 'input' ORDER BY q.n DESC LIMIT 1) u ON true
        WHERE c.customer = k.customer AND c.state IS NULL
            -- Of customers who are gone an administrator brings in what was; agents write of those who are there (97_agent_writes.sql).
            AND NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = k.customer AND (a.gone_since IS NULL OR tiering.is_administrator()) OFFSET 0);
    END IF;
    PERFORM tiering.set_contacts_aside(p.program, import_followups.strict);
    IF unsettled IS NOT NULL THEN
        -- Some were graded, or set aside.
        customers := tiering.lock_contacted(p.program, p.attempts);
    END IF;
    PERFORM tiering.finish_plans(p.program, p.attempts);
    -- A contact that is known already, from an import before or twice in this one, is the same contact. They are compared sorted, each once.
    BEGIN
        INSERT INTO tiering.followups (program, customer, at, n, channel, outcome, note, attempt, owner)
        WITH known AS (
            -- Of few customers those alone, by the key; of many all contacts of the program at such times, once.
            SELECT f.customer, f.at, f.channel, f.outcome, f.note, f.n FROM unnest(customers) AS k (customer)
            CROSS JOIN LATERAL (SELECT x.* FROM tiering.followups x WHERE x.program = p.program AND x.customer = k.customer OFFSET 0) f WHERE cardinality(customers) <= 1000
            UNION ALL
            SELECT f.customer, f.at, f.channel, f.outcome, f.note, f.n FROM tiering.followups f WHERE f.program = p.program AND cardinality(customers) > 1000
                AND f.at BETWEEN (SELECT min(t.at) FROM pg_temp."tiering: contacts" t) AND (SELECT max(t.at) FROM pg_temp."tiering: contacts" t)
        )
        -- Side by side, not joined: whatever the planner takes the number of contacts for, nothing is looked for row by row.
        SELECT p.program, c.customer, c.at, c.n, c.channel, c.outcome, c.note, (c.outcome = ANY (p.attempts)) IS TRUE, c.owner
        FROM (
            SELECT b.*, count(*) FILTER (WHERE b.known_n IS NULL) OVER (PARTITION BY b.at, b.customer ORDER BY b.channel, b.outcome, b.note)
                + coalesce(max(b.known_n) OVER (PARTITION BY b.at, b.customer), 0) AS n
            FROM (
                SELECT DISTINCT ON (u.at, u.customer, u.channel, u.outcome, u.note) u.*
                -- The owner is looked up before they are sorted: a join would come out in another order.
                FROM (SELECT t.customer, t.at, t.channel, t.outcome, t.note, NULL::smallint AS known_n, w.owner FROM pg_temp."tiering: contacts" t
                    LEFT JOIN pg_temp."tiering: locked" w ON w.customer = t.customer
                    UNION ALL SELECT k.*, NULL FROM known k) u
                ORDER BY u.at, u.customer, u.channel, u.outcome, u.note, u.known_n DESC NULLS LAST
            ) b
        ) c
        WHERE c.known_n IS NULL
        -- In the order of time, in which two of three indexes go on where they are.
        ORDER BY c.at, c.customer;
        GET DIAGNOSTICS imported = ROW_COUNT;
    EXCEPTION WHEN numeric_value_out_of_range THEN
        PERFORM tiering.refuse_crowd();
    END;
    PERFORM tiering.grade_contacted(p.program, customers, import_followups.path);
    DROP TABLE pg_temp."tiering: contacted", pg_temp."tiering: locked";
    PERFORM tiering.share_contacts(plan, customers, import_followups.path);
    DROP TABLE pg_temp."tiering: contacts";
    RETURN imported;
END
$$;
COMMENT ON FUNCTION tiering.import_followups(text, regclass, text, text, text, text, text, boolean, text) IS
    'logs the contacts of a whole table or view, and returns how many; the customers are graded again, once each. Name its columns: customer, at (timestamptz, '
    'timestamp or date), channel, outcome, note. Contacts without customer or time, in the future, of customers whom the source does not have, or who belong to others of whom an agent sees nothing, are set aside: they stand in '
    'tiering.run_problems (cause import, purpose contact), and a WARNING counts them; with strict the first of them is an error, and nothing is imported. '
    'What was planned or put off before a contact is done by it, as by log_followup(). A contact of the same customer, time, channel, outcome and note is the same contact: an import '
    'that is repeated brings what is new, and returns its count. Whether they were on time is not judged: what was due then is not known. '
    'path: search_path under which both sources are read. ERROR 42703 no such column, 42804 at is no time, 42704 unknown program, 55000 paused; with strict 22004, 22008, 42501, 42704';
