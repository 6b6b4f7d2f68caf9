-- Tiers by decree, and the due dates that they bring.

CREATE FUNCTION tiering.override_due(plan tiering.program_plan, assignment tiering.assignments) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT tiering.next_due((assignment).planned_due, CASE WHEN (assignment).gone_since IS NULL THEN coalesce(
        CASE WHEN (plan).steps[r.rank] IS NOT NULL THEN tiering.step_due((plan).steps[r.rank], (assignment).program, (assignment).customer, (assignment).override_since,
            (assignment).last_followup, (plan).zone, (plan).workday[r.rank], (plan).calendar, (plan).rhythm_since[r.rank]) END,
        tiering.cadence_due((assignment).last_followup, (plan).zone,
        (plan).every[r.rank], (plan).workday[r.rank], (plan).at_once[r.rank], (plan).calendar, (assignment).cadence_due,
        greatest(((assignment).override_since AT TIME ZONE (plan).zone)::date, (plan).rhythm_since[r.rank]), (plan).grace[r.rank])) END, (assignment).snoozed_until)
    FROM (SELECT array_position((plan).tiers, (assignment).override_tier) AS rank) r;
END;
COMMENT ON FUNCTION tiering.override_due(tiering.program_plan, tiering.assignments) IS 'day of the next follow-up by the cadence of the tier of an override';

CREATE FUNCTION tiering.date_overrides(program text, customers text[]) RETURNS void
    -- The index has those who have an override and nobody else, whatever the planner takes their number for.
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    plan tiering.program_plan;
    overridden text[];
BEGIN
    -- Locked before they are read, so that a contact that is being logged counts. Each customer is looked up by
    -- itself: the planner might read the whole program for = ANY.
    IF date_overrides.customers IS NULL THEN
        overridden := ARRAY(SELECT l.customer FROM (SELECT a.customer FROM tiering.assignments a
            WHERE a.program = date_overrides.program AND a.override_tier IS NOT NULL AND tiering.lasts(a.override_until) ORDER BY a.customer FOR NO KEY UPDATE) l);
    ELSE
        -- Many are looked for among those who have an override.
        IF cardinality(date_overrides.customers) > 1000 THEN
            customers := ARRAY(SELECT o.customer FROM (SELECT a.customer FROM tiering.assignments a WHERE a.program = date_overrides.program AND a.override_tier IS NOT NULL OFFSET 0) o
                -- by hash, as no join of what the planner takes for one row would be
                WHERE (o.customer IN (SELECT k.customer FROM unnest(date_overrides.customers) AS k (customer))) IS TRUE);
        END IF;
        overridden := ARRAY(SELECT l.customer FROM (SELECT DISTINCT k.customer COLLATE "C" AS customer FROM unnest(date_overrides.customers) AS k (customer) ORDER BY 1) k
            -- By the key: in the index of those who have an override, where the owner comes first, each would be looked for among all.
            CROSS JOIN LATERAL (SELECT a.customer FROM tiering.assignments a
                WHERE a.program = date_overrides.program AND a.customer = k.customer AND coalesce(a.override_tier, '') <> '' AND tiering.lasts(a.override_until) FOR NO KEY UPDATE) l);
    END IF;
    IF overridden = '{}' THEN
        RETURN;
    END IF;
    plan := tiering.plan_program(date_overrides.program, now());
    UPDATE tiering.assignments a SET override_rank = array_position(plan.tiers, a.override_tier), override_due = tiering.override_due(plan, a)
    FROM (SELECT date_overrides.program AS program, unnest(overridden) AS customer) d
    WHERE a.program = d.program AND a.customer = d.customer
        AND (a.override_rank, a.override_due) IS DISTINCT FROM (array_position(plan.tiers, a.override_tier), tiering.override_due(plan, a));
END
$$;
COMMENT ON FUNCTION tiering.date_overrides(text, text[]) IS 'brings the due dates of the overrides in force up to date, of some customers or (NULL) of all';

-- The row lock under which everything of one customer is written.
CREATE FUNCTION tiering.lock_customer(program text, customer text) RETURNS tiering.assignments
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    assignment tiering.assignments;
BEGIN
    PERFORM tiering.find_program(lock_customer.program);
    SELECT a.* INTO assignment FROM tiering.assignments a WHERE a.program = lock_customer.program AND a.customer = lock_customer.customer AND a.gone_since IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has graded no customer "%s"', lock_customer.program, lock_customer.customer),
            HINT = format('Customers are named by their key as text. CALL tiering.retier(%L) grades those who are new.', lock_customer.program);
    END IF;
    RETURN assignment;
