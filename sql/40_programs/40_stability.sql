-- Stability: what becomes of a change of tier.

CREATE TYPE tiering.settlement AS (rank integer, pending_since date);
COMMENT ON TYPE tiering.settlement IS 'what stability makes of a change of tier';
COMMENT ON COLUMN tiering.settlement.rank IS 'rank of the tier that is assigned';
COMMENT ON COLUMN tiering.settlement.pending_since IS 'day since which a lower grade waits; NULL: none does';

CREATE FUNCTION tiering.settle_tier(
    document tiering.scheme, as_of timestamptz, rank integer, since timestamptz, pending_since date, computed_rank integer, measure numeric, joined date DEFAULT NULL
) RETURNS tiering.settlement
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'settle_tier';
COMMENT ON FUNCTION tiering.settle_tier(tiering.scheme, timestamptz, integer, timestamptz, date, integer, numeric, date) IS
    'the tier that a customer gets who has one of rank, since, and is graded computed_rank: margins first (promote_margin, demote_margin on the '
    'measure, which margin_measure() names; a cut point must be passed by the margin), then minimum_stay (no change either way before), demote_after '
    '(a lower grade counts once it has lasted; pending_since is when it was first seen), term (no lower tier before), demote_on (down only on such a day, or with the '
    'first grading after it) and demote_steps (so many tiers down at once, then it must last again). joined: since when the company has the customer, for the '
    'customer_anniversary; NULL: since. Days are those of the zone of the scheme. NULL if anything but pending_since, measure and joined is NULL. ERROR 22023 no such rank, '
    '22008 out of range';

CREATE FUNCTION tiering.kept_until(document tiering.scheme, as_of timestamptz, since timestamptz, joined date DEFAULT NULL) RETURNS date
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'kept_until';
COMMENT ON FUNCTION tiering.kept_until(tiering.scheme, timestamptz, timestamptz, date) IS
    'until which day the tier that a customer has since a time is valid: the first day after that of as_of on which minimum_stay, term and demote_on of the stability let it be '
    'lowered. joined: since when the company has the customer. NULL: it can be lowered on any day, or never; or an argument but joined is NULL. ERROR 22008 out of range';

CREATE FUNCTION tiering.margin_measure(document tiering.scheme) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'margin_measure';
COMMENT ON FUNCTION tiering.margin_measure(tiering.scheme) IS
    'what the margins of a scheme are measured on: {"measure": "score"}, or {"measure": "input", "input": …} for bands of a number. NULL where there is no '
    'such measure: rules, matrices, bands that are no numbers or not in the order of the tiers';
