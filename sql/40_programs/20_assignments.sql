-- Who has which tier: now, since ever, and by whose decree.
--
-- What has no end is NULL, in tables too, never infinity: most clients cannot read that, and fail for the whole row.
-- Collation "C": customer keys are compared byte by byte, fast, and whatever the locale of the server becomes.
-- No table refers to programs by a foreign key (see 10_programs.sql); its check would cost as much as the row itself.

CREATE TABLE tiering.assignments (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    tier text COLLATE "C",
    rank integer,
    computed_tier text COLLATE "C",
    since timestamptz NOT NULL CHECK (since BETWEEN '0001-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    next_due date CHECK (isfinite(next_due)),
    cadence_due date CHECK (isfinite(cadence_due)),
    planned_due date CHECK (isfinite(planned_due)),
    later_plans date[],
    snoozed_until date CHECK (isfinite(snoozed_until)),
    pending_since date CHECK (isfinite(pending_since)),
    last_logged timestamptz CHECK (last_logged BETWEEN '0001-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    last_followup timestamptz CHECK (last_followup BETWEEN '0001-01-01 00:00+00' AND '9999-12-30 00:00+00'),
    gone_since timestamptz CHECK (isfinite(gone_since)),
    claimed_until timestamptz CHECK (isfinite(claimed_until)),
    claimed_by text,
    no_contact boolean NOT NULL DEFAULT false,
    no_contact_until timestamptz CHECK (isfinite(no_contact_until)),
    owner text,
    group_key text COLLATE "C",
    label text,
    score numeric,
    reasons text[],
    rhythm_since date CHECK (isfinite(rhythm_since)),
    valid_until date CHECK (isfinite(valid_until)),
    -- The newest override, as the trigger of tiering.overrides and date_overrides() keep it. With it here, what is in force needs no join: the planner
    -- takes a program that ANALYZE has not seen yet for one row, and would choose joins that cost the square of its customers.
    override_tier text COLLATE "C",
    override_rank integer,
    override_since timestamptz,
    override_until timestamptz CHECK (isfinite(override_until)),
    override_kind text CHECK (override_kind IN ('fixed', 'at_least', 'at_most')),
    override_due date,
    PRIMARY KEY (program, customer)
) WITH (fillfactor = 90);
-- What the planner takes a program for whose name it does not know: a twentieth of all rows. Otherwise it would take the
-- programs that there were at the last ANALYZE for all there are, and read the whole table.
ALTER TABLE tiering.assignments ALTER program SET (n_distinct = 20);
-- The customer comes last for who asks for one: the planner takes a program that it does not know for one row, and reads all entries of it here as gladly as
-- the one of the key. They name the customer, so that no row of another is fetched.
CREATE INDEX assignments_due ON tiering.assignments (program, next_due, rank, customer) WHERE next_due IS NOT NULL;
-- Of those who are not due, too: every list of an owner is found by it.
CREATE INDEX assignments_owner_due ON tiering.assignments (program, owner, next_due, rank, customer);
CREATE INDEX assignments_override_due ON tiering.assignments (program, override_due, override_rank, customer) WHERE override_due IS NOT NULL;
CREATE INDEX assignments_group ON tiering.assignments (program, group_key, customer) WHERE group_key IS NOT NULL;
CREATE INDEX assignments_overridden ON tiering.assignments (program, owner, customer) WHERE override_tier IS NOT NULL;
CREATE INDEX assignments_planned ON tiering.assignments (program, owner, customer) WHERE planned_due IS NOT NULL;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.assignments TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.assignments', '');
COMMENT ON TABLE tiering.assignments IS
    'the tier of each customer of each program, as the last grading left it; tiering.current_tiers shows it with overrides';
COMMENT ON INDEX tiering.assignments_due IS 'the most urgent follow-ups of a program first';
COMMENT ON INDEX tiering.assignments_owner_due IS 'the customers of an owner, the most urgent follow-ups first';
COMMENT ON INDEX tiering.assignments_override_due IS 'the most urgent follow-ups by overrides first';
COMMENT ON INDEX tiering.assignments_overridden IS 'the customers with overrides, by owner';
COMMENT ON INDEX tiering.assignments_planned IS 'the customers with plans, by owner';
COMMENT ON COLUMN tiering.assignments.override_tier IS 'tier of the newest override; NULL: there was none';
COMMENT ON COLUMN tiering.assignments.override_rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.assignments.override_since IS 'since when it counts';
COMMENT ON COLUMN tiering.assignments.override_until IS 'until when it counts: it is in force while this lies in the future; NULL: until cleared';
COMMENT ON COLUMN tiering.assignments.override_kind IS 'fixed, at_least or at_most';
COMMENT ON COLUMN tiering.assignments.override_due IS 'day of the next follow-up by the cadence of its tier';
COMMENT ON COLUMN tiering.assignments.program IS 'program';
COMMENT ON COLUMN tiering.assignments.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.assignments.tier IS 'tier assigned, after stability; NULL: ungraded, or gone';
COMMENT ON COLUMN tiering.assignments.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.assignments.computed_tier IS 'tier by the criteria alone; differs while stability holds a change back';
COMMENT ON COLUMN tiering.assignments.since IS 'since when the tier is assigned; for a customer who is gone, since when';
COMMENT ON COLUMN tiering.assignments.next_due IS 'day of the next follow-up: the planned one or else that of the cadence, not before a snooze ends';
COMMENT ON COLUMN tiering.assignments.cadence_due IS 'day of the next follow-up by the cadence of the tier alone';
COMMENT ON COLUMN tiering.assignments.planned_due IS 'day that plan_followup() set, the earliest of those that are open; the next follow-up clears it';
COMMENT ON COLUMN tiering.assignments.later_plans IS 'days of other plans that are open, in their order; the next follow-up makes the first of them planned_due. NULL: there is none';
COMMENT ON COLUMN tiering.assignments.snoozed_until IS 'day that snooze_followup() set; the next follow-up clears it';
COMMENT ON COLUMN tiering.assignments.pending_since IS
    'day since which the criteria give a lower tier that stability holds back; for a customer who is gone, as it was then';
COMMENT ON COLUMN tiering.assignments.last_logged IS 'time of the last contact that was logged; that of the source is read anew by each grading';
COMMENT ON COLUMN tiering.assignments.last_followup IS 'time of the last contact, logged or by the source';
COMMENT ON COLUMN tiering.assignments.gone_since IS 'when the customer was no more found in the source; NULL: is there';
COMMENT ON COLUMN tiering.assignments.claimed_until IS 'until when somebody has claimed the next follow-up';
COMMENT ON COLUMN tiering.assignments.claimed_by IS 'who has';
COMMENT ON COLUMN tiering.assignments.no_contact IS 'whether stop_contact() has noted that the customer is not to be contacted by any channel; it counts until no_contact_until';
COMMENT ON COLUMN tiering.assignments.no_contact_until IS 'until when; NULL: until allow_contact(), or there is no stop';
COMMENT ON COLUMN tiering.assignments.owner IS 'who looks after the customer, from the source';
COMMENT ON COLUMN tiering.assignments.group_key IS 'family or group, from the source, whose members share their contacts; NULL: none, or the program has no such column';
COMMENT ON COLUMN tiering.assignments.label IS 'what people call the customer, from the source; NULL: not known, or the program has no such column';
COMMENT ON COLUMN tiering.assignments.score IS 'score, if the scheme has one';
COMMENT ON COLUMN tiering.assignments.reasons IS 'reason codes of the score, the weightiest first';
COMMENT ON COLUMN tiering.assignments.rhythm_since IS 'day of the last change of tier: nobody is late by the cadence of the new tier for a day before; NULL: since the first grading';
COMMENT ON COLUMN tiering.assignments.valid_until IS 'day on which stability lets the tier be lowered next; NULL: any day, or never';

-- Ranges of one customer cannot overlap, whoever writes: only the beginning of each is stored, once, and the next one ends it.
CREATE TABLE tiering.assignment_log (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL CHECK (isfinite(since)),
    tier text COLLATE "C",
    reason text COLLATE "C" NOT NULL
        CHECK (reason IN ('first', 'promotion', 'demotion', 'graded', 'ungraded', 'criteria', 'gone', 'returned')),
    cause text COLLATE "C" NOT NULL CHECK (cause IN ('retier', 'followup', 'automatic', 'backfill', 'regrade')),
    owner text,
    reasons text[],
    changed_by text NOT NULL DEFAULT session_user,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    as_of timestamptz CHECK (as_of < since),
    pending_since date CHECK (isfinite(pending_since)),
    PRIMARY KEY (program, customer, since)
);
ALTER TABLE tiering.assignment_log ALTER program SET (n_distinct = 20);
CREATE INDEX assignment_log_owner ON tiering.assignment_log (program, owner, since, customer);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.assignment_log TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.assignment_log', '');
COMMENT ON TABLE tiering.assignment_log IS
    'every tier that was ever assigned, by when it began; the next row of the customer ends it, so that no two overlap. '
    'tiering.assignment_history shows the ranges';
COMMENT ON INDEX tiering.assignment_log_owner IS 'what was assigned to the customers of an owner, in order of time';
COMMENT ON COLUMN tiering.assignment_log.program IS 'program';
COMMENT ON COLUMN tiering.assignment_log.customer IS 'customer';
COMMENT ON COLUMN tiering.assignment_log.since IS 'from when on';
COMMENT ON COLUMN tiering.assignment_log.tier IS 'tier; NULL: ungraded, or gone';
COMMENT ON COLUMN tiering.assignment_log.reason IS
    'first: seen for the first time; promotion, demotion; graded, ungraded: after or for lack of data; criteria: the scheme has the '
    'earlier tier no more; gone, returned: from or to the source';
COMMENT ON COLUMN tiering.assignment_log.cause IS 'what graded: retier, followup, automatic, backfill or regrade';
COMMENT ON COLUMN tiering.assignment_log.owner IS 'who looked after the customer';
COMMENT ON COLUMN tiering.assignment_log.reasons IS 'reason codes of the score, the weightiest first';
COMMENT ON COLUMN tiering.assignment_log.changed_by IS 'which session user graded';
COMMENT ON COLUMN tiering.assignment_log.recorded_at IS 'when the row was written';
COMMENT ON COLUMN tiering.assignment_log.as_of IS
    'the moment as of which the row takes the place of the one before it, which was graded as of the same moment: since is the next microsecond that is free; NULL: it takes nobody''s place';
COMMENT ON COLUMN tiering.assignment_log.pending_since IS
    'day since which the criteria had given a lower tier before the row was written: stability goes by it if that moment is graded again; NULL: they had not';

-- The rows before and after one are looked up by key. Windows would be made of the whole history, whoever asks for an owner's part of it.
-- || '': the planner takes a program that ANALYZE has not seen yet for one row, and joins other tables row by row; one that it knows it takes for all its rows, and has the server compile
-- the query for a few of them. Of a name that it does not know when it plans it takes the part that n_distinct says; the indexes are used all the same.
CREATE VIEW tiering.assignment_history WITH (security_invoker) AS
    SELECT p.program, h.customer, h.tier, tstzrange(h.since, n.until) AS valid, h.reason, h.changed_by, h.cause, h.owner,
        (SELECT b.tier FROM tiering.assignment_log b WHERE b.program = h.program AND b.customer = h.customer AND b.since < h.since ORDER BY b.since DESC LIMIT 1) AS previous_tier,
        h.reasons, h.recorded_at, h.since, n.until, g.rank
    FROM tiering.programs p
    JOIN tiering.assignment_log h ON h.program = p.program || ''
    LEFT JOIN LATERAL (SELECT x.since AS until FROM tiering.assignment_log x WHERE x.program = h.program AND x.customer = h.customer AND x.since > h.since ORDER BY x.since LIMIT 1) n ON true
    LEFT JOIN tiering.program_tiers g ON g.program = p.program AND g.tier = h.tier
    WHERE h.reason <> 'gone';
GRANT SELECT ON tiering.assignment_history TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.assignment_history IS
    'every tier that was assigned to each customer, with the range of time; ranges of a customer never overlap. Overrides stand in tiering.overrides';
COMMENT ON COLUMN tiering.assignment_history.program IS 'program';
COMMENT ON COLUMN tiering.assignment_history.customer IS 'customer';
COMMENT ON COLUMN tiering.assignment_history.tier IS 'tier; NULL: ungraded';
COMMENT ON COLUMN tiering.assignment_history.valid IS 'from when until when; without upper bound: still';
COMMENT ON COLUMN tiering.assignment_history.reason IS 'first, promotion, demotion, graded, ungraded, criteria, returned';
COMMENT ON COLUMN tiering.assignment_history.changed_by IS 'which session user graded';
COMMENT ON COLUMN tiering.assignment_history.cause IS 'what graded: retier, followup, automatic, backfill or regrade';
COMMENT ON COLUMN tiering.assignment_history.owner IS 'who looked after the customer';
COMMENT ON COLUMN tiering.assignment_history.previous_tier IS 'tier before';
COMMENT ON COLUMN tiering.assignment_history.reasons IS 'reason codes of the score, the weightiest first';
COMMENT ON COLUMN tiering.assignment_history.recorded_at IS 'when the row was written';
COMMENT ON COLUMN tiering.assignment_history.since IS 'from when: the lower bound of valid, for clients that do not read ranges';
COMMENT ON COLUMN tiering.assignment_history.until IS 'until when: the upper bound of valid; NULL: still';
COMMENT ON COLUMN tiering.assignment_history.rank IS 'rank that the tier has today, 1 is the best; NULL: the scheme has it no more';

-- Overrides: a tier by decree. The newest one of a customer counts, as long as it lasts.
CREATE TABLE tiering.overrides (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL CHECK (isfinite(since)),
    until timestamptz CHECK (until >= since AND isfinite(until)),
    tier text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    author text NOT NULL DEFAULT session_user,
    cleared_by text,
    kind text NOT NULL DEFAULT 'fixed' CHECK (kind IN ('fixed', 'at_least', 'at_most')),
    PRIMARY KEY (program, customer, since)
);
ALTER TABLE tiering.overrides ALTER program SET (n_distinct = 20);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.overrides TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.overrides', '');
COMMENT ON TABLE tiering.overrides IS 'tiers given by people instead of by the criteria, past and present';
COMMENT ON COLUMN tiering.overrides.program IS 'program';
COMMENT ON COLUMN tiering.overrides.customer IS 'customer';
COMMENT ON COLUMN tiering.overrides.since IS 'from when on';
COMMENT ON COLUMN tiering.overrides.until IS 'until when; NULL: until cleared';
COMMENT ON COLUMN tiering.overrides.tier IS 'tier';
COMMENT ON COLUMN tiering.overrides.reason IS 'why';
COMMENT ON COLUMN tiering.overrides.author IS 'which session user decreed it';
COMMENT ON COLUMN tiering.overrides.cleared_by IS 'which session user ended it early';
COMMENT ON COLUMN tiering.overrides.kind IS
    'fixed: the customer has this tier; at_least: this one, unless the criteria give a better one; at_most: this one, unless they give a worse one';

CREATE FUNCTION tiering.follow_override() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    o tiering.overrides := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    SELECT n.* INTO o FROM (SELECT 1) one
    LEFT JOIN LATERAL (SELECT x.* FROM tiering.overrides x WHERE x.program = o.program AND x.customer = o.customer ORDER BY x.since DESC LIMIT 1) n ON true;
    UPDATE tiering.assignments a SET override_tier = o.tier, override_since = o.since, override_until = o.until, override_kind = o.kind,
        override_rank = CASE WHEN o.tier = a.override_tier THEN a.override_rank END, override_due = CASE WHEN o.tier = a.override_tier THEN a.override_due END
    WHERE a.program = CASE TG_OP WHEN 'DELETE' THEN OLD.program ELSE NEW.program END AND a.customer = CASE TG_OP WHEN 'DELETE' THEN OLD.customer ELSE NEW.customer END
        AND (a.override_tier, a.override_since, a.override_until, a.override_kind) IS DISTINCT FROM (o.tier, o.since, o.until, o.kind);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.follow_override() IS 'trigger: the assignment of a customer shows the newest override';
CREATE TRIGGER follow_override AFTER INSERT OR UPDATE OR DELETE ON tiering.overrides FOR EACH ROW EXECUTE FUNCTION tiering.follow_override();

-- Inlined into the views and queries that ask, as are the three below.
CREATE FUNCTION tiering.lasts(until timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(until > now(), true);
COMMENT ON FUNCTION tiering.lasts(timestamptz) IS 'whether what ends at a time goes on now; NULL: it has no end';

CREATE FUNCTION tiering.is_stopped(no_contact boolean, no_contact_until timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN no_contact AND tiering.lasts(no_contact_until);
COMMENT ON FUNCTION tiering.is_stopped(boolean, timestamptz) IS 'whether a customer is not to be contacted now, by the columns of tiering.assignments';

CREATE FUNCTION tiering.override_outweighs(kind text, override_rank integer, rank integer) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE kind WHEN 'at_least' THEN coalesce(override_rank < rank, rank IS NULL) WHEN 'at_most' THEN coalesce(override_rank > rank, false) ELSE true END;
COMMENT ON FUNCTION tiering.override_outweighs(text, integer, integer) IS
    'whether an override of a kind and rank counts beside the assigned tier of a rank, 1 being the best: a fixed one always, one of at_least if it is the better, one of at_most if it is the worse';

CREATE FUNCTION tiering.override_counts(until timestamptz, kind text, override_rank integer, rank integer) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN kind IS NOT NULL AND tiering.lasts(until) AND tiering.override_outweighs(kind, override_rank, rank);
COMMENT ON FUNCTION tiering.override_counts(timestamptz, text, integer, integer) IS
    'whether an override is in force: there is one (kind), it lasts, and outweighs the assigned tier';

-- What else there is to an override is looked up for those who have one, and only where it is asked for. COST 1: the planner counts it for all, and would have the server
-- compile a query that needs none of it.
CREATE FUNCTION tiering.override_of(program text, customer text, since timestamptz) RETURNS tiering.overrides
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_override tiering.overrides;
BEGIN
    SELECT o.* INTO found_override FROM tiering.overrides o WHERE o.program = override_of.program AND o.customer = override_of.customer AND o.since = override_of.since;
    RETURN found_override;
END
$$;
COMMENT ON FUNCTION tiering.override_of(text, text, timestamptz) IS 'the override of a customer that counts since a time; NULL: there is none, or it may not be seen';

CREATE FUNCTION tiering.day_of(program text, at timestamptz) RETURNS date
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT (day_of.at AT TIME ZONE p.zone)::date FROM tiering.programs p WHERE p.program = day_of.program);
END
$$;
COMMENT ON FUNCTION tiering.day_of(text, timestamptz) IS 'the day of a time, in the zone of a program';

CREATE VIEW tiering.current_tiers WITH (security_invoker) AS
    SELECT a.program, a.customer, a.label,
        CASE WHEN o.counts THEN a.override_tier ELSE a.tier END AS tier,
        CASE WHEN o.counts THEN a.override_rank ELSE a.rank END AS rank,
        a.computed_tier,
        o.counts AS overridden,
        CASE WHEN o.counts THEN CASE a.override_kind WHEN 'fixed' THEN a.override_since ELSE greatest(a.override_since, a.since) END ELSE a.since END AS since,
        a.score, a.reasons, a.last_followup,
        CASE WHEN o.counts THEN a.override_due ELSE a.next_due END AS next_due,
        a.owner,
        a.tier AS assigned_tier, a.pending_since,
        CASE WHEN o.counts THEN (tiering.override_of(a.program, a.customer, a.override_since)).reason END AS override_reason,
        CASE WHEN o.counts THEN (tiering.override_of(a.program, a.customer, a.override_since)).author END AS override_author,
        CASE WHEN o.counts THEN a.override_until END AS overridden_until,
        CASE WHEN NOT o.counts THEN a.valid_until
            WHEN a.override_until IS NOT NULL THEN tiering.day_of(a.program, a.override_until) END AS valid_until,
        CASE WHEN tiering.lasts(a.override_until) THEN a.override_kind END AS override_kind,
        CASE WHEN tiering.is_stopped(a.no_contact, a.no_contact_until) THEN a.no_contact_until END AS no_contact_until,
        tiering.is_stopped(a.no_contact, a.no_contact_until) AS no_contact
    FROM tiering.assignments a
    CROSS JOIN LATERAL (SELECT tiering.override_counts(a.override_until, a.override_kind, a.override_rank, a.rank) AS counts) o
    WHERE a.gone_since IS NULL;
GRANT SELECT ON tiering.current_tiers TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.current_tiers IS 'the tier of each customer of each program now; an override counts until the moment it expires';
COMMENT ON COLUMN tiering.current_tiers.program IS 'program';
COMMENT ON COLUMN tiering.current_tiers.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.current_tiers.label IS 'what people call the customer (label of the program), such as the name';
COMMENT ON COLUMN tiering.current_tiers.tier IS 'tier in force: of the override, if there is one, else the assigned one; NULL: ungraded';
COMMENT ON COLUMN tiering.current_tiers.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.current_tiers.computed_tier IS 'tier by the criteria alone';
COMMENT ON COLUMN tiering.current_tiers.overridden IS 'whether the tier is an override';
COMMENT ON COLUMN tiering.current_tiers.since IS 'since when the tier is in force';
COMMENT ON COLUMN tiering.current_tiers.score IS 'score, if the scheme has one';
COMMENT ON COLUMN tiering.current_tiers.reasons IS 'reason codes of the score, the weightiest first';
COMMENT ON COLUMN tiering.current_tiers.last_followup IS 'time of the last contact';
COMMENT ON COLUMN tiering.current_tiers.next_due IS 'day of the next follow-up; NULL: the tier has no cadence';
COMMENT ON COLUMN tiering.current_tiers.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.current_tiers.assigned_tier IS 'tier by the criteria and their stability, which counts when the override ends';
COMMENT ON COLUMN tiering.current_tiers.pending_since IS 'day since which the criteria give a lower tier that stability holds back';
COMMENT ON COLUMN tiering.current_tiers.override_reason IS 'why it is overridden';
COMMENT ON COLUMN tiering.current_tiers.override_author IS 'by which session user';
COMMENT ON COLUMN tiering.current_tiers.overridden_until IS 'until when it is; NULL: until cleared, or not overridden';
COMMENT ON COLUMN tiering.current_tiers.valid_until IS
    'day on which the tier can be lowered next, by the term and the days of the stability of the scheme, or on which the override ends; NULL: any day, or never';
COMMENT ON COLUMN tiering.current_tiers.no_contact_until IS 'until when the customer is not to be contacted; NULL: until allow_contact(), or may be contacted';
COMMENT ON COLUMN tiering.current_tiers.no_contact IS 'whether the customer is not to be contacted now by any channel (stop_contact)';
COMMENT ON COLUMN tiering.current_tiers.override_kind IS
    'kind of the override that has not ended: fixed, at_least or at_most; also while the criteria give a better tier than at_least, or a worse one than at_most, and the tier is theirs; NULL: there is none';