END
$$;
COMMENT ON FUNCTION tiering.lock_customer(text, text) IS 'locks the assignment of a customer until the end of the transaction; ERROR 42704 if there is none';

CREATE FUNCTION tiering.override_tier(program text, customer text, tier text, reason text, until timestamptz DEFAULT NULL, path text DEFAULT current_setting('search_path'), kind text DEFAULT 'fixed') RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    began timestamptz;
BEGIN
    until := nullif(until, 'infinity');
    IF (override_tier.kind IN ('fixed', 'at_least', 'at_most')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('an override cannot be of kind "%s"', coalesce(override_tier.kind, 'NULL')),
            HINT = 'kind => ''fixed'' gives this tier, ''at_least'' this or a better one, ''at_most'' this or a worse one.';
    END IF;
    IF coalesce(override_tier.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'an override needs a reason',
            HINT = 'SELECT tiering.override_tier(program, customer, tier, ''why'', until).';
    END IF;
    customer := tiering.customer_key(program, customer, path);
    PERFORM tiering.lock_customer(override_tier.program, override_tier.customer);
    IF NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = override_tier.program AND t.tier = override_tier.tier) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" of program "%s" has no tier "%s"', (tiering.find_program(override_tier.program)).scheme, override_tier.program, override_tier.tier),
            DETAIL = format('Its tiers are: %s.', (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = override_tier.program)),
            HINT = format('Give one of them; SELECT * FROM tiering.program_tiers WHERE program = %L says what each is.', override_tier.program);
    END IF;
    IF override_tier.until <= now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('until %s lies in the past', override_tier.until),
            HINT = 'Leave it out for an override without end.';
    END IF;
    -- The same decree twice is one.
    IF EXISTS (SELECT FROM tiering.overrides o WHERE o.program = override_tier.program AND o.customer = override_tier.customer AND tiering.lasts(o.until)
        AND (o.tier, o.reason, o.author, o.until, o.kind) IS NOT DISTINCT FROM (override_tier.tier, override_tier.reason, session_user::text, override_tier.until, override_tier.kind))
    THEN
        RETURN;
    END IF;
    began := greatest(now(), (SELECT max(o.since) + interval '1 microsecond' FROM tiering.overrides o WHERE o.program = override_tier.program AND o.customer = override_tier.customer));
    UPDATE tiering.overrides o SET until = began, cleared_by = session_user
    WHERE o.program = override_tier.program AND o.customer = override_tier.customer AND coalesce(o.until > began, true);
    INSERT INTO tiering.overrides (program, customer, since, until, tier, reason, kind)
    VALUES (override_tier.program, override_tier.customer, began, CASE WHEN override_tier.until IS NOT NULL THEN greatest(override_tier.until, began) END, override_tier.tier, override_tier.reason, override_tier.kind);
    PERFORM tiering.date_overrides(override_tier.program, ARRAY[override_tier.customer]);
END
$$;
COMMENT ON FUNCTION tiering.override_tier(text, text, text, text, timestamptz, text, text) IS
    'gives a customer a tier by decree, in the name of the session user, until a time or (NULL) until clear_override(); it takes the place of the override '
    'before; the same one again changes nothing. The criteria go on beside it. kind: fixed; at_least, above which the criteria count; at_most, below which they do. '
    'ERROR 22023 another kind, 42704 unknown program, customer or tier, 22004 no reason, 22008 until in the past';

CREATE FUNCTION tiering.assign_tier(program text, customer text, tier text, reason text) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.override_tier($1, $2, $3, $4, NULL, current_setting('search_path'));
END;
COMMENT ON FUNCTION tiering.assign_tier(text, text, text, text) IS 'gives a customer a tier by decree, without end: override_tier() with until NULL';

CREATE FUNCTION tiering.clear_override(program text, customer text, path text DEFAULT current_setting('search_path')) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    customer := tiering.customer_key(program, customer, path);
    PERFORM tiering.lock_customer(clear_override.program, clear_override.customer);
    UPDATE tiering.overrides o SET until = greatest(now(), o.since), cleared_by = session_user
    WHERE o.program = clear_override.program AND o.customer = clear_override.customer AND tiering.lasts(o.until);
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION tiering.clear_override(text, text, text) IS
    'ends the override of a customer; whether there was one. The tier by the criteria counts again. ERROR 42704 unknown program or customer';
