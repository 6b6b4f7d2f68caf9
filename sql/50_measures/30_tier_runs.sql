-- Which tier customers had over a row of periods. Of most customers nothing has changed since the first of them began: the assignment, which equals the last row of the
-- history, says it. Only of the others the history is read, as ranges and as runs of periods in which the same holds.

CREATE FUNCTION tiering.is_steady(since timestamptz, override_tier text, at timestamptz) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN $1 <= $3 AND $2 IS NULL;
COMMENT ON FUNCTION tiering.is_steady(timestamptz, text, timestamptz) IS
    'whether a customer had at all times since one what the assignment says: nothing has begun since, and there was never an override';

CREATE FUNCTION tiering.steady_customers(program text, at timestamptz) RETURNS TABLE (customer text, tier text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.customer, a.tier FROM tiering.assignments a WHERE a.program = $1 AND tiering.is_steady(a.since, a.override_tier, $2) AND a.gone_since IS NULL;
END;
COMMENT ON FUNCTION tiering.steady_customers(text, timestamptz) IS
    'the customers who had the same tier at all times since one, until now: what tiers_as_of() gives of them at each of these times, and tier_ranges() of all others';

CREATE FUNCTION tiering.tier_ranges(program text, until timestamptz, changed_since timestamptz DEFAULT '-infinity')
    RETURNS TABLE (customer text, since timestamptz, begins timestamptz, ends timestamptz, present boolean, tier text, rank integer, owner text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.customer, r.since, r.begins, r.ends, r.present, CASE WHEN NOT r.present THEN NULL WHEN c.counts THEN r.tiers[r.place] ELSE r.tier END,
        CASE WHEN NOT r.present THEN NULL WHEN c.counts THEN r.ranks[r.place] ELSE t.rank END, r.owner
    FROM (
        SELECT r.*, CASE WHEN r.tiers IS NOT NULL THEN (SELECT v.place FROM unnest(r.sinces, r.untils) WITH ORDINALITY AS v (since, until, place) WHERE v.since <= r.begins AND coalesce(v.until > r.begins, true)) END AS place
        FROM (
            -- A row of the log ends where the first of those begins that stand after it.
            SELECT b.*, min(b.begins) OVER (PARTITION BY b.customer ORDER BY b.since DESC, b.begins DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ends
            FROM (
                -- An override divides what it begins or ends in.
                SELECT l.customer, l.since, l.tier, l.owner, l.reason <> 'gone' AS present, o.sinces, o.untils, o.tiers, o.ranks, o.kinds,
                    unnest(CASE WHEN o.tiers IS NULL THEN ARRAY[l.begins] ELSE l.begins || ARRAY(SELECT v FROM unnest(o.sinces || o.untils) AS v WHERE v > l.begins AND v <= $2) END) AS begins
                FROM (
                    SELECT h.customer, h.since, h.tier, h.owner, h.reason, coalesce(h.as_of, h.since) AS begins
                    FROM (SELECT g.* FROM tiering.assignment_log g WHERE g.program = $1 AND (g.since <= $2 OR g.as_of <= $2)) h
                    FULL JOIN (SELECT a.customer FROM tiering.assignments a WHERE a.program = $1 AND $3 > '-infinity' AND NOT tiering.is_steady(a.since, a.override_tier, $3)) k ON k.customer = h.customer
                    WHERE coalesce(k.customer, CASE WHEN $3 = '-infinity' THEN h.customer END) IS NOT NULL
                ) l
                -- Full joins, as in tiers_as_of().
                FULL JOIN (
                    SELECT v.customer, array_agg(v.since ORDER BY v.since) AS sinces, array_agg(v.until ORDER BY v.since) AS untils, array_agg(v.tier ORDER BY v.since) AS tiers,
                        array_agg(n.rank ORDER BY v.since) AS ranks, array_agg(v.kind ORDER BY v.since) AS kinds
                    FROM tiering.overrides v FULL JOIN (SELECT m.* FROM tiering.program_tiers m WHERE m.program = $1) n ON n.tier = v.tier
                    WHERE v.program = $1 AND v.since <= $2 AND coalesce(v.until > v.since, true) GROUP BY v.customer
                ) o ON o.customer = l.customer
                WHERE coalesce(l.reason, '') <> ''
            ) b
        ) r
        WHERE r.ends IS NULL OR r.begins < r.ends
    ) r
    FULL JOIN (SELECT g.tier, g.rank FROM tiering.program_tiers g WHERE g.program = $1) t ON t.tier = r.tier
    CROSS JOIN LATERAL (SELECT r.place IS NOT NULL AND tiering.override_outweighs(r.kinds[r.place], r.ranks[r.place], t.rank) AS counts) c
    WHERE coalesce(r.since, '-infinity') > '-infinity';
END;
COMMENT ON FUNCTION tiering.tier_ranges(text, timestamptz, timestamptz) IS
    'what tiers_as_of() gives at each time until one, as ranges: from begins until ends (NULL: at least until that time) the customer had this tier and owner, or (present false) had gone. The ranges of a customer do not overlap, '
    'since and begins put them in order, and before the first one the customer was not there. changed_since: of those customers only who are not steady since that time, see steady_customers()';

CREATE FUNCTION tiering.tier_runs(program text, bounds timestamptz[], tier_at timestamptz, changed_since timestamptz)
    RETURNS TABLE (customer text, owner text, tier text, rank integer, first integer, last integer, at_start integer, stayed integer, moved_up integer, moved_down integer, gone integer,
        end_tier text, end_rank integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- When tiers are asked for: at the beginning of each period, or at tier_at, and at the end. A microsecond later, so that what begins then counts.
    WITH moments AS (
        SELECT array_agg(p.tiers_at + interval '1 microsecond' ORDER BY p.n) AS starts, array_agg(greatest(p.ends, p.tiers_at) + interval '1 microsecond' ORDER BY p.n) AS ends,
            count(*)::integer AS periods, count(*) FILTER (WHERE p.tiers_at > p.begins)::integer AS fixed
        FROM (SELECT g.n, ($2)[g.n] AS begins, ($2)[g.n + 1] AS ends, coalesce($3, ($2)[g.n]) AS tiers_at FROM generate_series(1, cardinality($2) - 1) AS g (n)) p
    )
    SELECT r.customer, CASE WHEN NOT s.inside AND r.present_before THEN r.owner_before ELSE r.owner END, CASE WHEN NOT s.inside AND r.present_before THEN r.tier_before ELSE r.tier END,
        CASE WHEN s.inside THEN r.rank WHEN r.present_before THEN r.rank_before ELSE r.rank END,
        CASE WHEN s.inside THEN greatest(r.ends_first, r.starts_first) WHEN r.present_before THEN r.ends_first ELSE greatest(r.ends_first, r.fixed + 1) END,
        CASE WHEN s.inside THEN r.ends_last ELSE least(r.ends_last, r.starts_first - 1) END,
        (s.inside OR r.present_before)::integer, (s.inside OR r.present AND r.present_before AND r.tier_before IS NOT DISTINCT FROM r.tier)::integer,
        (NOT s.inside AND coalesce(r.rank < r.rank_before, false))::integer, (NOT s.inside AND coalesce(r.rank > r.rank_before, false))::integer, (NOT r.present)::integer,
        r.tier, r.rank
    FROM (
        -- beside each range of time, what held before it, or at tier_at
        SELECT r.*,
            coalesce(CASE WHEN $3 IS NULL THEN lead(r.present) OVER w ELSE bool_or(r.present) FILTER (WHERE r.starts_first <= r.starts_last) OVER whole END, false) AS present_before,
            CASE WHEN $3 IS NULL THEN lead(r.tier) OVER w ELSE min(r.tier) FILTER (WHERE r.starts_first <= r.starts_last) OVER whole END AS tier_before,
            CASE WHEN $3 IS NULL THEN lead(r.rank) OVER w ELSE min(r.rank) FILTER (WHERE r.starts_first <= r.starts_last) OVER whole END AS rank_before,
            CASE WHEN $3 IS NULL THEN lead(r.owner) OVER w ELSE min(r.owner) FILTER (WHERE r.starts_first <= r.starts_last) OVER whole END AS owner_before
        FROM (
            SELECT r.*, (SELECT m.fixed FROM moments m) AS fixed,
                width_bucket(r.begins, (SELECT m.starts FROM moments m)) + 1 AS starts_first, CASE WHEN r.ends IS NULL THEN (SELECT m.periods FROM moments m) ELSE width_bucket(r.ends, (SELECT m.starts FROM moments m)) END AS starts_last,
                width_bucket(r.begins, (SELECT m.ends FROM moments m)) + 1 AS ends_first, CASE WHEN r.ends IS NULL THEN (SELECT m.periods FROM moments m) ELSE width_bucket(r.ends, (SELECT m.ends FROM moments m)) END AS ends_last
            FROM tiering.tier_ranges($1, greatest($3, ($2)[cardinality($2)]), $4) r
        ) r
        WHERE r.starts_first <= r.starts_last OR r.ends_first <= r.ends_last
        WINDOW w AS (PARTITION BY r.customer ORDER BY r.since DESC, r.begins DESC), whole AS (PARTITION BY r.customer)
    ) r
    -- In the periods that began before the range, what held before it was the beginning.
    CROSS JOIN (VALUES (false), (true)) s (inside)
    WHERE CASE WHEN s.inside THEN r.present AND greatest(r.ends_first, r.starts_first) <= r.ends_last
        WHEN r.present_before THEN r.ends_first <= least(r.ends_last, r.starts_first - 1)
        ELSE r.present AND greatest(r.ends_first, r.fixed + 1) <= least(r.ends_last, r.starts_first - 1) END;
END;
COMMENT ON FUNCTION tiering.tier_runs(text, timestamptz[], timestamptz, timestamptz) IS
    'the customers of a program in periods that follow each other, by runs of periods, first to last, in which the same holds of a customer: owner, tier and rank at the beginning of each (or at tier_at), as 1 or 0 whether the '
    'customer was there then, stayed in the tier, moved up or down until the end, or was gone by then; tier and rank at the end. Who came within a period counts in it with the tier of its end. bounds: where each '
    'period begins, and where the last one ends. changed_since: as of tier_ranges()';
