-- Contacts planned for a day, and put off until one.

CREATE TABLE tiering.followup_plans (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    planned_at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind IN ('plan', 'snooze')),
    due date NOT NULL CHECK (isfinite(due)),
    reason text,
    planned_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, customer, planned_at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.followup_plans TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.followup_plans', '');
COMMENT ON TABLE tiering.followup_plans IS 'days that people set for the next follow-up, by plan_followup() and snooze_followup()';
COMMENT ON COLUMN tiering.followup_plans.program IS 'program';
COMMENT ON COLUMN tiering.followup_plans.customer IS 'customer';
COMMENT ON COLUMN tiering.followup_plans.planned_at IS 'when it was set';
COMMENT ON COLUMN tiering.followup_plans.kind IS 'plan: on that day; snooze: not before that day';
COMMENT ON COLUMN tiering.followup_plans.due IS 'the day';
COMMENT ON COLUMN tiering.followup_plans.reason IS 'why';
COMMENT ON COLUMN tiering.followup_plans.planned_by IS 'by which session user';

CREATE FUNCTION tiering.set_due(program text, customer text, day date, kind text, reason text, path text, beside boolean DEFAULT false) RETURNS date
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    p tiering.programs := tiering.find_program(program);
    due date;
    replaced date;
    plans date[];
