-- What happened with the customers of a program in periods that follow each other: the figures that a scorecard adds up, of each customer or of each tier. The
-- query is made for the program, for all periods at once. It reads each source once, and sums it up by customer and period before anything is joined (a join of surveys and
-- tickets would multiply both). Nothing has a row for each customer and each period but what happened: the tiers are kept as runs of periods in which nothing changes, and
-- the orders of a customer give the figures of all periods of a run in one call.
-- $1 are the bounds of the periods, $2 is when the tiers were in force (NULL: at the beginning of each), $3 and $4 are the first and the last bound. $5: who is steady since then,
-- see 30_tier_runs.sql, is told by the assignment; -infinity: by the history, as it must be where owners are asked for.
-- What is as long as the customers are many is joined by full joins, which are never done row by row, whatever the planner takes the number of rows for: it
-- knows nothing of a new program. coalesce() keeps them full.

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

-- Of one registration: the columns that are read (n tells them apart where a table serves several kinds), and what is added up of them by customer and period.
-- reading: which rows are its own, where a table is read in several ways. shared: whether the table serves other kinds, too, so that its condition counts for this one only.
CREATE FUNCTION tiering.event_figures(registered tiering.event_sources, n integer, zone text, with_rfm boolean, shared boolean, reading text,
    OUT columns text[], OUT figures text[], OUT expressions text[], OUT counts text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    r CONSTANT tiering.event_sources := registered;
    relation CONSTANT regclass := tiering.event_source(registered);
    conditional CONSTANT boolean := shared AND r.only_where IS NOT NULL;
    is_it CONSTANT text := coalesce(nullif(concat_ws(' AND ', 'q.reading = ' || reading, CASE WHEN conditional THEN format('q.is_%s', n) END), ''), 'true');
    filtered CONSTANT text := CASE WHEN is_it = 'true' THEN '' ELSE format(' FILTER (WHERE %s)', is_it) END;
    counted CONSTANT text := 'pg_catalog.count(*)' || filtered;
    amount CONSTANT text := format('q.amount_%s', n);
    ended CONSTANT text := format('q.ended_%s', n);
    total CONSTANT text := format('pg_catalog.sum(%s)', amount);
    answered CONSTANT text := is_it || CASE WHEN r.scale IS NULL THEN format(' AND %s IS NOT NULL', amount) ELSE format(' AND %L::numrange @> %s', r.scale, amount) END;
    finite CONSTANT text := 'CASE WHEN %1$s IN (''NaN'', ''Infinity'', ''-Infinity'') THEN tiering.refuse_amounts(%2$L, %3$L, %4$L, %1$s) ELSE %1$s END';
BEGIN
    counts := filtered;
    columns := ARRAY[CASE WHEN conditional THEN format('((%s' || chr(10) || ')) IS TRUE AS is_%s', r.only_where, n) END]
        || CASE WHEN r.amount_column IS NOT NULL THEN format('e.%I::numeric AS amount_%s', r.amount_column, n) END
        || CASE WHEN r.profit_column IS NOT NULL THEN format('e.%I::numeric AS profit_%s', r.profit_column, n) END
        || CASE WHEN r.ended_at_column IS NOT NULL THEN
            -- An infinite time is one that has not come.
            format('nullif(nullif(%s, ''infinity''), ''-infinity'') AS ended_%s', tiering.event_time(relation, r.ended_at_column, zone), n) END
        -- items by their hash: only equality matters
        || CASE WHEN r.item_column IS NOT NULL THEN format('pg_catalog.hashtextextended(e.%I::text, 0) AS item_%s', r.item_column, n) END
        || CASE WHEN r.currency_column IS NOT NULL THEN format('e.%I::text AS currency_%s', r.currency_column, n) END;
    columns := array_remove(columns, NULL);
    CASE r.kind
        WHEN 'order' THEN
            figures := '{history}';
            -- Lifetime values need every order one by one.
            expressions := ARRAY[format('tiering.order_history(q.at, %s, %s, %s, %s)%s', amount, CASE WHEN r.profit_column IS NOT NULL THEN format('q.profit_%s', n) ELSE 'NULL' END,
                CASE WHEN r.item_column IS NOT NULL THEN format('q.item_%s', n) ELSE 'NULL' END, CASE WHEN with_rfm THEN '''-infinity''' ELSE '$3' END, filtered)];
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
        WHEN 'acquired' THEN figures := '{acquired_at}'; expressions := ARRAY['pg_catalog.min(q.at)' || filtered];
        ELSE figures := ARRAY[r.kind]; expressions := ARRAY[format(finite, total || filtered, r.program, r.kind, r.source)];
    END CASE;
    -- A figure whose column was not named stays unknown; it is not 0.
    SELECT array_agg(u.figure), array_agg(u.expression) INTO figures, expressions
    FROM unnest(figures, expressions) AS u (figure, expression) WHERE u.expression IS NOT NULL;
END
$$;
COMMENT ON FUNCTION tiering.event_figures(tiering.event_sources, integer, text, boolean, boolean, text) IS
    'of a source of events: the columns that are read, the figures that are added up by customer, and by period unless they are of all time, and which rows count';

CREATE FUNCTION tiering.customer_figures_query(program text, OUT parts text, OUT of_customers text, OUT of_tiers text)
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
    alias text;
    time_read text;
    key_type regtype;
    -- what identifies a customer in the source: the key itself where equal keys have equal texts, so that only one text a customer is made
    key_read text;
    customer text;
    sorted text;
    named record;
    joined text := '';
    conditions text[];
    -- of the source at hand, which may be read in several ways: by other columns, or of all time and by period
    columns text[] := '{}';
    sums text[] := '{}';
    readings text[] := '{}';
    wanted text[] := '{}';
    numbered text[] := '{}';
    times text[] := '{}';
    keys text[] := '{}';
    currencies text := '';
    -- side by side: a figure, the expression that gives it and where, and by what it is spread if it belongs to nobody in particular
    figures text[] := '{}';
    expressions text[] := '{}';
    aliases text[] := '{}';
    spreads text[] := '{}';
    with_item boolean := false;
    with_profit boolean := false;
    churn_after interval;
    resolved text := '';
    histories text;
    acquired text;
    given record;
    shared text;
    value text;
    body text;
BEGIN
    parts := '';
    FOR part IN
        SELECT r.*, row_number() OVER (PARTITION BY r.source ORDER BY r.customer_column, r.at_column, r.of_all_time) AS reading, count(*) OVER (PARTITION BY r.source) AS readings,
            'source_' || dense_rank() OVER (ORDER BY r.source) AS alias
        FROM (
            SELECT e.source, e.customer_column, e.at_column, e.kind IN ('order', 'acquired') AS of_all_time, array_agg(e ORDER BY e.kind) AS registrations
            FROM tiering.event_sources e WHERE e.program = p.program GROUP BY 1, 2, 3, 4
        ) r
        ORDER BY r.source, reading
    LOOP
        alias := part.alias || CASE WHEN part.readings > 1 THEN '_' || part.reading ELSE '' END;
        FOREACH registered IN ARRAY part.registrations LOOP
            n := n + 1;
            reads := tiering.event_figures(registered, n, p.zone, with_rfm, part.readings > 1 OR cardinality(part.registrations) > 1, CASE WHEN part.readings > 1 THEN part.reading::text END);
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
                    resolved := concat_ws(' UNION ALL ', nullif(resolved, ''), format('SELECT e.customer, e.n, e.figure_%1$s_%2$s, e.figure_%1$s_%3$s FROM %4$s e WHERE e.figure_%1$s_%2$s IS NOT NULL', n, i, i + 1, alias));
                END IF;
                figures := figures || reads.figures[i];
                expressions := expressions || format('e.figure_%s_%s', n, i);
                aliases := aliases || alias;
                spreads := spreads || CASE WHEN part.customer_column IS NULL THEN registered.cost_share END;
            END LOOP;
            IF registered.currency_column IS NOT NULL THEN
                sums := sums || format('pg_catalog.min(q.currency_%1$s)%2$s AS least_%1$s, pg_catalog.max(q.currency_%1$s)%2$s AS greatest_%1$s', n, reads.counts);
                currencies := concat_ws(' UNION ALL ', nullif(currencies, ''), format('SELECT e.least_%s, e.greatest_%s FROM %s e', n, n, alias));
            END IF;
        END LOOP;
        time_read := tiering.event_time(part.source::regclass, part.at_column, p.zone);
        SELECT c.type INTO key_type FROM tiering.source_columns(part.source::regclass) c WHERE c.column_name = part.customer_column;
        named := tiering.customer_read(p.program, part.source::regclass, part.customer_column, 'e', part.reading);
        key_read := named.key;
        customer := CASE WHEN key_read IS NOT NULL THEN 'q.key' END;
        IF part.readings = 1 AND named.joined = '' AND tiering.base_type(key_type) IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'uuid'::regtype) THEN
            key_read := format('e.%I', part.customer_column);
            customer := tiering.key_expression('q.key', key_type);
        END IF;
        conditions := ARRAY[format('%s < $4', time_read), format(CASE WHEN part.of_all_time THEN '%s > ''-infinity''' ELSE '%s >= $3' END, time_read)]
            || CASE WHEN part.customer_column IS NOT NULL THEN format('e.%I IS NOT NULL', part.customer_column) END
            || CASE WHEN part.readings = 1 AND cardinality(part.registrations) = 1 THEN '(' || (part.registrations)[1].only_where || chr(10) || ')' END;
        -- Of orders each customer has a value that grows: in the order of the customers it stays at hand, where a hash table of many would be looked through for each order. The order is
        -- made, and not that of an index, by which rows lie here and there.
        sorted := CASE WHEN EXISTS (SELECT FROM unnest(part.registrations) AS o WHERE o.kind = 'order') THEN '(SELECT q.* FROM (SELECT %s FROM %s e%s WHERE %s OFFSET 0) q ORDER BY q.key OFFSET 0)' ELSE '(SELECT %s FROM %s e%s WHERE %s OFFSET 0)' END;
        -- OFFSET 0: each expression is computed once a row, not once in each sum that uses it.
        -- Costs of nobody in particular are asked for by each line: MATERIALIZED, they are added up once.
        IF part.readings = 1 THEN
            parts := parts || format('%s AS %s(SELECT %s FROM ' || sorted || ' q GROUP BY %s),' || chr(10), alias,
                CASE WHEN part.customer_column IS NULL THEN 'MATERIALIZED ' ELSE '' END,
                concat_ws(', ', customer || ' AS customer', CASE WHEN NOT part.of_all_time THEN 'q.n' END, array_to_string(sums, ', ')),
                concat_ws(', ', key_read || ' AS key', time_read || ' AS at', CASE WHEN NOT part.of_all_time THEN format('pg_catalog.width_bucket(%s, $1) AS n', time_read) END, nullif(array_to_string(columns, ', '), '')),
                part.source, named.joined, array_to_string(conditions, ' AND '),
                concat_ws(', ', CASE WHEN key_read IS NOT NULL THEN 'q.key' END, CASE WHEN NOT part.of_all_time THEN 'q.n' END));
        ELSE
            -- A table that is read in several ways is read once: each row gives one row for each.
            columns := columns || ARRAY[format('%s AS at_%s', time_read, part.reading), format('%s AS key_%s', coalesce(key_read, 'NULL::text COLLATE pg_catalog."C"'), part.reading)];
            readings := readings || format('(%s)', part.reading);
            times := times || format('WHEN %1$s THEN q.at_%1$s', part.reading);
            keys := keys || format('WHEN %1$s THEN q.key_%1$s', part.reading);
            wanted := wanted || format('WHEN %1$s THEN q.at_%1$s < $4 AND q.at_%1$s %2$s%3$s', part.reading, CASE WHEN part.of_all_time THEN '> ''-infinity''' ELSE '>= $3' END,
                CASE WHEN key_read IS NOT NULL THEN format(' AND q.key_%s IS NOT NULL', part.reading) ELSE '' END);
            numbered := numbered || format('WHEN %1$s THEN %2$s', part.reading, CASE WHEN part.of_all_time THEN 'NULL' ELSE format('pg_catalog.width_bucket(q.at_%s, $1)', part.reading) END);
            joined := joined || named.joined;
            IF part.reading < part.readings THEN
                CONTINUE;
            END IF;
            parts := parts || format('%1$s AS MATERIALIZED (SELECT q.reading, q.key AS customer, q.n, %2$s '
                'FROM (SELECT q.*, v.reading, CASE v.reading %3$s END AS at, CASE v.reading %4$s END AS key, (CASE v.reading %5$s END)::integer AS n FROM (SELECT %6$s FROM %7$s e%10$s) q '
                'CROSS JOIN (VALUES %8$s) v (reading) WHERE CASE v.reading %9$s END OFFSET 0) q GROUP BY q.reading, q.key, q.n),' || chr(10),
                part.alias, array_to_string(sums, ', '), array_to_string(times, ' '), array_to_string(keys, ' '), array_to_string(numbered, ' '), array_to_string(columns, ', '), part.source,
                array_to_string(readings, ', '), array_to_string(wanted, ' '), joined);
            parts := parts || (SELECT string_agg(format('%1$s_%2$s AS (SELECT * FROM %1$s e WHERE e.reading = %2$s),' || chr(10), part.alias, g.reading), '') FROM generate_series(1, part.readings) AS g (reading));
        END IF;
        columns := '{}';
        sums := '{}';
        readings := '{}';
        wanted := '{}';
        numbered := '{}';
        times := '{}';
        keys := '{}';
        joined := '';
    END LOOP;

    -- Complaints that were logged count where no source of complaints is registered; both would count the same ones twice.
    IF 'complaints' <> ALL (figures) AND EXISTS (SELECT FROM tiering.complaints k WHERE k.program = p.program) THEN
        parts := parts || format('complained AS (SELECT k.customer, pg_catalog.width_bucket(k.at, $1) AS n, pg_catalog.count(*) AS complaints FROM tiering.complaints k '
            'WHERE k.program = %L AND k.at >= $3 AND k.at < $4 GROUP BY k.customer, 2),' || chr(10), p.program);
        figures := figures || 'complaints'::text;
        expressions := expressions || 'e.complaints'::text;
        aliases := aliases || 'complained'::text;
        spreads := spreads || NULL::text;
    END IF;
    -- Orders of all sources are one history, and the first time of all sources counts.
    SELECT string_agg(format('SELECT e.customer, %s AS history FROM %s e', f.expression, f.alias), ' UNION ALL ') INTO histories
    FROM unnest(figures, expressions, aliases) AS f (figure, expression, alias) WHERE f.figure = 'history' HAVING count(*) > 0;
    IF (SELECT count(*) FROM unnest(figures) AS f WHERE f = 'history') > 1 THEN
        histories := format('SELECT e.customer, tiering.rollup(e.history) AS history FROM (%s) e GROUP BY e.customer', histories);
    END IF;
    SELECT string_agg(format('SELECT e.customer, %s AS at FROM %s e', f.expression, f.alias), ' UNION ALL ') INTO acquired
    FROM unnest(figures, expressions, aliases) AS f (figure, expression, alias) WHERE f.figure = 'acquired_at';
    IF acquired IS NOT NULL THEN
        parts := parts || format('acquired AS (SELECT a.customer, pg_catalog.width_bucket(a.at, $1) AS n, 1 AS is_new FROM (SELECT a.customer, pg_catalog.min(a.at) AS at FROM (%s) a GROUP BY a.customer) a WHERE a.at >= $3),' || chr(10), acquired);
        figures := figures || 'is_new'::text;
        expressions := expressions || 'e.is_new'::text;
        aliases := aliases || 'acquired'::text;
        spreads := spreads || NULL::text;
    END IF;
    -- Contacts and promises are there without registering.
    figures := figures || '{contacts,timed,on_time,promises,promises_kept}'::text[];
    expressions := expressions || '{e.contacts,e.timed,e.on_time,e.promises,e.promises_kept}'::text[];
    aliases := aliases || '{touched,touched,touched,promised,promised}'::text[];
    spreads := spreads || '{NULL,NULL,NULL,NULL,NULL}'::text[];
    -- Every figure of what happened: by customer, by tier; and as it is told, which is NULL where no source gives it, so that the measures over it are NULL, and not 0.
    SELECT string_agg(format('pg_catalog.sum(e.%1$s)::%2$s AS %1$s', k.figure, k.type), ', ' ORDER BY k.figure) FILTER (WHERE k.figure = k.follows_from) AS summed,
        string_agg(format('pg_catalog.sum(h.%1$s) AS %1$s', k.figure), ', ' ORDER BY k.figure) AS of_tier,
        string_agg(CASE WHEN k.is_given THEN format('coalesce(h.%1$s, 0) AS %1$s', k.figure) ELSE format('NULL::%2$s AS %1$s', k.figure, k.type) END, ', ' ORDER BY k.figure) AS told
    INTO given
    FROM (
        SELECT k.figure, k.type, k.follows_from, EXISTS (SELECT FROM unnest(figures, spreads) AS u (figure, spread) WHERE u.figure = k.follows_from AND u.spread IS NULL) AS is_given
        FROM (SELECT h.figure, h.type, h.figure AS follows_from FROM tiering.happened_figures() h UNION ALL VALUES ('referring', 'bigint', 'referrals'), ('active', 'bigint', 'activity')) k
    ) k;
    -- Costs of nobody in particular: each customer bears a share, by contacts or sales if there are any, otherwise all alike; a tier bears those of its customers.
    SELECT string_agg(format('%s AS shared_%s', coalesce(f.given, 'NULL::numeric'), f.figure), ', ') INTO shared
    FROM (
        SELECT k.figure, string_agg(format('coalesce((SELECT %s FROM %s e WHERE e.n = c.n), 0) * coalesce(%s)', u.expression, u.alias,
            CASE u.spread WHEN 'contacts' THEN 'c.contacts / nullif(pg_catalog.sum(c.contacts) OVER (PARTITION BY c.n), 0)::numeric, ' WHEN 'sales' THEN 'coalesce(c.spending, 0) / nullif(pg_catalog.sum(c.spending) OVER (PARTITION BY c.n), 0), ' ELSE '' END
                || 'c.at_start / nullif(pg_catalog.sum(c.at_start) OVER (PARTITION BY c.n), 0)::numeric'), ' + ') FILTER (WHERE u.expression IS NOT NULL) AS given
        FROM unnest('{acquisition_cost,retention_cost,program_cost}'::text[]) AS k (figure)
        LEFT JOIN unnest(figures, expressions, aliases, spreads) AS u (figure, expression, alias, spread) ON u.figure = k.figure AND u.spread IS NOT NULL
        GROUP BY k.figure
    ) f;
    parts := format($query$
%1$speriods AS (
    SELECT b.*, (b.begins AT TIME ZONE %5$L - pg_catalog.age(b.ends AT TIME ZONE %5$L, b.begins AT TIME ZONE %5$L)) AT TIME ZONE %5$L AS before_begins, (b.ends AT TIME ZONE %5$L - %6$L::interval) AT TIME ZONE %5$L AS silent_since
    FROM (SELECT g.n, ($1)[g.n] AS begins, ($1)[g.n + 1] AS ends, coalesce($2, ($1)[g.n]) AS tiers_at FROM pg_catalog.generate_series(1, pg_catalog.cardinality($1) - 1) AS g (n)) b
),
-- Who had one tier at all times asked for is told by the assignment; only what has changed since $5 is read as ranges of the history.
changed AS MATERIALIZED (SELECT * FROM tiering.tier_runs(%2$L, $1, $2, $5)),
t AS NOT MATERIALIZED (
    SELECT c.customer, c.owner, c.tier, c.rank, c.first, c.last, c.at_start, c.stayed, c.moved_up, c.moved_down, c.gone FROM changed c
    UNION ALL
    SELECT s.customer, NULL, s.tier, (SELECT g.rank FROM tiering.program_tiers g WHERE g.program = %2$L AND g.tier = s.tier), 1, pg_catalog.cardinality($1) - 1, 1, 1, 0, 0, 0 FROM tiering.steady_customers(%2$L, $5) s
),
-- Those who have the same tier at the beginning and at the end of each period of a run, counted.
counted AS (
    SELECT c.first, c.last, c.tier, c.at_start, c.gone, c.end_tier, pg_catalog.count(*) AS customers, pg_catalog.sum(c.stayed) AS stayed, pg_catalog.sum(c.moved_up) AS moved_up, pg_catalog.sum(c.moved_down) AS moved_down
    FROM changed c GROUP BY c.first, c.last, c.tier, c.at_start, c.gone, c.end_tier
    UNION ALL
    SELECT 1, pg_catalog.cardinality($1) - 1, s.tier, 1, 0, s.tier, pg_catalog.count(*), pg_catalog.count(*), 0, 0 FROM tiering.steady_customers(%2$L, $5) s GROUP BY s.tier
),
touched AS (
    SELECT f.customer, pg_catalog.width_bucket(f.at, $1) AS n, pg_catalog.count(*) AS contacts, pg_catalog.count(f.on_time) AS timed, pg_catalog.count(*) FILTER (WHERE f.on_time) AS on_time
    FROM tiering.followups f WHERE f.program = %2$L AND f.at >= $3 AND f.at < $4 AND NOT f.attempt GROUP BY f.customer, 2
),
promised AS (
    SELECT r.customer, pg_catalog.width_bucket(r.promised_at, $1) AS n, pg_catalog.count(*) AS promises, pg_catalog.count(*) FILTER (WHERE r.kept_at <= r.promised_at) AS promises_kept
    FROM tiering.promises r WHERE r.program = %2$L AND r.promised_at >= $3 AND r.promised_at < $4 AND r.withdrawn_at IS NULL GROUP BY r.customer, 2
),
-- Of each source a row for a customer and a period; and all of them together.
told_of AS NOT MATERIALIZED (SELECT e.*, (e.referrals > 0)::integer AS referring, (e.activity > 0)::integer AS active FROM (%4$s) e),
happened AS (
    SELECT h.*, (h.referrals > 0)::integer AS referring, (h.activity > 0)::integer AS active
    FROM (SELECT e.customer, e.n, %3$s FROM told_of e GROUP BY e.customer, e.n) h
),
histories AS (%7$s),
targets AS (
    SELECT d.tier ->> 'code' AS tier, d.tier #>> '{response,within}' AS within, coalesce(d.tier #>> '{response,clock}', 'calendar') AS clock
    FROM tiering.schemes s, jsonb_array_elements(tiering.to_jsonb(s.document) -> 'tiers') AS d (tier)
    WHERE s.scheme = %8$L AND s.version = %9$L AND d.tier ? 'response'
),
resolved_tickets AS (%10$s)
$query$,
        parts, p.program, given.summed,
        (SELECT string_agg(format('SELECT e.customer, e.n, %s FROM %s e', m.columns, m.alias), ' UNION ALL ' ORDER BY m.alias)
            FROM (
                SELECT a.alias, string_agg(format('%s::%s AS %s', coalesce(u.expression, 'NULL'), k.type, k.figure), ', ' ORDER BY k.figure) AS columns
                FROM (SELECT DISTINCT u.alias FROM unnest(figures, aliases, spreads) AS u (figure, alias, spread) WHERE u.spread IS NULL AND u.figure IN (SELECT h.figure FROM tiering.happened_figures() h)) a
                CROSS JOIN tiering.happened_figures() k
                LEFT JOIN unnest(figures, expressions, aliases) AS u (figure, expression, alias) ON u.alias = a.alias AND u.figure = k.figure
                GROUP BY a.alias
            ) m),
        p.zone, coalesce(churn_after, '90 days'), coalesce(histories, 'SELECT NULL::text COLLATE "C" AS customer, NULL::tiering.order_history AS history WHERE false'), p.scheme, p.applied_version,
        CASE WHEN resolved = '' THEN 'SELECT NULL::text COLLATE "C" AS customer, NULL::integer AS n, NULL::text AS tier, NULL::timestamptz AS opened_at, NULL::numeric AS hours, NULL::timestamptz AS due, NULL::timestamptz AS resolved_at WHERE false'
            ELSE format($query$
    SELECT t.customer, t.n, t.tier, v.opened_at, v.resolved_at, extract(epoch FROM v.resolved_at - v.opened_at) / 3600 AS hours,
        CASE WHEN g.within IS NOT NULL THEN tiering.response_due(v.opened_at, g.within, g.clock, %1$L,
            (SELECT k.document FROM tiering.calendars k WHERE k.calendar = %2$L)) END AS due
    FROM (
        SELECT t.customer, x.n, t.tier, x.opened_at, x.resolved_at FROM (%3$s) x (customer, n, opened_at, resolved_at)
        FULL JOIN t ON t.customer = x.customer
        WHERE coalesce(x.n, 0) BETWEEN coalesce(t.first, 1) AND coalesce(t.last, 0) AND coalesce(pg_catalog.cardinality(x.opened_at), 0) > 0
    ) t
    LEFT JOIN targets g ON g.tier = t.tier
    CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(t.opened_at), pg_catalog.unnest(t.resolved_at)) AS v (opened_at, resolved_at)
    OFFSET 0
$query$, p.zone, coalesce(p.calendar, tiering.default_calendar()), resolved) END);
    -- What depends on orders is NULL where no source of orders is registered, and 0 for a customer without any.
    body := format($query$
    c.at_start, c.stayed, c.moved_up, c.moved_down, c.gone, c.csat_answers, c.csat_positive, c.nps_answers, c.nps_net, c.relation_answers, c.relation_sum,
    %s,
    c.value_predicted, %s, c.referrals, c.referring, c.contacts, c.timed, c.on_time, c.promises, c.promises_kept, %s,
    CASE WHEN coalesce(c.acquisition_cost, c.shared_acquisition_cost) IS NOT NULL THEN coalesce(c.acquisition_cost, 0) + coalesce(c.shared_acquisition_cost, 0) END,
    CASE WHEN coalesce(c.retention_cost, c.shared_retention_cost) IS NOT NULL THEN coalesce(c.retention_cost, 0) + coalesce(c.shared_retention_cost, 0) END,
    CASE WHEN coalesce(c.program_cost, c.shared_program_cost) IS NOT NULL THEN coalesce(c.program_cost, 0) + coalesce(c.shared_program_cost, 0) END,
    c.opportunities, c.taken, c.tickets, c.tickets - coalesce(c.resolved, 0),
    CASE WHEN c.tickets IS NOT NULL THEN coalesce(c.resolved, 0) END, CASE WHEN c.tickets IS NOT NULL THEN coalesce(c.hours, 0) END,
    CASE WHEN c.tickets IS NOT NULL THEN coalesce(c.targeted, 0) END, CASE WHEN c.tickets IS NOT NULL THEN coalesce(c.within_target, 0) END, c.times,
    c.complaints, c.activity, c.active
$query$,
        CASE WHEN histories IS NULL THEN rtrim(repeat('NULL::numeric, ', 14), ', ')
            ELSE format('coalesce(c.orders_made, 0), coalesce(c.sales, 0), %s, coalesce(c.buying, 0), coalesce(c.repeat_buying, 0), coalesce(c.bought_before, 0), coalesce(c.retained, 0), coalesce(c.bought_ever, 0), '
                'coalesce(c.repeated_ever, 0), coalesce(c.churned, 0), %s, coalesce(c.up_sold, 0), c.value_to_date, coalesce(c.valued, 0)',
                CASE WHEN with_profit THEN 'coalesce(c.profit, 0)' ELSE 'NULL::numeric' END, CASE WHEN with_item THEN 'coalesce(c.cross_sold, 0)' ELSE 'NULL::bigint' END) END,
        CASE WHEN with_rfm THEN 'coalesce(c.predicted, 0)' ELSE 'NULL::bigint' END, CASE WHEN acquired IS NOT NULL THEN 'c.is_new' ELSE 'c.counted - c.at_start' END);
    value := CASE WHEN with_rfm THEN format('tiering.customer_lifetime_value((SELECT m.purchases FROM tiering.program_lifetime_models m WHERE m.program = %1$L), '
        '(SELECT m.spend FROM tiering.program_lifetime_models m WHERE m.program = %1$L), tiering.order_rfm(o.history, p.begins, %2$L), (p.begins AT TIME ZONE %2$L)::date, '
        '(SELECT m.horizon FROM tiering.program_lifetime_models m WHERE m.program = %1$L), '
        '(SELECT m.discount_rate FROM tiering.program_lifetime_models m WHERE m.program = %1$L))::numeric', p.program, p.zone) ELSE 'NULL::numeric' END;
    currencies := CASE WHEN currencies <> '' THEN format('CROSS JOIN LATERAL (SELECT tiering.refuse_currencies(%L, pg_catalog.min(m.least), pg_catalog.max(m.greatest)) AS fine FROM (%s) m (least, greatest) OFFSET 0) f WHERE f.fine',
        p.program, currencies) ELSE '' END;
    of_customers := format($query$
SELECT c.n, c.customer, c.owner, c.tier, c.rank, coalesce(tiering.is_drawn(c.customer, d.share, d.seed), false), %1$s
FROM (
    SELECT c.*, %2$s FROM (
        SELECT c.*, (c.o).*, (c.value_predicted IS NOT NULL)::integer AS predicted FROM (
            SELECT p.n, p.begins, p.customer, p.owner, p.tier, p.rank, 1 AS counted, p.at_start, p.stayed, p.moved_up, p.moved_down, p.gone, %3$s,
                r.resolved, r.hours, r.targeted, r.within_target, r.times, %4$s AS value_predicted, tiering.order_figures(o.history, p.begins, p.ends, p.before_begins, p.silent_since, %5$L) AS o
            FROM (
                SELECT p.n, p.begins, p.ends, p.before_begins, p.silent_since, t.customer, t.owner, t.tier, t.rank, t.at_start,
                    -- How customers moved can be told only of tiers of the beginning.
                    CASE WHEN p.tiers_at <= p.begins THEN t.stayed END AS stayed, CASE WHEN p.tiers_at <= p.begins THEN t.moved_up END AS moved_up,
                    CASE WHEN p.tiers_at <= p.begins THEN t.moved_down END AS moved_down, CASE WHEN p.tiers_at <= p.begins THEN t.gone END AS gone
                FROM t JOIN periods p ON p.n BETWEEN t.first AND t.last
            ) p
            FULL JOIN happened h ON h.customer = p.customer AND h.n = p.n
            FULL JOIN (
                SELECT u.customer, u.n, %6$s, pg_catalog.array_agg(u.hours ORDER BY u.opened_at, u.hours) AS times FROM resolved_tickets u GROUP BY u.customer, u.n
            ) r ON r.customer = p.customer AND r.n = p.n
            FULL JOIN histories o ON o.customer = p.customer
            WHERE coalesce(p.n, 0) > 0 OFFSET 0
        ) c
    ) c OFFSET 0
) c
LEFT JOIN tiering.hold_outs d ON d.program = %7$L AND d.since <= c.begins AND (d.until IS NULL OR d.until > c.begins)
%8$s
$query$, body, shared, given.told, value, p.zone, tiering.resolved_figures(), p.program, currencies);
    of_tiers := format($query$
SELECT c.n, NULL, NULL, c.tier, NULL, false, %1$s
FROM (
    SELECT c.*, %2$s FROM (
        SELECT c.*, %3$s, r.resolved, r.hours, r.targeted, r.within_target, NULL::numeric[] AS times, v.value_predicted, v.predicted
        FROM (
            SELECT c.n, c.tier, pg_catalog.sum(c.counted) AS counted, pg_catalog.sum(c.at_start) AS at_start, pg_catalog.sum(c.stayed) FILTER (WHERE c.tiers_at <= c.begins) AS stayed,
                pg_catalog.sum(c.moved_up) FILTER (WHERE c.tiers_at <= c.begins) AS moved_up, pg_catalog.sum(c.moved_down) FILTER (WHERE c.tiers_at <= c.begins) AS moved_down, pg_catalog.sum(c.gone) FILTER (WHERE c.tiers_at <= c.begins) AS gone,
                pg_catalog.sum((c.o).orders_made) AS orders_made, pg_catalog.sum((c.o).sales) AS sales, pg_catalog.sum((c.o).profit) AS profit, pg_catalog.sum((c.o).buying) AS buying,
                pg_catalog.sum((c.o).repeat_buying) AS repeat_buying, pg_catalog.sum((c.o).bought_before) AS bought_before, pg_catalog.sum((c.o).retained) AS retained,
                pg_catalog.sum((c.o).bought_ever) AS bought_ever, pg_catalog.sum((c.o).repeated_ever) AS repeated_ever, pg_catalog.sum((c.o).churned) AS churned,
                pg_catalog.sum((c.o).cross_sold) AS cross_sold, pg_catalog.sum((c.o).up_sold) AS up_sold, pg_catalog.sum((c.o).value_to_date) AS value_to_date, pg_catalog.sum((c.o).valued) AS valued, pg_catalog.sum((c.o).spending) AS spending
            FROM (
                SELECT p.n, p.begins, p.tiers_at, c.*, tiering.order_figures(c.totals, p.n - c.first + 1) AS o
                FROM (
                    SELECT k.*, %9$s AS totals
                    FROM (
                        SELECT k.first, k.last, k.tier, pg_catalog.sum(k.customers) AS counted, pg_catalog.sum(k.customers * k.at_start) AS at_start, pg_catalog.sum(k.stayed) AS stayed,
                            pg_catalog.sum(k.moved_up) AS moved_up, pg_catalog.sum(k.moved_down) AS moved_down, pg_catalog.sum(k.customers * k.gone) AS gone
                        FROM counted k GROUP BY k.first, k.last, k.tier
                    ) k %10$s
                ) c
                JOIN periods p ON p.n BETWEEN c.first AND c.last OFFSET 0
            ) c
            GROUP BY c.n, c.tier
        ) c
        LEFT JOIN (
            SELECT h.n, t.tier, %5$s FROM %4$s h FULL JOIN t ON t.customer = h.customer WHERE coalesce(h.n, 0) BETWEEN coalesce(t.first, 1) AND coalesce(t.last, 0) GROUP BY h.n, t.tier
        ) h ON h.n = c.n AND h.tier IS NOT DISTINCT FROM c.tier
        LEFT JOIN (SELECT u.n, u.tier, %6$s FROM resolved_tickets u GROUP BY u.n, u.tier) r ON r.n = c.n AND r.tier IS NOT DISTINCT FROM c.tier
        LEFT JOIN (%7$s) v ON v.n = c.n AND v.tier IS NOT DISTINCT FROM c.tier
    ) c
) c
%8$s
$query$, body, shared, given.told,
        -- Who refers others is counted once, though several sources say so.
        CASE WHEN EXISTS (SELECT FROM unnest(figures, aliases) AS u (figure, alias) WHERE u.figure IN ('referrals', 'activity') GROUP BY u.figure HAVING count(*) > 1) THEN 'happened' ELSE 'told_of' END, given.of_tier, tiering.resolved_figures(),
        CASE WHEN with_rfm THEN format('SELECT v.n, v.tier, pg_catalog.sum(v.value) AS value_predicted, pg_catalog.count(v.value) AS predicted FROM (SELECT p.n, p.tier, %s AS value '
            'FROM (SELECT p.n, p.begins, t.customer, t.tier FROM t JOIN periods p ON p.n BETWEEN t.first AND t.last) p FULL JOIN histories o ON o.customer = p.customer WHERE coalesce(p.n, 0) > 0 OFFSET 0) v GROUP BY v.n, v.tier', value)
            ELSE 'SELECT NULL::integer AS n, NULL::text AS tier, NULL::numeric AS value_predicted, NULL::bigint AS predicted' END,
        currencies,
        CASE WHEN histories IS NULL THEN 'NULL::tiering.order_totals' ELSE 'v.totals' END,
        CASE WHEN histories IS NULL THEN '' ELSE format('LEFT JOIN (SELECT t.first, t.last, t.tier, tiering.order_totals(o.history, $1, (SELECT pg_catalog.array_agg(p.before_begins ORDER BY p.n) FROM periods p), '
            '(SELECT pg_catalog.array_agg(p.silent_since ORDER BY p.n) FROM periods p), %L, t.first, t.last) FILTER (WHERE o.history IS NOT NULL) AS totals '
            'FROM histories o FULL JOIN t ON t.customer = o.customer WHERE coalesce(t.first, 0) > 0 GROUP BY t.first, t.last, t.tier) v '
            'ON v.first = k.first AND v.last = k.last AND v.tier IS NOT DISTINCT FROM k.tier', p.zone) END);
