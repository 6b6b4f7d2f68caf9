-- What happened with each customer in a period: the figures that a scorecard adds up. One query is made for the program. It reads each source once, sums it up by
-- customer before anything is joined (a join of surveys and tickets would multiply both), and joins the sums to the tiers. $1 and $2 are the period, $3 is when the
-- tiers were in force.

CREATE FUNCTION tiering.steps_add(tiering.order_history, timestamptz, double precision, bigint, timestamptz) RETURNS tiering.order_history
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'steps_add';
CREATE FUNCTION tiering.steps_final(tiering.order_history) RETURNS bigint[]
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'steps_final';
COMMENT ON FUNCTION tiering.steps_add(tiering.order_history, timestamptz, double precision, bigint, timestamptz) IS 'transition of aggregate order_steps()';
COMMENT ON FUNCTION tiering.steps_final(tiering.order_history) IS 'final function of order_steps(): its two counts';
CREATE AGGREGATE tiering.order_steps (at timestamptz, amount double precision, item bigint, since timestamptz) (
    SFUNC = tiering.steps_add, STYPE = tiering.order_history, SSPACE = 256, FINALFUNC = tiering.steps_final,
    COMBINEFUNC = tiering.order_history_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.order_steps (timestamptz, double precision, bigint, timestamptz) IS
    'of the orders of one customer since a time, how many are larger than each one before, and how many are of something that the customer, who had bought before, had not. '
    'item: a hash of what was bought, NULL if unknown. Orders of one time are compared with earlier ones only. '
    'ERROR 22023 for an amount that is not finite';

-- Of one registration: the columns that are read (n tells them apart where a table serves several kinds), and what is added up of them by customer.
CREATE FUNCTION tiering.event_figures(registered tiering.event_sources, n integer, zone text, with_rfm boolean,
    OUT columns text[], OUT figures text[], OUT expressions text[])
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r CONSTANT tiering.event_sources := registered;
    relation CONSTANT regclass := tiering.event_source(registered);
    -- within the period; of an order, also before it
    inside CONSTANT text := format('q.is_%s AND q.at >= $1', n);
    before CONSTANT text := format('q.is_%s AND q.at < $1', n);
    counted CONSTANT text := format('pg_catalog.count(*) FILTER (WHERE %s)', inside);
    amount CONSTANT text := format('q.amount_%s', n);
    ended CONSTANT text := format('q.ended_%s', n);
    -- items by their hash: only equality matters
    steps CONSTANT text := format('(tiering.order_steps(q.at, q.amount_%1$s::double precision, %2$s, $1) FILTER (WHERE q.is_%1$s))',
        n, CASE WHEN registered.item_column IS NULL THEN 'NULL::bigint' ELSE format('q.item_%s', n) END);
    answered CONSTANT text := inside || CASE WHEN r.scale IS NULL THEN format(' AND %s IS NOT NULL', amount) ELSE format(' AND %L::numrange @> %s', r.scale, amount) END;
BEGIN
    columns := ARRAY[format('(%s) IS TRUE AS is_%s', coalesce('(' || r.only_where || chr(10) || ')', 'true'), n)]
        || CASE WHEN r.amount_column IS NOT NULL THEN format('e.%I::numeric AS amount_%s', r.amount_column, n) END
        || CASE WHEN r.profit_column IS NOT NULL THEN format('e.%I::numeric AS profit_%s', r.profit_column, n) END
        || CASE WHEN r.ended_at_column IS NOT NULL THEN format('%s AS ended_%s', tiering.event_time(relation, r.ended_at_column, zone), n) END
        || CASE WHEN r.item_column IS NOT NULL THEN format('pg_catalog.hashtextextended(e.%I::text, 0) AS item_%s', r.item_column, n) END
        || CASE WHEN r.currency_column IS NOT NULL THEN format('e.%I::text AS currency_%s', r.currency_column, n) END;
    columns := array_remove(columns, NULL);
    CASE r.kind
        WHEN 'order' THEN
            figures := '{orders,sales,profit,bought_from,bought_to,before_to,first_bought,last_bought,value_to_date,up_sold,cross_sold,bought}';
            expressions := ARRAY[counted, format('pg_catalog.sum(%s) FILTER (WHERE %s)', amount, inside),
                CASE WHEN r.profit_column IS NOT NULL THEN format('pg_catalog.sum(q.profit_%s) FILTER (WHERE %s)', n, inside) END,
                format('pg_catalog.min(q.at) FILTER (WHERE %s)', inside), format('pg_catalog.max(q.at) FILTER (WHERE %s)', inside), format('pg_catalog.max(q.at) FILTER (WHERE %s)', before),
                format('pg_catalog.min(q.at) FILTER (WHERE q.is_%s)', n), format('pg_catalog.max(q.at) FILTER (WHERE q.is_%s)', n),
                format('pg_catalog.sum(%s) FILTER (WHERE %s)', amount, before), format('%s[1]', steps),
                CASE WHEN r.item_column IS NOT NULL THEN format('%s[2]', steps) END,
                CASE WHEN with_rfm THEN format('tiering.rfm((q.at AT TIME ZONE %L)::date, %s) FILTER (WHERE %s)', zone, amount, before) END];
        WHEN 'opportunity' THEN
            figures := '{opportunities,taken}';
            expressions := ARRAY[counted,
                CASE WHEN r.ended_at_column IS NOT NULL THEN format('pg_catalog.count(*) FILTER (WHERE %s AND %s IS NOT NULL)', inside, ended) END];
        WHEN 'survey' THEN
            figures := '{csat_answers,csat_positive}';
            expressions := ARRAY[format('pg_catalog.count(*) FILTER (WHERE %s)', answered), format('pg_catalog.count(*) FILTER (WHERE %s AND %s >= %L)', answered, amount, r.threshold)];
        WHEN 'nps' THEN
            figures := '{nps_answers,nps_net}';
            expressions := ARRAY[format('pg_catalog.count(*) FILTER (WHERE %s)', answered),
                format('pg_catalog.count(*) FILTER (WHERE %1$s AND %2$s >= 9) - pg_catalog.count(*) FILTER (WHERE %1$s AND %2$s <= 6)', answered, amount)];
        WHEN 'relation' THEN
            figures := '{relation_answers,relation_sum}';
            expressions := ARRAY[format('pg_catalog.count(*) FILTER (WHERE %s)', answered), format('pg_catalog.sum(%s) FILTER (WHERE %s)', amount, answered)];
        WHEN 'ticket' THEN
            figures := '{tickets,opened_at,resolved_at}';
            expressions := ARRAY[counted] || CASE WHEN r.ended_at_column IS NULL THEN '{NULL,NULL}'::text[] ELSE
                ARRAY[format('pg_catalog.array_agg(q.at ORDER BY q.at, %s) FILTER (WHERE %s AND %s >= q.at)', ended, inside, ended),
                    format('pg_catalog.array_agg(%1$s ORDER BY q.at, %1$s) FILTER (WHERE %2$s AND %1$s >= q.at)', ended, inside)] END;
        WHEN 'complaint' THEN figures := '{complaints}'; expressions := ARRAY[counted];
        WHEN 'referral' THEN figures := '{referrals}'; expressions := ARRAY[counted];
        WHEN 'activity' THEN figures := '{activity}'; expressions := ARRAY[counted];
        WHEN 'acquired' THEN figures := '{acquired_at}'; expressions := ARRAY[format('pg_catalog.min(q.at) FILTER (WHERE q.is_%s)', n)];
        ELSE figures := ARRAY[r.kind]; expressions := ARRAY[format('pg_catalog.sum(%s) FILTER (WHERE %s)', amount, inside)];
    END CASE;
    -- A figure whose column was not named stays unknown; it is not 0.
    SELECT array_agg(u.figure), array_agg(u.expression) INTO figures, expressions
    FROM unnest(figures, expressions) AS u (figure, expression) WHERE u.expression IS NOT NULL;
END
$$;
COMMENT ON FUNCTION tiering.event_figures(tiering.event_sources, integer, text, boolean) IS
    'of a source of events: the columns that are read, and the figures that are added up by customer';

-- A figure that several sources give: added up, but times are the first or the last, and rfm values are merged.
CREATE FUNCTION tiering.merge_figures(figure text, expressions text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE
        WHEN $1 IN ('bought_from', 'first_bought', 'acquired_at') THEN format('least(%s)', array_to_string($2, ', '))
        WHEN $1 IN ('bought_to', 'before_to', 'last_bought') THEN format('greatest(%s)', array_to_string($2, ', '))
        WHEN $1 = 'bought' THEN format('(SELECT tiering.rollup(r.value) FROM (VALUES (%s)) r (value))', array_to_string($2, '), ('))
        -- What was spent before stays unknown for those who never bought.
        WHEN $1 = 'value_to_date' THEN CASE WHEN cardinality($2) = 1 THEN ($2)[1]
            ELSE format('(SELECT pg_catalog.sum(v.value) FROM (VALUES (%s)) v (value))', array_to_string($2, '), (')) END
        ELSE (SELECT string_agg(format('coalesce(%s, 0)', e), ' + ') FROM unnest($2) AS e)
    END;
COMMENT ON FUNCTION tiering.merge_figures(text, text[]) IS 'the expression of a figure that one or several sources of events give';

CREATE FUNCTION tiering.customer_figures_query(program text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p CONSTANT tiering.programs := tiering.find_program(customer_figures_query.program);
    with_rfm CONSTANT boolean := EXISTS (SELECT FROM tiering.program_lifetime_models m WHERE m.program = p.program);
    part record;
    reads record;
    registered tiering.event_sources;
    n integer := 0;
    body text;
    time_read text;
    columns text[];
    sums text[];
    parts text := '';
    joins text := '';
    currencies text := '';
    -- side by side: a figure, an expression that gives it, and by what it is spread if it belongs to nobody in particular
    figures text[] := '{}';
    expressions text[] := '{}';
    spreads text[] := '{}';
    churn_after interval;
    given text;
    shared text;
    resolved text := '';
BEGIN
    FOR part IN
        SELECT e.source, e.customer_column, e.at_column, bool_or(e.kind IN ('order', 'acquired')) AS from_start, array_agg(e ORDER BY e.kind) AS registrations,
            'events_' || row_number() OVER (ORDER BY e.source, e.customer_column, e.at_column) AS alias
        FROM tiering.event_sources e WHERE e.program = p.program
        GROUP BY e.source, e.customer_column, e.at_column ORDER BY e.source, e.customer_column, e.at_column
    LOOP
        columns := '{}';
        sums := '{}';
        FOREACH registered IN ARRAY part.registrations LOOP
            n := n + 1;
            reads := tiering.event_figures(registered, n, p.zone, with_rfm);
            columns := columns || reads.columns;
            churn_after := coalesce(churn_after, CASE WHEN registered.kind = 'order' THEN registered.churn_after END);
            FOR i IN 1 .. cardinality(reads.figures) LOOP
                sums := sums || format('%s AS figure_%s_%s', reads.expressions[i], n, i);
                IF reads.figures[i] = 'opened_at' THEN
                    -- its neighbour is resolved_at
                    resolved := resolved || format('%sSELECT e.customer, e.figure_%s_%s, e.figure_%s_%s FROM %s e WHERE e.figure_%s_%s IS NOT NULL',
                        CASE WHEN resolved <> '' THEN ' UNION ALL ' ELSE '' END, n, i, n, i + 1, part.alias, n, i);
                END IF;
                figures := figures || reads.figures[i];
                expressions := expressions || format(CASE WHEN part.customer_column IS NULL THEN '(SELECT e.figure_%2$s_%3$s FROM %1$s e)' ELSE '%s.figure_%s_%s' END,
                    part.alias, n, i);
                spreads := spreads || CASE WHEN part.customer_column IS NULL THEN registered.cost_share END;
            END LOOP;
            IF registered.currency_column IS NOT NULL THEN
                sums := sums || format('pg_catalog.min(q.currency_%1$s) FILTER (WHERE q.is_%1$s) AS least_%1$s, pg_catalog.max(q.currency_%1$s) FILTER (WHERE q.is_%1$s) AS greatest_%1$s', n);
                currencies := currencies || format('%sSELECT e.least_%s, e.greatest_%s FROM %s e', CASE WHEN currencies <> '' THEN ' UNION ALL ' ELSE '' END, n, n, part.alias);
            END IF;
        END LOOP;
        time_read := tiering.event_time(part.source::regclass, part.at_column, p.zone);
        -- OFFSET 0: each expression is computed once a row, not once in each sum that uses it.
        body := format('SELECT %s%s AS at, %s FROM %s e WHERE %s < $2%s%s OFFSET 0',
            CASE WHEN part.customer_column IS NOT NULL THEN format('e.%I::text COLLATE "C" AS customer, ', part.customer_column) ELSE '' END,
            time_read, array_to_string(columns, ', '), part.source, time_read, CASE WHEN part.from_start THEN '' ELSE format(' AND %s >= $1', time_read) END,
            CASE WHEN part.customer_column IS NOT NULL THEN format(' AND e.%I IS NOT NULL', part.customer_column) ELSE '' END);
        parts := parts || format('%s AS (SELECT %s%s FROM (%s) q%s),' || chr(10), part.alias,
            CASE WHEN part.customer_column IS NOT NULL THEN 'q.customer, ' ELSE '' END, array_to_string(sums, ', '), body,
            CASE WHEN part.customer_column IS NOT NULL THEN ' GROUP BY q.customer' ELSE '' END);
        IF part.customer_column IS NOT NULL THEN
            joins := joins || format(' LEFT JOIN %1$s ON %1$s.customer = t.customer', part.alias);
        END IF;
    END LOOP;

    -- Complaints that were logged count where no source of complaints is registered; both would count the same ones twice.
    IF 'complaints' <> ALL (figures) AND EXISTS (SELECT FROM tiering.complaints k WHERE k.program = p.program) THEN
        parts := parts || format('complained AS (SELECT k.customer, pg_catalog.count(*) AS complaints FROM tiering.complaints k '
            'WHERE k.program = %L AND k.at >= $1 AND k.at < $2 GROUP BY k.customer),' || chr(10), p.program);
        joins := joins || ' LEFT JOIN complained ON complained.customer = t.customer';
        figures := figures || 'complaints'::text;
        expressions := expressions || 'complained.complaints'::text;
        spreads := spreads || NULL::text;
    END IF;

    -- Every figure that there is; NULL where no source gives it, so that the measures over it are NULL, and not 0.
    SELECT string_agg(format('%s AS raw_%s', coalesce(tiering.merge_figures(f.figure, f.given), 'NULL::' || f.type), f.figure), ', ' ORDER BY f.figure)
    INTO given
    FROM (
        SELECT k.figure, k.type, array_agg(u.expression) FILTER (WHERE u.expression IS NOT NULL) AS given
        FROM unnest('{orders,sales,profit,bought_from,bought_to,before_to,first_bought,last_bought,value_to_date,up_sold,cross_sold,bought,opportunities,taken,
            csat_answers,csat_positive,nps_answers,nps_net,relation_answers,relation_sum,tickets,complaints,referrals,activity,acquired_at,
            acquisition_cost,retention_cost,program_cost}'::text[], '{bigint,numeric,numeric,timestamptz,timestamptz,timestamptz,timestamptz,timestamptz,numeric,bigint,bigint,
            tiering.rfm,bigint,bigint,bigint,bigint,bigint,bigint,bigint,numeric,bigint,bigint,bigint,bigint,timestamptz,
            numeric,numeric,numeric}'::text[]) AS k (figure, type)
        LEFT JOIN unnest(figures, expressions, spreads) AS u (figure, expression, spread) ON u.figure = k.figure AND u.spread IS NULL
        GROUP BY k.figure, k.type
    ) f;
    -- Costs of nobody in particular: each customer bears a share, by contacts or sales if there are any, otherwise all alike.
    SELECT string_agg(format('%s AS shared_%s', coalesce(f.given, 'NULL::numeric'), f.figure), ', ') INTO shared
    FROM (
        SELECT k.figure, string_agg(format('coalesce(%s, 0) * coalesce(%s)', u.expression,
            CASE u.spread WHEN 'contacts' THEN 'c.contacts / nullif(pg_catalog.sum(c.contacts) OVER (), 0), ' WHEN 'sales' THEN 'c.raw_sales / nullif(pg_catalog.sum(c.raw_sales) OVER (), 0), ' ELSE '' END
                || 'c.at_start / nullif(pg_catalog.sum(c.at_start) OVER (), 0)::numeric'), ' + ') FILTER (WHERE u.expression IS NOT NULL) AS given
        FROM unnest('{acquisition_cost,retention_cost,program_cost}'::text[]) AS k (figure)
        LEFT JOIN unnest(figures, expressions, spreads) AS u (figure, expression, spread) ON u.figure = k.figure AND u.spread IS NOT NULL
        GROUP BY k.figure
    ) f;
    RETURN format($query$
WITH %1$sstarted AS (SELECT s.* FROM tiering.tiers_as_of(%2$L, $3) s),
ended AS (SELECT s.* FROM tiering.tiers_as_of(%2$L, greatest($2, $3)) s),
t AS (
    SELECT coalesce(s.customer, e.customer) AS customer, CASE WHEN s.customer IS NULL THEN e.owner ELSE s.owner END AS owner,
        CASE WHEN s.customer IS NULL THEN e.tier ELSE s.tier END AS tier, CASE WHEN s.customer IS NULL THEN e.rank ELSE s.rank END AS rank,
        (s.customer IS NOT NULL)::integer AS at_start,
        -- How customers moved can be told only of tiers of the beginning.
        CASE WHEN $3 <= $1 THEN (s.customer IS NOT NULL AND e.customer IS NOT NULL AND e.tier IS NOT DISTINCT FROM s.tier)::integer END AS stayed,
        CASE WHEN $3 <= $1 THEN coalesce(e.rank < s.rank, false)::integer END AS moved_up,
        CASE WHEN $3 <= $1 THEN coalesce(e.rank > s.rank, false)::integer END AS moved_down,
        CASE WHEN $3 <= $1 THEN (e.customer IS NULL)::integer END AS gone
    FROM started s FULL JOIN ended e ON e.customer = s.customer
    WHERE s.customer IS NOT NULL OR $3 <= $1
),
touched AS (
    SELECT f.customer, pg_catalog.count(*) AS contacts, pg_catalog.count(f.on_time) AS timed, pg_catalog.count(*) FILTER (WHERE f.on_time) AS on_time
    FROM tiering.followups f WHERE f.program = %2$L AND f.at >= $1 AND f.at < $2 AND NOT f.attempt GROUP BY f.customer
),
promised AS (
    SELECT r.customer, pg_catalog.count(*) AS promises, pg_catalog.count(*) FILTER (WHERE r.kept_at <= r.promised_at) AS promises_kept
    FROM tiering.promises r WHERE r.program = %2$L AND r.promised_at >= $1 AND r.promised_at < $2 AND r.withdrawn_at IS NULL GROUP BY r.customer
),
c AS (
    SELECT t.*, coalesce(touched.contacts, 0) AS contacts, coalesce(touched.timed, 0) AS timed, coalesce(touched.on_time, 0) AS on_time,
        coalesce(promised.promises, 0) AS promises, coalesce(promised.promises_kept, 0) AS promises_kept, %3$s
    FROM t LEFT JOIN touched ON touched.customer = t.customer LEFT JOIN promised ON promised.customer = t.customer%4$s
),
targets AS (
    SELECT d.tier ->> 'code' AS tier, d.tier #>> '{response,within}' AS within, coalesce(d.tier #>> '{response,clock}', 'calendar') AS clock
    FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'tiers') AS d (tier)
    WHERE s.scheme = %5$L AND s.version = %6$L AND d.tier ? 'response'
),
resolved AS (
    SELECT u.customer, pg_catalog.count(*) AS resolved, pg_catalog.sum(u.hours) AS hours, pg_catalog.count(u.due) AS targeted,
        pg_catalog.count(*) FILTER (WHERE u.resolved_at <= u.due) AS within_target, pg_catalog.array_agg(u.hours) AS times
    FROM (
        SELECT t.customer, v.resolved_at, extract(epoch FROM v.resolved_at - v.opened_at) / 3600 AS hours,
            CASE WHEN g.within IS NOT NULL THEN tiering.response_due(v.opened_at, g.within, g.clock, %7$L,
                (SELECT k.document FROM tiering.calendars k WHERE k.calendar = %14$L)) END AS due
        FROM (%15$s) x (customer, opened_at, resolved_at)
        JOIN t ON t.customer = x.customer
        LEFT JOIN targets g ON g.tier = t.tier
        CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(x.opened_at), pg_catalog.unnest(x.resolved_at)) AS v (opened_at, resolved_at)
        OFFSET 0
    ) u
    GROUP BY u.customer
)
SELECT c.customer, c.owner, c.tier, c.rank,
    coalesce(tiering.is_drawn(c.customer, h.share, h.seed), false),
    c.at_start, c.stayed, c.moved_up, c.moved_down, c.gone,
    c.raw_csat_answers, c.raw_csat_positive, c.raw_nps_answers, c.raw_nps_net, c.raw_relation_answers, c.raw_relation_sum,
    c.raw_orders, c.raw_sales, c.raw_profit,
    CASE WHEN c.raw_orders IS NOT NULL THEN (c.raw_orders > 0)::integer END,
    CASE WHEN c.raw_orders IS NOT NULL THEN coalesce((c.raw_bought_from AT TIME ZONE %7$L)::date < (c.raw_bought_to AT TIME ZONE %7$L)::date, false)::integer END,
    CASE WHEN c.raw_orders IS NOT NULL THEN coalesce(c.raw_before_to >= %8$s, false)::integer END,
    CASE WHEN c.raw_orders IS NOT NULL THEN coalesce(c.raw_before_to >= %8$s AND c.raw_orders > 0, false)::integer END,
    CASE WHEN c.raw_orders IS NOT NULL THEN (c.raw_first_bought IS NOT NULL)::integer END,
    CASE WHEN c.raw_orders IS NOT NULL THEN coalesce((c.raw_first_bought AT TIME ZONE %7$L)::date < (c.raw_last_bought AT TIME ZONE %7$L)::date, false)::integer END,
    CASE WHEN c.raw_orders IS NOT NULL THEN coalesce(c.raw_last_bought < ($2 AT TIME ZONE %7$L - %9$L::interval) AT TIME ZONE %7$L, false)::integer END,
    c.raw_cross_sold, c.raw_up_sold,
    c.raw_value_to_date, CASE WHEN c.raw_orders IS NOT NULL THEN (c.raw_value_to_date IS NOT NULL)::integer END, l.value, CASE WHEN %10$L THEN (l.value IS NOT NULL)::integer END,
    c.raw_referrals, (c.raw_referrals > 0)::integer, c.contacts, c.timed, c.on_time, c.promises, c.promises_kept,
    CASE WHEN %11$L THEN coalesce(c.raw_acquired_at >= $1 AND c.raw_acquired_at < $2, false)::integer ELSE 1 - c.at_start END,
    CASE WHEN coalesce(c.raw_acquisition_cost, c.shared_acquisition_cost) IS NOT NULL THEN coalesce(c.raw_acquisition_cost, 0) + coalesce(c.shared_acquisition_cost, 0) END,
    CASE WHEN coalesce(c.raw_retention_cost, c.shared_retention_cost) IS NOT NULL THEN coalesce(c.raw_retention_cost, 0) + coalesce(c.shared_retention_cost, 0) END,
    CASE WHEN coalesce(c.raw_program_cost, c.shared_program_cost) IS NOT NULL THEN coalesce(c.raw_program_cost, 0) + coalesce(c.shared_program_cost, 0) END,
    c.raw_opportunities, c.raw_taken, c.raw_tickets, c.raw_tickets - coalesce(r.resolved, 0),
    CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(r.resolved, 0) END, CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(r.hours, 0) END,
    CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(r.targeted, 0) END, CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(r.within_target, 0) END, r.times,
    c.raw_complaints, c.raw_activity, (c.raw_activity > 0)::integer
FROM (SELECT c.*, %12$s FROM c) c
CROSS JOIN LATERAL (SELECT %13$s AS value OFFSET 0) l
LEFT JOIN resolved r ON r.customer = c.customer
LEFT JOIN (SELECT x.share, x.seed FROM tiering.hold_outs x WHERE x.program = %2$L AND x.since <= $1 AND (x.until IS NULL OR x.until > $1)) h ON true
$query$,
        parts, p.program, given, joins, p.scheme, p.applied_version, p.zone,
        format('(($1 AT TIME ZONE %1$L) - pg_catalog.age($2 AT TIME ZONE %1$L, $1 AT TIME ZONE %1$L)) AT TIME ZONE %1$L', p.zone),
        coalesce(churn_after, '90 days'), with_rfm, 'acquired_at' = ANY (figures), shared,
        CASE WHEN with_rfm THEN format('tiering.customer_lifetime_value((SELECT m.purchases FROM tiering.program_lifetime_models m WHERE m.program = %1$L), '
            '(SELECT m.spend FROM tiering.program_lifetime_models m WHERE m.program = %1$L), c.raw_bought, ($1 AT TIME ZONE %2$L)::date, '
            '(SELECT m.horizon FROM tiering.program_lifetime_models m WHERE m.program = %1$L), '
            '(SELECT m.discount_rate FROM tiering.program_lifetime_models m WHERE m.program = %1$L))::numeric', p.program, p.zone) ELSE 'NULL::numeric' END,
        coalesce(p.calendar, tiering.default_calendar()),
        coalesce(nullif(resolved, ''), 'SELECT NULL::text COLLATE "C", NULL::timestamptz[], NULL::timestamptz[] WHERE false'))
        || CASE WHEN currencies <> '' THEN format('CROSS JOIN LATERAL (SELECT tiering.refuse_currencies(%L, pg_catalog.min(m.least), pg_catalog.max(m.greatest)) AS fine FROM (%s) m (least, greatest) OFFSET 0) f WHERE f.fine',
            p.program, currencies) ELSE '' END;
END
$$;
COMMENT ON FUNCTION tiering.customer_figures_query(text) IS
    'the query that gives the figures of each customer of a program: $1 and $2 are the period, $3 is when the tiers were in force';

CREATE FUNCTION tiering.refuse_currencies(program text, one text, other text) RETURNS boolean
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF one <> other THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('the events of program "%s" are in several currencies', program),
            DETAIL = format('Found "%s" and "%s"; their amounts do not add up.', one, other),
            HINT = 'Register a view that converts them, or events of one currency only: only_where => ''currency = ''''EUR''''''.';
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION tiering.refuse_currencies(text, text, text) IS 'true, unless two currencies differ: ERROR 22023';

CREATE FUNCTION tiering.check_period(program text, "from" timestamptz, until timestamptz, tier_at timestamptz) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM tiering.find_program(program);
    IF "from" IS NULL OR until IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a period needs a beginning and an end',
            HINT = format('SELECT * FROM tiering.tier_scorecard(%L, ''2026-07-01'', ''2026-10-01'').', program);
    END IF;
    IF NOT isfinite("from") OR NOT isfinite(until) OR NOT isfinite(coalesce(tier_at, "from")) THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = 'a period has a beginning and an end', DETAIL = format('It was to go from %s to %s.', "from", until),
            HINT = 'Give two finite times.';
    END IF;
    IF "from" >= until THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'the period ends before it begins', DETAIL = format('It was to go from %s to %s.', "from", until),
            HINT = 'Exchange the two times.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.check_period(text, timestamptz, timestamptz, timestamptz) IS
    'ERROR 42704 unknown program, 22004 a time is NULL, 22008 a time is infinite, 22023 a period that ends before it begins';

CREATE FUNCTION tiering.periods_around(program text, introduced_at timestamptz, length interval, OUT began timestamptz, OUT ended timestamptz)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone text := (tiering.find_program(program)).zone;
BEGIN
    IF length IS NULL OR length <= interval '0' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no length of a period', coalesce(length::text, 'NULL')),
            HINT = 'Give how long before and after are compared: length => ''3 months''.';
    END IF;
    began := ((introduced_at AT TIME ZONE zone) - length) AT TIME ZONE zone;
    ended := ((introduced_at AT TIME ZONE zone) + length) AT TIME ZONE zone;
END
$$;
COMMENT ON FUNCTION tiering.periods_around(text, timestamptz, interval) IS
    'when the period before a moment begins and the one after it ends, by the local clock of the program; ERROR 42704 unknown program, 22023 no positive length';

CREATE FUNCTION tiering.tier_scorecard_customers(program text, "from" timestamptz, until timestamptz, tier_at timestamptz DEFAULT NULL,
    path text DEFAULT current_setting('search_path'))
    RETURNS TABLE (customer text, owner text, tier text, rank integer, held_out boolean,
        at_start integer, stayed integer, moved_up integer, moved_down integer, gone integer,
        csat_answers bigint, csat_positive bigint, nps_answers bigint, nps_net bigint, relation_answers bigint, relation_sum numeric,
        orders bigint, sales numeric, profit numeric, buying integer, repeat_buying integer, bought_before integer, retained integer,
        bought_ever integer, repeated_ever integer, churned integer, cross_sold bigint, up_sold bigint,
        value_to_date numeric, valued integer, value_predicted numeric, predicted integer,
        referrals bigint, referring integer, contacts bigint, timed bigint, on_time bigint, promises bigint, promises_kept bigint,
        is_new integer, acquisition_cost numeric, retention_cost numeric, program_cost numeric, opportunities bigint, taken bigint,
        tickets bigint, open_tickets bigint, resolved bigint, resolve_hours numeric, targeted bigint, within_target bigint, resolve_times numeric[],
        complaints bigint, activity bigint, active integer)
    -- jit = off: compiling so many expressions takes longer than computing them.
    LANGUAGE plpgsql STABLE ROWS 100000 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    query text := tiering.customer_figures_query(tier_scorecard_customers.program);
BEGIN
    PERFORM tiering.check_period(tier_scorecard_customers.program, tier_scorecard_customers."from", tier_scorecard_customers.until, tier_scorecard_customers.tier_at);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE query USING tier_scorecard_customers."from", tier_scorecard_customers.until, coalesce(tier_scorecard_customers.tier_at, tier_scorecard_customers."from");
END
$$;
COMMENT ON FUNCTION tiering.tier_scorecard_customers(text, timestamptz, timestamptz, timestamptz, text) IS
    'what happened with each customer of a program in a period: the figures that tier_scorecard() adds up by tier. Tiers are those of the beginning, or of tier_at; a customer who '
    'came within the period has at_start = 0 and the tier of the end. 1 and 0 stand for yes and no; NULL where no source gives the figure. Errors as of tier_scorecard()';

CREATE FUNCTION tiering.figure_names() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The first five are its arguments.
    SELECT string_agg(quote_ident(a.name), ', ' ORDER BY a.n)
    FROM pg_proc f, unnest(f.proargnames) WITH ORDINALITY AS a (name, n)
    WHERE f.oid = 'tiering.tier_scorecard_customers(text, timestamptz, timestamptz, timestamptz, text)'::regprocedure AND a.n > 5;
END;
COMMENT ON FUNCTION tiering.figure_names() IS 'the columns of tier_scorecard_customers(), in their order: what customer_figures_query() gives';
