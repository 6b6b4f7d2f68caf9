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
GRANT INSERT, UPDATE, DELETE ON tiering.agents TO @extowner@ WITH GRANT OPTION;
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
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.erasures TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.erasures', '');
COMMENT ON TABLE tiering.erasures IS 'how many customers erase_customer() has removed; no more is known of them';
COMMENT ON COLUMN tiering.erasures.program IS 'program';
COMMENT ON COLUMN tiering.erasures.month IS 'first day of the month';
COMMENT ON COLUMN tiering.erasures.customers IS 'customers';

CREATE FUNCTION tiering.hidden_programs() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN has_table_privilege('tiering.programs', 'UPDATE') THEN '{}'::text[]
        ELSE ARRAY(SELECT p.program FROM tiering.programs p WHERE p.own_customers_only) END;
COMMENT ON FUNCTION tiering.hidden_programs() IS
    'programs of which the current user sees his own customers only; none if he may change programs';

CREATE FUNCTION tiering.owner_names() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ARRAY(SELECT current_user::text UNION SELECT a.owner FROM tiering.agents a WHERE a.agent = current_user);
COMMENT ON FUNCTION tiering.owner_names() IS 'the owners that the current user stands for';

-- The conditions are computed once a query, not once a row.
ALTER TABLE tiering.assignments ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.assignments USING (
    program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR owner = ANY ((SELECT tiering.owner_names())::text[]));
COMMENT ON POLICY own_customers ON tiering.assignments IS 'agents see their own customers only, in programs that say so';
ALTER TABLE tiering.assignment_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.assignment_log USING (
    program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR EXISTS (
        SELECT FROM tiering.assignments a WHERE a.program = assignment_log.program AND a.customer = assignment_log.customer AND a.owner = ANY ((SELECT tiering.owner_names())::text[])));
COMMENT ON POLICY own_customers ON tiering.assignment_log IS 'as for the assignments of the customers';
ALTER TABLE tiering.overrides ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.overrides USING (
    program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR EXISTS (
        SELECT FROM tiering.assignments a WHERE a.program = overrides.program AND a.customer = overrides.customer AND a.owner = ANY ((SELECT tiering.owner_names())::text[])));
COMMENT ON POLICY own_customers ON tiering.overrides IS 'as for the assignments of the customers';
ALTER TABLE tiering.followups ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.followups USING (
    program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR EXISTS (
        SELECT FROM tiering.assignments a WHERE a.program = followups.program AND a.customer = followups.customer AND a.owner = ANY ((SELECT tiering.owner_names())::text[])));
COMMENT ON POLICY own_customers ON tiering.followups IS 'as for the assignments of the customers';
ALTER TABLE tiering.promises ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.promises USING (
    program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR EXISTS (
        SELECT FROM tiering.assignments a WHERE a.program = promises.program AND a.customer = promises.customer AND a.owner = ANY ((SELECT tiering.owner_names())::text[])));
COMMENT ON POLICY own_customers ON tiering.promises IS 'as for the assignments of the customers';
ALTER TABLE tiering.followup_plans ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_customers ON tiering.followup_plans USING (
    program <> ALL ((SELECT tiering.hidden_programs())::text[]) OR EXISTS (
        SELECT FROM tiering.assignments a WHERE a.program = followup_plans.program AND a.customer = followup_plans.customer AND a.owner = ANY ((SELECT tiering.owner_names())::text[])));
COMMENT ON POLICY own_customers ON tiering.followup_plans IS 'as for the assignments of the customers';