END
$$;
COMMENT ON FUNCTION tiering.customer_figures_query(text) IS
    'the query that gives the figures of a program in each of several periods: what stands in its WITH clause, and the rest, of each customer or of each tier. $1 are the bounds of the periods, $2 is when the tiers were in force '
    '(NULL: at the beginning of each), $3 and $4 are the first and the last bound, $5 is since when customers are steady who are not looked for in the history';

CREATE FUNCTION tiering.happened_figures() RETURNS TABLE (figure text, type text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT * FROM unnest('{opportunities,taken,csat_answers,csat_positive,nps_answers,nps_net,relation_answers,relation_sum,tickets,complaints,referrals,activity,is_new,
        acquisition_cost,retention_cost,program_cost,contacts,timed,on_time,promises,promises_kept}'::text[],
        '{bigint,bigint,bigint,bigint,bigint,bigint,bigint,numeric,bigint,bigint,bigint,bigint,bigint,numeric,numeric,numeric,bigint,bigint,bigint,bigint,bigint}'::text[]);
END;
COMMENT ON FUNCTION tiering.happened_figures() IS 'the figures of a customer and a period that are there only if something happened, and their types';

CREATE FUNCTION tiering.resolved_figures() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 'pg_catalog.count(*) AS resolved, pg_catalog.sum(u.hours) AS hours, pg_catalog.count(u.due) AS targeted, pg_catalog.count(*) FILTER (WHERE u.resolved_at <= u.due) AS within_target';
COMMENT ON FUNCTION tiering.resolved_figures() IS 'what is added up of tickets that were resolved';

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
    -- The latest times have no next day.
    PERFORM tiering.check_period(program, introduced_at, greatest(introduced_at, least(introduced_at, timestamptz '9999-01-01 00:00+00') + interval '1 day'), NULL);
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
    query record := tiering.customer_figures_query(tier_scorecard_customers.program);
    failed_detail text;
    failed_hint text;
