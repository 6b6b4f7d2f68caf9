-- Periodic review: once a period somebody looks at each customer, and at the scheme itself, and decides; what was decided stays on record.

CREATE FUNCTION tiering.is_review_period(period interval) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN period BETWEEN interval '1 day' AND interval '10 years';
COMMENT ON FUNCTION tiering.is_review_period(interval) IS 'whether a time can lie between two reviews: a day to ten years';

CREATE TABLE tiering.review_periods (
    program text COLLATE "C" PRIMARY KEY,
    customers interval NOT NULL CHECK (tiering.is_review_period(customers)),
    scheme interval NOT NULL CHECK (tiering.is_review_period(scheme)),
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT session_user
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.review_periods TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.review_periods', '');
COMMENT ON TABLE tiering.review_periods IS 'how often the customers and the scheme of a program are reviewed, as set_review_periods() set it; of a program without a row, every year';
COMMENT ON COLUMN tiering.review_periods.program IS 'program';
COMMENT ON COLUMN tiering.review_periods.customers IS 'time between two reviews of a customer';
COMMENT ON COLUMN tiering.review_periods.scheme IS 'time between two reviews of the scheme';
COMMENT ON COLUMN tiering.review_periods.set_at IS 'when it was set';
COMMENT ON COLUMN tiering.review_periods.set_by IS 'by which session user';

CREATE FUNCTION tiering.set_review_periods(program text, customers interval DEFAULT NULL, scheme interval DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    wrong interval;
BEGIN
    PERFORM tiering.hold_program(set_review_periods.program);
    SELECT u.period INTO wrong FROM unnest(ARRAY[set_review_periods.customers, set_review_periods.scheme]) AS u (period)
    WHERE NOT tiering.is_review_period(u.period) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s is no time between two reviews', wrong),
            HINT = 'Give one day to ten years: customers => ''6 months'', scheme => ''1 year''.';
    END IF;
    INSERT INTO tiering.review_periods AS r (program, customers, scheme)
    VALUES (set_review_periods.program, coalesce(set_review_periods.customers, '1 year'), coalesce(set_review_periods.scheme, '1 year'))
    ON CONFLICT ON CONSTRAINT review_periods_pkey DO UPDATE SET customers = coalesce(set_review_periods.customers, r.customers),
        scheme = coalesce(set_review_periods.scheme, r.scheme), set_at = now(), set_by = session_user;
END
$$;
COMMENT ON FUNCTION tiering.set_review_periods(text, interval, interval) IS
    'says how often the customers and the scheme of a program are reviewed; NULL leaves one as it is, at first every year. '
    'ERROR 42704 unknown program, 22023 less than a day or more than ten years';

CREATE TABLE tiering.reviews (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL DEFAULT now() CHECK (isfinite(at)),
    decision text NOT NULL CHECK (decision IN ('keep', 'up', 'down', 'part_with')),
    reason text NOT NULL CHECK (reason <> ''),
    tier text COLLATE "C",
    tier_after text COLLATE "C",
    reviewed_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (program, customer, at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.reviews TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.reviews', '');
COMMENT ON TABLE tiering.reviews IS 'what was decided on customers, by whom and why; tiering.record_review() writes it';
COMMENT ON COLUMN tiering.reviews.program IS 'program';
COMMENT ON COLUMN tiering.reviews.customer IS 'customer';
COMMENT ON COLUMN tiering.reviews.at IS 'when';
COMMENT ON COLUMN tiering.reviews.decision IS 'keep: the tier stays; up, down: another tier by decree; part_with: the relationship is to end';
COMMENT ON COLUMN tiering.reviews.reason IS 'why';
COMMENT ON COLUMN tiering.reviews.tier IS 'tier in force before';
COMMENT ON COLUMN tiering.reviews.tier_after IS 'tier in force after it';
COMMENT ON COLUMN tiering.reviews.reviewed_by IS 'which session user decided';

CREATE TABLE tiering.scheme_reviews (
    scheme text NOT NULL,
    at timestamptz NOT NULL DEFAULT now() CHECK (isfinite(at)),
    version integer NOT NULL CHECK (version > 0),
    decision text NOT NULL CHECK (decision IN ('keep', 'revise', 'retire')),
    reason text NOT NULL CHECK (reason <> ''),
    reviewed_by text NOT NULL DEFAULT session_user,
    PRIMARY KEY (scheme, at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.scheme_reviews TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.scheme_reviews', '');
COMMENT ON TABLE tiering.scheme_reviews IS 'what was decided on schemes, by whom and why; tiering.record_scheme_review() writes it';
COMMENT ON COLUMN tiering.scheme_reviews.scheme IS 'scheme';
COMMENT ON COLUMN tiering.scheme_reviews.at IS 'when';
COMMENT ON COLUMN tiering.scheme_reviews.version IS 'its current version at the time';
COMMENT ON COLUMN tiering.scheme_reviews.decision IS 'keep: it stays; revise: a new version is to come; retire: it is to go';
COMMENT ON COLUMN tiering.scheme_reviews.reason IS 'why';
COMMENT ON COLUMN tiering.scheme_reviews.reviewed_by IS 'which session user decided';

CREATE FUNCTION tiering.sign_review() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The owner of the table brings rows back from a dump as they were.
    IF NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'USAGE') THEN
        IF TG_OP = 'UPDATE' THEN
            NEW.at := OLD.at; NEW.reviewed_by := OLD.reviewed_by;
        ELSE
            NEW.reviewed_by := session_user;
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.sign_review() IS 'trigger: a review bears the name of the session user who records it, and its first time';
CREATE TRIGGER sign BEFORE INSERT OR UPDATE ON tiering.reviews FOR EACH ROW EXECUTE FUNCTION tiering.sign_review();
CREATE TRIGGER sign BEFORE INSERT OR UPDATE ON tiering.scheme_reviews FOR EACH ROW EXECUTE FUNCTION tiering.sign_review();

CREATE FUNCTION tiering.record_review(program text, customer text, decision text, reason text, tier text DEFAULT NULL,
    path text DEFAULT current_setting('search_path')) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    found_tier record;
    target tiering.program_tiers;
    began timestamptz;
    tier_after text;
BEGIN
    PERFORM tiering.find_program(record_review.program);
    IF record_review.decision IS NULL OR record_review.decision NOT IN ('keep', 'up', 'down', 'part_with') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a review cannot decide "%s"', coalesce(record_review.decision, 'NULL')),
            HINT = 'Decide keep, up, down or part_with: SELECT tiering.record_review(program, customer, ''keep'', ''why'').';
    END IF;
    IF coalesce(record_review.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a review needs a reason',
            HINT = format('SELECT tiering.record_review(program, customer, %L, ''why'').', record_review.decision);
    END IF;
    IF record_review.tier IS NOT NULL AND record_review.decision NOT IN ('up', 'down') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('decision "%s" gives no tier', record_review.decision),
            HINT = 'Decide up or down, or leave the tier out.';
    END IF;
    record_review.customer := tiering.customer_key(record_review.program, record_review.customer, path);
    PERFORM tiering.lock_customer(record_review.program, record_review.customer);
    SELECT t.tier, t.rank INTO found_tier FROM tiering.current_tiers t WHERE t.program = record_review.program AND t.customer = record_review.customer;
    tier_after := found_tier.tier;
    IF record_review.decision IN ('up', 'down') THEN
        SELECT g.* INTO target FROM tiering.program_tiers g
        WHERE g.program = record_review.program
            AND CASE record_review.decision WHEN 'up' THEN g.rank < found_tier.rank ELSE g.rank > found_tier.rank END
            AND (record_review.tier IS NULL OR g.tier = record_review.tier)
        ORDER BY abs(g.rank - found_tier.rank) LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
                MESSAGE = format('customer "%s" of program "%s" cannot go %s%s', record_review.customer, record_review.program, record_review.decision, ' to "' || record_review.tier || '"'),
                DETAIL = format('The customer is in tier %s; from the best to the worst they are: %s.', coalesce('"' || found_tier.tier || '"', 'NULL'),
                    (SELECT string_agg(g.tier, ', ' ORDER BY g.rank) FROM tiering.program_tiers g WHERE g.program = record_review.program)),
                HINT = 'Name a tier in that direction, or give any: SELECT tiering.override_tier(program, customer, tier, ''why'').';
        END IF;
        -- What people decide counts until they look again.
        PERFORM tiering.override_tier(record_review.program, record_review.customer, target.tier, record_review.reason,
            now() + coalesce((SELECT r.customers FROM tiering.review_periods r WHERE r.program = record_review.program), '1 year'), path);
        tier_after := target.tier;
    END IF;
    began := greatest(now(), (SELECT max(r.at) + interval '1 microsecond' FROM tiering.reviews r
        WHERE r.program = record_review.program AND r.customer = record_review.customer));
    INSERT INTO tiering.reviews (program, customer, at, decision, reason, tier, tier_after)
    VALUES (record_review.program, record_review.customer, began, record_review.decision, record_review.reason, found_tier.tier, tier_after);
    RETURN tier_after;
END
$$;
COMMENT ON FUNCTION tiering.record_review(text, text, text, text, text, text) IS
    'writes down what the review of a customer decided and why, in the name of the session user, and returns the tier in force after it. keep and part_with change nothing: '
    'they are on record. up and down give the next better or worse tier, or the one that is named, by override_tier() until the next review is due. For administrators. '
    'ERROR 42704 unknown program or customer, 22023 another decision, or no tier in that direction, 22004 no reason';

CREATE FUNCTION tiering.record_scheme_review(scheme text, decision text, reason text) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    reviewed integer := tiering.wanted_version(record_scheme_review.scheme, NULL);
BEGIN
    IF record_scheme_review.scheme IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'scheme is NULL',
            HINT = 'SELECT tiering.record_scheme_review(scheme, ''keep'', ''why'').';
    END IF;
    IF record_scheme_review.decision IS NULL OR record_scheme_review.decision NOT IN ('keep', 'revise', 'retire') THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('a review of a scheme cannot decide "%s"', coalesce(record_scheme_review.decision, 'NULL')),
            HINT = 'Decide keep, revise or retire: SELECT tiering.record_scheme_review(scheme, ''keep'', ''why'').';
    END IF;
    IF coalesce(record_scheme_review.reason, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a review needs a reason',
            HINT = format('SELECT tiering.record_scheme_review(scheme, %L, ''why'').', record_scheme_review.decision);
    END IF;
    INSERT INTO tiering.scheme_reviews (scheme, at, version, decision, reason)
    VALUES (record_scheme_review.scheme, greatest(now(), (SELECT max(r.at) + interval '1 microsecond' FROM tiering.scheme_reviews r
        WHERE r.scheme = record_scheme_review.scheme)), reviewed, record_scheme_review.decision, record_scheme_review.reason);
    RETURN reviewed;
END
$$;
COMMENT ON FUNCTION tiering.record_scheme_review(text, text, text) IS
    'writes down what the review of a scheme decided and why, in the name of the session user, and returns the version that was looked at, the current one. It is a record: '
    'revise_scheme() and retire_scheme() carry it out, approve_scheme() begins the next period. ERROR 42704 unknown scheme, 55000 no version is approved, '
    '22023 another decision than keep, revise, retire, 22004 no scheme or reason';

-- || '': as in assignment_history.
CREATE VIEW tiering.reviews_due WITH (security_invoker) AS
    SELECT w.program, w.subject, w.name, w.label, w.owner, w.tier, w.rank, w.last_review, w.decision, w.due,
        greatest((now() AT TIME ZONE w.zone)::date - w.due, 0) AS days_overdue
    FROM (
        SELECT p.program, 'customer' AS subject, t.customer AS name, t.label, t.owner, t.tier, t.rank, r.at AS last_review, r.decision, p.zone,
            ((coalesce(r.at, l.since, t.since) AT TIME ZONE p.zone)::date + coalesce(v.customers, '1 year'))::date AS due
        FROM tiering.programs p
        JOIN tiering.current_tiers t ON t.program = p.program || ''
        LEFT JOIN tiering.review_periods v ON v.program = p.program
        LEFT JOIN LATERAL (SELECT x.at, x.decision FROM tiering.reviews x WHERE x.program = t.program AND x.customer = t.customer ORDER BY x.at DESC LIMIT 1) r ON true
        LEFT JOIN LATERAL (SELECT x.since FROM tiering.assignment_log x WHERE x.program = t.program AND x.customer = t.customer ORDER BY x.since LIMIT 1) l ON true
        UNION ALL
        SELECT p.program, 'scheme', p.scheme, NULL, NULL, NULL, NULL, r.at, r.decision, p.zone,
            ((greatest(r.at, s.approved_at) AT TIME ZONE p.zone)::date + coalesce(v.scheme, '1 year'))::date
        FROM tiering.programs p
        JOIN tiering.schemes s ON s.scheme = p.scheme AND s.version = p.applied_version
        LEFT JOIN tiering.review_periods v ON v.program = p.program
        LEFT JOIN LATERAL (SELECT x.at, x.decision FROM tiering.scheme_reviews x WHERE x.scheme = p.scheme ORDER BY x.at DESC LIMIT 1) r ON true
    ) w;
GRANT SELECT ON tiering.reviews_due TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.reviews_due IS
    'when the next review of every customer and of the scheme of every program is due: a period (tiering.review_periods) after the last one, or after the first grading of '
    'the customer, or the approval of the scheme; WHERE due <= current_date gives those that are due';
COMMENT ON COLUMN tiering.reviews_due.program IS 'program';
COMMENT ON COLUMN tiering.reviews_due.subject IS 'customer or scheme';
COMMENT ON COLUMN tiering.reviews_due.name IS 'key of the customer in the source, as text, or name of the scheme';
COMMENT ON COLUMN tiering.reviews_due.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.reviews_due.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.reviews_due.tier IS 'tier in force';
COMMENT ON COLUMN tiering.reviews_due.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.reviews_due.last_review IS 'when it was reviewed; NULL: never';
COMMENT ON COLUMN tiering.reviews_due.decision IS 'what that review decided: keep, up, down or part_with; of a scheme keep, revise or retire';
COMMENT ON COLUMN tiering.reviews_due.due IS 'day of the next review';
COMMENT ON COLUMN tiering.reviews_due.days_overdue IS 'days since then; 0: not overdue';
