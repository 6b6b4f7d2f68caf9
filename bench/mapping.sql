-- suggest_mapping() for every scheme of the catalogue, on a table of 100 columns: names as a CRM has them, and words that stand for values.
DO $$
DECLARE
    words CONSTANT text[] := '{客户名称,客户级别,意向,商机阶段,信用等级,业务类型,是否战略客户,购买渠道,发展潜力,所属行业,lead_status,region,年销售额,消费金额,购买次数,满意度,customer_since,预计签约日期,首单日期,last_order_date}';
BEGIN
    EXECUTE format('CREATE TABLE bench.wide (%s)', (
        SELECT string_agg(format('%I %s', words[1 + n % 20] || CASE WHEN n >= 20 THEN '_' || n / 20 ELSE '' END,
            CASE WHEN n % 20 < 12 THEN 'text' WHEN n % 20 < 16 THEN 'numeric' ELSE 'date' END), ', ' ORDER BY n) FROM generate_series(0, 99) AS n));
    EXECUTE format('INSERT INTO bench.wide SELECT %s FROM generate_series(1, 20000) AS g', (
        SELECT string_agg(CASE WHEN n % 20 < 12 THEN '(''{明确,潜在,无,高,中,低,A级,B级,是,否,其他,再议}''::text[])[1 + (g + ' || n || ') % 12]' WHEN n % 20 < 16 THEN 'g % 1000' ELSE 'date ''2026-01-01'' + g % 365' END,
            ', ' ORDER BY n) FROM generate_series(0, 99) AS n));
END
$$;
ANALYZE bench.wide;
CREATE TABLE bench.mapping_timings (scheme text, run integer, milliseconds float8);
SELECT set_config('bench.mapping_runs', :'mapping_runs', false) \g /dev/null
DO $$
DECLARE
    known text;
BEGIN
    FOR run IN 0 .. current_setting('bench.mapping_runs')::integer LOOP
        FOR known IN SELECT c.scheme FROM tiering.catalogue c WHERE c.scheme NOT LIKE 'bench%' ORDER BY 1 LOOP
            INSERT INTO bench.mapping_timings VALUES (known, run, bench.milliseconds(format('SELECT count(*) FROM tiering.suggest_mapping(%L, ''bench.wide'')', known)));
        END LOOP;
    END LOOP;
END
$$;
-- Run 0 only warms up.
SELECT format(E'\n`suggest_mapping()` of %s schemes, on a table of %s columns: median %s ms, the slowest (`%s`) %s ms; at most 50 ms%s.', count(*),
    (SELECT count(*) FROM tiering.source_columns('bench.wide')), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY m.milliseconds)::numeric, 1),
    (array_agg(m.scheme ORDER BY m.milliseconds DESC))[1], round(max(m.milliseconds)::numeric, 1), CASE WHEN max(m.milliseconds) <= 50 THEN ': holds' ELSE ': **missed**' END)
FROM (SELECT t.scheme, percentile_cont(0.5) WITHIN GROUP (ORDER BY t.milliseconds) AS milliseconds FROM bench.mapping_timings t WHERE t.run > 0 GROUP BY t.scheme) m;
