-- Programs that run for years: what is older than one needs is removed, and all that is asked of the time since stays right.

CREATE FUNCTION tiering.prune(program text, before timestamptz) RETURNS TABLE (pruned regclass, removed bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    by_steps boolean := (SELECT p.stepped FROM tiering.programs p WHERE p.program = prune.program);
    by_channel boolean := EXISTS (SELECT FROM tiering.program_tiers t WHERE t.program = prune.program AND t.channels IS NOT NULL);
BEGIN
    IF prune.program IS NULL OR prune.before IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = format('%s is NULL', CASE WHEN prune.program IS NULL THEN 'program' ELSE 'before' END),
            HINT = 'SELECT * FROM tiering.prune(''program'', now() - interval ''5 years'').';
    END IF;
    PERFORM tiering.find_program(prune.program);
    PERFORM tiering.require_administrator(prune.program, 'remove the history');
    IF prune.before > now() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('before %s lies in the future', prune.before),
            DETAIL = 'What is to come is no history.', HINT = format('SELECT * FROM tiering.prune(%L, now() - interval ''5 years'').', prune.program);
    END IF;
    PERFORM tiering.lock_program(prune.program);

    -- A row goes if a later one stands in for it at all times since: one that was known as soon, or by then. So the last before the time stays, and what
    -- it was before that was corrected since.
    DELETE FROM tiering.assignment_log l
    WHERE l.program = prune.program AND l.since < prune.before AND EXISTS (
        SELECT FROM tiering.assignment_log n
        WHERE n.program = l.program AND n.customer = l.customer AND n.since > l.since AND n.since < prune.before
            AND n.recorded_at <= greatest(l.recorded_at, prune.before));
    GET DIAGNOSTICS removed = ROW_COUNT; pruned := 'tiering.assignment_log'; RETURN NEXT;

    DELETE FROM tiering.score_history s
    WHERE s.program = prune.program AND s.at < prune.before AND EXISTS (
        SELECT FROM tiering.score_history n WHERE n.program = s.program AND n.customer = s.customer AND n.at > s.at AND n.at < prune.before);
    GET DIAGNOSTICS removed = ROW_COUNT; pruned := 'tiering.score_history'; RETURN NEXT;

    -- An attempt is no contact: the last contact stays, too. So do those by which steps are counted, and the last one by each channel that has a rhythm of its own.
    DELETE FROM tiering.followups f
    WHERE f.program = prune.program AND f.at < prune.before AND EXISTS (
        SELECT FROM tiering.followups n
        WHERE n.program = f.program AND n.customer = f.customer AND (n.at, n.n) > (f.at, f.n) AND n.at < prune.before AND (f.attempt OR NOT n.attempt)
            AND (NOT by_channel OR n.channel IS NOT DISTINCT FROM f.channel))
        AND NOT (by_steps AND EXISTS (SELECT FROM tiering.assignments a
            WHERE a.program = f.program AND a.customer = f.customer AND f.at > least(a.since, a.override_since)));
    GET DIAGNOSTICS removed = ROW_COUNT; pruned := 'tiering.followups'; RETURN NEXT;

    DELETE FROM tiering.followup_plans f
    WHERE f.program = prune.program AND f.planned_at < prune.before AND EXISTS (
        SELECT FROM tiering.followup_plans n
        WHERE n.program = f.program AND n.customer = f.customer AND n.kind = f.kind AND n.planned_at > f.planned_at AND n.planned_at < prune.before)
        AND NOT (f.kind = 'plan' AND EXISTS (SELECT FROM tiering.assignments a
            WHERE a.program = f.program AND a.customer = f.customer AND f.due = ANY (a.planned_due || a.later_plans)));
    GET DIAGNOSTICS removed = ROW_COUNT; pruned := 'tiering.followup_plans'; RETURN NEXT;

    -- The last one that graded stays: no retier is as of a time before it.
    DELETE FROM tiering.retier_runs r
    WHERE r.program = prune.program AND r.started < prune.before AND r.status <> 'running' AND EXISTS (
        SELECT FROM tiering.retier_runs n WHERE n.program = r.program AND n.started > r.started AND n.as_of >= r.as_of AND (n.status = 'done' OR n.done > 0));
    GET DIAGNOSTICS removed = ROW_COUNT; pruned := 'tiering.retier_runs'; RETURN NEXT;

    DELETE FROM tiering.run_problems q WHERE q.program = prune.program AND q.at < prune.before;
    GET DIAGNOSTICS removed = ROW_COUNT; pruned := 'tiering.run_problems'; RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tiering.prune(text, timestamptz) IS
    'removes of a program what is older than a time: tiers, scores, contacts, plans, runs and problems; returns how many rows of which table. Each customer keeps the last tier, score and contact '
    'before that time, and what steps, channels with a rhythm of their own and open plans go by, so that tiers_as_of(), scorecards and due lists of all times since say the same as before. As of earlier times they do not any more. Promises, complaints, overrides, reviews and '
    'hand-overs stay. VACUUM gives the room back. ERROR 42704 unknown program, 22004 NULL, 22008 a time in the future, 42501 for those who may not change programs, 55P03 while it is retiered';
