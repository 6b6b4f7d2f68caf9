-- What agents write is looked at, row by row, since nothing here runs with other rights than theirs: what log_followup() may write, they
-- may write themselves. The triggers accept what follows from the source and the contacts, and refuse the rest. They leave administrators
-- alone, who may bring in the records of another system, and restores, which the owner of the tables does.

CREATE FUNCTION tiering.refuse_write(message text, hint text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = message, HINT = hint;
END
$$;
COMMENT ON FUNCTION tiering.refuse_write(text, text) IS 'a part of the checks of what agents write: ERROR 42501';

CREATE FUNCTION tiering.check_agent_history() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_program record;
    plan tiering.program_plan;
    may_pass_between boolean;
    answer record;
    given jsonb;
    wrong record;
BEGIN
    FOR of_program IN SELECT a.program, array_agg(a.customer ORDER BY a.customer) AS customers FROM agent_added a GROUP BY a.program LOOP
        plan := tiering.plan_program(of_program.program, now());
        may_pass_between := tiering.to_jsonb(plan.document) ? 'stability';
        -- Under the path of the last retier(), or else that of nobody.
        answer := tiering.run_statement(plan, format('SELECT pg_catalog.jsonb_object_agg(g.customer, g.computed_tier) AS tiers FROM (%s) g',
            tiering.source_query(plan, true)), of_program.customers, '');
        given := coalesce(answer.tiers, '{}');
        SELECT a.*, given ? a.customer AS in_source INTO wrong
        FROM agent_added a
        LEFT JOIN LATERAL (SELECT l.tier FROM tiering.assignment_log l WHERE l.program = a.program AND l.customer = a.customer AND l.since < a.since
            ORDER BY l.since DESC LIMIT 1) b ON true
        WHERE a.program = plan.program AND NOT (
            a.cause IN ('followup', 'automatic') AND a.since BETWEEN now() AND clock_timestamp() AND a.as_of IS NOT DISTINCT FROM CASE WHEN a.as_of IS NOT NULL THEN now() END
            AND (a.reason = 'gone') <> (given ? a.customer)
            AND (a.tier IS NOT DISTINCT FROM given ->> a.customer
                OR may_pass_between AND array_position(plan.tiers, a.tier) BETWEEN
                    least(array_position(plan.tiers, b.tier), array_position(plan.tiers, given ->> a.customer))
                    AND greatest(array_position(plan.tiers, b.tier), array_position(plan.tiers, given ->> a.customer))))
        LIMIT 1;
        IF wrong.customer IS NOT NULL THEN
            PERFORM tiering.refuse_write(
                CASE WHEN NOT wrong.in_source AND wrong.reason <> 'gone' THEN format('program "%s" has no customer "%s"', wrong.program, wrong.customer)
                    ELSE format('the history of customer "%s" of program "%s" is not what grading gives', wrong.customer, wrong.program) END,
                'Agents grade customers by logging contacts; an administrator gives a tier by decree: SELECT tiering.override_tier(…).');
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_history() IS
    'trigger: what an agent adds to the history must be what the source gives now, in his own name; with stability, a tier on the way there';
CREATE TRIGGER check_agent AFTER INSERT ON tiering.assignment_log REFERENCING NEW TABLE AS agent_added
    FOR EACH STATEMENT WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_history();

CREATE FUNCTION tiering.follows_history(program text, customer text, tier text, rank integer, since timestamptz, is_gone boolean) RETURNS boolean
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((SELECT (l.tier, l.since, l.reason = 'gone') IS NOT DISTINCT FROM ($3, $5, $6) FROM tiering.assignment_log l
            WHERE l.program = $1 AND l.customer = $2 ORDER BY l.since DESC LIMIT 1), false)
        AND $4 IS NOT DISTINCT FROM (SELECT t.rank FROM tiering.program_tiers t WHERE t.program = $1 AND t.tier = $3);
END;
COMMENT ON FUNCTION tiering.follows_history(text, text, text, integer, timestamptz, boolean) IS
    'whether the tier of a customer is that of the newest row of the history, with its rank';

CREATE FUNCTION tiering.refuse_assignment(program text, customer text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.refuse_write(format('the tier of customer "%s" of program "%s" does not follow from its history', customer, program),
        'Agents grade customers by logging contacts; an administrator gives a tier by decree: SELECT tiering.override_tier(…).');
END
$$;
COMMENT ON FUNCTION tiering.refuse_assignment(text, text) IS 'a part of the checks of what agents write: ERROR 42501, the tier does not follow from the history';

CREATE FUNCTION tiering.refuse_contacted(program text, customer text, contacted timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.refuse_write(format('the last contact with customer "%s" of program "%s" cannot be at %s, which lies in the future', customer, program, contacted),
        'SELECT tiering.plan_followup(program, customer, day) plans a contact.');
END
$$;
COMMENT ON FUNCTION tiering.refuse_contacted(text, text, timestamptz) IS 'a part of the checks of what agents write: ERROR 42501, a contact before it was';

CREATE FUNCTION tiering.latest_contacted() RETURNS timestamptz
    LANGUAGE sql VOLATILE PARALLEL SAFE
    -- Clocks differ a little, and the source may have been written by another.
    RETURN clock_timestamp() + interval '2 minutes';
COMMENT ON FUNCTION tiering.latest_contacted() IS 'until when a contact that an agent notes can have been';

CREATE FUNCTION tiering.check_agent_added() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a tiering.assignments;
BEGIN
    SELECT n.* INTO a FROM agent_added n WHERE NOT tiering.follows_history(n.program, n.customer, n.tier, n.rank, n.since, n.gone_since IS NOT NULL) LIMIT 1;
    IF FOUND THEN
        PERFORM tiering.refuse_assignment(a.program, a.customer);
    END IF;
    SELECT n.* INTO a FROM agent_added n WHERE greatest(n.last_followup, n.last_logged) > tiering.latest_contacted() LIMIT 1;
    IF FOUND THEN
        PERFORM tiering.refuse_contacted(a.program, a.customer, greatest(a.last_followup, a.last_logged));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_added() IS
    'trigger: the tier that an agent adds must be that of the newest row of the history, with its rank; agents note no contact before it was';

CREATE FUNCTION tiering.check_agent_changed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (OLD.tier, OLD.rank, OLD.since, OLD.gone_since) IS DISTINCT FROM (NEW.tier, NEW.rank, NEW.since, NEW.gone_since)
        AND NOT tiering.follows_history(NEW.program, NEW.customer, NEW.tier, NEW.rank, NEW.since, NEW.gone_since IS NOT NULL)
    THEN
        PERFORM tiering.refuse_assignment(NEW.program, NEW.customer);
    END IF;
    IF (OLD.last_followup, OLD.last_logged) IS DISTINCT FROM (NEW.last_followup, NEW.last_logged)
        AND greatest(NEW.last_followup, NEW.last_logged) > tiering.latest_contacted()
    THEN
        PERFORM tiering.refuse_contacted(NEW.program, NEW.customer, greatest(NEW.last_followup, NEW.last_logged));
    END IF;
    IF NEW.claimed_until IS DISTINCT FROM OLD.claimed_until AND NEW.claimed_until > now() + tiering.longest_claim() THEN
        PERFORM tiering.refuse_write(format('customer "%s" of program "%s" cannot be claimed until %s', NEW.customer, NEW.program, NEW.claimed_until),
            'SELECT * FROM tiering.claim_followups(program, owner, 10, ''1 hour'').');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_changed() IS
    'trigger: the tier that an agent writes must be that of the newest row of the history, with its rank; agents note no contact before it was, and claim customers '
    'for no longer than claim_followups() does';

-- Who adds is asked once a statement; who changes, once a row and by one trigger: the server prepares the condition of each anew for every statement.
CREATE TRIGGER check_agent_added AFTER INSERT ON tiering.assignments REFERENCING NEW TABLE AS agent_added
    FOR EACH STATEMENT WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_added();
CREATE TRIGGER check_agent_changed AFTER UPDATE ON tiering.assignments
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_changed();

-- Contacts, plans and promises are of customers who are graded, and are not of the future.
CREATE FUNCTION tiering.require_agent_contact(program text, customer text, at timestamptz, named text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM tiering.assignments a WHERE a.program = require_agent_contact.program AND a.customer = require_agent_contact.customer AND a.gone_since IS NULL) THEN
        PERFORM tiering.refuse_write(format('program "%s" has graded no customer "%s"', program, customer), 'SELECT tiering.log_followup(program, customer) grades one who is new.');
    END IF;
    IF at > clock_timestamp() THEN
        PERFORM tiering.refuse_write(format('%s lies in the future', named), 'SELECT tiering.plan_followup(program, customer, day) plans a contact.');
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_agent_contact(text, text, timestamptz, text) IS
    'a part of the checks of what agents write: ERROR 42501 unless it is of a customer who is graded, and has been; named: the column of the time';

CREATE FUNCTION tiering.check_agent_contact() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.require_agent_contact(NEW.program, NEW.customer, (to_jsonb(NEW) ->> TG_ARGV[0])::timestamptz, TG_ARGV[0]);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_contact() IS 'trigger: an agent writes of customers who are graded, and of what has been; argument: the column of the time';
CREATE TRIGGER check_agent BEFORE INSERT ON tiering.promises
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_contact('made_at');
CREATE TRIGGER check_agent BEFORE INSERT ON tiering.complaints
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_contact('at');
CREATE TRIGGER check_agent BEFORE INSERT ON tiering.followup_plans
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_contact('planned_at');

CREATE TRIGGER check_agent BEFORE INSERT ON tiering.contact_stops
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_contact('since');

CREATE FUNCTION tiering.check_agent_allowed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.until <= now() OR coalesce(NEW.until > greatest(now(), OLD.since), true) THEN
        PERFORM tiering.refuse_write('a stop that is over stays as it is, and is ended now or not at all', 'SELECT tiering.stop_contact(program, customer, ''why'') writes another one.');
    END IF;
    NEW.ended_by := session_user;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_allowed() IS 'trigger: an agent ends a stop now, once, in his own name';
CREATE TRIGGER check_agent_allowed BEFORE UPDATE ON tiering.contact_stops
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_allowed();

CREATE FUNCTION tiering.judge_agent_contact() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    a tiering.assignments;
    judged record;
BEGIN
    PERFORM tiering.require_agent_contact(NEW.program, NEW.customer, NEW.at, 'at');
    SELECT x.* INTO a FROM tiering.assignments x WHERE x.program = NEW.program AND x.customer = NEW.customer;
    NEW.owner := a.owner;
    NEW.checks := tiering.known_checks(NEW.program, NEW.checks);
    -- A contact without any of them is one that import_followups() brings: what was due then is not known.
    IF (NEW.tier, NEW.due, NEW.on_time, NEW.tier_after) IS DISTINCT FROM (NULL, NULL, NULL, NULL) THEN
        judged := tiering.judge_contact(a, (SELECT p.zone FROM tiering.programs p WHERE p.program = NEW.program), NEW.at);
        NEW.tier := judged.tier;
        NEW.due := CASE WHEN NOT NEW.attempt THEN judged.due END;
        NEW.on_time := CASE WHEN NOT NEW.attempt THEN judged.on_time END;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.judge_agent_contact() IS 'trigger: an agent logs contacts with customers who are graded, and that have been; owner, tier, due day and whether an agent was on time are looked up, not believed';
CREATE TRIGGER judge_agent BEFORE INSERT ON tiering.followups
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.judge_agent_contact();

CREATE FUNCTION tiering.check_agent_tier_after() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.tier_after IS DISTINCT FROM (SELECT t.tier FROM tiering.current_tiers t WHERE t.program = NEW.program AND t.customer = NEW.customer) THEN
        PERFORM tiering.refuse_write(format('customer "%s" of program "%s" was not in tier %s after the contact', NEW.customer, NEW.program, NEW.tier_after),
            'SELECT tiering.log_followup(program, customer) looks it up.');
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_tier_after() IS 'trigger: the tier after a contact that an agent logs is the one in force at the end of the statement';
CREATE TRIGGER check_agent_tier_after AFTER INSERT ON tiering.followups
    FOR EACH ROW WHEN (NEW.tier_after IS NOT NULL AND NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_tier_after();

CREATE FUNCTION tiering.check_agent_promise() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- It goes with the customer, whose owner the source says.
    IF NEW.owner IS DISTINCT FROM OLD.owner THEN
        NEW.owner := (SELECT a.owner FROM tiering.assignments a WHERE a.program = NEW.program AND a.customer = NEW.customer);
    END IF;
    IF OLD.kept_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL THEN
        PERFORM tiering.refuse_write(format('what was promised to customer "%s" of program "%s" is settled', NEW.customer, NEW.program), 'An administrator can correct it.');
    END IF;
    IF NEW.kept_at > clock_timestamp() OR NEW.withdrawn_at > clock_timestamp() THEN
        PERFORM tiering.refuse_write('a promise cannot be kept in the future', 'SELECT tiering.keep_promise(program, customer).');
    END IF;
    IF NEW.kept_at IS NOT NULL THEN
        NEW.kept_by := session_user;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.check_agent_promise() IS 'trigger: an agent settles a promise once, in his own name';
CREATE TRIGGER check_agent_settled BEFORE UPDATE ON tiering.promises
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.check_agent_promise();

CREATE FUNCTION tiering.sign_agent_complaint() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT t.owner, t.tier INTO NEW.owner, NEW.tier FROM tiering.current_tiers t WHERE t.program = NEW.program AND t.customer = NEW.customer;
        RETURN NEW;
    END IF;
    IF OLD.resolved_at IS NOT NULL THEN
        PERFORM tiering.refuse_write(format('the complaint of customer "%s" of program "%s" is resolved', NEW.customer, NEW.program), 'An administrator can correct it.');
    END IF;
    IF NEW.resolved_at > clock_timestamp() THEN
        PERFORM tiering.refuse_write('a complaint cannot be resolved in the future', 'SELECT tiering.resolve_complaint(program, customer, ''how'').');
    END IF;
    NEW.resolved_by := CASE WHEN NEW.resolved_at IS NOT NULL THEN session_user END;
    NEW.resolution := CASE WHEN NEW.resolved_at IS NOT NULL THEN NEW.resolution END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.sign_agent_complaint() IS
    'trigger: owner and tier of a complaint that an agent logs are looked up; an agent resolves it once, in his own name';
CREATE TRIGGER sign_agent BEFORE INSERT OR UPDATE ON tiering.complaints
    FOR EACH ROW WHEN (NOT tiering.is_administrator()) EXECUTE FUNCTION tiering.sign_agent_complaint();
