-- Tiers by decree, and the due dates that they bring.

CREATE FUNCTION tiering.date_overrides(program text, customers text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan tiering.program_plan;
BEGIN
    IF NOT EXISTS (SELECT FROM tiering.overrides o WHERE o.program = $1 AND o.latest AND o.until > now() AND ($2 IS NULL OR o.customer = ANY ($2))) THEN
        RETURN;
    END IF;
    plan := tiering.plan_program($1, now());
    -- Locked before they are read, so that a contact that is being logged counts.
    PERFORM FROM tiering.assignments a
    WHERE a.program = $1 AND a.customer IN (SELECT o.customer FROM tiering.overrides o
        WHERE o.program = $1 AND o.latest AND o.until > now() AND ($2 IS NULL OR o.customer = ANY ($2)))
    ORDER BY a.customer FOR NO KEY UPDATE;
    UPDATE tiering.overrides o SET rank = d.rank, next_due = d.next_due
    FROM (
        SELECT c.customer, c.rank, CASE WHEN coalesce(c.planned_due, c.cadence_due) IS NOT NULL
            THEN greatest(coalesce(c.planned_due, c.cadence_due), c.snoozed_until) END AS next_due
        FROM (
            SELECT a.customer, t.rank, a.planned_due, a.snoozed_until,
                CASE
                    WHEN plan.every[t.rank] IS NULL OR a.gone_since IS NOT NULL THEN NULL
                    WHEN a.last_followup IS NULL THEN least(a.cadence_due, plan.at_once[t.rank])
                    ELSE tiering.followup_due((a.last_followup AT TIME ZONE plan.zone)::date, plan.every[t.rank], plan.workday[t.rank], plan.calendar)
                END AS cadence_due
            FROM tiering.overrides v
            JOIN tiering.assignments a ON a.program = v.program AND a.customer = v.customer
            CROSS JOIN LATERAL (SELECT array_position(plan.tiers, v.tier) AS rank) t
            WHERE v.program = $1 AND v.latest AND v.until > now() AND ($2 IS NULL OR v.customer = ANY ($2))
        ) c
    ) d
    WHERE o.program = $1 AND o.customer = d.customer AND o.latest AND (o.rank, o.next_due) IS DISTINCT FROM (d.rank, d.next_due);
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
    PERFORM tiering.find_program($1);
    SELECT a.* INTO assignment FROM tiering.assignments a WHERE a.program = $1 AND a.customer = $2 AND a.gone_since IS NULL FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has graded no customer "%s"', $1, $2),
            HINT = format('Customers are named by their key as text. CALL tiering.retier(%L) grades those who are new.', $1);
    END IF;
    RETURN assignment;
END
$$;
COMMENT ON FUNCTION tiering.lock_customer(text, text) IS 'locks the assignment of a customer until the end of the transaction; ERROR 42704 if there is none';

CREATE FUNCTION tiering.override_tier(program text, customer text, tier text, reason text, until timestamptz DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    began timestamptz;
BEGIN
    IF coalesce($4, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'an override needs a reason',
            HINT = 'SELECT tiering.override_tier(program, customer, tier, ''why'', until).';
    END IF;
    customer := tiering.customer_key(program, customer);
    PERFORM tiering.lock_customer($1, $2);
    IF NOT EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = $1 AND t.tier = $3) THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" of program "%s" has no tier "%s"', (tiering.find_program($1)).scheme, $1, $3),
            DETAIL = format('Its tiers are: %s.', (SELECT string_agg(t.tier, ', ' ORDER BY t.rank) FROM tiering.program_tiers t WHERE t.program = $1));
    END IF;
    IF $5 <= now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('until %s lies in the past', $5),
            HINT = 'Leave it out for an override without end.';
    END IF;
    began := greatest(now(), (SELECT o.since + interval '1 microsecond' FROM tiering.overrides o WHERE o.program = $1 AND o.customer = $2 AND o.latest));
    UPDATE tiering.overrides o SET latest = false, until = least(o.until, began), cleared_by = CASE WHEN o.until > began THEN session_user ELSE o.cleared_by END
    WHERE o.program = $1 AND o.customer = $2 AND o.latest;
    INSERT INTO tiering.overrides (program, customer, since, until, tier, reason)
    VALUES ($1, $2, began, greatest(coalesce($5, 'infinity'), began), $3, $4);
    PERFORM tiering.date_overrides($1, ARRAY[$2]);
END
$$;
COMMENT ON FUNCTION tiering.override_tier(text, text, text, text, timestamptz) IS
    'gives a customer a tier by decree, in the name of the session user, until a time or (NULL) until clear_override(); it takes the place of the override '
    'before. The criteria go on beside it. ERROR 42704 unknown program, customer or tier, 22004 no reason, 22008 until in the past';

CREATE FUNCTION tiering.assign_tier(program text, customer text, tier text, reason text) RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.override_tier($1, $2, $3, $4, NULL);
END;
COMMENT ON FUNCTION tiering.assign_tier(text, text, text, text) IS 'gives a customer a tier by decree, without end: override_tier() with until NULL';

CREATE FUNCTION tiering.clear_override(program text, customer text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    customer := tiering.customer_key(program, customer);
    PERFORM tiering.lock_customer($1, $2);
    UPDATE tiering.overrides o SET until = greatest(now(), o.since), cleared_by = session_user
    WHERE o.program = $1 AND o.customer = $2 AND o.latest AND o.until > now();
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION tiering.clear_override(text, text) IS
    'ends the override of a customer; whether there was one. The tier by the criteria counts again. ERROR 42704 unknown program or customer';
