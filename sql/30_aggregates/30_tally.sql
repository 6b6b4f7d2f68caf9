-- How many customers each tier has, and how many went from one tier to another.

CREATE FUNCTION tiering.tier_mix_add(tiering.tier_tally, text) RETURNS tiering.tier_tally
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tier_mix_add';
COMMENT ON FUNCTION tiering.tier_mix_add(tiering.tier_tally, text) IS 'transition of aggregate tier_mix';
CREATE FUNCTION tiering.migration_add(tiering.migration, text, text) RETURNS tiering.migration
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'migration_add';
COMMENT ON FUNCTION tiering.migration_add(tiering.migration, text, text) IS 'transition of aggregate migration';

CREATE AGGREGATE tiering.tier_mix (tier text) (
    SFUNC = tiering.tier_mix_add, STYPE = tiering.tier_tally, FINALFUNC = tiering.tier_tally_final, COMBINEFUNC = tiering.tier_tally_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rollup (tier_mix tiering.tier_tally) (
    SFUNC = tiering.tier_tally_combine, STYPE = tiering.tier_tally, FINALFUNC = tiering.tier_tally_final, COMBINEFUNC = tiering.tier_tally_combine,
    PARALLEL = SAFE);
CREATE AGGREGATE tiering.migration (from_tier text, to_tier text) (
    SFUNC = tiering.migration_add, STYPE = tiering.migration, FINALFUNC = tiering.migration_final, COMBINEFUNC = tiering.migration_combine, PARALLEL = SAFE);
CREATE AGGREGATE tiering.rollup (migration tiering.migration) (
    SFUNC = tiering.migration_combine, STYPE = tiering.migration, FINALFUNC = tiering.migration_final, COMBINEFUNC = tiering.migration_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tiering.tier_mix (text) IS
    'how many customers each tier has. Customers without a tier (NULL) are ignored; NULL without any. '
    'ERROR 54000 beyond 65536 different tiers';
COMMENT ON AGGREGATE tiering.rollup (tiering.tier_tally) IS 'several tier mixes as one';
COMMENT ON AGGREGATE tiering.migration (text, text) IS
    'how many customers went from one tier to another. NULL as from_tier: the customer entered; as to_tier: left; '
    'rows with both NULL are ignored. NULL without rows. ERROR 54000 beyond 65536 different pairs';
COMMENT ON AGGREGATE tiering.rollup (tiering.migration) IS 'several migrations as one';

-- Accessors. The rank of a tier is a matter of its scheme.

CREATE FUNCTION tiering.tier_mix_counts(tier_mix tiering.tier_tally) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tier_mix_counts';
CREATE FUNCTION tiering.migration_counts(migration tiering.migration) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'migration_counts';
COMMENT ON FUNCTION tiering.tier_mix_counts(tiering.tier_tally) IS 'the counts as a jsonb array of [tier, n], by code';
COMMENT ON FUNCTION tiering.migration_counts(tiering.migration) IS 'the counts as a jsonb array of [from_tier, to_tier, n], by code';

CREATE FUNCTION tiering.tier_ranks(scheme text) RETURNS TABLE (tier text, rank integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- current_scheme() is an ERROR for a name that no scheme has; NULL ranks nothing.
    SELECT t.tier ->> 'code', t.n::integer
    FROM jsonb_array_elements(tiering.to_jsonb(tiering.current_scheme($1)) -> 'tiers') WITH ORDINALITY AS t (tier, n);
END;
COMMENT ON FUNCTION tiering.tier_ranks(text) IS 'the tiers of the current version of a scheme, best first';

CREATE FUNCTION tiering.tier_counts(tier_mix tiering.tier_tally, scheme text DEFAULT NULL)
    RETURNS TABLE (tier text, rank integer, n bigint, share numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT c.entry ->> 0, r.rank, (c.entry ->> 1)::bigint, (c.entry ->> 1)::bigint / sum((c.entry ->> 1)::bigint) OVER ()
    FROM jsonb_array_elements(tiering.tier_mix_counts($1)) WITH ORDINALITY AS c (entry, place)
    LEFT JOIN tiering.tier_ranks($2) r ON r.tier = c.entry ->> 0
    ORDER BY r.rank, c.place;
END;
COMMENT ON FUNCTION tiering.tier_counts(tiering.tier_tally, text) IS
    'count and share of each tier, in rank order if the scheme is told, otherwise by code; a tier that the scheme has not '
    'comes last, without a rank. ERROR 42704 unknown scheme';

CREATE FUNCTION tiering.to_jsonb(tier_mix tiering.tier_tally, scheme text DEFAULT NULL) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_agg(jsonb_build_object('tier', c.tier, 'rank', c.rank, 'n', c.n, 'share', c.share) ORDER BY c.rank, c.tier COLLATE "C")
    FROM tiering.tier_counts($1, $2) c;
END;
COMMENT ON FUNCTION tiering.to_jsonb(tiering.tier_tally, text) IS 'the rows of tier_counts() as a jsonb array, since objects have no order';

CREATE FUNCTION tiering.migration_matrix(migration tiering.migration, scheme text)
    RETURNS TABLE (from_tier text, to_tier text, movement text, n bigint, share numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 25
BEGIN ATOMIC
    SELECT m.entry ->> 0, m.entry ->> 1,
        CASE
            WHEN m.entry ->> 0 IS NULL THEN 'entered'
            WHEN m.entry ->> 1 IS NULL THEN 'left'
            WHEN m.entry ->> 0 = m.entry ->> 1 THEN 'stayed'
            WHEN t.rank < f.rank THEN 'up'
            WHEN t.rank > f.rank THEN 'down'
            ELSE 'changed'
        END,
        (m.entry ->> 2)::bigint,
        (m.entry ->> 2)::bigint / sum((m.entry ->> 2)::bigint) OVER (PARTITION BY m.entry ->> 0)
    FROM jsonb_array_elements(tiering.migration_counts($1)) WITH ORDINALITY AS m (entry, place)
    LEFT JOIN tiering.tier_ranks($2) f ON f.tier = m.entry ->> 0
    LEFT JOIN tiering.tier_ranks($2) t ON t.tier = m.entry ->> 1
    ORDER BY f.rank, m.entry ->> 0, t.rank, m.place;
END;
COMMENT ON FUNCTION tiering.migration_matrix(tiering.migration, text) IS
    'the transition matrix, in rank order: from_tier (NULL: entered), to_tier (NULL: left), movement (up, down, stayed, '
    'entered, left; changed if the scheme does not rank a tier), count, share of those who were in from_tier. '
    'ERROR 42704 unknown scheme';

CREATE FUNCTION tiering.migration_summary(migration tiering.migration, scheme text)
    RETURNS TABLE (movement text, n bigint, share numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 6
BEGIN ATOMIC
    SELECT k.movement, coalesce(sum(m.n), 0)::bigint,
        coalesce(sum(m.n), 0) / nullif(sum(sum(m.n)) OVER (), 0)
    FROM unnest(ARRAY['up', 'stayed', 'down', 'entered', 'left', 'changed']) WITH ORDINALITY AS k (movement, place)
    LEFT JOIN tiering.migration_matrix($1, $2) m ON m.movement = k.movement
    WHERE $1 IS NOT NULL
    GROUP BY k.movement, k.place
    HAVING k.movement <> 'changed' OR count(m.n) > 0
    ORDER BY k.place;
END;
COMMENT ON FUNCTION tiering.migration_summary(tiering.migration, text) IS
    'how many customers went up, stayed, went down, entered and left, and their share of all. ERROR 42704 unknown scheme';

CREATE FUNCTION tiering.to_jsonb(migration tiering.migration, scheme text) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'summary', (SELECT jsonb_object_agg(s.movement, s.n) FROM tiering.migration_summary($1, $2) s),
        'matrix', (SELECT jsonb_agg(jsonb_build_object('from', m.from_tier, 'to', m.to_tier, 'movement', m.movement, 'n', m.n, 'share', m.share))
            FROM tiering.migration_matrix($1, $2) m))
    WHERE $1 IS NOT NULL;
END;
COMMENT ON FUNCTION tiering.to_jsonb(tiering.migration, text) IS 'migration_summary() and the rows of migration_matrix() as jsonb';
