-- Scorecards learned from what came of customers: bins and points fitted to an outcome, and how well the score tells it.

CREATE FUNCTION tiering.outcome_bins_add(tiering.outcome_values, tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") RETURNS tiering.outcome_values
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'outcome_bins_add_customer';
CREATE FUNCTION tiering.outcome_bins_final(tiering.outcome_values) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'outcome_bins_finish';
COMMENT ON FUNCTION tiering.outcome_bins_add(tiering.outcome_values, tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") IS 'transition of aggregate outcome_bins';
COMMENT ON FUNCTION tiering.outcome_bins_final(tiering.outcome_values) IS 'final function of aggregate outcome_bins, and what finishes parts of it: the scheme with the bins of this pass';

CREATE AGGREGATE tiering.outcome_bins (tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") (
    SFUNC = tiering.outcome_bins_add, STYPE = tiering.outcome_values, SSPACE = 4194304, FINALFUNC = tiering.outcome_bins_final, COMBINEFUNC = tiering.outcome_values_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.outcome_bins (tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") IS
    'a scheme with bins that tell an outcome apart, for its characteristics with "fit": {"to": "outcome"} and no bins: (scheme, as_of, outcome, weight, inputs…), '
    'the inputs as for grade(). The partition of the values that has the largest information value with at most max_bins bins, each with min_share of the '
    'customers and with both outcomes, under the trend; texts are grouped by their rate, missing values are a bin of their own. Of texts without "allowed" those are told apart that a fifth of min_share of the customers have, 200 at most; all others are one value more, "other": true. Dates count in days from as_of. Points come by outcome_points(); '
    'fit_scorecard() does both. Rows count by weight, of 0 to 10^9, to six digits; NULL and 0, and rows whose outcome is NULL, do not count. Up to 1000 values (of six '
    'bins) exact, beyond over some hundred fine bins. ERROR 22023 all customers have the outcome, or nobody, or an input has no values; 54000 more than 65536 texts without "allowed"; 55000 nothing waits for an outcome';

CREATE FUNCTION tiering.outcome_points_add(tiering.outcome_combinations, tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") RETURNS tiering.outcome_combinations
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'outcome_points_add_customer';
CREATE FUNCTION tiering.outcome_points_final(tiering.outcome_combinations) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'outcome_points_finish';
COMMENT ON FUNCTION tiering.outcome_points_add(tiering.outcome_combinations, tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") IS 'transition of aggregate outcome_points';
COMMENT ON FUNCTION tiering.outcome_points_final(tiering.outcome_combinations) IS 'final function of aggregate outcome_points, and what finishes parts of it: the scheme with the points of this pass';

CREATE AGGREGATE tiering.outcome_points (tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") (
    SFUNC = tiering.outcome_points_add, STYPE = tiering.outcome_combinations, SSPACE = 4194304, FINALFUNC = tiering.outcome_points_final, COMBINEFUNC = tiering.outcome_combinations_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.outcome_points (tiering.scheme, timestamptz, boolean, double precision, VARIADIC "any") IS
    'a scheme whose characteristics with "fit": {"to": "outcome"} have bins, with points: logistic regression of the outcome on the weights of evidence of the bins, '
    'on the scale of "scaling" (20 points double the odds, 500 points are even odds, if it has none), the mean points as baselines of reason codes, and the cuts of '
    'tiers that begin at probabilities. (scheme, as_of, outcome, weight, inputs…) as outcome_bins(). Over the combinations of bins, of which 2^20 are kept at most: '
    'beyond, those of every second one by a hash of the bins, and so on. The population is counted as well where bins alone say the tier: all characteristics are learned, every weight is 1, and '
    'no row and no combination is left out. WARNING where an information value is above 1, a coefficient has the wrong sign, or '
    'the regression does not converge; NOTICE of rows left out. ERROR 55000 bins are still to be fitted, 22023 as outcome_bins()';

CREATE FUNCTION tiering.outcome_trial_add(tiering.outcome_scores, tiering.scheme, timestamptz, boolean, double precision, boolean, VARIADIC "any") RETURNS tiering.outcome_scores
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'outcome_trial_add_customer';
CREATE FUNCTION tiering.outcome_trial_final(tiering.outcome_scores) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'outcome_trial_finish';
COMMENT ON FUNCTION tiering.outcome_trial_add(tiering.outcome_scores, tiering.scheme, timestamptz, boolean, double precision, boolean, VARIADIC "any") IS 'transition of aggregate outcome_trial';
COMMENT ON FUNCTION tiering.outcome_trial_final(tiering.outcome_scores) IS 'final function of aggregate outcome_trial, and what finishes parts of it: how the scorecard did';

CREATE AGGREGATE tiering.outcome_trial (tiering.scheme, timestamptz, boolean, double precision, boolean, VARIADIC "any") (
    SFUNC = tiering.outcome_trial_add, STYPE = tiering.outcome_scores, SSPACE = 1048576, FINALFUNC = tiering.outcome_trial_final, COMBINEFUNC = tiering.outcome_scores_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.outcome_trial (tiering.scheme, timestamptz, boolean, double precision, boolean, VARIADIC "any") IS
    'how the score of a scheme tells an outcome: (scheme, as_of, outcome, weight, held out, inputs…), outcome and weight as outcome_bins(); as jsonb, an object for those '
    'that were not held out and one for those that were: figures, roc, parts, tiers, as judge_scorecard(), scorecard_roc(), scorecard_parts() and outcomes_by_tier() show them. '
    'ERROR 55000 not fitted, or without a score';

-- In parts, which other servers can compute, as those of a fit.

DO $parts$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT * FROM (VALUES
            ('outcome_bins', 'outcome_values', 'tiering.scheme, timestamptz, boolean, double precision, bytea', 'scheme, as_of, outcome, weight, reading', 4194304),
            ('outcome_points', 'outcome_combinations', 'tiering.scheme, timestamptz, boolean, double precision, bytea', 'scheme, as_of, outcome, weight, reading', 4194304),
            ('outcome_trial', 'outcome_scores', 'tiering.scheme, timestamptz, boolean, double precision, boolean, bytea', 'scheme, as_of, outcome, weight, held out, reading', 1048576)
        ) AS p (aggregate, state, types, arguments, space)
    LOOP
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(tiering.%2$I, %3$s) RETURNS tiering.%2$I LANGUAGE c IMMUTABLE PARALLEL SAFE AS ''MODULE_PATHNAME'', %4$L',
            part.aggregate || '_add', part.state, part.types, part.aggregate || '_add_customer');
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(tiering.%I, %s) IS %L', part.aggregate || '_add', part.state, part.types,
            pg_catalog.format('transition of aggregate %s_part', part.aggregate));
        EXECUTE pg_catalog.format('CREATE AGGREGATE tiering.%I (%s) (SFUNC = tiering.%I, STYPE = tiering.%I, SSPACE = %s, FINALFUNC = tiering.%I, COMBINEFUNC = tiering.%I, PARALLEL = SAFE)',
            part.aggregate || '_part', part.types, part.aggregate || '_add', part.state, part.space, part.state || '_final', part.state || '_combine');
        EXECUTE pg_catalog.format('COMMENT ON AGGREGATE tiering.%I (%s) IS %L', part.aggregate || '_part', part.types,
            pg_catalog.format('a part of %1$s(), which another server can compute: (%2$s), with tiering.reading(scheme, inputs…). rollup() merges parts, %1$s_final() finishes them. '
                'Customers are set aside as by %1$s(). ERROR 22P03 bytes that are no reading of the scheme; others as of %1$s()', part.aggregate, part.arguments));
        EXECUTE pg_catalog.format('CREATE AGGREGATE tiering.rollup (part tiering.%1$I) (SFUNC = tiering.%2$I, STYPE = tiering.%1$I, FINALFUNC = tiering.%3$I, COMBINEFUNC = tiering.%2$I, PARALLEL = SAFE)',
            part.state, part.state || '_combine', part.state || '_final');
        EXECUTE pg_catalog.format('COMMENT ON AGGREGATE tiering.rollup (tiering.%I) IS %L', part.state,
            pg_catalog.format('merges parts of %s(); NULLs are ignored. ERROR 22023 parts of different schemes', part.aggregate));
    END LOOP;
END
$parts$;

CREATE FUNCTION tiering.outcome_of(value numeric) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF value NOT IN (0, 1) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('an outcome is %s', value), DETAIL = 'Numbers stand for an outcome as 0 or 1.',
            HINT = 'Make a view with a boolean column, such as amount > 0 AS bought.';
    END IF;
    RETURN value = 1;
END
$$;
COMMENT ON FUNCTION tiering.outcome_of(numeric) IS 'the outcome that 0 or 1 stands for; ERROR 22023 for any other number';

CREATE FUNCTION tiering.truth_expression(source regclass, column_name text, purpose text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    type regtype := tiering.require_column(source, column_name, format('Name the column with the %s.', purpose));
BEGIN
    IF type = 'boolean'::regtype THEN
        RETURN format('s.%I::pg_catalog.bool', column_name);
    ELSIF type IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype, 'real'::regtype, 'double precision'::regtype) THEN
        RETURN format('CASE WHEN s.%1$I OPERATOR(pg_catalog.=) 1 THEN true WHEN s.%1$I OPERATOR(pg_catalog.=) 0 THEN false ELSE tiering.outcome_of(s.%1$I::pg_catalog.numeric) END', column_name);
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch', MESSAGE = format('column "%s" of %s, which gives the %s, is of type %s', column_name, source, purpose, type),
        DETAIL = 'It takes a boolean, or a number that is 0 or 1.',
        HINT = CASE WHEN purpose = 'outcome' AND type IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
            THEN 'For the day of an event say until when it counts: options => ''{"within": "P90D"}''.'
            ELSE 'Make a view with a boolean column, such as stage = ''won'' AS won.' END;
END
$$;
COMMENT ON FUNCTION tiering.truth_expression(regclass, text, text) IS
    'the SQL expression of a column that is true or false, or 1 or 0; ERROR 42703 no such column, 42804 of another type';

CREATE FUNCTION tiering.outcome_expression(zone text, source regclass, outcome text, as_of timestamptz, within text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- No zone can be applied to what is later still; it is not over either.
    today date := (CASE WHEN as_of > '9999-12-29 00:00+00' THEN '9999-12-29 00:00+00' ELSE as_of END AT TIME ZONE zone)::date;
    type regtype;
    day text;
    until date;
BEGIN
    IF within IS NULL THEN
        RETURN tiering.truth_expression(source, outcome, 'outcome');
    END IF;
    type := tiering.require_column(source, outcome, 'Name the column with the day of the outcome.');
    day := CASE WHEN type IN ('date'::regtype, 'timestamp'::regtype) THEN format('s.%I::pg_catalog.date', outcome)
        -- Times to which no zone can be applied are long before or long after.
        WHEN type = 'timestamptz'::regtype THEN format('CASE WHEN s.%2$I OPERATOR(pg_catalog.<) ''0001-01-02 00:00+00''::timestamptz THEN ''-infinity''::pg_catalog.date '
            'WHEN s.%2$I OPERATOR(pg_catalog.>) ''9999-12-30 00:00+00''::timestamptz THEN ''infinity''::pg_catalog.date ELSE pg_catalog.timezone(%1$L, s.%2$I)::pg_catalog.date END', zone, outcome) END;
    IF day IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch', MESSAGE = format('column "%s" of %s, which gives the outcome, is of type %s', outcome, source, type),
            DETAIL = 'With "within" it takes a date or a timestamp: when the outcome came.', HINT = 'Leave "within" out for a column that is true or false.';
    END IF;
    IF within !~ '^P([0-9]{1,5}Y)?([0-9]{1,5}M)?([0-9]{1,5}W)?([0-9]{1,5}D)?$' OR within = 'P' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('invalid outcome window "%s"', within),
            HINT = 'Give an ISO 8601 duration of days, weeks, months or years, such as "P90D".';
    END IF;
    until := (today + within::interval)::date;
    IF until <= today OR until >= (now() AT TIME ZONE zone)::date THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('the outcome window from %s to %s is not over', today, until),
            DETAIL = 'Who has not had the outcome yet may still have it.',
            HINT = format('Pass a day that lies longer ago, as_of => now() - interval %L, and inputs as they were then.', within);
    END IF;
    -- Who had it already cannot have it any more, and does not count.
    RETURN format('CASE WHEN (%1$s) OPERATOR(pg_catalog.<=) %2$L::pg_catalog.date THEN NULL ELSE (%1$s) IS NOT NULL AND (%1$s) OPERATOR(pg_catalog.<=) %3$L::pg_catalog.date END', day, today, until);
END
$$;
COMMENT ON FUNCTION tiering.outcome_expression(text, regclass, text, timestamptz, text) IS
    'the SQL expression of an outcome: of a column that is true or false; or, with an ISO 8601 duration, whether the day in a column lies so long after the as-of day, NULL if on or before that. '
    'ERROR 42703 no such column, 42804 of another type, 22023 no duration, or one that is not over yet';

CREATE FUNCTION tiering.split_expression(source regclass, split jsonb) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    type regtype;
BEGIN
    IF split IS NULL THEN
        RETURN 'false';
    ELSIF jsonb_typeof(split) = 'string' THEN
        RETURN tiering.truth_expression(source, split #>> '{}', 'split');
    ELSIF jsonb_typeof(split) = 'object' AND split - '{column,from}'::text[] = '{}' AND jsonb_typeof(split -> 'column') = 'string' AND jsonb_typeof(split -> 'from') IN ('string', 'number') THEN
        type := tiering.require_column(source, split ->> 'column', 'Name the column by which customers are held out.');
        RETURN format('s.%I OPERATOR(pg_catalog.>=) %L::%s', split ->> 'column', split ->> 'from', format_type(type, -1));
    ELSIF jsonb_typeof(split) = 'object' AND split - '{key,share}'::text[] = '{}' AND jsonb_typeof(split -> 'key') = 'string' AND jsonb_typeof(split -> 'share') = 'number'
        AND (split ->> 'share')::numeric BETWEEN 0 AND 1 THEN
        type := tiering.require_column(source, split ->> 'key', 'Name the column that identifies the customer.');
        RETURN format('tiering.is_drawn(%s, %s, 0)', tiering.key_expression(format('s.%I', split ->> 'key'), type), split ->> 'share');
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('invalid split %s', split),
        HINT = 'Give a column that is true for customers to hold out; or {"column": "created_on", "from": "2026-01-01"}; or {"key": "id", "share": 0.3}.';
END
$$;
COMMENT ON FUNCTION tiering.split_expression(regclass, jsonb) IS
    'the SQL expression of who is held out of a fit: by a column that is true or false, from a value on, or a share of the customers by a hash of their key. ERROR 22023 none of these';

CREATE FUNCTION tiering.outcome_query(document tiering.scheme, source regclass, mapping jsonb, outcome text, as_of timestamptz, options jsonb, aggregate text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    followed text := tiering.outcome_expression(coalesce(tiering.to_jsonb(document) ->> 'timezone', tiering.default_timezone()), source, outcome, as_of, options ->> 'within');
    held_out text := tiering.split_expression(source, options -> 'split');
    weight text := '1::pg_catalog.float8';
    type regtype;
BEGIN
    IF options ? 'weight' THEN
        type := tiering.require_column(source, options ->> 'weight', 'Name the column with the weight of a customer.');
        IF type NOT IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype, 'real'::regtype, 'double precision'::regtype) THEN
            RAISE EXCEPTION USING ERRCODE = 'datatype_mismatch', MESSAGE = format('column "%s" of %s, which gives the weight, is of type %s', options ->> 'weight', source, type),
                HINT = 'Weights are numbers.';
        END IF;
        weight := format('s.%I::pg_catalog.float8', options ->> 'weight');
    END IF;
    IF aggregate = 'outcome_trial' THEN
        RETURN tiering.over_source(document, source, mapping, aggregate, format('%s, %s, %s, ', followed, weight, held_out));
    END IF;
    RETURN tiering.over_source(document, source, mapping, aggregate, format('%s, %s, ', followed, weight), CASE WHEN options ? 'split' THEN format('(%s) IS NOT true', held_out) ELSE '' END);
END
$$;
COMMENT ON FUNCTION tiering.outcome_query(tiering.scheme, regclass, jsonb, text, timestamptz, jsonb, text) IS
    'the query that runs an aggregate of a scheme ($1), an as-of ($2) and an outcome over a table or view, by parts as over_source() does: outcome_bins and outcome_points over who is not held out, outcome_trial over all';

CREATE FUNCTION tiering.require_options(options jsonb, known text[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    unheard_of text;
    no_text text;
BEGIN
    IF jsonb_typeof(options) <> 'object' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'options is not a jsonb object', HINT = 'Pass an object such as {"weight": "amount"}.';
    END IF;
    SELECT o.key INTO unheard_of FROM jsonb_object_keys(options) AS o (key) WHERE o.key <> ALL (known) ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('unknown option "%s"', unheard_of), HINT = format('There are: %s.', array_to_string(known, ', '));
    END IF;
    IF jsonb_typeof(options -> 'rebin') <> 'boolean' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'option "rebin" is neither true nor false', HINT = 'true learns bins that were typed anew.';
    END IF;
    SELECT o.key INTO no_text FROM jsonb_each(options) AS o WHERE o.key IN ('weight', 'within') AND jsonb_typeof(o.value) <> 'string' ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('option "%s" is no text', no_text), HINT = 'weight is the name of a column, within an ISO 8601 duration.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_options(jsonb, text[]) IS 'ERROR 22023 unless options is an object of known keys, with texts where texts are due';

CREATE FUNCTION tiering.with_outcome_options(document jsonb, options jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH given AS (
        SELECT (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(options) AS o WHERE o.key IN ('points_to_double_odds', 'base_points', 'base_odds')) AS scaling,
            (SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(options) AS o WHERE o.key IN ('decimals', 'ridge', 'wrong_sign')) AS fit,
            coalesce((SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(options) AS o WHERE o.key IN ('max_bins', 'min_share', 'trend')), '{}') AS bins,
            coalesce(document -> 'score', '{}') AS score
    )
    SELECT document
        || jsonb_build_object('score', g.score
            || CASE WHEN g.scaling IS NULL THEN '{}' ELSE jsonb_build_object('scaling',
                coalesce(g.score -> 'scaling', '{"points_to_double_odds": 20, "base_points": 500, "base_odds": 1}') || g.scaling) END
            || CASE WHEN g.fit IS NULL THEN '{}' ELSE jsonb_build_object('fit', coalesce(g.score -> 'fit', '{}') || g.fit) END)
        || CASE WHEN options ? 'probability' THEN jsonb_build_object('decision', document -> 'decision'
            || jsonb_build_object('fit', jsonb_build_object('to', 'outcome', 'probability', options -> 'probability'))) ELSE '{}' END
        || jsonb_build_object('characteristics', coalesce((
            SELECT jsonb_agg(CASE WHEN c.c #>> '{fit,to}' = 'outcome'
                THEN jsonb_set(CASE WHEN options -> 'rebin' = 'true' THEN c.c - '{bins,fitted}'::text[] ELSE c.c END, '{fit}', (c.c -> 'fit') || g.bins) ELSE c.c END ORDER BY c.n)
            FROM jsonb_array_elements(document -> 'characteristics') WITH ORDINALITY AS c (c, n)), '[]'))
    FROM given g;
END;
COMMENT ON FUNCTION tiering.with_outcome_options(jsonb, jsonb) IS
    'a scheme document with the options of fit_scorecard() that say how bins, points and cuts are made written into it';

CREATE FUNCTION tiering.fit_scorecard(scheme text, source regclass, outcome text, mapping jsonb DEFAULT '{}', fitted_as text DEFAULT NULL,
        as_of timestamptz DEFAULT now(), options jsonb DEFAULT '{}', path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (stored_as text, version integer, characteristic text, bins integer, information_value numeric, coefficient numeric,
        standard_error numeric, share numeric, finding text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET enable_partitionwise_aggregate = on
AS $$
#variable_conflict use_column
DECLARE
    name text := coalesce(fit_scorecard.fitted_as, fit_scorecard.scheme);
    document tiering.scheme;
    query text;
    population jsonb;
    customers bigint;
    stored integer;
    failed_detail text;
    failed_hint text;
BEGIN
    IF fit_scorecard.scheme IS NULL OR fit_scorecard.source IS NULL OR fit_scorecard.outcome IS NULL OR fit_scorecard.mapping IS NULL
        OR fit_scorecard.as_of IS NULL OR fit_scorecard.options IS NULL THEN
        RETURN;
    END IF;
    PERFORM tiering.require_options(fit_scorecard.options, '{weight,split,within,points_to_double_odds,base_points,base_odds,decimals,ridge,wrong_sign,max_bins,min_share,trend,rebin,probability}');
    document := tiering.newest_scheme(fit_scorecard.scheme);
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name AND s.built_in) THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use', MESSAGE = format('scheme "%s" belongs to the extension', name),
            HINT = format('Give the fitted scheme a name of its own: fitted_as => ''my_%s''.', fit_scorecard.scheme);
    END IF;
    IF NOT jsonb_path_exists(tiering.to_jsonb(document), '$.characteristics[*].fit.to') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('scheme "%s" has nothing to fit to an outcome', fit_scorecard.scheme),
            DETAIL = 'None of its characteristics has a "fit" to an outcome.',
            HINT = 'Give characteristics {"fit": {"to": "outcome"}} instead of bins, and the scheme a "score": {}; lead_conversion and churn_risk are examples.';
    END IF;
    -- What is wrong with the mapping is told of this scheme: one of the other name need not be there yet.
    PERFORM FROM tiering.input_columns(document, fit_scorecard.source, fit_scorecard.mapping);
    document := tiering.unfitted(tiering.scheme(tiering.with_outcome_options(tiering.to_jsonb(document) - 'population' || jsonb_build_object('scheme', name), fit_scorecard.options)));
    -- Bins by shares of the customers come first, if there are any beside those that are learned.
    IF jsonb_path_exists(tiering.to_jsonb(document), '$.characteristics[*].fit.share_of') THEN
        query := tiering.over_source(document, fit_scorecard.source, fit_scorecard.mapping, 'fit');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
    FOR pass IN 1..2 LOOP
        query := tiering.outcome_query(document, fit_scorecard.source, fit_scorecard.mapping, fit_scorecard.outcome, fit_scorecard.as_of, fit_scorecard.options,
            CASE pass WHEN 1 THEN 'outcome_bins' ELSE 'outcome_points' END);
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        IF document IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('nothing to fit scheme "%s" to', fit_scorecard.scheme),
                DETAIL = format('%s holds no customers, or none that you may see, or all are held out.', fit_scorecard.source),
                HINT = 'Pass a table or view with one row for each customer.';
        END IF;
    END LOOP;
    -- Cuts by shares are those of the score, which there is now.
    IF tiering.is_unfitted(document) THEN
        query := tiering.over_source(document, fit_scorecard.source, fit_scorecard.mapping, 'fit');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO document, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    END IF;
    -- Nobody need be counted once more where the points were fitted to all customers.
    IF fit_scorecard.options ? 'split' OR (tiering.to_jsonb(document) #>> '{population,n}')::bigint IS DISTINCT FROM customers THEN
        query := tiering.over_source(document, fit_scorecard.source, fit_scorecard.mapping, 'population');
        PERFORM set_config('search_path', tiering.source_path(path), true);
        EXECUTE query INTO population, customers USING document, fit_scorecard.as_of;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
        document := tiering.scheme(tiering.to_jsonb(document) || jsonb_build_object('population', population));
    END IF;
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name) THEN
        stored := tiering.revise_scheme(document);
    ELSE
        stored := tiering.create_scheme(document);
    END IF;
    RETURN QUERY SELECT name, stored, c.characteristic, c.bins, c.information_value, c.coefficient, c.standard_error, c.share, c.finding
        FROM tiering.scorecard_characteristics(document) c;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(document, fit_scorecard.source, fit_scorecard.mapping, ARRAY[fit_scorecard.outcome], NULL, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.fit_scorecard(text, regclass, text, jsonb, text, timestamptz, jsonb, text) IS
    'fits the bins and points of a scheme to an outcome of the customers of a table or view, and stores the result as a new draft version, or as the scheme fitted_as, with the counts '
    'of the population: outcome_bins(), then outcome_points(). outcome: a column that is true or false, or 1 or 0, NULL: not known, left out; or with {"within": "P90D"} a day, true if it lies so long '
    'after as_of, left out if it was before: give inputs as they were as of then. options: weight (a column); split (held out: a column, {"column", "from"}, {"key", "share"}); '
    'max_bins, min_share, trend (auto, up, down, free); rebin (true: bins that were typed are learned as well); points_to_double_odds, base_points, base_odds; decimals; ridge; wrong_sign (keep, drop); probability (where tiers begin). Returns the rows '
    'of scorecard_characteristics(). WARNING as outcome_points(), and of customers that cannot be graded. ERROR 22023 the outcome tells nobody apart, an option out of range, a window that is not over, nothing to fit; 42804 '
    'columns of another type; 54000 an input with more than 65536 different texts, without "allowed"; 42704 unknown scheme or input; 42703 no such column; 55006 a scheme of the extension without fitted_as. Nothing is stored then';

-- What a fitted scorecard says of itself. Both read the document alone.
CREATE FUNCTION tiering.scorecard_characteristics(scheme tiering.scheme)
    RETURNS TABLE (characteristic text, input text, bins integer, information_value numeric, coefficient numeric, standard_error numeric, share numeric, finding text)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH learned AS (
        SELECT c.n, c.c ->> 'name' AS characteristic, c.c ->> 'input' AS input, jsonb_array_length(c.c -> 'bins') AS bins, l.l
        FROM jsonb_array_elements(tiering.to_jsonb($1) -> 'characteristics') WITH ORDINALITY AS c (c, n)
        CROSS JOIN LATERAL (SELECT tiering.to_jsonb($1) #> ARRAY['score', 'fitted', 'characteristics', c.c ->> 'name']) AS l (l)
        WHERE l.l IS NOT NULL
    )
    SELECT l.characteristic, l.input, l.bins, round((l.l ->> 'information_value')::numeric, 9), round((l.l ->> 'coefficient')::numeric, 9), round((l.l ->> 'standard_error')::numeric, 9),
        round((l.l ->> 'information_value')::numeric * (l.l ->> 'coefficient')::numeric
            / nullif(sum((l.l ->> 'information_value')::numeric * (l.l ->> 'coefficient')::numeric) OVER (), 0), 6), l.l ->> 'finding'
    FROM learned l
    ORDER BY l.n;
END;
COMMENT ON FUNCTION tiering.scorecard_characteristics(tiering.scheme) IS
    'by characteristic that was fitted to an outcome: its bins, information value, coefficient and standard error; share: which part of the distance between the mean scores of those with the '
    'outcome and the others comes of it (coefficient × information value, of the sum); finding: constant, redundant, wrong_sign, dropped. No rows for a scheme that was not fitted to one';

CREATE FUNCTION tiering.scorecard_bins(scheme tiering.scheme)
    RETURNS TABLE (characteristic text, bin text, bounds jsonb, n numeric, events numeric, rate numeric, weight_of_evidence numeric, points numeric)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.c ->> 'name', b.b ->> 'code', b.b - '{code,points,basis}'::text[], (l.l ->> 'n')::numeric, (l.l ->> 'events')::numeric,
        round((l.l ->> 'events')::numeric / nullif((l.l ->> 'n')::numeric, 0), 6), round((l.l ->> 'weight_of_evidence')::numeric, 9), (b.b ->> 'points')::numeric
    FROM jsonb_array_elements(tiering.to_jsonb($1) -> 'characteristics') WITH ORDINALITY AS c (c, n)
    CROSS JOIN jsonb_array_elements(c.c -> 'bins') WITH ORDINALITY AS b (b, n)
    CROSS JOIN LATERAL (SELECT tiering.to_jsonb($1) #> ARRAY['score', 'fitted', 'characteristics', c.c ->> 'name', 'bins', b.b ->> 'code']) AS l (l)
    WHERE l.l IS NOT NULL
    ORDER BY c.n, b.n;
END;
COMMENT ON FUNCTION tiering.scorecard_bins(tiering.scheme) IS
    'by bin of the characteristics that were fitted to an outcome: its bounds, customers and events by weight, rate, weight of evidence (ln of its share of the events by its share of the others) and points';

CREATE FUNCTION tiering.scorecard_trial(scheme text, source regclass, outcome text, mapping jsonb, as_of timestamptz, options jsonb, path text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET enable_partitionwise_aggregate = on
AS $$
DECLARE
    document tiering.scheme;
    query text;
    verdicts jsonb;
    failed_detail text;
    failed_hint text;
BEGIN
    IF scheme IS NULL OR source IS NULL OR outcome IS NULL OR mapping IS NULL OR as_of IS NULL OR options IS NULL THEN
        RETURN '[]';
    END IF;
    PERFORM tiering.require_options(options, '{weight,split,within}');
    document := tiering.newest_scheme(scheme);
    query := tiering.outcome_query(document, source, mapping, outcome, as_of, options, 'outcome_trial');
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query INTO verdicts USING document, as_of;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    IF verdicts IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s holds no customers, or none that you may see', source),
            HINT = 'Pass a table or view with one row for each customer.';
    END IF;
    RETURN verdicts;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_inputs(document, scorecard_trial.source, scorecard_trial.mapping, ARRAY[scorecard_trial.outcome], NULL, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.scorecard_trial(text, regclass, text, jsonb, timestamptz, jsonb, text) IS 'outcome_trial() of the newest version of a scheme over a table or view';

CREATE FUNCTION tiering.judge_scorecard(scheme text, source regclass, outcome text, mapping jsonb DEFAULT '{}', as_of timestamptz DEFAULT now(), options jsonb DEFAULT '{}',
        path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (part text, n double precision, events double precision, rate double precision, expected_rate double precision, auc double precision, gini double precision,
        ks double precision, ks_score double precision, log_loss double precision, brier double precision, without_outcome bigint, ungraded bigint)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.* FROM jsonb_to_recordset(tiering.scorecard_trial($1, $2, $3, $4, $5, $6, $7)) AS v (part text, n double precision, events double precision, rate double precision,
        expected_rate double precision, auc double precision, gini double precision, ks double precision, ks_score double precision, log_loss double precision, brier double precision,
        without_outcome bigint, ungraded bigint);
END;
COMMENT ON FUNCTION tiering.judge_scorecard(text, regclass, text, jsonb, timestamptz, jsonb, text) IS
    'how well the score of the newest version of a scheme tells an outcome, for the customers that it was fitted to and, with {"split": …}, for those held out: customers and events by weight, their rate and what '
    'the score lets one expect of that, AUC (area under the ROC curve), Gini (2 AUC - 1), KS (Kolmogorov-Smirnov) and the score where it is, log loss and Brier score; rows without a known outcome and '
    'without a score, which do not count. outcome, mapping, weight, split, within as for fit_scorecard(). AUC, Gini and KS are NULL if all had the outcome, or nobody; the rest without a "scaling". '
    'ERROR 55000 not fitted, or without a score; 42704, 42703, 42804, 22023 as fit_scorecard()';

CREATE FUNCTION tiering.scorecard_roc(scheme text, source regclass, outcome text, mapping jsonb DEFAULT '{}', as_of timestamptz DEFAULT now(), options jsonb DEFAULT '{}',
        path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (part text, score double precision, false_positive_rate double precision, true_positive_rate double precision)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.v ->> 'part', (r.r ->> 'score')::double precision, (r.r ->> 'false_positive_rate')::double precision, (r.r ->> 'true_positive_rate')::double precision
    FROM jsonb_array_elements(tiering.scorecard_trial($1, $2, $3, $4, $5, $6, $7)) WITH ORDINALITY AS v (v, n)
    CROSS JOIN jsonb_array_elements(v.v -> 'roc') WITH ORDINALITY AS r (r, n)
    ORDER BY v.n, r.n;
END;
COMMENT ON FUNCTION tiering.scorecard_roc(text, regclass, text, jsonb, timestamptz, jsonb, text) IS
    'the ROC curve of a scorecard to plot: of the customers without the outcome and of those with it, the share that scores at least so much; points that are farther than a thousandth apart. Arguments and ERRORs as judge_scorecard()';

CREATE FUNCTION tiering.scorecard_parts(scheme text, source regclass, outcome text, mapping jsonb DEFAULT '{}', as_of timestamptz DEFAULT now(), options jsonb DEFAULT '{}',
        path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (part text, tenth integer, n double precision, events double precision, least_score double precision, most_score double precision, rate double precision,
        expected_rate double precision, cumulative_share double precision, cumulative_lift double precision)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.v ->> 'part', (p.p ->> 'part')::integer, (p.p ->> 'n')::double precision, (p.p ->> 'events')::double precision, (p.p ->> 'least')::double precision, (p.p ->> 'most')::double precision,
        (p.p ->> 'rate')::double precision, (p.p ->> 'expected')::double precision, (p.p ->> 'cumulative_share')::double precision, (p.p ->> 'cumulative_lift')::double precision
    FROM jsonb_array_elements(tiering.scorecard_trial($1, $2, $3, $4, $5, $6, $7)) WITH ORDINALITY AS v (v, n)
    CROSS JOIN jsonb_array_elements(v.v -> 'parts') WITH ORDINALITY AS p (p, n)
    ORDER BY v.n, p.n;
END;
COMMENT ON FUNCTION tiering.scorecard_parts(text, regclass, text, jsonb, timestamptz, jsonb, text) IS
    'gains, lift and calibration of a scorecard to plot: tenths of the customers, the highest scores first, with their rate and what the score lets one expect of it (calibration), the share of all events '
    'that they and those before them have (gains), and how many times the rate of all theirs is (lift). Equal scores are divided in proportion. Arguments and ERRORs as judge_scorecard()';

CREATE FUNCTION tiering.outcomes_by_tier(scheme text, source regclass, outcome text, mapping jsonb DEFAULT '{}', as_of timestamptz DEFAULT now(), options jsonb DEFAULT '{}',
        path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (part text, tier text, n double precision, events double precision, rate double precision)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.v ->> 'part', t.t ->> 'tier', (t.t ->> 'n')::double precision, (t.t ->> 'events')::double precision, (t.t ->> 'rate')::double precision
    FROM jsonb_array_elements(tiering.scorecard_trial($1, $2, $3, $4, $5, $6, $7)) WITH ORDINALITY AS v (v, n)
    CROSS JOIN jsonb_array_elements(v.v -> 'tiers') WITH ORDINALITY AS t (t, n)
    ORDER BY v.n, t.n;
END;
COMMENT ON FUNCTION tiering.outcomes_by_tier(text, regclass, text, jsonb, timestamptz, jsonb, text) IS
    'what came of the customers of each tier, best first: customers and events by weight, and the rate; NULL of nobody. Arguments and ERRORs as judge_scorecard()';

-- What counts against a customer, as people say it.
CREATE FUNCTION tiering.reasons_in_words(explanation jsonb, lang text DEFAULT tiering.default_lang()) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    WITH document AS (
        SELECT tiering.to_jsonb(s.document) AS d, tiering.language($2) AS l FROM tiering.schemes s
        WHERE s.scheme = $1 ->> 'scheme' AND s.version::text = $1 ->> 'version'
    )
    SELECT coalesce(string_agg(coalesce(c.c #>> ARRAY['title', d.l], c.c #>> '{title,en}', r.r ->> 'characteristic') || CASE d.l WHEN 'zh' THEN '：' ELSE ': ' END
        || CASE
            WHEN v.v IS NULL AND d.l = 'zh' THEN '缺失'
            WHEN v.v IS NULL THEN 'not known'
            WHEN i.i #> ARRAY['value_titles', v.v] IS NOT NULL THEN coalesce(i.i #>> ARRAY['value_titles', v.v, d.l], i.i #>> ARRAY['value_titles', v.v, 'en'])
            WHEN i.i ->> 'type' = 'boolean' AND d.l = 'zh' THEN CASE v.v WHEN 'true' THEN '是' ELSE '否' END
            WHEN i.i ->> 'type' = 'boolean' THEN CASE v.v WHEN 'true' THEN 'yes' ELSE 'no' END
            WHEN d.l = 'zh' THEN v.v || coalesce(i.i #>> '{unit,zh}', '')
            -- Orders: 3, and not Orders: 3 orders.
            WHEN strpos(lower(c.c #>> '{title,en}'), lower(i.i #>> '{unit,en}')) > 0 THEN v.v
            ELSE concat_ws(' ', v.v, i.i #>> '{unit,en}') END,
        CASE d.l WHEN 'zh' THEN '；' ELSE '; ' END ORDER BY r.n), '')
    FROM document d
    CROSS JOIN jsonb_array_elements($1 -> 'reasons') WITH ORDINALITY AS r (r, n)
    JOIN jsonb_array_elements(d.d -> 'characteristics') AS c (c) ON c.c ->> 'name' = r.r ->> 'characteristic'
    JOIN jsonb_array_elements(d.d -> 'inputs') AS i (i) ON i.i ->> 'name' = c.c ->> 'input'
    CROSS JOIN LATERAL (SELECT $1 #>> ARRAY['inputs', i.i ->> 'name'] AS v) AS v;
END;
COMMENT ON FUNCTION tiering.reasons_in_words(jsonb, text) IS
    'the reasons of what explain_tier() or explain_customer() says, the weightiest first, each with the value of its input: ''Last contact: 40 days; Origin: Cold call''. explanation: theirs, by the name of a scheme; '
    'lang: en or zh. Empty if nothing counts against (or, with "reasons": "points_above", for) the customer, or the scheme is not stored. ERROR 22023 unknown language, or an explanation of another shape';
