-- Views of the customers of a program with their tiers, in a schema of one's own.

CREATE FUNCTION tiering.name_parts(name text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN parse_ident(name);
EXCEPTION WHEN invalid_parameter_value THEN
    RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('"%s" is no name', name), DETAIL = 'A name that is not of small letters, digits and underscores alone stands in double quotes.',
        HINT = 'Write it as SQL does: schema.name, or "Schema"."the name".';
END
$$;
COMMENT ON FUNCTION tiering.name_parts(text) IS 'schema and name of a qualified name, each as it is; ERROR 42602 unless it is written as SQL writes names';

CREATE FUNCTION tiering.create_tier_view(program text, name text, materialized boolean DEFAULT false, path text DEFAULT current_setting('search_path')) RETURNS regclass
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p tiering.programs := tiering.find_program(create_tier_view.program);
    parts text[] := tiering.name_parts(name);
    target text;
    kind text := CASE WHEN materialized THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END;
    key record;
    tenant record;
    owner record;
    label record;
    taken text[] := '{tier,rank,title_en,title_zh,computed_tier,overridden,since,score,reasons,last_followup,next_due}';
    key_shown text;
    tenant_shown text;
    owner_shown text;
    label_shown text;
    query text;
BEGIN
    IF parts IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'name is NULL',
            HINT = 'SELECT tiering.create_tier_view(program, ''schema.view'').';
    END IF;
    IF cardinality(parts) <> 2 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_name', MESSAGE = format('"%s" does not say in which schema the view is to be', name),
            HINT = format('SELECT tiering.create_tier_view(%L, %L).', p.program, 'public.' || quote_ident(parts[cardinality(parts)]));
    END IF;
    target := format('%I.%I', parts[1], parts[2]);
    SELECT c.column_name INTO key FROM tiering.program_columns(p.program) c WHERE c.purpose = 'key';
    SELECT c.column_name INTO tenant FROM tiering.program_columns(p.program) c WHERE c.purpose = 'tenant';
    SELECT c.column_name INTO owner FROM tiering.program_columns(p.program) c WHERE c.purpose = 'owner';
    SELECT c.column_name INTO label FROM tiering.program_columns(p.program) c WHERE c.purpose = 'label';
    -- A column of the source that has the name of one of ours is shown under another.
    SELECT n.name INTO key_shown FROM unnest(ARRAY[key.column_name, 'customer']) WITH ORDINALITY AS n (name, i) WHERE n.name <> ALL (taken) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO owner_shown FROM unnest(ARRAY[owner.column_name, 'owner', 'owner_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (taken || key_shown) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO label_shown FROM unnest(ARRAY[label.column_name, 'label', 'label_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (taken || key_shown || coalesce(owner_shown, '')) ORDER BY n.i LIMIT 1;
    SELECT n.name INTO tenant_shown FROM unnest(ARRAY[tenant.column_name, 'tenant', 'tenant_of_customer']) WITH ORDINALITY AS n (name, i)
    WHERE n.name <> ALL (array_remove(taken || key_shown || owner_shown || label_shown, NULL)) AND tenant.column_name IS NOT NULL ORDER BY n.i LIMIT 1;
    -- Each row of the source looks up its own customer, so that whoever asks for some of them (a key, an owner, a region) does not read the others: a join by hash would read all.
    -- The program is looked up: of a name that ANALYZE has not seen the planner thinks that any index on it will do, and would read all customers for each (as in assignment_history).
    query := format('CREATE %s %s %s AS SELECT %ss.%I AS %I, t.tier, t.rank, p.title_en, p.title_zh, t.computed_tier, t.overridden, t.since, t.score, '
            't.reasons, t.last_followup, t.next_due%s%s '
            'FROM %s s CROSS JOIN LATERAL (SELECT c.* FROM tiering.current_tiers c '
            'WHERE c.program = (SELECT r.program FROM tiering.programs r WHERE r.program = %10$L) AND c.customer = %11$s OFFSET 0) t '
            'LEFT JOIN tiering.program_tiers p ON p.program = %10$L AND p.tier = t.tier',
        kind, target, CASE WHEN materialized THEN '' ELSE 'WITH (security_invoker)' END,
        CASE WHEN tenant_shown IS NULL THEN '' ELSE format('s.%I AS %I, ', tenant.column_name, tenant_shown) END, key.column_name, key_shown,
        CASE WHEN owner.column_name IS NULL OR owner.column_name IN (key.column_name, tenant.column_name) THEN '' ELSE format(', s.%I AS %I', owner.column_name, owner_shown) END,
        CASE WHEN label.column_name IS NULL OR label.column_name IN (key.column_name, tenant.column_name, owner.column_name) THEN '' ELSE format(', s.%I AS %I', label.column_name, label_shown) END,
        p.source, p.program, tiering.program_key(p.program));
    -- A materialized one reads the source now; from PostgreSQL 17 on the server does so under pg_catalog, whatever the path.
    PERFORM set_config('search_path', tiering.source_path(path), true);
    EXECUTE query;
    PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    IF materialized THEN
        EXECUTE format('CREATE UNIQUE INDEX ON %s (%s)', target, concat_ws(', ', quote_ident(tenant_shown), quote_ident(key_shown)));
    END IF;
    EXECUTE format('COMMENT ON %s %s IS %L', kind, target, format('the customers of program %s and their tiers; made by tiering.create_tier_view()', p.program));
    RETURN target::regclass;
END
$$;
COMMENT ON FUNCTION tiering.create_tier_view(text, text, boolean, text) IS
    'makes a view, or a materialized view with a unique index for REFRESH … CONCURRENTLY, of the customers of a program: key, tier, rank, titles, '
    'computed tier, override, since, score, reasons, last and next follow-up, owner, label, and the tenant, if the key has one. name: with its schema. '
    'A key, owner or label whose column has the name of one of these is shown as customer, owner or label. path: search_path under which a materialized view reads the source; functions below it that find tables by the search_path need one of their own from PostgreSQL 17 on. ERROR 42602 no schema is named, 42P07 the name is taken';
