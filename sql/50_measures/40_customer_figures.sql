-- What happened with each customer in periods that follow each other: the figures that a scorecard adds up. One query is made for the program, for all periods. It
-- reads each source once, sums it up by customer and period before anything is joined (a join of surveys and tickets would multiply both), and joins the sums
-- to the tiers. $1 are the bounds of the periods, $2 is when the tiers were in force (NULL: at the beginning of each), $3 and $4 are the first and the last bound.
-- What is as long as the customers are many is joined by full joins, which are never done row by row, whatever the planner takes the number of rows for: it
-- knows nothing of a new program. coalesce() keeps them full.

CREATE FUNCTION tiering.orders_add(tiering.order_history, timestamptz, numeric, numeric, bigint, timestamptz) RETURNS tiering.order_history
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'orders_add';
COMMENT ON FUNCTION tiering.orders_add(tiering.order_history, timestamptz, numeric, numeric, bigint, timestamptz) IS 'transition of aggregate order_history()';
CREATE AGGREGATE tiering.order_history (at timestamptz, amount numeric, profit numeric, item bigint, since timestamptz) (
    SFUNC = tiering.orders_add, STYPE = tiering.order_history, SSPACE = 512, FINALFUNC = tiering.order_history_final,
    COMBINEFUNC = tiering.order_history_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.order_history (timestamptz, numeric, numeric, bigint, timestamptz) IS
    'the orders of one customer, for order_figures(): one by one since a time, of the time before only what later ones are compared with. item: a hash of what was bought, NULL if unknown. '
    'A negative amount is a refund: it lowers the sums, and is no order. ERROR 22008 for a time that is infinite or after the year 9999, 22023 for an amount that is not finite, 22003 for a sum of too many digits';
CREATE AGGREGATE tiering.rollup (orders tiering.order_history) (
    SFUNC = tiering.order_history_combine, STYPE = tiering.order_history, SSPACE = 512, FINALFUNC = tiering.order_history_final,
    COMBINEFUNC = tiering.order_history_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.rollup (tiering.order_history) IS 'orders of one customer from several sources together. ERROR 22003 for a sum of too many digits';

CREATE FUNCTION tiering.order_figures(orders tiering.order_history, begins timestamptz, ends timestamptz, OUT orders_made bigint, OUT sales numeric, OUT profit numeric,
    OUT bought_from timestamptz, OUT bought_to timestamptz, OUT before_to timestamptz, OUT first_bought timestamptz, OUT last_bought timestamptz,
    OUT value_to_date numeric, OUT up_sold bigint, OUT cross_sold bigint)
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'order_figures';
COMMENT ON FUNCTION tiering.order_figures(tiering.order_history, timestamptz, timestamptz) IS
    'of a value of order_history(), what was ordered in a period that does not begin before its time: orders, their sum less refunds, profit, the first and the last order; the last one before it; the first and '
    'the last one ever until its end; the sum before it; the orders that are larger than each one before, and those of something that the customer, who had bought before, had not. Orders of one time are compared with '
    'earlier ones only';
CREATE FUNCTION tiering.order_rfm(orders tiering.order_history, until timestamptz, zone text) RETURNS tiering.rfm
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'order_rfm';
COMMENT ON FUNCTION tiering.order_rfm(tiering.order_history, timestamptz, text) IS
    'of a value of order_history() that knows all orders one by one (since -infinity), what was bought before a time, days being those of a zone. ERROR 22023 unknown zone';

CREATE FUNCTION tiering.refuse_amounts(program text, kind text, source text, total numeric) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s gives program "%s" events of kind "%s" whose amounts are no finite numbers', source, program, kind),
        DETAIL = format('They sum up to %s.', total),
        HINT = format('SELECT * FROM tiering.check_events(%L) tells how many. Correct them, or leave them out: only_where => ''amount < ''''Infinity''''''.', program);
END
$$;
COMMENT ON FUNCTION tiering.refuse_amounts(text, text, text, numeric) IS 'ERROR 22023: a source has an amount that is NaN or infinite';

-- Of one registration: the columns that are read (n tells them apart where a table serves several kinds), what is added up of them by customer and period, and whether that is of all
-- time instead. shared: whether the table serves other kinds, too, so that its condition counts for this one only.
CREATE FUNCTION tiering.event_figures(registered tiering.event_sources, n integer, zone text, with_rfm boolean, shared boolean,
    OUT columns text[], OUT figures text[], OUT expressions text[], OUT of_all_time boolean)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r CONSTANT tiering.event_sources := registered;
    relation CONSTANT regclass := tiering.event_source(registered);
    is_it CONSTANT text := CASE WHEN shared AND r.only_where IS NOT NULL THEN format('q.is_%s', n) ELSE 'true' END;
    counts CONSTANT text := CASE WHEN is_it = 'true' THEN '' ELSE format(' FILTER (WHERE %s)', is_it) END;
    counted CONSTANT text := 'pg_catalog.count(*)' || counts;
    amount CONSTANT text := format('q.amount_%s', n);
    ended CONSTANT text := format('q.ended_%s', n);
    total CONSTANT text := format('pg_catalog.sum(%s)', amount);
    answered CONSTANT text := is_it || CASE WHEN r.scale IS NULL THEN format(' AND %s IS NOT NULL', amount) ELSE format(' AND %L::numrange @> %s', r.scale, amount) END;
    finite CONSTANT text := 'CASE WHEN %1$s IN (''NaN'', ''Infinity'', ''-Infinity'') THEN tiering.refuse_amounts(%2$L, %3$L, %4$L, %1$s) ELSE %1$s END';
BEGIN
    columns := ARRAY[CASE WHEN is_it <> 'true' THEN format('((%s' || chr(10) || ')) IS TRUE AS is_%s', r.only_where, n) END]
        || CASE WHEN r.amount_column IS NOT NULL THEN format('e.%I::numeric AS amount_%s', r.amount_column, n) END
        || CASE WHEN r.profit_column IS NOT NULL THEN format('e.%I::numeric AS profit_%s', r.profit_column, n) END
        || CASE WHEN r.ended_at_column IS NOT NULL THEN
            -- An infinite time is one that has not come.
            format('nullif(nullif(%s, ''infinity''), ''-infinity'') AS ended_%s', tiering.event_time(relation, r.ended_at_column, zone), n) END
        -- items by their hash: only equality matters
        || CASE WHEN r.item_column IS NOT NULL THEN format('pg_catalog.hashtextextended(e.%I::text, 0) AS item_%s', r.item_column, n) END
        || CASE WHEN r.currency_column IS NOT NULL THEN format('e.%I::text AS currency_%s', r.currency_column, n) END;
    columns := array_remove(columns, NULL);
    of_all_time := r.kind IN ('order', 'acquired');
    CASE r.kind
        WHEN 'order' THEN
            figures := '{history}';
            -- Lifetime values need every order one by one.
            expressions := ARRAY[format('tiering.order_history(q.at, %s, %s, %s, %s)%s', amount, CASE WHEN r.profit_column IS NOT NULL THEN format('q.profit_%s', n) ELSE 'NULL' END,
                CASE WHEN r.item_column IS NOT NULL THEN format('q.item_%s', n) ELSE 'NULL' END, CASE WHEN with_rfm THEN '''-infinity''' ELSE '$3' END, counts)];
        WHEN 'opportunity' THEN
            figures := '{opportunities,taken}';
            expressions := ARRAY[counted, CASE WHEN r.ended_at_column IS NOT NULL THEN format('pg_catalog.count(*) FILTER (WHERE %s AND %s IS NOT NULL)', is_it, ended) END];
        WHEN 'survey' THEN
            figures := '{csat_answers,csat_positive}';
            expressions := ARRAY[format('pg_catalog.count(*) FILTER (WHERE %s)', answered), format('pg_catalog.count(*) FILTER (WHERE %s AND %s >= %L)', answered, amount, r.threshold)];
        WHEN 'nps' THEN
            figures := '{nps_answers,nps_net}';
            expressions := ARRAY[format('pg_catalog.count(*) FILTER (WHERE %s)', answered),
                format('pg_catalog.count(*) FILTER (WHERE %1$s AND %2$s >= 9) - pg_catalog.count(*) FILTER (WHERE %1$s AND %2$s <= 6)', answered, amount)];
        WHEN 'relation' THEN
            figures := '{relation_answers,relation_sum}';
            expressions := ARRAY[format('pg_catalog.count(*) FILTER (WHERE %s)', answered), format(finite, format('%s FILTER (WHERE %s)', total, answered), r.program, r.kind, r.source)];
        WHEN 'ticket' THEN
            figures := '{tickets,opened_at,resolved_at}';
            -- Side by side: both arrays come in the same order.
            expressions := ARRAY[counted] || CASE WHEN r.ended_at_column IS NULL THEN '{NULL,NULL}'::text[] ELSE
                ARRAY[format('pg_catalog.array_agg(q.at) FILTER (WHERE %s AND %s >= q.at)', is_it, ended),
                    format('pg_catalog.array_agg(%1$s) FILTER (WHERE %2$s AND %1$s >= q.at)', ended, is_it)] END;
        WHEN 'complaint' THEN figures := '{complaints}'; expressions := ARRAY[counted];
        WHEN 'referral' THEN figures := '{referrals}'; expressions := ARRAY[counted];
        WHEN 'activity' THEN figures := '{activity}'; expressions := ARRAY[counted];
        WHEN 'acquired' THEN figures := '{acquired_at}'; expressions := ARRAY['pg_catalog.min(q.at)' || counts];
        ELSE figures := ARRAY[r.kind]; expressions := ARRAY[format(finite, total || counts, r.program, r.kind, r.source)];
    END CASE;
    -- A figure whose column was not named stays unknown; it is not 0.
    SELECT array_agg(u.figure), array_agg(u.expression) INTO figures, expressions
    FROM unnest(figures, expressions) AS u (figure, expression) WHERE u.expression IS NOT NULL;
END
$$;
COMMENT ON FUNCTION tiering.event_figures(tiering.event_sources, integer, text, boolean, boolean) IS
    'of a source of events: the columns that are read, and the figures that are added up by customer, and by period unless they are of all time';

-- A figure that several sources give: added up, but times are the first, and orders are merged.
CREATE FUNCTION tiering.merge_figures(figure text, expressions text[]) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE
        WHEN $1 = 'acquired_at' THEN format('least(%s)', array_to_string($2, ', '))
        WHEN $1 = 'history' THEN CASE WHEN cardinality($2) = 1 THEN ($2)[1]
            ELSE format('(SELECT tiering.rollup(h.orders) FROM (VALUES (%s)) h (orders))', array_to_string($2, '), (')) END
        ELSE (SELECT string_agg(format('coalesce(%s, 0)', e), ' + ') FROM unnest($2) AS e)
    END;
COMMENT ON FUNCTION tiering.merge_figures(text, text[]) IS 'the expression of a figure that one or several sources of events give';

CREATE FUNCTION tiering.customer_figures_query(program text, OUT parts text, OUT body text)
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
    time_read text;
    key_type regtype;
    -- what identifies a customer in the source: the key itself where equal keys have equal texts, so that only one text a customer is made
    key_read text;
    customer text;
    named record;
    columns text[];
    sums text[];
    later text[];
    conditions text[];
    joins text := '';
    currencies text := '';
    -- side by side: a figure, an expression that gives it, and by what it is spread if it belongs to nobody in particular
    figures text[] := '{}';
    expressions text[] := '{}';
    spreads text[] := '{}';
    with_item boolean := false;
    with_profit boolean := false;
    churn_after interval;
    given text;
    shared text;
    resolved text := '';
BEGIN
    parts := '';
    FOR part IN
        SELECT e.source, e.customer_column, e.at_column, bool_or(e.kind IN ('order', 'acquired')) AS from_start, bool_or(e.kind NOT IN ('order', 'acquired')) AS by_period,
            array_agg(e ORDER BY e.kind) AS registrations, 'events_' || row_number() OVER (ORDER BY e.source, e.customer_column, e.at_column) AS alias
        FROM tiering.event_sources e WHERE e.program = p.program
        GROUP BY e.source, e.customer_column, e.at_column ORDER BY e.source, e.customer_column, e.at_column
    LOOP
        columns := '{}';
        sums := '{}';
        later := '{}';
        FOREACH registered IN ARRAY part.registrations LOOP
            n := n + 1;
            reads := tiering.event_figures(registered, n, p.zone, with_rfm, cardinality(part.registrations) > 1);
            columns := columns || reads.columns;
            IF registered.kind = 'order' THEN
                churn_after := coalesce(churn_after, registered.churn_after);
                with_item := with_item OR registered.item_column IS NOT NULL;
                with_profit := with_profit OR registered.profit_column IS NOT NULL;
            END IF;
            FOR i IN 1 .. cardinality(reads.figures) LOOP
                sums := sums || format('%s AS figure_%s_%s', reads.expressions[i], n, i);
                IF reads.figures[i] = 'opened_at' THEN
                    -- its neighbour is resolved_at
                    resolved := resolved || format('%sSELECT e.customer, e.n, e.figure_%s_%s, e.figure_%s_%s FROM %s e WHERE e.figure_%s_%s IS NOT NULL',
                        CASE WHEN resolved <> '' THEN ' UNION ALL ' ELSE '' END, n, i, n, i + 1, part.alias, n, i);
                END IF;
                -- Where a table gives figures of periods and of all time, the latter are merged from the periods.
                IF reads.of_all_time AND part.by_period THEN
                    later := later || format('%s(e.figure_%s_%s) AS figure_%s_%s', CASE reads.figures[i] WHEN 'history' THEN 'tiering.rollup' ELSE 'pg_catalog.min' END, n, i, n, i);
                END IF;
                figures := figures || reads.figures[i];
                expressions := expressions || format(CASE WHEN part.customer_column IS NULL THEN '(SELECT e.figure_%2$s_%3$s FROM %1$s e WHERE e.n = t.n)' ELSE '%1$s.figure_%2$s_%3$s' END,
                    part.alias || CASE WHEN reads.of_all_time AND part.by_period THEN '_ever' ELSE '' END, n, i);
                spreads := spreads || CASE WHEN part.customer_column IS NULL THEN registered.cost_share END;
            END LOOP;
            IF registered.currency_column IS NOT NULL THEN
                given := CASE WHEN cardinality(part.registrations) > 1 AND registered.only_where IS NOT NULL THEN format(' FILTER (WHERE q.is_%s)', n) ELSE '' END;
                sums := sums || format('pg_catalog.min(q.currency_%1$s)%2$s AS least_%1$s, pg_catalog.max(q.currency_%1$s)%2$s AS greatest_%1$s', n, given);
                currencies := currencies || format('%sSELECT e.least_%s, e.greatest_%s FROM %s e', CASE WHEN currencies <> '' THEN ' UNION ALL ' ELSE '' END, n, n, part.alias);
            END IF;
        END LOOP;
        time_read := tiering.event_time(part.source::regclass, part.at_column, p.zone);
        SELECT c.type INTO key_type FROM tiering.source_columns(part.source::regclass) c WHERE c.column_name = part.customer_column;
        named := tiering.customer_read(p.program, part.source::regclass, part.customer_column, 'e');
        key_read := named.key;
        customer := 'q.key';
        IF named.joined = '' AND tiering.base_type(key_type) IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype) THEN
            key_read := format('e.%I', part.customer_column);
            customer := tiering.key_expression('q.key', key_type);
        END IF;
        conditions := ARRAY[format('%s < $4', time_read), format(CASE WHEN part.from_start THEN '%s > ''-infinity''' ELSE '%s >= $3' END, time_read)]
            || CASE WHEN part.customer_column IS NOT NULL THEN format('e.%I IS NOT NULL', part.customer_column) END
            || CASE WHEN cardinality(part.registrations) = 1 THEN '(' || (part.registrations)[1].only_where || chr(10) || ')' END;
        columns := CASE WHEN part.by_period THEN format('pg_catalog.width_bucket(%s, $1) AS n', time_read) END || columns;
        columns := format('%s AS at', time_read) || columns;
        columns := CASE WHEN key_read IS NOT NULL THEN key_read || ' AS key' END || columns;
        sums := CASE WHEN part.by_period THEN 'q.n' END || sums;
        sums := CASE WHEN key_read IS NOT NULL THEN customer || ' AS customer' END || sums;
        -- OFFSET 0: each expression is computed once a row, not once in each sum that uses it.
        -- Costs of nobody in particular are asked for by every customer: MATERIALIZED, they are added up once.
        parts := parts || format('%s AS %s(SELECT %s FROM (SELECT %s FROM %s e%s WHERE %s OFFSET 0) q GROUP BY %s),' || chr(10), part.alias,
            CASE WHEN part.customer_column IS NULL THEN 'MATERIALIZED ' ELSE '' END,
            array_to_string(sums, ', '), array_to_string(columns, ', '), part.source, named.joined, array_to_string(conditions, ' AND '),
            concat_ws(', ', CASE WHEN key_read IS NOT NULL THEN 'q.key' END, CASE WHEN part.by_period THEN 'q.n' END));
        IF later <> '{}' THEN
            parts := parts || format('%1$s_ever AS (SELECT e.customer, %2$s FROM %1$s e GROUP BY e.customer),' || chr(10), part.alias, array_to_string(later, ', '));
            joins := joins || format(' FULL JOIN %1$s_ever ON %1$s_ever.customer = t.customer', part.alias);
        END IF;
        IF part.customer_column IS NOT NULL THEN
            joins := joins || format(' FULL JOIN %1$s ON %1$s.customer = t.customer', part.alias) || CASE WHEN part.by_period THEN format(' AND %s.n = t.n', part.alias) ELSE '' END;
        END IF;
    END LOOP;

    -- Complaints that were logged count where no source of complaints is registered; both would count the same ones twice.
    IF 'complaints' <> ALL (figures) AND EXISTS (SELECT FROM tiering.complaints k WHERE k.program = p.program) THEN
        parts := parts || format('complained AS (SELECT k.customer, pg_catalog.width_bucket(k.at, $1) AS n, pg_catalog.count(*) AS complaints FROM tiering.complaints k '
            'WHERE k.program = %L AND k.at >= $3 AND k.at < $4 GROUP BY k.customer, 2),' || chr(10), p.program);
        joins := joins || ' FULL JOIN complained ON complained.customer = t.customer AND complained.n = t.n';
        figures := figures || 'complaints'::text;
        expressions := expressions || 'complained.complaints'::text;
        spreads := spreads || NULL::text;
    END IF;

    -- Every figure that there is; NULL where no source gives it, so that the measures over it are NULL, and not 0.
    SELECT string_agg(format('%s AS raw_%s', coalesce(tiering.merge_figures(f.figure, f.given), 'NULL::' || f.type), f.figure), ', ' ORDER BY f.figure)
    INTO given
    FROM (
        SELECT k.figure, k.type, array_agg(u.expression) FILTER (WHERE u.expression IS NOT NULL) AS given
        FROM unnest('{history,opportunities,taken,
            csat_answers,csat_positive,nps_answers,nps_net,relation_answers,relation_sum,tickets,complaints,referrals,activity,acquired_at,
            acquisition_cost,retention_cost,program_cost}'::text[], '{tiering.order_history,bigint,bigint,bigint,bigint,bigint,bigint,bigint,numeric,bigint,bigint,bigint,bigint,timestamptz,
            numeric,numeric,numeric}'::text[]) AS k (figure, type)
        LEFT JOIN unnest(figures, expressions, spreads) AS u (figure, expression, spread) ON u.figure = k.figure AND u.spread IS NULL
        GROUP BY k.figure, k.type
    ) f;
    -- Costs of nobody in particular: each customer bears a share, by contacts or sales if there are any, otherwise all alike.
    SELECT string_agg(format('%s AS shared_%s', coalesce(f.given, 'NULL::numeric'), f.figure), ', ') INTO shared
    FROM (
        SELECT k.figure, string_agg(format('coalesce(%s, 0) * coalesce(%s)', replace(u.expression, 't.n', 'c.n'),
            CASE u.spread WHEN 'contacts' THEN 'c.contacts / nullif(pg_catalog.sum(c.contacts) OVER (PARTITION BY c.n), 0), ' WHEN 'sales' THEN 'greatest((c.o).sales, 0) / nullif(pg_catalog.sum(greatest((c.o).sales, 0)) OVER (PARTITION BY c.n), 0), ' ELSE '' END
                || 'c.at_start / nullif(pg_catalog.sum(c.at_start) OVER (PARTITION BY c.n), 0)::numeric'), ' + ') FILTER (WHERE u.expression IS NOT NULL) AS given
        FROM unnest('{acquisition_cost,retention_cost,program_cost}'::text[]) AS k (figure)
        LEFT JOIN unnest(figures, expressions, spreads) AS u (figure, expression, spread) ON u.figure = k.figure AND u.spread IS NOT NULL
        GROUP BY k.figure
    ) f;
    parts := format($query$
%1$speriods AS (
    SELECT b.*, (b.begins AT TIME ZONE %7$L - pg_catalog.age(b.ends AT TIME ZONE %7$L, b.begins AT TIME ZONE %7$L)) AT TIME ZONE %7$L AS before_begins, (b.ends AT TIME ZONE %7$L - %9$L::interval) AT TIME ZONE %7$L AS silent_since
    FROM (SELECT g.n, ($1)[g.n] AS begins, ($1)[g.n + 1] AS ends, coalesce($2, ($1)[g.n]) AS tiers_at FROM pg_catalog.generate_series(1, pg_catalog.cardinality($1) - 1) AS g (n)) b
),
t AS (
    SELECT p.n, p.begins, p.ends, p.before_begins, p.silent_since, m.*
    FROM periods p
    CROSS JOIN LATERAL (
        SELECT coalesce(s.customer, e.customer) AS customer, CASE WHEN s.customer IS NULL THEN e.owner ELSE s.owner END AS owner,
            CASE WHEN s.customer IS NULL THEN e.tier ELSE s.tier END AS tier, CASE WHEN s.customer IS NULL THEN e.rank ELSE s.rank END AS rank,
            (s.customer IS NOT NULL)::integer AS at_start,
            -- How customers moved can be told only of tiers of the beginning.
            CASE WHEN p.tiers_at <= p.begins THEN (s.customer IS NOT NULL AND e.customer IS NOT NULL AND e.tier IS NOT DISTINCT FROM s.tier)::integer END AS stayed,
            CASE WHEN p.tiers_at <= p.begins THEN coalesce(e.rank < s.rank, false)::integer END AS moved_up,
            CASE WHEN p.tiers_at <= p.begins THEN coalesce(e.rank > s.rank, false)::integer END AS moved_down,
            CASE WHEN p.tiers_at <= p.begins THEN (e.customer IS NULL)::integer END AS gone
        FROM tiering.tiers_as_of(%2$L, p.tiers_at) s
        FULL JOIN tiering.tiers_as_of(%2$L, greatest(p.ends, p.tiers_at)) e ON e.customer = s.customer
        WHERE s.customer IS NOT NULL OR p.tiers_at <= p.begins
    ) m
),
touched AS (
    SELECT f.customer, pg_catalog.width_bucket(f.at, $1) AS n, pg_catalog.count(*) AS contacts, pg_catalog.count(f.on_time) AS timed, pg_catalog.count(*) FILTER (WHERE f.on_time) AS on_time
    FROM tiering.followups f WHERE f.program = %2$L AND f.at >= $3 AND f.at < $4 AND NOT f.attempt GROUP BY f.customer, 2
),
promised AS (
    SELECT r.customer, pg_catalog.width_bucket(r.promised_at, $1) AS n, pg_catalog.count(*) AS promises, pg_catalog.count(*) FILTER (WHERE r.kept_at <= r.promised_at) AS promises_kept
    FROM tiering.promises r WHERE r.program = %2$L AND r.promised_at >= $3 AND r.promised_at < $4 AND r.withdrawn_at IS NULL GROUP BY r.customer, 2
),
targets AS (
    SELECT d.tier ->> 'code' AS tier, d.tier #>> '{response,within}' AS within, coalesce(d.tier #>> '{response,clock}', 'calendar') AS clock
    FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'tiers') AS d (tier)
    WHERE s.scheme = %5$L AND s.version = %6$L AND d.tier ? 'response'
),
resolved_tickets AS (
    SELECT t.customer, t.n, t.tier, v.opened_at, v.resolved_at, extract(epoch FROM v.resolved_at - v.opened_at) / 3600 AS hours,
        CASE WHEN g.within IS NOT NULL THEN tiering.response_due(v.opened_at, g.within, g.clock, %7$L,
            (SELECT k.document FROM tiering.calendars k WHERE k.calendar = %11$L)) END AS due
    FROM (
        SELECT t.customer, t.n, t.tier, x.opened_at, x.resolved_at FROM (%12$s) x (customer, n, opened_at, resolved_at)
        FULL JOIN t ON t.customer = x.customer AND t.n = x.n
        WHERE coalesce(t.n, 0) > 0 AND coalesce(pg_catalog.cardinality(x.opened_at), 0) > 0
    ) t
    LEFT JOIN targets g ON g.tier = t.tier
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(t.opened_at), pg_catalog.unnest(t.resolved_at)) AS v (opened_at, resolved_at)
    OFFSET 0
),
resolved AS (
    SELECT u.customer, u.n, pg_catalog.count(*) AS resolved, pg_catalog.sum(u.hours) AS hours, pg_catalog.count(u.due) AS targeted,
        pg_catalog.count(*) FILTER (WHERE u.resolved_at <= u.due) AS within_target, pg_catalog.array_agg(u.hours ORDER BY u.opened_at, u.hours) AS times
    FROM resolved_tickets u GROUP BY u.customer, u.n
),
c AS (
    SELECT t.*, coalesce(touched.contacts, 0) AS contacts, coalesce(touched.timed, 0) AS timed, coalesce(touched.on_time, 0) AS on_time,
        coalesce(promised.promises, 0) AS promises, coalesce(promised.promises_kept, 0) AS promises_kept,
        resolved.resolved, resolved.hours, resolved.targeted, resolved.within_target, resolved.times, %3$s
    FROM t
    FULL JOIN touched ON touched.customer = t.customer AND touched.n = t.n
    FULL JOIN promised ON promised.customer = t.customer AND promised.n = t.n
    FULL JOIN resolved ON resolved.customer = t.customer AND resolved.n = t.n%4$s
    WHERE coalesce(t.n, 0) > 0
)
$query$,
        parts, p.program, given, joins, p.scheme, p.applied_version, p.zone, NULL, coalesce(churn_after, '90 days'), NULL,
        coalesce(p.calendar, tiering.default_calendar()),
        coalesce(nullif(resolved, ''), 'SELECT NULL::text COLLATE "C", NULL::integer, NULL::timestamptz[], NULL::timestamptz[] WHERE false'));
    -- What depends on orders is NULL where no source of orders is registered, and 0 for a customer without any.
    body := format($query$
SELECT c.n, c.customer, c.owner, c.tier, c.rank,
    coalesce(tiering.is_drawn(c.customer, h.share, h.seed), false),
    c.at_start, c.stayed, c.moved_up, c.moved_down, c.gone,
    c.raw_csat_answers, c.raw_csat_positive, c.raw_nps_answers, c.raw_nps_net, c.raw_relation_answers, c.raw_relation_sum,
    %2$s,
    l.value, CASE WHEN %3$L THEN (l.value IS NOT NULL)::integer END,
    c.raw_referrals, (c.raw_referrals > 0)::integer, c.contacts, c.timed, c.on_time, c.promises, c.promises_kept,
    CASE WHEN %4$L THEN coalesce(c.raw_acquired_at >= c.begins AND c.raw_acquired_at < c.ends, false)::integer ELSE 1 - c.at_start END,
    CASE WHEN coalesce(c.raw_acquisition_cost, c.shared_acquisition_cost) IS NOT NULL THEN coalesce(c.raw_acquisition_cost, 0) + coalesce(c.shared_acquisition_cost, 0) END,
    CASE WHEN coalesce(c.raw_retention_cost, c.shared_retention_cost) IS NOT NULL THEN coalesce(c.raw_retention_cost, 0) + coalesce(c.shared_retention_cost, 0) END,
    CASE WHEN coalesce(c.raw_program_cost, c.shared_program_cost) IS NOT NULL THEN coalesce(c.raw_program_cost, 0) + coalesce(c.shared_program_cost, 0) END,
    c.raw_opportunities, c.raw_taken, c.raw_tickets, c.raw_tickets - coalesce(c.resolved, 0),
    CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(c.resolved, 0) END, CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(c.hours, 0) END,
    CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(c.targeted, 0) END, CASE WHEN c.raw_tickets IS NOT NULL THEN coalesce(c.within_target, 0) END, c.times,
    c.raw_complaints, c.raw_activity, (c.raw_activity > 0)::integer
FROM (SELECT c.*, %5$s FROM (SELECT c.*, tiering.order_figures(c.raw_history, c.begins, c.ends) AS o FROM c OFFSET 0) c) c
CROSS JOIN LATERAL (SELECT %6$s AS value OFFSET 0) l
LEFT JOIN tiering.hold_outs h ON h.program = %1$L AND h.since <= c.begins AND (h.until IS NULL OR h.until > c.begins)
$query$,
        p.program,
        CASE WHEN 'history' = ANY (figures) THEN format('coalesce((c.o).orders_made, 0), coalesce((c.o).sales, 0), %s, ((c.o).bought_from IS NOT NULL)::integer, '
            'coalesce(((c.o).bought_from AT TIME ZONE %L)::date < ((c.o).bought_to AT TIME ZONE %L)::date, false)::integer, '
            'coalesce((c.o).before_to >= c.before_begins, false)::integer, coalesce((c.o).before_to >= c.before_begins AND (c.o).bought_from IS NOT NULL, false)::integer, '
            '((c.o).first_bought IS NOT NULL)::integer, coalesce(((c.o).first_bought AT TIME ZONE %L)::date < ((c.o).last_bought AT TIME ZONE %L)::date, false)::integer, '
            'coalesce((c.o).last_bought < c.silent_since, false)::integer, %s, coalesce((c.o).up_sold, 0), (c.o).value_to_date, ((c.o).value_to_date IS NOT NULL)::integer',
            CASE WHEN with_profit THEN 'coalesce((c.o).profit, 0)' ELSE 'NULL::numeric' END, p.zone, p.zone, p.zone, p.zone,
            CASE WHEN with_item THEN 'coalesce((c.o).cross_sold, 0)' ELSE 'NULL::bigint' END)
            ELSE 'NULL::bigint, NULL::numeric, NULL::numeric, NULL::integer, NULL::integer, NULL::integer, NULL::integer, NULL::integer, NULL::integer, NULL::integer, NULL::bigint, NULL::bigint, NULL::numeric, NULL::integer' END,
        with_rfm, 'acquired_at' = ANY (figures), shared,
        CASE WHEN with_rfm THEN format('tiering.customer_lifetime_value((SELECT m.purchases FROM tiering.program_lifetime_models m WHERE m.program = %1$L), '
            '(SELECT m.spend FROM tiering.program_lifetime_models m WHERE m.program = %1$L), tiering.order_rfm(c.raw_history, c.begins, %2$L), (c.begins AT TIME ZONE %2$L)::date, '
            '(SELECT m.horizon FROM tiering.program_lifetime_models m WHERE m.program = %1$L), '
            '(SELECT m.discount_rate FROM tiering.program_lifetime_models m WHERE m.program = %1$L))::numeric', p.program, p.zone) ELSE 'NULL::numeric' END)
        || CASE WHEN currencies <> '' THEN format('CROSS JOIN LATERAL (SELECT tiering.refuse_currencies(%L, pg_catalog.min(m.least), pg_catalog.max(m.greatest)) AS fine FROM (%s) m (least, greatest) OFFSET 0) f WHERE f.fine',
            p.program, currencies) ELSE '' END;
