-- How scores move: kept by programs that ask for it, when a score has moved by a step.

CREATE TABLE tiering.score_history (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    score numeric,
    PRIMARY KEY (program, customer, at)
);
ALTER TABLE tiering.score_history ALTER program SET (n_distinct = 20);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.score_history TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.score_history', '');
COMMENT ON TABLE tiering.score_history IS 'scores of customers, written by retier() where the program has a score_step and the score has moved by it since the last row';
COMMENT ON COLUMN tiering.score_history.program IS 'program';
COMMENT ON COLUMN tiering.score_history.customer IS 'customer';
COMMENT ON COLUMN tiering.score_history.at IS 'time as of which the run graded that found it';
COMMENT ON COLUMN tiering.score_history.score IS 'score; NULL: there was none any more';

CREATE FUNCTION tiering.keep_scores(program text, as_of timestamptz, part integer, parts integer) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    p tiering.programs := tiering.find_program(keep_scores.program);
    kept bigint;
BEGIN
    IF p.score_step IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO tiering.score_history (program, customer, at, score)
    SELECT p.program, a.customer, keep_scores.as_of, a.score
    FROM tiering.assignments a
    LEFT JOIN LATERAL (SELECT true AS known, h.at, h.score FROM tiering.score_history h WHERE h.program = a.program AND h.customer = a.customer ORDER BY h.at DESC LIMIT 1) l ON true
    -- || '': of a name that it does not know the planner takes a share of all rows.
    WHERE a.program = p.program || '' AND (keep_scores.parts IS NULL OR tiering.is_of_part(a.customer, keep_scores.part, keep_scores.parts)) AND a.gone_since IS NULL AND (l.at < keep_scores.as_of OR l.known IS NULL AND a.score IS NOT NULL)
        AND (l.known IS NULL OR (a.score IS NULL) <> (l.score IS NULL) OR a.score <> l.score AND abs(a.score - l.score) >= p.score_step)
    ORDER BY a.customer;
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION tiering.keep_scores(text, timestamptz, integer, integer) IS 'a part of retier(): writes down the scores that have moved by the step of the program, of all customers or of a part; returns how many';

CREATE FUNCTION tiering.score_changes(program text, since interval DEFAULT '30 days')
    RETURNS TABLE (customer text, owner text, tier text, score_before numeric, score numeric, change numeric)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(score_changes.program);
BEGIN
    IF score_changes.since IS NULL OR score_changes.since <= interval '0' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no time to look back', coalesce(score_changes.since::text, 'NULL')),
            HINT = format('SELECT * FROM tiering.score_changes(%L, ''30 days'').', p.program);
    END IF;
    IF p.score_step IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('program "%s" keeps no scores', p.program),
            HINT = format('SELECT tiering.alter_program(%L, ''{"score_step": 5}'') keeps them from the next retier() on, when they move by 5.', p.program);
    END IF;
    -- Nothing is known from longer ago.
    since := least(since, interval '1000 years');
    RETURN QUERY SELECT t.customer, t.owner, t.tier, b.score, t.score, t.score - b.score
    FROM tiering.current_tiers t
    -- as it was then, or the first that is known since
    CROSS JOIN LATERAL (SELECT h.score FROM tiering.score_history h WHERE h.program = t.program AND h.customer = t.customer
        ORDER BY h.at > now() - score_changes.since, abs(extract(epoch FROM h.at - (now() - score_changes.since))) LIMIT 1) b
    WHERE t.program = p.program || '' AND t.score <> b.score
    ORDER BY t.score - b.score, t.customer;
END
$$;
COMMENT ON FUNCTION tiering.score_changes(text, interval) IS
    'the customers whose score is another than it was a time ago, or than the first that is known since, those that fell most first: WHERE change <= -20 names who fell by 20. '
    'ERROR 42704 unknown program, 22023 no time, 55000 the program keeps no scores (score_step)';
