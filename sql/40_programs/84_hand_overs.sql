-- Two customers who are one, a customer under another key, an owner who leaves: what is known of customers goes where they go, on record.

CREATE TABLE tiering.successions (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    kind text NOT NULL CHECK (kind IN ('merge', 'rename')),
    successor text COLLATE "C" NOT NULL,
    reason text CHECK (reason <> ''),
    moved jsonb NOT NULL DEFAULT '{}',
    made_by text NOT NULL DEFAULT session_user,
    undone_at timestamptz,
    undone_by text,
    PRIMARY KEY (program, customer, at)
);
CREATE INDEX successions_successor ON tiering.successions (program, successor);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.successions TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.successions', '');
COMMENT ON TABLE tiering.successions IS 'customers whose contacts, promises and plans went to another key, by merge_customers() or rename_customer()';
COMMENT ON INDEX tiering.successions_successor IS 'what went to a customer';
COMMENT ON COLUMN tiering.successions.program IS 'program';
COMMENT ON COLUMN tiering.successions.customer IS 'key of the customer before';
COMMENT ON COLUMN tiering.successions.at IS 'when';
COMMENT ON COLUMN tiering.successions.kind IS 'merge: into another customer; rename: the same customer under another key';
COMMENT ON COLUMN tiering.successions.successor IS 'key of the customer to whom everything went';
COMMENT ON COLUMN tiering.successions.reason IS 'why';
COMMENT ON COLUMN tiering.successions.moved IS 'what a merge moved, table by table, so that it can be undone';
COMMENT ON COLUMN tiering.successions.made_by IS 'by which session user';
COMMENT ON COLUMN tiering.successions.undone_at IS 'when undo_merge() took it back; NULL: it stands';
COMMENT ON COLUMN tiering.successions.undone_by IS 'which session user did';

