-- A control group: customers who are graded like all, but stay outside the playbook, so that its effect can be told.

CREATE TABLE tiering.hold_outs (
    program text COLLATE "C" NOT NULL,
    since timestamptz NOT NULL CHECK (isfinite(since)),
    until timestamptz CHECK (until > since),
    share double precision NOT NULL CHECK (share > 0 AND share < 1),
    seed bigint NOT NULL,
    set_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, since)
);
-- The one that goes on.
CREATE UNIQUE INDEX hold_outs_now ON tiering.hold_outs (program) WHERE until IS NULL;
GRANT SELECT ON tiering.hold_outs TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.hold_outs TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.hold_outs', '');
COMMENT ON TABLE tiering.hold_outs IS 'which share of the customers of a program is held out of its playbook, and from when to when; set by tiering.hold_out()';
COMMENT ON COLUMN tiering.hold_outs.program IS 'program';
COMMENT ON COLUMN tiering.hold_outs.since IS 'from when on';
COMMENT ON COLUMN tiering.hold_outs.until IS 'until when; NULL: still';
COMMENT ON COLUMN tiering.hold_outs.share IS 'share of the customers, between 0 and 1';
COMMENT ON COLUMN tiering.hold_outs.seed IS 'the draw: another seed holds out others';
COMMENT ON COLUMN tiering.hold_outs.set_by IS 'by which session user';

CREATE FUNCTION tiering.is_drawn(customer text, share double precision, seed bigint) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- 52 bits of a hash that is the same on every machine and version, as a share of all that there are.
    RETURN ('x' || left(encode(sha256(convert_to($3 || ':' || $1, 'UTF8')), 'hex'), 13))::bit(52)::bigint < $2 * 4503599627370496.0;
COMMENT ON FUNCTION tiering.is_drawn(text, double precision, bigint) IS
    'whether a customer belongs to a share of all that is drawn by the hash of the key: always the same customers for the same seed, and those of a smaller share among those of a larger one';

CREATE FUNCTION tiering.is_held_out(program text, customer text, at timestamptz DEFAULT now()) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN EXISTS (SELECT FROM tiering.hold_outs h
        WHERE h.program = $1 AND h.since <= $3 AND (h.until IS NULL OR h.until > $3) AND tiering.is_drawn($2, h.share, h.seed));
COMMENT ON FUNCTION tiering.is_held_out(text, text, timestamptz) IS 'whether a customer of a program is held out of its playbook at a time';

CREATE FUNCTION tiering.hold_out(program text, share double precision, seed bigint DEFAULT 1, at timestamptz DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    began timestamptz := coalesce(at, now());
    may_begin boolean;
    held bigint;
BEGIN
    PERFORM tiering.hold_program(program);
    IF share IS NULL OR NOT share BETWEEN 0 AND 0.999999 OR seed IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no share of customers to hold out', coalesce(share::text, 'NULL')),
            HINT = format('SELECT tiering.hold_out(%L, 0.1) holds out one in ten; 0 ends it.', program);
    END IF;
    may_begin := isfinite(began) AND NOT EXISTS (SELECT FROM tiering.hold_outs h WHERE h.program = hold_out.program AND (h.since >= began OR h.until > began));
    IF may_begin THEN
        UPDATE tiering.hold_outs h SET until = began WHERE h.program = hold_out.program AND h.until IS NULL;
        IF share > 0 THEN
            INSERT INTO tiering.hold_outs (program, since, share, seed) VALUES (program, began, share, seed) ON CONFLICT DO NOTHING;
            may_begin := FOUND;  -- or another session has begun one meanwhile
        END IF;
    END IF;
    IF NOT may_begin THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a hold-out cannot begin at %s', began),
            DETAIL = 'What was held out before stays on record; a new draw begins after it.',
            HINT = format('SELECT * FROM tiering.hold_outs WHERE program = %L shows the earlier ones.', program);
    END IF;
    IF began < now() AND share > 0 THEN
        RAISE WARNING USING MESSAGE = format('the hold-out of program "%s" begins in the past', program),
            DETAIL = 'Until now the due lists showed these customers as all others.',
            HINT = 'An effect from before now is one only if they were left out by other means.';
    END IF;
    SELECT count(*) INTO held FROM tiering.assignments a
    WHERE a.program = hold_out.program AND a.gone_since IS NULL AND share > 0 AND tiering.is_drawn(a.customer, share, seed);
    RETURN held;
END
$$;
COMMENT ON FUNCTION tiering.hold_out(text, double precision, bigint, timestamptz) IS
    'holds a share of the customers of a program out of its playbook from now, or a time, on, and returns how many that are today: they are graded as all, but stand on no due list. '
    'The draw is by hash of the key and seed: stable, and the earlier one stays on record. 0 ends it. ERROR 42704 unknown program, 22023 no share between 0 and 1, or a beginning before that of an earlier one';
