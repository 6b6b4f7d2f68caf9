-- Pages of HTML for those who look rather than query. SQL gathers the figures as a document; the engine writes the page.

CREATE FUNCTION tiering.report_page(document jsonb, lang text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'report_page';
COMMENT ON FUNCTION tiering.report_page(jsonb, text) IS
    'the page of a document that report_html() or customer_report_html() gathered: {"program": …} or {"customer": …}. What stands in it is text and never markup. '
    'ERROR 22023 another document, or an unknown language';

CREATE FUNCTION tiering.report_document(program text, "from" timestamptz, until timestamptz, path text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    -- As many as people read; the rest is counted.
    owners_shown CONSTANT integer := 40;
    due_shown CONSTANT integer := 10;
    p tiering.programs := tiering.find_program(report_document.program);
    shown CONSTANT text := 'YYYY-MM-DD';
    today CONSTANT date := (now() AT TIME ZONE p.zone)::date;
    document jsonb;
    scorecard jsonb;
    held_out CONSTANT boolean := EXISTS (SELECT FROM tiering.hold_outs h WHERE h.program = p.program AND h.since < report_document.until AND coalesce(h.until > report_document."from", true));
BEGIN
    SELECT jsonb_build_object('program', p.program, 'scheme', coalesce(tiering.to_jsonb(s.document) -> 'title', tiering.titles(s.scheme, NULL)), 'version', s.version, 'source', p.source::text, 'zone', p.zone,
            'from', to_char(report_document."from" AT TIME ZONE p.zone, shown), 'until', to_char(report_document.until AT TIME ZONE p.zone, shown),
            'made_at', to_char(now() AT TIME ZONE p.zone, 'YYYY-MM-DD HH24:MI'), 'held_out', held_out)
    INTO document
    FROM tiering.schemes s WHERE s.scheme = p.scheme AND s.version = coalesce(p.applied_version, p.version, (SELECT max(c.version) FROM tiering.schemes c WHERE c.scheme = p.scheme));

    WITH counted AS MATERIALIZED (SELECT c.* FROM tiering.report_customers(p.program) c),
        mix AS (SELECT c.tier, sum(c.customers)::bigint AS customers, sum(c.overridden)::bigint AS by_hand FROM counted c GROUP BY c.tier)
    SELECT document || jsonb_build_object(
        'tiers', coalesce((
            SELECT jsonb_agg(jsonb_build_object('tier', m.tier, 'title', tiering.titles(m.title_en, m.title_zh), 'customers', m.customers, 'by_hand', m.by_hand,
                'strategy', tiering.titles(tiering.strategy_summary(o.strategy, 'en'), tiering.strategy_summary(o.strategy, 'zh'))) ORDER BY m.rank)
            FROM (
                SELECT t.tier, t.rank, t.title_en, t.title_zh, coalesce(m.customers, 0) AS customers, coalesce(m.by_hand, 0) AS by_hand
                FROM tiering.program_tiers t LEFT JOIN mix m ON m.tier = t.tier WHERE t.program = p.program
                UNION ALL SELECT NULL, NULL, NULL, NULL, m.customers, m.by_hand FROM mix m WHERE m.tier IS NULL
            ) m CROSS JOIN LATERAL (SELECT tiering.own_strategy(p.program, m.tier) AS strategy) o), '[]'),
        'owners', coalesce((
            SELECT jsonb_agg(jsonb_build_object('owner', w.owner, 'customers', w.customers, 'overdue', w.overdue, 'today', w.today, 'week', w.week, 'never', w.never, 'latest', w.latest)
                ORDER BY w.overdue DESC, w.owner)
            FROM (
                SELECT c.owner, sum(c.customers) AS customers, sum(c.overdue) AS overdue, sum(c.due_today) AS today, sum(c.due_in_7_days) AS week,
                    sum(c.never_contacted) AS never, max(c.longest_overdue) AS latest
                FROM counted c WHERE NOT c.kept_out
                GROUP BY c.owner HAVING sum(c.overdue + c.due_today + c.due_in_7_days) > 0
                ORDER BY sum(c.overdue) DESC, c.owner LIMIT owners_shown
            ) w), '[]'),
        'due_in_all', coalesce((SELECT sum(c.overdue + c.due_today) FROM counted c WHERE NOT c.kept_out), 0))
    INTO document;

    document := document || jsonb_build_object('due', coalesce((
        SELECT jsonb_agg(jsonb_build_object('owner', d.owner, 'customer', concat_ws(' · ', d.customer, d.label), 'tier', d.tier, 'due', to_char(d.due, shown), 'days', today - d.due,
            'last', to_char(d.last_followup AT TIME ZONE p.zone, shown)) ORDER BY d.place, d.nth)
        FROM tiering.report_due(p.program, ARRAY(SELECT o.owner ->> 'owner' FROM jsonb_array_elements(document -> 'owners') WITH ORDINALITY AS o (owner, place) ORDER BY o.place), due_shown) d), '[]'));

    SELECT m.scorecard, document || jsonb_build_object('movements', m.movements) INTO scorecard, document
    FROM tiering.report_measures(p.program, report_document."from", report_document.until, path) m;
    document := document || jsonb_build_object('scorecard', scorecard, 'effects', '[]'::jsonb);

    IF held_out THEN
        document := document || jsonb_build_object('effects', coalesce((
            SELECT jsonb_agg(jsonb_build_object('title', tiering.titles(m.title_en, m.title_zh), 'unit', m.unit, 'tier', e.tier, 'n_treated', e.n_treated, 'n_held_out', e.n_held_out,
                'difference', e.difference, 'low', e.low, 'high', e.high, 'detectable', e.detectable) ORDER BY m.n, e.rank)
            FROM tiering.scorecard_measures() m
            CROSS JOIN LATERAL tiering.tier_effect(p.program, m.measure, report_document."from", report_document.until, bootstrap => 0, path => path) e
            -- The few that say whether it pays, of those that have a value at all.
            WHERE m.measure IN ('sales_per_customer', 'retained', 'csat', 'active_share') AND e.tier IS NOT NULL
                AND scorecard @> jsonb_build_array(jsonb_build_object('measure', m.measure, 'tier', 'all')) AND NOT scorecard @> jsonb_build_array(jsonb_build_object('measure', m.measure, 'tier', 'all', 'value', NULL))
        ), '[]'));
    END IF;
    RETURN jsonb_build_object('program', document);
END
$$;
COMMENT ON FUNCTION tiering.report_document(text, timestamptz, timestamptz, text) IS
    'the figures of report_html() as a document: tiers, movements, owners, the first due of each, scorecard with the period before and targets, effect where customers are held out. '
    'path: search_path under which sources are read. Errors as of tier_scorecard()';

CREATE FUNCTION tiering.report_html(program text, lang text DEFAULT NULL, "from" timestamptz DEFAULT NULL, until timestamptz DEFAULT NULL,
    path text DEFAULT current_setting('search_path')) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    spoken CONSTANT text := tiering.language(coalesce(lang, tiering.default_lang()));
    zone CONSTANT text := (tiering.find_program(report_html.program)).zone;
    ended CONSTANT timestamptz := coalesce(report_html.until, now());
    began CONSTANT timestamptz := coalesce(report_html."from",
        CASE WHEN ended BETWEEN '0002-01-01 00:00+00' AND '9999-01-01 00:00+00' THEN ((ended AT TIME ZONE zone) - interval '1 month') AT TIME ZONE zone ELSE '-infinity' END);
BEGIN
    PERFORM tiering.check_period(report_html.program, began, ended, NULL);
    RETURN tiering.report_page(tiering.report_document(report_html.program, began, ended, path), spoken);
END
$$;
COMMENT ON FUNCTION tiering.report_html(text, text, timestamptz, timestamptz, text) IS
    'a program as one page of HTML that needs nothing else: customers by tier, movement, due lists by owner, scorecard with the period before and targets, effect with its interval. '
    'psql -At -c "SELECT tiering.report_html(''sales'')" > report.html. lang: en or zh, the default that of the database; from and until: the period, the default the month until now. '
    'Shows what the caller may see. ERROR 42704 unknown program, 22023 unknown language or a period that ends before it begins; otherwise as tier_scorecard()';

CREATE FUNCTION tiering.report_bound(needs jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN jsonb_typeof($1) = 'object' THEN (
        SELECT string_agg(CASE b.key WHEN 'lte' THEN '≤ ' WHEN 'gte' THEN '≥ ' WHEN 'lt' THEN '< ' WHEN 'gt' THEN '> ' WHEN 'eq' THEN '' ELSE b.key || ' ' END || b.value, ', ' ORDER BY b.key)
        FROM jsonb_each_text($1) AS b) ELSE $1 #>> '{}' END;
END;
COMMENT ON FUNCTION tiering.report_bound(jsonb) IS 'what an input needs to be, in signs: {"lte": 5} is ≤ 5';

CREATE FUNCTION tiering.customer_report_html(program text, customer text, lang text DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- As many as people read of the past.
    events_shown CONSTANT integer := 200;
    spoken CONSTANT text := tiering.language(coalesce(customer_report_html.lang, tiering.default_lang()));
    p tiering.programs := tiering.find_program(customer_report_html.program);
    key CONSTANT text := tiering.customer_key(customer_report_html.program, customer_report_html.customer, customer_report_html.path);
    shown CONSTANT text := 'YYYY-MM-DD HH24:MI';
    a tiering.current_tiers;
    said jsonb;
    scheme jsonb;
    explanation jsonb;
    title jsonb;
    document jsonb;
BEGIN
    SELECT t.* INTO a FROM tiering.current_tiers t WHERE t.program = p.program AND t.customer = key;
    IF a.customer IS NULL AND NOT EXISTS (SELECT FROM tiering.assignment_log l WHERE l.program = p.program AND l.customer = key) THEN
        PERFORM tiering.refuse_customer(p.program, key);
    END IF;
    BEGIN
        said := tiering.explain_customer(p.program, key, path);
    EXCEPTION WHEN undefined_object OR insufficient_privilege OR undefined_table OR undefined_column THEN
        -- The source does not know the customer any more, or cannot be read: the rest of the page stands all the same.
        said := NULL;
    END;
    SELECT tiering.to_jsonb(s.document) INTO scheme FROM tiering.schemes s WHERE s.scheme = p.scheme
        AND s.version = coalesce(p.applied_version, p.version, (SELECT max(c.version) FROM tiering.schemes c WHERE c.scheme = p.scheme));
    SELECT tiering.titles(t.title_en, t.title_zh) INTO title FROM tiering.program_tiers t WHERE t.program = p.program AND t.tier = a.tier;
    IF said IS NOT NULL THEN
        SELECT jsonb_build_object(
            'inputs', coalesce((SELECT jsonb_agg(jsonb_build_object('title', coalesce(i.input -> 'title', tiering.titles(i.input ->> 'name', NULL)), 'value',
                    -- as people call it
                    coalesce(i.input #>> ARRAY['value_titles', v.value, spoken], i.input #>> ARRAY['value_titles', v.value, 'en'], v.value)) ORDER BY i.n)
                FROM jsonb_array_elements(scheme -> 'inputs') WITH ORDINALITY AS i (input, n), LATERAL (SELECT said -> 'inputs' ->> (i.input ->> 'name')) AS v (value)), '[]'),
            'rule', said #> '{decided_by,annotation}', 'score', said ->> 'score',
            'reasons', coalesce((SELECT jsonb_agg(coalesce(CASE WHEN jsonb_typeof(r.reason) = 'object' THEN r.reason -> 'title' END, tiering.titles(coalesce(r.reason ->> 'code', r.reason #>> '{}'), NULL)) ORDER BY r.n)
                FROM jsonb_array_elements(said -> 'reasons') WITH ORDINALITY AS r (reason, n)), '[]'),
            'nearest', (SELECT jsonb_build_object('tier', c.change ->> 'tier', 'title', coalesce(i.input -> 'title', tiering.titles(c.change ->> 'input', NULL)),
                    'now', coalesce(i.input #>> ARRAY['value_titles', c.change ->> 'from', spoken], i.input #>> ARRAY['value_titles', c.change ->> 'from', 'en'], c.change ->> 'from'),
                    'needs', coalesce(i.input #>> ARRAY['value_titles', c.change ->> 'needs', spoken], i.input #>> ARRAY['value_titles', c.change ->> 'needs', 'en'],
                        tiering.report_bound(c.change -> 'needs')))
                FROM (SELECT said -> 'nearest_change' AS change) c LEFT JOIN jsonb_array_elements(scheme -> 'inputs') AS i (input) ON i.input ->> 'name' = c.change ->> 'input'
                WHERE jsonb_typeof(c.change) = 'object'))
        INTO explanation;
    END IF;
    document := jsonb_build_object('program', p.program, 'customer', concat_ws(' · ', key, a.label), 'scheme', coalesce(scheme -> 'title', tiering.titles(p.scheme, NULL)), 'zone', p.zone, 'made_at', to_char(now() AT TIME ZONE p.zone, shown),
        'tier', a.tier, 'title', coalesce(title, tiering.titles(NULL, NULL)), 'since', to_char(a.since AT TIME ZONE p.zone, shown), 'by_hand', a.override_reason, 'owner', a.owner,
        'last', to_char(a.last_followup AT TIME ZONE p.zone, shown), 'due', to_char(a.next_due, 'YYYY-MM-DD'),
        'strategy', (SELECT tiering.titles(tiering.strategy_summary(o.strategy, 'en'), tiering.strategy_summary(o.strategy, 'zh')) FROM (SELECT tiering.own_strategy(p.program, a.tier) AS strategy) o),
        'explanation', explanation,
        'history', coalesce((
            SELECT jsonb_agg(jsonb_build_object('since', to_char(c.at AT TIME ZONE p.zone, shown), 'tier', c.to_tier, 'rank', g.rank, 'reason', c.reason, 'cause', c.cause) ORDER BY c.at DESC)
            FROM (SELECT * FROM tiering.tier_changes t WHERE t.program = p.program AND t.customer = key ORDER BY t.at DESC LIMIT events_shown) c
            LEFT JOIN tiering.program_tiers g ON g.program = c.program AND g.tier = c.to_tier), '[]'),
        'events', coalesce((
            SELECT jsonb_agg(jsonb_build_object('at', to_char(e.at AT TIME ZONE p.zone, shown), 'kind', tiering.titles(e.kind_en, e.kind_zh), 'content', tiering.titles(e.text_en, e.text_zh), 'by_whom', e.by_whom) ORDER BY e.at DESC, e.kind)
            FROM (SELECT * FROM tiering.customer_log l WHERE l.program = p.program AND l.customer = key ORDER BY l.at DESC LIMIT events_shown) e), '[]'),
        'promises', coalesce((
            SELECT jsonb_agg(jsonb_build_object('promise', r.promise, 'promised_for', to_char(r.promised_at AT TIME ZONE p.zone, shown), 'status', r.status) ORDER BY r.promised_at DESC)
            FROM tiering.promise_status r WHERE r.program = p.program AND r.customer = key), '[]'));
    RETURN tiering.report_page(jsonb_build_object('customer', document), spoken);
END
$$;
COMMENT ON FUNCTION tiering.customer_report_html(text, text, text, text) IS
    'one customer of a program as a page of HTML that needs nothing else: tier, why, the nearest change, history, promises, what happened. lang: en or zh, the default that of the '
    'database; path: search_path under which the source is read. Without a right to read the source, or for a customer who is gone from it, the page comes without the reasons. '
    'ERROR 42704 unknown program or customer, 22023 unknown language';
