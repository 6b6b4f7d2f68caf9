-- Stability: what becomes of a change of tier.

CREATE TYPE tiering.settlement AS (rank integer, pending_since date);
COMMENT ON TYPE tiering.settlement IS 'what stability makes of a change of tier';
COMMENT ON COLUMN tiering.settlement.rank IS 'rank of the tier that is assigned';
COMMENT ON COLUMN tiering.settlement.pending_since IS 'day since which a lower grade waits; NULL: none does';

-- Not inlined and called row by row, but only for customers whose grade differs from the tier that they have.
CREATE FUNCTION tiering.settle_tier(
    plan tiering.program_plan, rank integer, since timestamptz, pending_since date, computed_rank integer, measure numeric
) RETURNS tiering.settlement
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target integer := $5;
    stays boolean := ($1).today < ($3 AT TIME ZONE ($1).zone)::date + ($1).minimum_stay;
    settled tiering.settlement;
BEGIN
    IF $5 < $2 AND ($1).promote_margin IS NOT NULL AND $6 IS NOT NULL THEN
        -- Up to the best tier whose cut point lies as far below.
        WHILE target < $2 AND coalesce($6 < ($1).cuts[target] + ($1).promote_margin, true) LOOP
            target := target + 1;
        END LOOP;
    ELSIF $5 > $2 AND ($1).demote_margin IS NOT NULL AND $6 IS NOT NULL THEN
        -- Down past every tier whose cut point lies as far above.
        target := $2;
        WHILE target < $5 AND coalesce($6 <= ($1).cuts[target] - ($1).demote_margin, true) LOOP
            target := target + 1;
        END LOOP;
    END IF;
    IF target <= $2 THEN
        settled.rank := CASE WHEN stays THEN $2 ELSE target END;
        RETURN settled;
    END IF;
    settled := ROW ($2, coalesce($4, ($1).today));
    IF stays OR ($1).today < settled.pending_since + ($1).demote_after
        -- Of several gradings on one day only the first steps down: a retier that is run again does not go on.
        OR ($1).demote_steps IS NOT NULL AND $4 >= ($1).today
    THEN
        RETURN settled;
    END IF;
    settled := ROW (least(target, $2 + ($1).demote_steps), CASE WHEN target > $2 + ($1).demote_steps THEN ($1).today END);
    RETURN settled;
END
$$;
COMMENT ON FUNCTION tiering.settle_tier(tiering.program_plan, integer, timestamptz, date, integer, numeric) IS
    'the tier that a customer gets who has one of rank, since, and is graded computed_rank: margins first (promote_margin, demote_margin on the '
    'score or the banded number; a cut point must be passed by the margin), then minimum_stay (no change either way before), demote_after (a lower '
    'grade counts once it has lasted; pending_since is when it was first seen) and demote_steps (so many tiers down at once, then it must last again)';