BEGIN
    PERFORM tiering.check_period(tier_scorecard_customers.program, tier_scorecard_customers."from", tier_scorecard_customers.until, tier_scorecard_customers.tier_at);
    PERFORM set_config('search_path', tiering.source_path(path), true);
    RETURN QUERY EXECUTE format('WITH %s SELECT %s FROM (%s) c (n, %s)', query.parts, tiering.figure_names('c.%I::%s'), query.of_customers, tiering.figure_names())
        USING ARRAY[tier_scorecard_customers."from", tier_scorecard_customers.until], tier_scorecard_customers.tier_at, tier_scorecard_customers."from", tier_scorecard_customers.until,
            '-infinity'::timestamptz;
EXCEPTION WHEN OTHERS THEN
    IF tiering.is_of_a_row(SQLSTATE) THEN
        GET STACKED DIAGNOSTICS failed_detail = PG_EXCEPTION_DETAIL, failed_hint = PG_EXCEPTION_HINT;
        PERFORM tiering.raise_of_events(tier_scorecard_customers.program, path, SQLSTATE, SQLERRM, failed_detail, failed_hint);
    END IF;
    RAISE;
END
$$;
COMMENT ON FUNCTION tiering.tier_scorecard_customers(text, timestamptz, timestamptz, timestamptz, text) IS
    'what happened with each customer of a program in a period: the figures that tier_scorecard() adds up by tier. Tiers are those of the beginning, or of tier_at; a customer who '
    'came within the period has at_start = 0 and the tier of the end. 1 and 0 stand for yes and no; NULL where no source gives the figure. Errors as of tier_scorecard()';

CREATE FUNCTION tiering.figure_names(form text DEFAULT '%I') RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- The first five are its arguments.
    SELECT string_agg(format(figure_names.form, a.name, format_type(a.type, -1)), ', ' ORDER BY a.n)
    FROM pg_proc f, ROWS FROM (unnest(f.proargnames), unnest(f.proallargtypes)) WITH ORDINALITY AS a (name, type, n)
    WHERE f.oid = 'tiering.tier_scorecard_customers(text, timestamptz, timestamptz, timestamptz, text)'::regprocedure AND a.n > 5;
END;
COMMENT ON FUNCTION tiering.figure_names(text) IS
    'the columns of tier_scorecard_customers(), in their order: what customer_figures_query() gives after the number of the period; form: how each is written, of its name and its type';
