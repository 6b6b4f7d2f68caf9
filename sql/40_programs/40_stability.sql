-- Stability: what becomes of a change of tier.

CREATE TYPE tiering.settlement AS (rank integer, pending_since date);
COMMENT ON TYPE tiering.settlement IS 'what stability makes of a change of tier';
COMMENT ON COLUMN tiering.settlement.rank IS 'rank of the tier that is assigned';
COMMENT ON COLUMN tiering.settlement.pending_since IS 'day since which a lower grade waits; NULL: none does';

CREATE FUNCTION tiering.settle_tier(
    document tiering.scheme, as_of timestamptz, rank integer, since timestamptz, pending_since date, computed_rank integer, measure numeric
) RETURNS tiering.settlement
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'settle_tier';
COMMENT ON FUNCTION tiering.settle_tier(tiering.scheme, timestamptz, integer, timestamptz, date, integer, numeric) IS
    'the tier that a customer gets who has one of rank, since, and is graded computed_rank: margins first (promote_margin, demote_margin on the '
    'measure, which margin_measure() names; a cut point must be passed by the margin), then minimum_stay (no change either way before), demote_after '
    '(a lower grade counts once it has lasted; pending_since is when it was first seen) and demote_steps (so many tiers down at once, then it must last '
    'again). Days are those of the zone of the scheme. NULL if anything but pending_since and measure is NULL. ERROR 22023 no such rank, 22008 out of range';

CREATE FUNCTION tiering.margin_measure(document tiering.scheme) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'margin_measure';
COMMENT ON FUNCTION tiering.margin_measure(tiering.scheme) IS
    'what the margins of a scheme are measured on: {"measure": "score"}, or {"measure": "input", "input": …} for bands of a number. NULL where there is no '
    'such measure: rules, matrices, bands that are no numbers or not in the order of the tiers';