CREATE TABLE tiering.hand_overs (
    program text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    from_owner text NOT NULL,
    to_owner text NOT NULL,
    customers bigint NOT NULL CHECK (customers >= 0),
    promises bigint NOT NULL CHECK (promises >= 0),
    made_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.hand_overs TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.hand_overs', '');
COMMENT ON TABLE tiering.hand_overs IS 'customers that were handed from one owner to another by hand_over()';
COMMENT ON COLUMN tiering.hand_overs.program IS 'program';
COMMENT ON COLUMN tiering.hand_overs.at IS 'when';
COMMENT ON COLUMN tiering.hand_overs.from_owner IS 'who looked after them before';
COMMENT ON COLUMN tiering.hand_overs.to_owner IS 'who has looked after them since';
COMMENT ON COLUMN tiering.hand_overs.customers IS 'how many customers';
COMMENT ON COLUMN tiering.hand_overs.promises IS 'how many open promises went with them';
COMMENT ON COLUMN tiering.hand_overs.made_by IS 'by which session user';

-- What is open of a customer goes with the customer, however the owner changes. What was broken before stays with who broke it.
CREATE FUNCTION tiering.follow_owner() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE tiering.promises r SET owner = NEW.owner
    WHERE r.program = NEW.program AND r.customer = NEW.customer AND r.kept_at IS NULL AND r.withdrawn_at IS NULL AND r.promised_at >= now()
        AND r.owner IS DISTINCT FROM NEW.owner;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION tiering.follow_owner() IS 'trigger: promises that are open and not yet broken go with the customer to another owner';
CREATE TRIGGER follow_owner AFTER UPDATE OF owner ON tiering.assignments
    FOR EACH ROW WHEN (OLD.owner IS DISTINCT FROM NEW.owner) EXECUTE FUNCTION tiering.follow_owner();

CREATE FUNCTION tiering.release_claims(program text, owner text, VARIADIC customers text[] DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(release_claims.program);
    released bigint;
BEGIN
    IF release_claims.owner IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'owner is NULL', HINT = 'SELECT tiering.release_claims(program, owner).';
    END IF;
    WITH held AS (
        SELECT a.customer FROM tiering.assignments a
        WHERE a.program = (SELECT release_claims.program) AND a.claimed_by = release_claims.owner AND a.claimed_until > now()
            AND (release_claims.customers IS NULL OR a.customer = ANY (release_claims.customers))
        ORDER BY a.customer FOR NO KEY UPDATE
    )
    UPDATE tiering.assignments a SET claimed_by = NULL, claimed_until = NULL FROM held h WHERE a.program = p.program AND a.customer = h.customer;
    GET DIAGNOSTICS released = ROW_COUNT;
    RETURN released;
END
$$;
COMMENT ON FUNCTION tiering.release_claims(text, text, text[]) IS
    'gives back what claim_followups() has handed out to an owner, all of it or that of some customers, so that others can claim it; returns how many. '
    'ERROR 42704 unknown program, 22004 no owner';

CREATE FUNCTION tiering.hand_over(
    program text, from_owner text, to_owner text, only_customers text[] DEFAULT NULL, path text DEFAULT current_setting('search_path'),
    OUT customers bigint, OUT promises bigint, OUT left_behind bigint
)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(hand_over.program);
    named text[];
    open_before bigint;
BEGIN
    PERFORM tiering.require_active(p.program);
    IF hand_over.from_owner IS NULL OR hand_over.to_owner IS NULL OR hand_over.from_owner = hand_over.to_owner THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'from_owner and to_owner must be two different owners',
            HINT = 'SELECT * FROM tiering.hand_over(program, ''who leaves'', ''who takes over'').';
    END IF;
    IF p.owner_column IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state', MESSAGE = format('program "%s" knows no owners', p.program),
            HINT = format('SELECT tiering.alter_program(%L, ''{"owner": "column"}'') says which column has them.', p.program);
    END IF;
    IF hand_over.only_customers IS NOT NULL THEN
        named := tiering.customer_keys(p.program, hand_over.only_customers, hand_over.path);
    END IF;
    named := ARRAY(SELECT a.customer FROM tiering.assignments a
        WHERE a.program = (SELECT p.program) AND a.owner = hand_over.from_owner AND a.gone_since IS NULL AND (named IS NULL OR a.customer = ANY (named)) ORDER BY 1);
    SELECT count(*) INTO open_before FROM unnest(named) AS k (customer)
    JOIN tiering.promises r ON r.program = p.program AND r.customer = k.customer COLLATE "C" AND r.kept_at IS NULL AND r.withdrawn_at IS NULL AND r.promised_at >= now();
    -- The source says who looks after whom: it is read again.
    PERFORM tiering.grade_customers(p.program, named, 'automatic', hand_over.path);
    SELECT count(*) FILTER (WHERE a.owner = hand_over.to_owner), count(*) FILTER (WHERE a.owner = hand_over.from_owner) INTO customers, left_behind
    FROM unnest(named) AS k (customer) JOIN tiering.assignments a ON a.program = p.program AND a.customer = k.customer COLLATE "C" AND a.gone_since IS NULL;
    SELECT count(*) INTO promises FROM unnest(named) AS k (customer)
    JOIN tiering.promises r ON r.program = p.program AND r.customer = k.customer COLLATE "C" AND r.kept_at IS NULL AND r.withdrawn_at IS NULL AND r.promised_at >= now()
        AND r.owner = hand_over.to_owner;
    UPDATE tiering.assignments a SET claimed_by = NULL, claimed_until = NULL
    FROM unnest(named) AS k (customer) WHERE a.program = p.program AND a.customer = k.customer COLLATE "C" AND a.claimed_by = hand_over.from_owner AND a.owner = hand_over.to_owner;
    IF left_behind > 0 THEN
        RAISE WARNING USING MESSAGE = format('customers that the source still gives to "%s": %s', hand_over.from_owner, left_behind),
            HINT = format('UPDATE the owner in %s first: column "%s" says who looks after whom.', p.source, p.owner_column);
    END IF;
    INSERT INTO tiering.hand_overs (program, at, from_owner, to_owner, customers, promises)
    SELECT p.program, greatest(now(), (SELECT max(h.at) + interval '1 microsecond' FROM tiering.hand_overs h WHERE h.program = p.program)),
        hand_over.from_owner, hand_over.to_owner, hand_over.customers, hand_over.promises WHERE hand_over.customers > 0;
END
$$;
COMMENT ON FUNCTION tiering.hand_over(text, text, text, text[], text) IS
    'takes up, now instead of with the next retier(), that the source gives the customers of one owner to another; only_customers: some of them. Open promises go with the customers, claims of the earlier '
    'owner end, and the hand-over stands in tiering.hand_overs. Returns how many customers and open promises the new owner has got, and how many customers the source still gives to '
    'the earlier one, with a WARNING. path: search_path under which the source is read. ERROR 42704 unknown program or key, 22023 no two owners, 55000 paused, or a program without owners';

CREATE FUNCTION tiering.require_administrator(program text, deed text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT tiering.is_administrator() THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('you may not %s of program "%s"', deed, program),
            HINT = format('Let an administrator do it: SELECT tiering.grant_admin(%L) gives the rights.', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.require_administrator(text, text) IS 'ERROR 42501 if the current user may not change programs';

-- The tables whose rows a merge moves: what people have done with a customer. The tiers of each stay where they were given.
CREATE FUNCTION tiering.merged_tables() RETURNS TABLE (name text, at_column text, numbered boolean)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 6
BEGIN ATOMIC
    VALUES ('followups', 'at', true), ('promises', 'made_at', true), ('complaints', 'at', true), ('followup_plans', 'planned_at', false), ('reviews', 'at', false),
        ('contact_stops', 'since', false);
END;
COMMENT ON FUNCTION tiering.merged_tables() IS
    'the tables whose rows merge_customers() moves, with the column of their time, and whether rows of one time are numbered (n)';

CREATE FUNCTION tiering.merge_customers(
    program text, "from" text, "into" text, reason text, keep_override text DEFAULT NULL, path text DEFAULT current_setting('search_path')
) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(merge_customers.program);
    old_key text := tiering.customer_key(merge_customers.program, merge_customers."from", merge_customers.path);
    new_key text := tiering.customer_key(merge_customers.program, merge_customers."into", merge_customers.path);
    old_row tiering.assignments;
    chosen tiering.overrides;
    t record;
    rows_moved jsonb;
    moved jsonb := '{}';
    total bigint := 0;
    began timestamptz;
    plans date[];
BEGIN
    PERFORM tiering.require_administrator(p.program, 'merge customers');
    PERFORM tiering.require_active(p.program);
    IF coalesce(merge_customers.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a merge needs a reason',
            HINT = 'SELECT tiering.merge_customers(program, ''duplicate'', ''who stays'', ''why'').';
    END IF;
    IF old_key IS NULL OR new_key IS NULL OR old_key = new_key OR merge_customers.keep_override NOT IN ('from', 'into') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = 'a merge is of one customer into another',
            DETAIL = format('from is %s, into is %s, keep_override is %s.', coalesce(quote_ident(old_key), 'NULL'), coalesce(quote_ident(new_key), 'NULL'),
                coalesce(quote_literal(merge_customers.keep_override), 'NULL')),
            HINT = 'SELECT tiering.merge_customers(program, ''duplicate'', ''who stays'', ''why''); keep_override => ''from'' or ''into'' says whose override counts.';
    END IF;
    -- In the order of the keys, as everybody locks several customers. The one who is merged may be gone already.
    PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer IN (old_key, new_key) ORDER BY a.customer FOR NO KEY UPDATE;
    SELECT a.* INTO old_row FROM tiering.assignments a WHERE a.program = p.program AND a.customer = old_key;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has graded no customer "%s"', p.program, old_key),
            HINT = 'Customers are named by their key as text.';
    END IF;
    PERFORM tiering.lock_graded(p.program, new_key, merge_customers.path);
    began := greatest(now(), (SELECT max(s.at) + interval '1 microsecond' FROM tiering.successions s WHERE s.program = p.program AND s.customer = old_key));

    FOR t IN SELECT m.* FROM tiering.merged_tables() m LOOP
        -- At a time that the other has, too: the next number, or the next microseconds.
        EXECUTE format(CASE WHEN t.numbered THEN
            'WITH old AS (SELECT f.%2$I AS at, f.n, f.n + coalesce((SELECT max(g.n) FROM tiering.%1$I g WHERE g.program = $1 AND g.customer = $3 AND g.%2$I = f.%2$I), 0) AS n_now '
            'FROM tiering.%1$I f WHERE f.program = $1 AND f.customer = $2), done AS ('
            'UPDATE tiering.%1$I f SET customer = $3, n = o.n_now FROM old o WHERE f.program = $1 AND f.customer = $2 AND f.%2$I = o.at AND f.n = o.n RETURNING o.at, o.n, o.n_now) '
            'SELECT jsonb_agg(jsonb_build_array(d.at, d.n, d.n_now) ORDER BY d.at, d.n) FROM done d'
            ELSE
            -- The first of them takes the first that is free after it, the second the second, and so on: no two take the same.
            'WITH twice AS (SELECT f.%2$I AS at, row_number() OVER (ORDER BY f.%2$I) AS n FROM tiering.%1$I f WHERE f.program = $1 AND f.customer = $2 '
            'AND EXISTS (SELECT FROM tiering.%1$I g WHERE g.program = $1 AND g.customer = $3 AND g.%2$I = f.%2$I)), '
            'old AS (SELECT f.%2$I AS at, CASE WHEN t.at IS NOT NULL THEN (SELECT f.%2$I + s * interval ''1 microsecond'' '
            'FROM generate_series(1, 10000 + t.n) AS s WHERE NOT EXISTS (SELECT FROM tiering.%1$I g WHERE g.program = $1 AND g.customer IN ($2, $3) AND g.%2$I = f.%2$I + s * interval ''1 microsecond'') '
            'ORDER BY s OFFSET t.n - 1 LIMIT 1) '
            'ELSE f.%2$I END AS at_now FROM tiering.%1$I f LEFT JOIN twice t ON t.at = f.%2$I WHERE f.program = $1 AND f.customer = $2), done AS ('
            'UPDATE tiering.%1$I f SET customer = $3, %2$I = o.at_now FROM old o WHERE f.program = $1 AND f.customer = $2 AND f.%2$I = o.at RETURNING o.at, o.at_now) '
            'SELECT jsonb_agg(jsonb_build_array(d.at, d.at_now) ORDER BY d.at) FROM done d' END, t.name, t.at_column)
        INTO rows_moved USING p.program, old_key, new_key;
        IF rows_moved IS NOT NULL THEN
            moved := moved || jsonb_build_object(t.name, rows_moved);
            total := total + jsonb_array_length(rows_moved);
        END IF;
    END LOOP;

    -- Of two overrides that last one counts; that of the merged customer ends in any case.
    SELECT o.* INTO chosen FROM tiering.overrides o WHERE o.program = p.program AND o.customer = old_key AND tiering.lasts(o.until);
    IF FOUND THEN
        moved := moved || jsonb_build_object('override', jsonb_build_object('since', chosen.since, 'until', chosen.until));
        UPDATE tiering.overrides o SET until = greatest(now(), o.since), cleared_by = session_user WHERE o.program = p.program AND o.customer = old_key AND tiering.lasts(o.until);
        IF merge_customers.keep_override = 'from' OR merge_customers.keep_override IS NULL
            AND NOT EXISTS (SELECT FROM tiering.overrides o WHERE o.program = p.program AND o.customer = new_key AND tiering.lasts(o.until))
        THEN
            moved := moved || coalesce((SELECT jsonb_build_object('replaced', jsonb_build_object('since', o.since, 'until', o.until))
                FROM tiering.overrides o WHERE o.program = p.program AND o.customer = new_key AND tiering.lasts(o.until)), '{}');
            chosen.customer := new_key;
            chosen.since := greatest(now(), (SELECT max(o.since) + interval '1 microsecond' FROM tiering.overrides o WHERE o.program = p.program AND o.customer = new_key));
            chosen.until := CASE WHEN chosen.until IS NOT NULL THEN greatest(chosen.until, chosen.since) END;
            UPDATE tiering.overrides o SET until = chosen.since, cleared_by = session_user WHERE o.program = p.program AND o.customer = new_key AND coalesce(o.until > chosen.since, true);
            INSERT INTO tiering.overrides SELECT chosen.*;
            moved := moved || jsonb_build_object('given', chosen.since);
        END IF;
    END IF;
    moved := moved || jsonb_strip_nulls(jsonb_build_object('before', (SELECT jsonb_build_object('last_logged', a.last_logged, 'planned_due', a.planned_due, 'later_plans', a.later_plans, 'snoozed_until', a.snoozed_until)
        FROM tiering.assignments a WHERE a.program = p.program AND a.customer = new_key)));
    moved := moved || jsonb_strip_nulls(jsonb_build_object('merged', jsonb_build_object('last_logged', old_row.last_logged, 'planned_due', old_row.planned_due, 'later_plans', old_row.later_plans, 'snoozed_until', old_row.snoozed_until)));
    -- What is planned for either is open; of one day for both, once.
    plans := ARRAY(SELECT DISTINCT u.due FROM tiering.assignments a, unnest(a.planned_due || a.later_plans || old_row.planned_due || old_row.later_plans) AS u (due)
        WHERE a.program = p.program AND a.customer = new_key AND u.due IS NOT NULL ORDER BY 1);
    UPDATE tiering.assignments a SET last_logged = greatest(a.last_logged, old_row.last_logged), planned_due = plans[1], later_plans = nullif(plans[2:], '{}')
    WHERE a.program = p.program AND a.customer = new_key;
    -- Who wants no contact wants none under either key.
    PERFORM tiering.follow_stops(p.program, ARRAY[old_key, new_key]);
    UPDATE tiering.assignments a SET last_logged = NULL, planned_due = NULL, later_plans = NULL, snoozed_until = NULL, claimed_by = NULL, claimed_until = NULL
    WHERE a.program = p.program AND a.customer = old_key;
    INSERT INTO tiering.successions (program, customer, at, kind, successor, reason, moved)
    VALUES (p.program, old_key, began, 'merge', new_key, merge_customers.reason, moved);
    PERFORM tiering.grade_customers(p.program, ARRAY[old_key, new_key], 'automatic', merge_customers.path);
    IF tiering.source_has(p.program, old_key, merge_customers.path) THEN
        RAISE WARNING USING MESSAGE = format('customer "%s" still stands in %s', old_key, p.source), HINT = 'It is graded as before until it is deleted there as well.';
    END IF;
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.merge_customers(text, text, text, text, text, text) IS
    'merges a customer into another: contacts, promises, plans, complaints and reviews go over, the last contact is the later one, and what is planned for either is open. Of overrides that last, '
    'that of into counts, or else that of from; keep_override: from or into chooses. The tiers that each had stay in the history of each, and the merge stands in tiering.successions. Both are graded '
    'again; from is gone once the source has it no more, until then with a WARNING. undo_merge() takes it back. Returns how many rows went over. path: search_path under which the source is '
    'read. ERROR 42704 unknown program or customer, 22004 no reason, 22023 one customer twice, 42501 no administrator, 55000 paused';

CREATE FUNCTION tiering.recorded_plans(recorded jsonb) RETURNS SETOF date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.due::date FROM jsonb_array_elements_text(coalesce($1 -> 'later_plans', '[]') || coalesce($1 -> 'planned_due', '[]')) AS u (due) ORDER BY 1;
END;
COMMENT ON FUNCTION tiering.recorded_plans(jsonb) IS 'a part of undo_merge(): the days of open plans of a customer, in their order, as merge_customers() recorded them';

CREATE FUNCTION tiering.undo_merge(program text, "from" text, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(undo_merge.program);
    old_key text := tiering.customer_key(undo_merge.program, undo_merge."from", undo_merge.path);
    merge tiering.successions;
    t record;
    n bigint;
    total bigint := 0;
    old_plans date[];
    plans date[];
BEGIN
    PERFORM tiering.require_administrator(p.program, 'undo merges');
    PERFORM tiering.require_active(p.program);
    SELECT s.* INTO merge FROM tiering.successions s
    WHERE s.program = p.program AND s.customer = old_key AND s.kind = 'merge' AND s.undone_at IS NULL ORDER BY s.at DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('customer "%s" of program "%s" was merged into no other', old_key, p.program),
            HINT = format('SELECT * FROM tiering.successions WHERE program = %L lists the merges.', p.program);
    END IF;
    PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer IN (old_key, merge.successor) ORDER BY a.customer FOR NO KEY UPDATE;
    -- What was corrected or erased since is not there any more; all else goes back.
    FOR t IN SELECT m.* FROM tiering.merged_tables() m WHERE merge.moved ? m.name LOOP
        EXECUTE format(CASE WHEN t.numbered THEN
            'UPDATE tiering.%1$I f SET customer = $2, n = (e.value ->> 1)::smallint FROM jsonb_array_elements($4) AS e '
            'WHERE f.program = $1 AND f.customer = $3 AND f.%2$I = (e.value ->> 0)::timestamptz AND f.n = (e.value ->> 2)::smallint'
            ELSE 'UPDATE tiering.%1$I f SET customer = $2, %2$I = (e.value ->> 0)::timestamptz FROM jsonb_array_elements($4) AS e '
            'WHERE f.program = $1 AND f.customer = $3 AND f.%2$I = (e.value ->> 1)::timestamptz' END, t.name, t.at_column)
        USING p.program, old_key, merge.successor, merge.moved -> t.name;
        GET DIAGNOSTICS n = ROW_COUNT;
        total := total + n;
    END LOOP;
    UPDATE tiering.overrides o SET until = greatest(now(), o.since), cleared_by = session_user
    WHERE o.program = p.program AND o.customer = merge.successor AND o.since = (merge.moved ->> 'given')::timestamptz AND tiering.lasts(o.until);
    UPDATE tiering.overrides o SET until = (merge.moved #>> '{override,until}')::timestamptz, cleared_by = NULL
    WHERE o.program = p.program AND o.customer = old_key AND o.since = (merge.moved #>> '{override,since}')::timestamptz
        AND NOT EXISTS (SELECT FROM tiering.overrides x WHERE x.program = o.program AND x.customer = o.customer AND x.since > o.since);
    old_plans := ARRAY(SELECT tiering.recorded_plans(merge.moved -> 'merged'));
    plans := ARRAY(SELECT u.due FROM tiering.assignments a, unnest(a.planned_due || a.later_plans) AS u (due)
        WHERE a.program = p.program AND a.customer = merge.successor AND u.due IS NOT NULL
            AND (u.due <> ALL (old_plans) OR u.due IN (SELECT tiering.recorded_plans(merge.moved -> 'before'))) ORDER BY 1);
    -- The last contacts are those that each has now, but what was logged of the other meanwhile stays with it.
    UPDATE tiering.assignments a SET
        last_logged = CASE WHEN a.customer = old_key THEN (merge.moved #>> '{merged,last_logged}')::timestamptz
            ELSE greatest((merge.moved #>> '{before,last_logged}')::timestamptz, (SELECT max(f.at) FROM tiering.followups f WHERE f.program = a.program AND f.customer = a.customer AND NOT f.attempt)) END,
        planned_due = CASE WHEN a.customer = old_key THEN old_plans[1] ELSE plans[1] END,
        later_plans = nullif(CASE WHEN a.customer = old_key THEN old_plans[2:] ELSE plans[2:] END, '{}'),
        snoozed_until = CASE WHEN a.customer = old_key THEN (merge.moved #>> '{merged,snoozed_until}')::date ELSE a.snoozed_until END
    WHERE a.program = p.program AND a.customer IN (old_key, merge.successor);
    PERFORM tiering.follow_stops(p.program, ARRAY[old_key, merge.successor]);
    UPDATE tiering.successions s SET undone_at = now(), undone_by = session_user WHERE s.program = p.program AND s.customer = old_key AND s.at = merge.at;
    PERFORM tiering.grade_customers(p.program, ARRAY[old_key, merge.successor], 'automatic', undo_merge.path);
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.undo_merge(text, text, text) IS
    'takes the last merge of a customer back: what went over returns, but what was logged since stays where it is; the override of from is in force again. Returns how many rows returned. '
    'The source must have the customer again, who is gone otherwise. ERROR 42704 unknown program or customer, or there was no merge, 42501 no administrator, 55000 paused';

CREATE FUNCTION tiering.rename_rows(program text, was text[], anew text[], reason text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_customers regclass;
    n bigint;
    total bigint := 0;
BEGIN
    FOR of_customers IN
        SELECT t.name FROM unnest(tiering.program_tables()) AS t (name)
        JOIN pg_attribute a ON a.attrelid = t.name AND a.attname = 'customer' AND NOT a.attisdropped
        WHERE t.name <> 'tiering.successions'::regclass
        -- The assignment comes first: by it, policies and triggers know whose the rest is.
        ORDER BY t.name <> 'tiering.assignments'::regclass, t.name::text
    LOOP
        EXECUTE format('UPDATE %s t SET customer = u.anew FROM unnest($2, $3) AS u (was, anew) WHERE t.program = $1 AND t.customer = u.was', of_customers) USING program, was, anew;
        GET DIAGNOSTICS n = ROW_COUNT; total := total + n;
    END LOOP;
    UPDATE tiering.successions s SET successor = u.anew FROM unnest(was, anew) AS u (was, anew) WHERE s.program = rename_rows.program AND s.successor = u.was;
    INSERT INTO tiering.successions (program, customer, at, kind, successor, reason)
    SELECT program, u.was, greatest(now(), (SELECT max(s.at) + interval '1 microsecond' FROM tiering.successions s WHERE s.program = rename_rows.program AND s.customer = u.was)),
        'rename', u.anew, reason
    FROM unnest(was, anew) AS u (was, anew);
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.rename_rows(text, text[], text[], text) IS 'all that a program knows of some customers goes on under other keys, on record; returns how many rows';

-- Where equal keys may be spelt differently, another spelling is no other customer.
CREATE FUNCTION tiering.follow_spellings(plan tiering.program_plan, customers text[], path text) RETURNS text[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    p tiering.programs := tiering.find_program(plan.program);
    key text := tiering.renamed_column(p.source, p.column_numbers, p.key_column);
    was text[];
    anew text[];
BEGIN
    -- Where rows may be hidden, who is not seen under one spelling need not have another.
    IF tiering.hides_rows(p.source) THEN
        RETURN customers;
    END IF;
    BEGIN
        PERFORM set_config('search_path', tiering.source_path(CASE WHEN plan.path IS NOT NULL AND NOT tiering.is_administrator() THEN plan.path ELSE path END), true);
        EXECUTE format($query$
            WITH here AS MATERIALIZED (SELECT %1$s COLLATE pg_catalog."C" AS customer, s.%2$I AS key FROM %3$s s WHERE s.%2$I IS NOT NULL%4$s),
            known AS MATERIALIZED (SELECT a.customer, %5$s AS key, a.gone_since FROM tiering.assignments a WHERE a.program = ($1).program%6$s),
            respelt AS (
                SELECT DISTINCT ON (h.customer) k.customer AS was, h.customer AS anew FROM here h JOIN known k ON k.key %7$s h.key
                WHERE k.customer <> h.customer AND NOT EXISTS (SELECT FROM here x WHERE x.customer = k.customer)
                    AND NOT EXISTS (SELECT FROM tiering.assignments x WHERE x.program = ($1).program AND x.customer = h.customer)
                ORDER BY h.customer, k.gone_since DESC NULLS FIRST
            )
            SELECT pg_catalog.array_agg(r.was ORDER BY r.was), pg_catalog.array_agg(r.anew ORDER BY r.was) FROM respelt r$query$,
            plan.customer, key, plan.source, CASE WHEN customers IS NOT NULL THEN ' AND ' || plan.chosen ELSE '' END, tiering.typed_key(p.source, key, 'a.customer'),
            CASE WHEN customers IS NOT NULL THEN ' AND a.customer = ANY ($2)' ELSE '' END, tiering.equality((SELECT a.atttypid FROM pg_attribute a WHERE a.attrelid = p.source AND a.attname = key)))
        INTO was, anew USING plan, customers;
        PERFORM set_config('search_path', 'pg_catalog, pg_temp', true);
    EXCEPTION WHEN OTHERS THEN
        -- Keys that cannot be read are told where they are graded; those of an earlier key column may be no values of this one.
        IF NOT tiering.is_of_a_row(SQLSTATE) THEN
            RAISE;
        END IF;
        RETURN customers;
    END;
    IF was IS NULL THEN
        RETURN customers;
    END IF;
    IF tiering.is_administrator() THEN
        PERFORM tiering.rename_rows(plan.program, was, anew, 'spelt anew in the source');
        RAISE NOTICE USING MESSAGE = tiering.translated(format('program "%s": customers whose key is spelt anew: %s', plan.program, cardinality(was)));
        RETURN customers;
    END IF;
    RAISE WARNING USING MESSAGE = tiering.translated(format('program "%s": customers whose key is spelt anew: %s', plan.program, cardinality(was))),
        DETAIL = format('The first is "%s", who was "%s".', anew[1], was[1]), HINT = format('They keep their tier until an administrator calls: CALL tiering.retier(%L).', plan.program);
    RETURN ARRAY(SELECT c.customer FROM unnest(customers) AS c (customer) WHERE c.customer <> ALL (was || anew));
END
$$;
COMMENT ON FUNCTION tiering.follow_spellings(tiering.program_plan, text[], text) IS
    'a part of grading, where equal keys may be spelt differently: customers of whom the source has another spelling now go on under that; customers: some, or NULL for all. Who is no administrator cannot rename: '
    'those are left out, with a WARNING. Returns who is to be graded. path: search_path under which the source is read';

CREATE FUNCTION tiering.rename_customer(program text, "from" text, "to" text, reason text DEFAULT NULL, path text DEFAULT current_setting('search_path')) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    p tiering.programs := tiering.find_program(rename_customer.program);
    new_key text;
    total bigint;
BEGIN
    PERFORM tiering.require_administrator(p.program, 'rename customers');
    PERFORM tiering.require_active(p.program);
    IF rename_customer."from" IS NULL OR rename_customer."to" IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'from and to must not be NULL', HINT = 'SELECT tiering.rename_customer(program, ''old key'', ''new key'').';
    END IF;
    -- The old key as it was written; it need not be one of the source any more.
    PERFORM FROM tiering.assignments a WHERE a.program = p.program AND a.customer = rename_customer."from" FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = format('program "%s" has graded no customer "%s"', p.program, rename_customer."from"),
            HINT = 'Name the customer by the key that the program has: SELECT customer FROM tiering.assignments.';
    END IF;
    new_key := tiering.customer_key(p.program, rename_customer."to", rename_customer.path);
    IF new_key = rename_customer."from" OR EXISTS (SELECT FROM tiering.assignments a WHERE a.program = p.program AND a.customer = new_key) THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object', MESSAGE = format('program "%s" has a customer "%s" already', p.program, new_key),
            HINT = format('SELECT tiering.merge_customers(%L, %L, %L, ''why'') merges them.', p.program, rename_customer."from", new_key);
    END IF;
    IF tiering.is_kept_out(p, new_key) THEN
        PERFORM tiering.refuse_kept_out(p.program, new_key);
    END IF;
    IF NOT tiering.source_has(p.program, new_key, rename_customer.path) THEN
        PERFORM tiering.refuse_customer(p.program, new_key);
    END IF;
    total := tiering.rename_rows(p.program, ARRAY[rename_customer."from"], ARRAY[new_key], nullif(rename_customer.reason, ''));
    PERFORM tiering.grade_customers(p.program, ARRAY[rename_customer."from", new_key], 'automatic', rename_customer.path);
    RETURN total;
END
$$;
COMMENT ON FUNCTION tiering.rename_customer(text, text, text, text, text) IS
    'a customer has another key in the source: everything that the program knows under the old one goes on under the new one, the tier and its history, too; tiering.successions tells it. Call it before the '
    'next retier(), which would take the customer for a new one. Returns how many rows it changed. path: search_path under which the source is read. ERROR 42704 unknown program, no such customer before, or '
    'none of the new key in the source, 42710 the program has one of the new key (merge_customers), 22004 a NULL, 42501 no administrator, 55000 paused';
