-- What aggregates gather. The state of each is of a type of its own, with input and output as text and as bytes and a function that makes one of
-- two, so that parts of an aggregate can be computed by parallel workers and by other servers. While it grows it is an object in memory: rows do
-- not copy it.

-- One row a type: its name, its text form, what it is. Of those that are kept, the final function gives the state as it is, as a value.

DO $states$
DECLARE
    state record;
BEGIN
    FOR state IN
        SELECT * FROM (VALUES
            ('rfm', 'JSON', true, 'what a customer bought: orders, refunds, their exact sum, first and last order, the days with an order; made by the '
                'aggregate tiering.rfm(), merged by tiering.rollup()'),
            ('distribution', 'JSON', true, 'how a number is distributed: counts and exact sums in buckets that grow with the value; made by the aggregates '
                'tiering.distribution() and tiering.exact_distribution(), merged by tiering.rollup()'),
            -- The type does not bear the name of its aggregate: tier_mix(a varchar) would be read as a cast to it.
            ('tier_tally', 'JSON', true, 'how many customers each tier has; made by the aggregate tiering.tier_mix(), merged by tiering.rollup()'),
            ('migration', 'JSON', true, 'how many customers went from one tier to another; made by the aggregate tiering.migration(), merged by '
                'tiering.rollup()'),
            ('customer_share', 'bytes', false, 'what the aggregates nps(), csat(), repeat_rate(), churn_rate() and retention() gather: so many of so many '
                'customers'),
            ('purchase_summary', 'bytes', false, 'what the aggregates that fit a model of purchases gather, such as fit_bg_nbd(): frequency, recency and age '
                'of customers, and how many customers have them'),
            ('spend_summary', 'bytes', false, 'what the aggregates that fit a model of spend gather, such as fit_gamma_gamma(): frequency and mean spend of '
                'customers, and how many customers have them'),
            ('order_history', 'bytes', true, 'the orders of one customer, of which the figures of any period can be told; made by the aggregate tiering.order_history(), merged by '
                'tiering.rollup()'),
            ('order_totals', 'bytes', true, 'what customers ordered in periods that follow each other, added up; made by the aggregate tiering.order_totals(), merged by '
                'tiering.rollup()'),
            ('fitting', 'bytes', true, 'what the aggregate fit() gathers: the scheme, and how the values are distributed that its cut points depend on; made by the aggregate '
                'tiering.fit_part(), merged by tiering.rollup()'),
            ('headcount', 'bytes', true, 'what the aggregate population() gathers: the scheme, and how many customers each bin and each tier has; made by the aggregate '
                'tiering.population_part(), merged by tiering.rollup()'),
            ('outcome_values', 'bytes', true, 'what the aggregate outcome_bins() gathers: the scheme, and how many customers with an outcome and without it have each value; made by the aggregate '
                'tiering.outcome_bins_part(), merged by tiering.rollup()'),
            ('outcome_combinations', 'bytes', true, 'what the aggregate outcome_points() gathers: the scheme, and how many customers with an outcome and without it have each combination of bins; made by the aggregate '
                'tiering.outcome_points_part(), merged by tiering.rollup()'),
            ('outcome_scores', 'bytes', true, 'what the aggregate outcome_trial() gathers: the scheme, and how many customers with an outcome and without it have each score and each tier; made by the aggregate '
                'tiering.outcome_trial_part(), merged by tiering.rollup()')
        ) AS s (name, text_form, kept, about)
    LOOP
        EXECUTE pg_catalog.format('CREATE TYPE tiering.%I', state.name);
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(cstring) RETURNS tiering.%2$I LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE '
            'AS ''MODULE_PATHNAME'', %1$L', state.name || '_in', state.name);
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS cstring LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE '
            'AS ''MODULE_PATHNAME'', %1$L', state.name || '_out', state.name);
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(internal) RETURNS tiering.%2$I LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE '
            'AS ''MODULE_PATHNAME'', %1$L', state.name || '_recv', state.name);
        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS bytea LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE '
            'AS ''MODULE_PATHNAME'', ''value_send''', state.name || '_send', state.name);
        EXECUTE pg_catalog.format('CREATE TYPE tiering.%1$I (INPUT = tiering.%2$I, OUTPUT = tiering.%3$I, RECEIVE = tiering.%4$I, SEND = tiering.%5$I, '
            'INTERNALLENGTH = VARIABLE, STORAGE = extended)',
            state.name, state.name || '_in', state.name || '_out', state.name || '_recv', state.name || '_send');
        EXECUTE pg_catalog.format('COMMENT ON TYPE tiering.%I IS %L', state.name, state.about);
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(cstring) IS %L', state.name || '_in',
            pg_catalog.format('input of type %s: %s, checked', state.name, state.text_form));
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS %L', state.name || '_out', state.name,
            pg_catalog.format('output of type %s: %s that %s back exactly', state.name, state.text_form, CASE state.text_form WHEN 'JSON' THEN 'reads' ELSE 'read' END));
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(internal) IS %L', state.name || '_recv',
            pg_catalog.format('binary input of type %s: format word, then the parts, checked', state.name));
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS %L', state.name || '_send', state.name,
            pg_catalog.format('binary output of type %s', state.name));

        EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(tiering.%2$I, tiering.%2$I) RETURNS tiering.%2$I LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE '
            'AS ''MODULE_PATHNAME'', %1$L', state.name || '_combine', state.name);
        EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%1$I(tiering.%2$I, tiering.%2$I) IS %3$L', state.name || '_combine', state.name,
            pg_catalog.format('combine function of aggregates that gather a %s%s', state.name, CASE WHEN state.kept THEN ', transition function of rollup()' ELSE '' END));
        IF state.kept THEN
            EXECUTE pg_catalog.format('CREATE FUNCTION tiering.%1$I(tiering.%2$I) RETURNS tiering.%2$I LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE '
                'AS ''MODULE_PATHNAME'', %1$L', state.name || '_final', state.name);
            EXECUTE pg_catalog.format('COMMENT ON FUNCTION tiering.%I(tiering.%I) IS %L', state.name || '_final', state.name,
                pg_catalog.format('final function of aggregates that give a %s: the state as a value', state.name));
        END IF;
    END LOOP;
END
$states$;