CREATE FUNCTION tiering.grant_reader(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('GRANT SELECT ON tiering.assignments, tiering.assignment_log, tiering.assignment_history, tiering.overrides, tiering.current_tiers, '
        'tiering.retier_runs, tiering.runs, tiering.followups, tiering.followup_plans, tiering.promises, tiering.promise_status, tiering.tier_changes, '
        'tiering.followups_due, tiering.followup_logs, tiering.daily_log, tiering.weekly_log, tiering.half_month_log, tiering.month_log, tiering.year_log, '
        'tiering.owner_workload, tiering.owner_performance, tiering.tier_mix_by_program, tiering.tier_migration_by_month, tiering.erasures TO %s', $1);
END
$$;
COMMENT ON FUNCTION tiering.grant_reader(regrole) IS
    'lets a role read tiers, histories, follow-ups and reports. Grading and explaining by hand need rights on the source, too';

CREATE FUNCTION tiering.grant_agent(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.grant_reader($1);
    EXECUTE format('GRANT INSERT, UPDATE ON tiering.assignments, tiering.followups, tiering.followup_plans, tiering.promises TO %s', $1);
    EXECUTE format('GRANT INSERT ON tiering.assignment_log TO %s', $1);
    EXECUTE format('GRANT UPDATE (rank, next_due) ON tiering.overrides TO %s', $1);
END
$$;
COMMENT ON FUNCTION tiering.grant_agent(regrole) IS
    'lets a role work with customers: log, import, plan, snooze and claim follow-ups, make and keep promises; also what automatic grading needs of those who '
    'change the source. SELECT on the source is yours to grant';

CREATE FUNCTION tiering.grant_admin(role regrole) RETURNS void
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.grant_agent($1);
    EXECUTE format('GRANT INSERT, UPDATE, DELETE ON tiering.programs, tiering.program_tiers, tiering.assignments, tiering.assignment_log, tiering.overrides, '
        'tiering.retier_runs, tiering.followups, tiering.followup_plans, tiering.promises, tiering.erasures, tiering.agents, '
        'tiering.schemes, tiering.overlays, tiering.calendars TO %s', $1);
    EXECUTE format('GRANT INSERT, DELETE ON tiering.tier_strategies TO %s', $1);
END
$$;
COMMENT ON FUNCTION tiering.grant_admin(regrole) IS
    'lets a role do everything: schemes, calendars, programs, retier(), overrides, erasing; it sees all customers. SELECT on the sources is yours to grant';

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

CREATE FUNCTION tiering.erase_customer(program text, customer text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs;
    n bigint;
    erased bigint;
    total bigint := 0;
    found_in_source boolean;
    named text := customer;
BEGIN
    IF $1 IS NOT NULL THEN
        PERFORM tiering.find_program($1);
    END IF;
    FOR p IN SELECT q.* FROM tiering.programs q WHERE q.program = $1 OR $1 IS NULL ORDER BY q.program LOOP
        BEGIN
            customer := tiering.customer_key(p.program, named);
        EXCEPTION WHEN undefined_object THEN
            CONTINUE;  -- the keys of this program are of another type
        END;
        PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer = $2 FOR UPDATE;
        erased := 0;
        DELETE FROM tiering.promises t WHERE t.program = p.program AND t.customer = $2;
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        DELETE FROM tiering.followup_plans t WHERE t.program = p.program AND t.customer = $2;
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        DELETE FROM tiering.followups t WHERE t.program = p.program AND t.customer = $2;
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        DELETE FROM tiering.overrides t WHERE t.program = p.program AND t.customer = $2;
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        DELETE FROM tiering.assignment_log t WHERE t.program = p.program AND t.customer = $2;
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        DELETE FROM tiering.assignments t WHERE t.program = p.program AND t.customer = $2;
        GET DIAGNOSTICS n = ROW_COUNT; erased := erased + n;
        IF erased > 0 THEN
            INSERT INTO tiering.erasures AS e (program, month, customers) VALUES (p.program, date_trunc('month', now() AT TIME ZONE p.zone)::date, 1)
            ON CONFLICT ON CONSTRAINT erasures_pkey DO UPDATE SET customers = e.customers + 1;
            EXECUTE format('SELECT EXISTS (SELECT FROM %s s WHERE %s)', p.source,
                (SELECT tiering.key_condition(format('s.%I', c.column_name), c.type, '$1') FROM tiering.program_columns(p.program) c WHERE c.purpose = 'key'))
            INTO found_in_source USING ARRAY[$2];
            IF found_in_source THEN
                RAISE WARNING USING MESSAGE = format('customer "%s" still stands in %s', $2, p.source), HINT = 'The next retier would grade it again: delete it there as well.';
            END IF;
        END IF;
        total := total + erased;
    END LOOP;
    IF total = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('nothing is known of customer "%s"', named),
            DETAIL = CASE WHEN $1 IS NULL THEN 'No program has graded it.' ELSE format('Program "%s" has not graded it.', $1) END;
    END IF;
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.erase_customer(text, text) IS
    'removes all that a program, or (NULL) every program, knows of a customer: tier, history, overrides, contacts, plans, promises; returns the number of rows. '
    'A count without a name stays in tiering.erasures. WARNING if the source still has the customer. ERROR 42704 unknown program or customer';

CREATE FUNCTION tiering.drop_program(program text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program($1);
    IF NOT pg_try_advisory_xact_lock(tiering.retier_lock($1)) THEN
        RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = format('program "%s" is being retiered by another session', $1),
            HINT = format('Wait until it ends, or stop it: SELECT pg_cancel_backend(%s).', tiering.retier_holder($1));
    END IF;
    PERFORM tiering.drop_triggers($1, NULL);
    DELETE FROM tiering.programs t WHERE t.program = $1;  -- a trigger deletes the rest with it
END
$$;
COMMENT ON FUNCTION tiering.drop_program(text) IS
    'removes a program with all that it knows: tiers, history, overrides, contacts, promises, and its triggers on the source. Views made by create_tier_view() '
    'stay, empty. ERROR 42704 unknown program, 55P03 it is being retiered';
