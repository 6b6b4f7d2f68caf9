-- Who may do what; and how a person, or a program, disappears.
--
-- Nothing here runs with other rights than the caller's. Readers read, agents also log contacts and grade the customers that they log, administrators
-- do everything. Row-level security hides from agents the customers of others, in programs that say so; it asks for a right on a table, not for a role,
-- so that it works with roles of any name.

CREATE TABLE tiering.agents (
    agent text NOT NULL,
    owner text NOT NULL,
    PRIMARY KEY (agent, owner)
);
GRANT SELECT ON tiering.agents TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.agents TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.agents', '');
COMMENT ON TABLE tiering.agents IS 'which owners of customers a role stands for, beside the one of its own name; for programs in which agents see their own customers only';
COMMENT ON COLUMN tiering.agents.agent IS 'database role';
COMMENT ON COLUMN tiering.agents.owner IS 'owner, as in the source';

CREATE TABLE tiering.erasures (
    program text COLLATE "C" NOT NULL,
    month date NOT NULL,
    customers bigint NOT NULL CHECK (customers > 0),
    PRIMARY KEY (program, month)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.erasures TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.erasures', '');
COMMENT ON TABLE tiering.erasures IS 'how many customers erase_customer() has removed; no more is known of them';
COMMENT ON COLUMN tiering.erasures.program IS 'program';
COMMENT ON COLUMN tiering.erasures.month IS 'first day of the month';
COMMENT ON COLUMN tiering.erasures.customers IS 'customers';

CREATE FUNCTION tiering.is_administrator() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN has_table_privilege('tiering.programs'::regclass, 'UPDATE');
COMMENT ON FUNCTION tiering.is_administrator() IS 'whether the current user may change programs';

CREATE FUNCTION tiering.hidden_programs() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN tiering.is_administrator() OR NOT has_any_column_privilege('tiering.followups'::regclass, 'INSERT') THEN '{}'::text[]
        ELSE ARRAY(SELECT p.program FROM tiering.programs p WHERE p.own_customers_only) END;
COMMENT ON FUNCTION tiering.hidden_programs() IS
    'programs of which the current user sees his own customers only, if he is an agent, who logs contacts; none for readers and administrators';

CREATE FUNCTION tiering.owner_names() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ARRAY(SELECT current_user::text UNION SELECT a.owner FROM tiering.agents a WHERE a.agent = current_user);
COMMENT ON FUNCTION tiering.owner_names() IS 'the owners that the current user stands for';

CREATE FUNCTION tiering.refuse_owner(program text, customer text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
        MESSAGE = format('customer "%s" of program "%s" belongs to an owner for whom you do not stand', customer, program),
        DETAIL = 'Agents of this program work with their own customers and with those of nobody, and cannot give them to others.',
        HINT = 'Let an administrator do it, or make you stand for the owner: INSERT INTO tiering.agents VALUES (''role'', ''owner'').';
END
$$;
COMMENT ON FUNCTION tiering.refuse_owner(text, text) IS 'a part of the policies: ERROR 42501, with what to do, in place of that of row-level security';

-- The conditions are computed once a query, not once a row. In the subquery the policy of the assignments holds.
ALTER TABLE tiering.assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.assignments
    USING (program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR owner IS NULL OR owner = ANY ((SELECT tiering.owner_names())::text[]))
    WITH CHECK (program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR owner IS NULL OR owner = ANY ((SELECT tiering.owner_names())::text[])
        OR tiering.refuse_owner(program, customer));
COMMENT ON POLICY own_customers ON tiering.assignments IS 'agents see their own customers and those of nobody only, in programs that say so';
DO $$
DECLARE
    name text;
    condition text;
BEGIN
    FOREACH name IN ARRAY '{assignment_log,overrides,followups,promises,followup_plans,complaints,reviews,successions,contact_stops,score_history}'::text[] LOOP
        EXECUTE format('ALTER TABLE tiering.%I ENABLE ROW LEVEL SECURITY', name);
        condition := format('program <> ALL ((SELECT tiering.hidden_programs())::text[]) '
            'OR EXISTS (SELECT FROM tiering.assignments a WHERE a.program = %1$I.program AND a.customer = %1$I.customer)', name);
        EXECUTE format('CREATE POLICY own_customers ON tiering.%I USING (%2$s) WITH CHECK (%2$s OR tiering.refuse_owner(program, customer))', name, condition);
        EXECUTE format('COMMENT ON POLICY own_customers ON tiering.%I IS %L', name, 'as for the assignments of the customers');
    END LOOP;
END
$$;

-- A grading takes back that a customer was gone, who comes back in the same transaction.
CREATE POLICY append_only ON tiering.assignment_log AS RESTRICTIVE FOR DELETE USING (
    tiering.is_administrator() OR recorded_at = now() AND reason = 'gone');
COMMENT ON POLICY append_only ON tiering.assignment_log IS 'agents remove nothing from the history but that their own transaction has closed a customer';
-- Who has no tier is seen by no policy of assignments, and yet it is noted why.
ALTER TABLE tiering.run_problems ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.run_problems
    USING (program <> ALL ((SELECT tiering.hidden_programs())::text[])
        OR EXISTS (SELECT FROM tiering.assignments a WHERE a.program = run_problems.program AND a.customer = run_problems.customer))
    WITH CHECK (true);
COMMENT ON POLICY own_customers ON tiering.run_problems IS 'as for the assignments of the customers; whoever grades notes what he could not grade';

CREATE FUNCTION tiering.own_relations(kinds text) RETURNS text[]
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(c.relname::text ORDER BY c.relname)
    FROM pg_extension e
    JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e' AND d.classid = 'pg_class'::regclass
    JOIN pg_class c ON c.oid = d.objid AND strpos($1, c.relkind::text) > 0
    WHERE e.extname = 'customer_tiering';
END;
COMMENT ON FUNCTION tiering.own_relations(text) IS 'the tables (r) and views (v) of the extension';

-- All or nothing, and a word if the caller may not: the server alone would warn for each table that nothing was granted.
CREATE FUNCTION tiering.grant_rights(role regrole, relations text[], rights text[], without_columns text[] DEFAULT NULL, columns text[] DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    relation text;
    wanted text;
    wanted_columns text := '';
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = role) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('role %s does not exist', role::oid),
            HINT = 'Name a role, such as tiering.grant_reader(''role'').';
    END IF;
    FOREACH relation IN ARRAY relations LOOP
        FOREACH wanted IN ARRAY rights LOOP
            -- What everybody may is nobody's to grant: the owner of the database has no grant option for it.
            CONTINUE WHEN has_table_privilege('public', format('tiering.%I', relation), wanted);
            IF NOT has_table_privilege(format('tiering.%I', relation), wanted || ' WITH GRANT OPTION') THEN
                RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not grant %s on tiering.%s', wanted, relation),
                    DETAIL = 'Nothing was granted.',
                    HINT = format('Let the owner of the database do it: SET ROLE %s.',
                        (SELECT quote_ident(pg_get_userbyid(d.datdba)) FROM pg_database d WHERE d.datname = current_database()));
            END IF;
            IF without_columns IS NOT NULL OR columns IS NOT NULL THEN
                SELECT format(' (%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)) INTO wanted_columns FROM pg_attribute a
                WHERE a.attrelid = format('tiering.%I', relation)::regclass AND a.attnum > 0 AND NOT a.attisdropped
                    AND (columns IS NULL OR a.attname = ANY (columns)) AND (without_columns IS NULL OR a.attname <> ALL (without_columns));
            END IF;
            EXECUTE format('GRANT %s%s ON tiering.%I TO %s', wanted, wanted_columns, relation, role);
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tiering.grant_rights(regrole, text[], text[], text[], text[]) IS
    'a part of grant_reader(), grant_agent(), grant_admin(): rights on tables, or on all but some, or some, of their columns. ERROR 42704 no such role, 42501 you may not';

CREATE FUNCTION tiering.grant_reader(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.grant_rights(role, tiering.own_relations('rv'), '{SELECT}');
END
$$;
COMMENT ON FUNCTION tiering.grant_reader(regrole) IS
    'lets a role read every table and view: tiers, histories, follow-ups, reports. Grading and explaining by hand need rights on the source, too. '
    'ERROR 42704 no such role, 42501 you may not grant this';

CREATE FUNCTION tiering.grant_agent(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.grant_reader(role);
    -- The names and times of those who write are no columns of theirs.
    PERFORM tiering.grant_rights(role, '{assignments}', '{INSERT}', without_columns => '{override_tier,override_rank,override_since,override_until,override_kind,override_due}');
    PERFORM tiering.grant_rights(role, '{assignments}', '{UPDATE}', without_columns => '{program,customer,override_tier,override_since,override_until,override_kind}');
    PERFORM tiering.grant_rights(role, '{assignment_log}', '{INSERT}', without_columns => '{changed_by,recorded_at}');
    PERFORM tiering.grant_rights(role, '{assignment_log}', '{DELETE}');
    PERFORM tiering.grant_rights(role, '{run_problems}', '{INSERT}');
    PERFORM tiering.grant_rights(role, '{followups}', '{INSERT}', without_columns => '{logged_at,logged_by}');
    PERFORM tiering.grant_rights(role, '{followup_plans}', '{INSERT}', without_columns => '{planned_by}');
    PERFORM tiering.grant_rights(role, '{promises}', '{INSERT}', without_columns => '{kept_at,withdrawn_at,made_by,kept_by}');
    PERFORM tiering.grant_rights(role, '{promises}', '{UPDATE}', columns => '{owner,kept_at,withdrawn_at,kept_by}');
    PERFORM tiering.grant_rights(role, '{contact_stops}', '{INSERT}', without_columns => '{stopped_by,ended_by}');
    PERFORM tiering.grant_rights(role, '{contact_stops}', '{UPDATE}', columns => '{until,ended_by}');
    PERFORM tiering.grant_rights(role, '{complaints}', '{INSERT}', without_columns => '{resolved_at,resolution,logged_at,logged_by,resolved_by}');
    PERFORM tiering.grant_rights(role, '{complaints}', '{UPDATE}', columns => '{resolved_at,resolution,resolved_by}');
END
$$;
COMMENT ON FUNCTION tiering.grant_agent(regrole) IS
    'lets a role work with customers: log, import, plan, snooze and claim follow-ups, make and keep promises, log and resolve complaints; also what automatic grading needs of those who '
    'change the source. What is logged stays, in the name of the session user. SELECT on the source is yours to grant. '
    'ERROR 42704 no such role, 42501 you may not grant this';

CREATE FUNCTION tiering.grant_admin(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.grant_reader(role);
    -- Strategies are replaced by a new version; settings bind administrators, too.
    PERFORM tiering.grant_rights(role, array_remove(array_remove(tiering.own_relations('r'), 'tier_strategies'), 'settings'), '{INSERT,UPDATE,DELETE}');
    PERFORM tiering.grant_rights(role, '{tier_strategies}', '{INSERT,DELETE}');
END
$$;
COMMENT ON FUNCTION tiering.grant_admin(regrole) IS
    'lets a role do everything: schemes, calendars, programs, retier(), overrides, erasing; it sees all customers. SELECT on the sources is yours to grant. '
    'ERROR 42704 no such role, 42501 you may not grant this';

CREATE PROCEDURE tiering.create_roles()
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{tiering_reader,tiering_agent,tiering_admin}'::text[] LOOP
        IF to_regrole(name) IS NULL THEN
            IF NOT (SELECT r.rolcreaterole OR r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
                RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not create role "%s"', name),
                    HINT = format('Have it created (CREATE ROLE %s), or grant to a role that is there: SELECT tiering.%s(''role'').', name,
                        replace(name, 'tiering_', 'grant_'));
            END IF;
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
    PERFORM tiering.grant_reader('tiering_reader');
    PERFORM tiering.grant_agent('tiering_agent');
    PERFORM tiering.grant_admin('tiering_admin');
END
$$;
COMMENT ON PROCEDURE tiering.create_roles() IS
    'creates the roles tiering_reader, tiering_agent and tiering_admin, those that are missing, and grants them their rights in this database: '
    'grant_reader(), grant_agent(), grant_admin(). Roles belong to all databases of a server, and stay when the extension goes. ERROR 42501 you may not create roles';

CREATE FUNCTION tiering.warn_of_copies(message text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    copies text;
BEGIN
    -- Views over the tables with customers, and over functions that read them, to any depth.
    WITH RECURSIVE readers (class, object) AS (
        SELECT 'pg_class'::regclass, l.polrelid FROM pg_policy l WHERE l.polname = 'own_customers' AND l.polrelid IN (
            SELECT c.oid FROM pg_class c WHERE c.relnamespace = 'tiering'::regnamespace)
        UNION SELECT 'pg_proc'::regclass, f.oid FROM pg_proc f WHERE f.pronamespace = 'tiering'::regnamespace AND f.proname = 'tiers_as_of'
        UNION SELECT 'pg_class'::regclass, w.ev_class FROM readers r
        JOIN pg_depend d ON d.refclassid = r.class AND d.refobjid = r.object AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite w ON w.oid = d.objid
    )
    SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text) INTO copies
    FROM readers r JOIN pg_class c ON r.class = 'pg_class'::regclass AND c.oid = r.object AND c.relkind = 'm';
    IF copies IS NOT NULL THEN
        RAISE WARNING USING MESSAGE = format(message, copies),
            HINT = 'They keep what they read: REFRESH MATERIALIZED VIEW, and grant rights on them with care. Tables that you have copied are not known here.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.warn_of_copies(text) IS
    'WARNING that names the materialized views which show customers of programs, if there are any; message: with %s in the place of the names';

CREATE FUNCTION tiering.source_has(program text, customer text, path text) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer boolean;
    query text;
BEGIN
    query := (SELECT format('SELECT EXISTS (SELECT FROM %s s WHERE %s)', p.source, tiering.program_key_condition(p.program, '$1')) FROM tiering.programs p WHERE p.program = source_has.program);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query INTO answer USING ARRAY[customer];
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    RETURN answer;
EXCEPTION WHEN undefined_table OR undefined_column THEN
    RETURN false;  -- the source is gone, and nobody stands in it
END
$$;
COMMENT ON FUNCTION tiering.source_has(text, text, text) IS 'whether the source of a program has a row of a customer; path: search_path under which it is read';

CREATE FUNCTION tiering.erase_customer(program text, customer text, path text DEFAULT current_setting('search_path'), keep_out boolean DEFAULT false) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs;
    n bigint;
    erased bigint;
    total bigint := 0;
    found_in_source boolean;
    is_kept_out boolean := false;
    named text := customer;
    spelt text[];
    of_customers regclass;
BEGIN
    IF erase_customer.program IS NOT NULL THEN
        PERFORM tiering.find_program(erase_customer.program);
    END IF;
    FOR p IN SELECT q.* FROM tiering.programs q WHERE q.program = erase_customer.program OR erase_customer.program IS NULL ORDER BY q.program LOOP
        BEGIN
            customer := tiering.customer_key(p.program, named, path);
        EXCEPTION WHEN undefined_object THEN
            CONTINUE;  -- the keys of this program are of another type
        END;
        spelt := tiering.all_spellings(p, customer);
        PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer = ANY (spelt) ORDER BY a.customer FOR UPDATE;
        erased := 0;
        -- The assignment comes last: by it, policies and triggers know whose the rest is.
        FOR of_customers IN
            SELECT t.name FROM unnest(tiering.program_tables()) AS t (name)
            JOIN pg_attribute a ON a.attrelid = t.name AND a.attname = 'customer' AND NOT a.attisdropped
            ORDER BY t.name = 'tiering.assignments'::regclass, t.name::text
        LOOP
            EXECUTE format('DELETE FROM %s t WHERE t.program = $1 AND t.customer = ANY ($2)', of_customers) USING p.program, spelt;
            GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        END LOOP;
        DELETE FROM tiering.successions s WHERE s.program = p.program AND s.successor = ANY (spelt);
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        IF erased > 0 THEN
            INSERT INTO tiering.erasures AS e (program, month, customers) VALUES (p.program, date_trunc('month', now() AT TIME ZONE p.zone)::date, 1)
            ON CONFLICT ON CONSTRAINT erasures_pkey DO UPDATE SET customers = e.customers + 1;
        END IF;
        -- Who was erased before, or never graded, is kept out as well if the source has the customer.
        IF erased > 0 OR erase_customer.keep_out THEN
            found_in_source := tiering.source_has(p.program, erase_customer.customer, path);
            IF erase_customer.keep_out AND (erased > 0 OR found_in_source) THEN
                PERFORM tiering.keep_out(p.program, erase_customer.customer);
                is_kept_out := true;
            ELSIF erased > 0 AND found_in_source THEN
                RAISE WARNING USING MESSAGE = format('customer "%s" still stands in %s', erase_customer.customer, p.source),
                    HINT = format('The next retier would grade it again: delete it there as well, or keep it out: SELECT tiering.erase_customer(%L, %L, keep_out => true).', p.program, erase_customer.customer);
            END IF;
        END IF;
        total := total + erased;
    END LOOP;
    IF total = 0 AND NOT is_kept_out THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('nothing is known of customer "%s"', named),
            DETAIL = CASE WHEN erase_customer.program IS NULL THEN 'No program has graded it.' ELSE format('Program "%s" has not graded it.', erase_customer.program) END,
            HINT = 'Customers are named by their key as text. keep_out => true keeps out who was never graded, if the source has the customer.';
    END IF;
    PERFORM tiering.warn_of_copies('materialized views may still show the customer: %s');
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.erase_customer(text, text, text, boolean) IS
    'removes all that a program, or (NULL) every program, knows of a customer: tier, history, overrides, contacts, plans, promises, complaints, reviews, problems; returns the number of rows. '
    'A count without a name stays in tiering.erasures. keep_out: whoever the source still has is not graded again, by a salted hash of the key, until let_in(); a retier says how many are kept out; also of one who was erased before, or never graded. WARNING if the source still has the customer, and of materialized views that may. ERROR 42704 unknown program or customer';

CREATE FUNCTION tiering.drop_program(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(drop_program.program);
    PERFORM tiering.lock_program(drop_program.program);
    PERFORM tiering.drop_triggers(drop_program.program, NULL);
    DELETE FROM tiering.programs t WHERE t.program = drop_program.program;  -- a trigger deletes the rest with it
END
$$;
COMMENT ON FUNCTION tiering.drop_program(text) IS
    'removes a program with all that it knows: tiers, history, overrides, contacts, promises, complaints, reviews, and its triggers on the source. Views made by create_tier_view() '
    'stay, empty. ERROR 42704 unknown program, 55P03 it is being retiered';
