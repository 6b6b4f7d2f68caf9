-- Scorecards fitted to an outcome: made-up customers with twelve inputs, one in twenty with the outcome, against Python packages, which bench/outcomes.sh runs
-- on the same figures.

CREATE TABLE bench.followed AS
SELECT id, round((100 * -ln(bench.noise(id, 1)))::numeric, 2) AS i1, floor(365 * bench.noise(id, 2))::integer AS i2, floor(-6 * ln(bench.noise(id, 3)))::integer AS i3,
    round((1000 * bench.noise(id, 4) ^ 3)::numeric, 2) AS i4, floor(80 * bench.noise(id, 5))::integer AS i5, floor(12 * bench.noise(id, 6))::integer AS i6,
    bench.noise(id, 7) AS i7, round((50 + 12 * (bench.noise(id, 8) + bench.noise(id, 18) + bench.noise(id, 28)))::numeric, 1) AS i8, floor(30 * bench.noise(id, 9) ^ 2)::integer AS i9,
    floor(5 * bench.noise(id, 10))::integer AS i10, round((10 ^ (1 + 3 * bench.noise(id, 11)))::numeric) AS i11, floor(1000 * bench.noise(id, 12))::integer AS i12, false AS outcome
FROM generate_series(1, :outcome_rows) AS id;
UPDATE bench.followed SET outcome = bench.noise(id, 13) < 1 / (1 + exp(3.6 - i2 / 200.0 - i3 * 0.08 + i5 / 60.0 - i9 * 0.03 - i1 / 300.0));
VACUUM (ANALYZE, FREEZE) bench.followed;
SELECT tiering.create_scheme(jsonb_build_object('scheme', 'bench_outcome',
    'inputs', (SELECT jsonb_agg(jsonb_build_object('name', 'i' || n, 'type', 'number') ORDER BY n) FROM generate_series(1, 12) AS n),
    'characteristics', (SELECT jsonb_agg(jsonb_build_object('name', 'c' || n, 'input', 'i' || n, 'fit', jsonb_build_object('to', 'outcome')) ORDER BY n) FROM generate_series(1, 12) AS n),
    'score', '{}'::jsonb, 'decision', '{"method": "score", "cuts": [{"tier": "A"}]}'::jsonb, 'tiers', '[{"code": "A"}]'::jsonb)::tiering.scheme);
CREATE TABLE bench.outcome_fits (workers integer, milliseconds float8, auc float8);
DO $$
DECLARE
    started timestamptz;
    workers integer;
BEGIN
    FOREACH workers IN ARRAY '{0,2}'::integer[] LOOP
        PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
        started := clock_timestamp();
        PERFORM count(*) FROM tiering.fit_scorecard('bench_outcome', 'bench.followed', 'outcome', fitted_as => 'bench_fitted', options => '{"decimals": 3}');
        INSERT INTO bench.outcome_fits VALUES (workers, 1000 * extract(epoch FROM clock_timestamp() - started),
            (SELECT j.auc FROM tiering.judge_scorecard('bench_fitted', 'bench.followed', 'outcome') j));
    END LOOP;
END
$$;