END
$$;
COMMENT ON FUNCTION tiering.customer_figures_query(text) IS
    'the query that gives the figures of each customer of a program in each of several periods: what stands in its WITH clause, and the rest. $1 are the bounds of the periods, $2 is when the tiers were in force '
    '(NULL: at the beginning of each), $3 and $4 are the first and the last bound';

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
    -- The period before, and the silence before that, must be times, too.
    IF least("from", until, tier_at) < '0001-01-01 00:00+00' OR greatest("from", until, tier_at) > '2999-12-31 00:00+00' THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = 'a period has a beginning and an end', DETAIL = format('It was to go from %s to %s.', "from", until),
            HINT = 'Give two times between the years 1 and 2999.';
    END IF;
    IF "from" >= until THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'the period ends before it begins', DETAIL = format('It was to go from %s to %s.', "from", until),
            HINT = 'Exchange the two times.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.check_period(text, timestamptz, timestamptz, timestamptz) IS
    'ERROR 42704 unknown program, 22004 a time is NULL, 22008 a time is infinite, or none of the years 1 to 2999, 22023 a period that ends before it begins';

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
    IF introduced_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'the moment before and after which periods are compared is NULL',
            HINT = format('SELECT * FROM tiering.tier_scorecard_compare(%L, ''2026-07-01'', ''3 months'').', program);
    END IF;
    IF length > interval '1000 years' THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no length of a period', length),
            HINT = 'Give how long before and after are compared: length => ''3 months''.';
    END IF;
    PERFORM tiering.check_period(program, introduced_at, introduced_at + interval '1 day', NULL);
    began := ((introduced_at AT TIME ZONE zone) - length) AT TIME ZONE zone;
    ended := ((introduced_at AT TIME ZONE zone) + length) AT TIME ZONE zone;
END
$$;
COMMENT ON FUNCTION tiering.periods_around(text, timestamptz, interval) IS
    'when the period before a moment begins and the one after it ends, by the local clock of the program; ERROR 42704 unknown program, 22004 no moment, 22023 no positive length';

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
    figures CONSTANT text := tiering.figure_names();
    query record := tiering.customer_figures_query(tier_scorecard_customers.program);
BEGIN
    PERFORM tiering.check_period(tier_scorecard_customers.program, tier_scorecard_customers."from", tier_scorecard_customers.until, tier_scorecard_customers.tier_at);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE format('WITH %s SELECT %s FROM (%s) c (n, %s)', query.parts, figures, query.body, figures)
        USING ARRAY[tier_scorecard_customers."from", tier_scorecard_customers.until], tier_scorecard_customers.tier_at, tier_scorecard_customers."from", tier_scorecard_customers.until;
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
COMMENT ON FUNCTION tiering.figure_names() IS 'the columns of tier_scorecard_customers(), in their order: what customer_figures_query() gives after the number of the period';