BEGIN
    IF beside IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'beside is NULL', HINT = 'beside => true leaves earlier plans open, false takes their place.';
    END IF;
    IF kind = 'snooze' AND coalesce(reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a follow-up is put off for a reason',
            HINT = 'SELECT tiering.snooze_followup(program, customer, day, ''why'').';
    END IF;
    IF day IS NULL OR NOT isfinite(day) THEN
        RAISE EXCEPTION USING ERRCODE = CASE WHEN day IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END,
            MESSAGE = format('the day is %s', coalesce(day::text, 'NULL')), HINT = 'Give the day of the next follow-up, such as current_date + 7.';
    END IF;
    IF day < (now() AT TIME ZONE p.zone)::date THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('%s lies in the past', day),
            HINT = 'A contact of the past is logged: SELECT tiering.log_followup(program, customer, at => …).';
    END IF;
    customer := tiering.customer_key(program, customer, path);
    PERFORM tiering.lock_customer(program, customer);
    SELECT a.planned_due || a.later_plans INTO plans FROM tiering.assignments a WHERE a.program = set_due.program AND a.customer = set_due.customer AND a.planned_due IS NOT NULL;
    -- The same plan twice is one: what the last one set stands still, and so does a plan beside others that is open.
    IF NOT EXISTS (
        SELECT FROM (SELECT f.* FROM tiering.followup_plans f WHERE f.program = set_due.program AND f.customer = set_due.customer
            AND (NOT beside OR f.kind = 'plan' AND f.due = day AND f.reason IS NOT DISTINCT FROM set_due.reason) ORDER BY f.planned_at DESC LIMIT 1) f
        JOIN tiering.assignments a ON a.program = f.program AND a.customer = f.customer
        WHERE f.kind = set_due.kind AND f.due = day AND f.reason IS NOT DISTINCT FROM set_due.reason AND f.planned_by = session_user
            AND CASE WHEN f.kind = 'snooze' THEN a.snoozed_until = day WHEN beside THEN day = ANY (plans) ELSE plans = ARRAY[day] END)
    THEN
        replaced := (SELECT u.due FROM unnest(plans) AS u (due) WHERE kind = 'plan' AND NOT beside AND u.due <> day LIMIT 1);
        IF replaced IS NOT NULL THEN
            RAISE NOTICE USING MESSAGE = format('the plan for %s takes the place of that for %s%s', day, replaced,
                (SELECT format(' (%s)', f.reason) FROM tiering.followup_plans f WHERE f.program = set_due.program AND f.customer = set_due.customer AND f.kind = 'plan' AND f.due = replaced
                    AND f.reason <> '' ORDER BY f.planned_at DESC LIMIT 1)),
                DETAIL = format('Customer "%s" of program "%s" has one next follow-up.%s', customer, program,
                    ' Nor are these open any more: ' || array_to_string(nullif(array_remove(array_remove(plans, day), replaced), '{}'), ', ') || '.'),
                HINT = 'beside => true leaves earlier plans open.';
        END IF;
        plans := CASE WHEN beside THEN ARRAY(SELECT u.due FROM unnest(plans || day) AS u (due) ORDER BY 1) ELSE ARRAY[day] END;
        INSERT INTO tiering.followup_plans (program, customer, planned_at, kind, due, reason) VALUES (program, customer, greatest(now(), (
            SELECT max(f.planned_at) + interval '1 microsecond' FROM tiering.followup_plans f
            WHERE f.program = set_due.program AND f.customer = set_due.customer)), kind, day, reason);
        UPDATE tiering.assignments a SET
            planned_due = CASE kind WHEN 'plan' THEN plans[1] ELSE a.planned_due END,
            later_plans = CASE kind WHEN 'plan' THEN nullif(plans[2:], '{}') ELSE a.later_plans END,
            snoozed_until = CASE kind WHEN 'snooze' THEN day END,  -- a plan made later than a snooze counts
            next_due = CASE kind WHEN 'plan' THEN plans[1] ELSE tiering.next_due(a.planned_due, a.cadence_due, day) END,
            claimed_by = NULL, claimed_until = NULL
        WHERE a.program = set_due.program AND a.customer = set_due.customer;
        PERFORM tiering.date_overrides(program, ARRAY[customer]);
    END IF;
    SELECT t.next_due INTO due FROM tiering.current_tiers t WHERE t.program = set_due.program AND t.customer = set_due.customer;
    RETURN due;
END
$$;
COMMENT ON FUNCTION tiering.set_due(text, text, date, text, text, text, boolean) IS 'a part of plan_followup() and snooze_followup()';

CREATE FUNCTION tiering.plan_followup(program text, customer text, due date, note text DEFAULT NULL, beside boolean DEFAULT false) RETURNS date
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.set_due($1, $2, $3, 'plan', $4, current_setting('search_path'), $5);
END;
COMMENT ON FUNCTION tiering.plan_followup(text, text, date, text, boolean) IS
    'sets the day of the next follow-up of a customer, in the place of the cadence and of an earlier plan, which a NOTICE names, and returns when it is due; the next contact clears it. beside: earlier plans stay '
    'open; the earliest day comes first, and each contact clears one (tiering.open_plans). The same again changes nothing. '
    'ERROR 42704 unknown program or customer, 22004 no day, 22008 in the past';

-- Of a day that stands there twice, the two plans made last for it are open. A customer has one owner, who stands in the partition so that those of one owner are found by the index.
-- || '': as in assignment_history.
CREATE VIEW tiering.open_plans WITH (security_invoker) AS
    SELECT o.program, o.customer, o.label, o.owner, o.due, f.note, f.planned_at, f.planned_by
    FROM (
        SELECT p.program, a.customer, a.label, a.owner, u.due, row_number() OVER (PARTITION BY p.program, a.customer, a.owner, u.due) AS n
        FROM tiering.programs p
        JOIN tiering.assignments a ON a.program = p.program || ''
        CROSS JOIN LATERAL unnest(a.planned_due || a.later_plans) AS u (due)
        WHERE a.planned_due IS NOT NULL AND a.gone_since IS NULL
    ) o
    LEFT JOIN LATERAL (SELECT p.reason AS note, p.planned_at, p.planned_by FROM tiering.followup_plans p
        WHERE p.program = o.program AND p.customer = o.customer AND p.kind = 'plan' AND p.due = o.due ORDER BY p.planned_at DESC OFFSET o.n - 1 LIMIT 1) f ON true;
GRANT SELECT ON tiering.open_plans TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.open_plans IS 'what is planned for customers and not done yet, by plan_followup(); followups_due shows the earliest of each customer';
COMMENT ON COLUMN tiering.open_plans.program IS 'program';
COMMENT ON COLUMN tiering.open_plans.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.open_plans.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.open_plans.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.open_plans.due IS 'for which day';
COMMENT ON COLUMN tiering.open_plans.note IS 'what is planned';
COMMENT ON COLUMN tiering.open_plans.planned_at IS 'when it was planned';
COMMENT ON COLUMN tiering.open_plans.planned_by IS 'by which session user';

CREATE FUNCTION tiering.snooze_followup(program text, customer text, until date, reason text) RETURNS date
    LANGUAGE sql
BEGIN ATOMIC
    SELECT tiering.set_due($1, $2, $3, 'snooze', $4, current_setting('search_path'));
END;
COMMENT ON FUNCTION tiering.snooze_followup(text, text, date, text) IS
    'puts the next follow-up of a customer off to a day, and returns when it is due; the next contact clears it. The same again changes nothing. '
    'ERROR 42704 unknown program or customer, 22004 no reason or day, 22008 in the past';
