-- Grading. The inputs come one by one in the order of the scheme, or as one row, or as one jsonb
-- object. Not STRICT: a NULL input is missing, and the scheme says what follows.

CREATE FUNCTION tiering.row_inputs(internal) RETURNS internal LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'row_inputs';
COMMENT ON FUNCTION tiering.row_inputs(internal) IS
    'support function of the planner: a row that a query makes only to grade it is passed column by column, their names in front';

CREATE FUNCTION tiering.customer_tier(scheme text, VARIADIC inputs "any") RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'customer_tier';
COMMENT ON FUNCTION tiering.customer_tier(text, VARIADIC "any") IS
    'the tier of a customer by the current version of a scheme, as of now(); NULL if the scheme leaves it ungraded. '
    'Inputs: all in order, or one row, or one jsonb object. ERROR 42704 unknown scheme, 55000 not approved or not fitted, '
    '22023 wrong number of inputs or value not allowed, 42804 wrong type, 42703 row without a needed column, 22004 missing input';

CREATE FUNCTION tiering.customer_tier_asof(scheme text, as_of timestamptz, VARIADIC inputs "any") RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'customer_tier_asof';
COMMENT ON FUNCTION tiering.customer_tier_asof(text, timestamptz, VARIADIC "any") IS
    'like customer_tier(), with the day of as_of, in the zone of the scheme, as today. The criteria are those of the current version';

CREATE FUNCTION tiering.grade(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'grade';
COMMENT ON FUNCTION tiering.grade(tiering.scheme, timestamptz, VARIADIC "any") IS
    'like customer_tier_asof(), by a document instead of a name: reads no table, setting or clock, so it may stand in indexes and generated columns. '
    'Of an enum it sees the labels: after ALTER TYPE … RENAME VALUE, REINDEX';

CREATE FUNCTION tiering.customer_score(scheme text, VARIADIC inputs "any") RETURNS numeric
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'customer_score';
COMMENT ON FUNCTION tiering.customer_score(text, VARIADIC "any") IS
    'the score of a customer: initial score plus weighted points, exactly; NULL if ungraded, ERROR 55000 if the scheme has no score';

CREATE FUNCTION tiering.customer_score_asof(scheme text, as_of timestamptz, VARIADIC inputs "any") RETURNS numeric
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'customer_score_asof';
COMMENT ON FUNCTION tiering.customer_score_asof(text, timestamptz, VARIADIC "any") IS
    'like customer_score(), with the day of as_of as today';

CREATE FUNCTION tiering.grade_score(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS numeric
    LANGUAGE c IMMUTABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'grade_score';
COMMENT ON FUNCTION tiering.grade_score(tiering.scheme, timestamptz, VARIADIC "any") IS
    'like customer_score_asof(), by a document instead of a name';

CREATE FUNCTION tiering.customer_probability(scheme text, VARIADIC inputs "any") RETURNS double precision
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'customer_probability';
COMMENT ON FUNCTION tiering.customer_probability(text, VARIADIC "any") IS
    'the probability of the outcome that the score of a customer stands for, by the "scaling" of the score: fit_scorecard() makes it; NULL if ungraded, ERROR 55000 if the scheme has none';

CREATE FUNCTION tiering.customer_probability_asof(scheme text, as_of timestamptz, VARIADIC inputs "any") RETURNS double precision
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'customer_probability_asof';
COMMENT ON FUNCTION tiering.customer_probability_asof(text, timestamptz, VARIADIC "any") IS
    'like customer_probability(), with the day of as_of as today';

CREATE FUNCTION tiering.grade_probability(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'grade_probability';
COMMENT ON FUNCTION tiering.grade_probability(tiering.scheme, timestamptz, VARIADIC "any") IS
    'like customer_probability_asof(), by a document instead of a name: immutable, as grade() is';

CREATE FUNCTION tiering.try_grade(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'try_grade';
COMMENT ON FUNCTION tiering.try_grade(tiering.scheme, timestamptz, VARIADIC "any") IS
    'like grade(), but NULL where grade() fails because of a value: one bad row does not stop a query over a million. grading_problem() says what it was. '
    'A wrong number or type of inputs is an ERROR all the same';

CREATE FUNCTION tiering.try_grade_score(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS numeric
    LANGUAGE c IMMUTABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'try_grade_score';
COMMENT ON FUNCTION tiering.try_grade_score(tiering.scheme, timestamptz, VARIADIC "any") IS
    'like grade_score(), but NULL where grade_score() fails because of a value, or because the scheme has no score';

CREATE FUNCTION tiering.grading_problem(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS jsonb
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'grading_problem';
COMMENT ON FUNCTION tiering.grading_problem(tiering.scheme, timestamptz, VARIADIC "any") IS
    'why grade() fails for these inputs: input, value, sqlstate, message, detail, hint; NULL if it does not. input and value are null where several inputs are '
    'to blame together';

CREATE FUNCTION tiering.grade_reasons(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS text[]
    LANGUAGE c IMMUTABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'grade_reasons';
COMMENT ON FUNCTION tiering.grade_reasons(tiering.scheme, timestamptz, VARIADIC "any") IS
    'the reason codes of explain_grade() alone, the weightiest first: which characteristics lie on the wrong side of their baseline '
    '(PMML 4.4). Empty if the scheme has no score with baselines or leaves the customer ungraded';

CREATE FUNCTION tiering.explain_tier(scheme text, VARIADIC inputs "any") RETURNS jsonb
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'explain_tier';
COMMENT ON FUNCTION tiering.explain_tier(text, VARIADIC "any") IS
    'why a customer has its tier: scheme, version, as_of, tier, method, decided_by, inputs, missing, defaulted, '
    'characteristics (bin and partial score), score, known_weight (the share of the weight that is known, where the score spreads that of missing values), probability (if the score has a "scaling"), reasons (PMML 4.4 reason codes) and nearest_change, '
    'the smallest change of one input that would give the next better tier';

CREATE FUNCTION tiering.explain_tier_asof(scheme text, as_of timestamptz, VARIADIC inputs "any") RETURNS jsonb
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'explain_tier_asof';
COMMENT ON FUNCTION tiering.explain_tier_asof(text, timestamptz, VARIADIC "any") IS
    'like explain_tier(), with the day of as_of as today';

CREATE FUNCTION tiering.explain_grade(scheme tiering.scheme, as_of timestamptz, VARIADIC inputs "any") RETURNS jsonb
    LANGUAGE c STABLE PARALLEL SAFE SUPPORT tiering.row_inputs AS 'MODULE_PATHNAME', 'explain_grade';
COMMENT ON FUNCTION tiering.explain_grade(tiering.scheme, timestamptz, VARIADIC "any") IS
    'like explain_tier_asof(), by a document instead of a name. Not immutable: it shows the inputs as they are printed, '
    'dates and timestamps by DateStyle and TimeZone';
