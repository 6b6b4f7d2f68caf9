-- What customers complain of, and whether it was put right: most of those who are not content never say so, and who says so should not have to say it twice.

CREATE TABLE tiering.complaints (
    program text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL CHECK (isfinite(at)),
    n smallint NOT NULL DEFAULT 1 CHECK (n > 0),
    complaint text NOT NULL CHECK (complaint <> ''),
    channel text,
    owner text,
    tier text COLLATE "C",
    resolved_at timestamptz CHECK (resolved_at >= at AND isfinite(resolved_at)),
    resolution text CHECK (resolution <> ''),
    logged_at timestamptz NOT NULL DEFAULT now(),
    logged_by text NOT NULL DEFAULT session_user,
    resolved_by text,
    PRIMARY KEY (program, customer, at, n)
);
-- The customer comes last for who asks for one (20_assignments.sql).
CREATE INDEX complaints_at ON tiering.complaints (program, at, customer);
CREATE INDEX complaints_owner ON tiering.complaints (program, owner, at, customer);
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.complaints TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.complaints', '');
COMMENT ON TABLE tiering.complaints IS 'complaints of customers, written by tiering.log_complaint(); tiering.complaint_status says how long each took';
COMMENT ON INDEX tiering.complaints_at IS 'the complaints of a program in order of time';
COMMENT ON INDEX tiering.complaints_owner IS 'the complaints of the customers of an owner in order of time';
COMMENT ON COLUMN tiering.complaints.program IS 'program';
COMMENT ON COLUMN tiering.complaints.customer IS 'customer';
COMMENT ON COLUMN tiering.complaints.at IS 'when the customer complained';
COMMENT ON COLUMN tiering.complaints.n IS 'which of several complaints of one customer at one time';
COMMENT ON COLUMN tiering.complaints.complaint IS 'what the customer complained of';
COMMENT ON COLUMN tiering.complaints.channel IS 'by what: a code of tiering.vocabulary (phone, visit, …) or a word of your own';
COMMENT ON COLUMN tiering.complaints.owner IS 'who looked after the customer when it was logged';
COMMENT ON COLUMN tiering.complaints.tier IS 'tier in force when it was logged';
COMMENT ON COLUMN tiering.complaints.resolved_at IS 'when it was put right; NULL: not yet';
COMMENT ON COLUMN tiering.complaints.resolution IS 'how it was put right';
COMMENT ON COLUMN tiering.complaints.logged_at IS 'when it was logged';
COMMENT ON COLUMN tiering.complaints.logged_by IS 'by which session user';
COMMENT ON COLUMN tiering.complaints.resolved_by IS 'which session user said that it was put right';

CREATE FUNCTION tiering.log_complaint(
    program text, customer text, complaint text, at timestamptz DEFAULT now(), channel text DEFAULT NULL, path text DEFAULT current_setting('search_path')
) RETURNS timestamptz
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM tiering.find_program(log_complaint.program);
    IF coalesce(log_complaint.complaint, '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'a complaint needs a text',
            HINT = 'SELECT tiering.log_complaint(program, customer, ''the customer complains of …'').';
    END IF;
    IF log_complaint.at IS NULL OR NOT isfinite(log_complaint.at) THEN
        RAISE EXCEPTION USING ERRCODE = CASE WHEN log_complaint.at IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END,
            MESSAGE = format('at is %s', coalesce(log_complaint.at::text, 'NULL')), HINT = 'Give the time of the complaint, or leave it out for now.';
    END IF;
    IF log_complaint.at < '0001-01-02 00:00+00' THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('a complaint at %s is at no time of the calendar', log_complaint.at),
            HINT = 'Give the time of the complaint, or leave it out for now.';
    END IF;
    IF log_complaint.at > clock_timestamp() THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow', MESSAGE = format('a complaint at %s lies in the future', log_complaint.at),
            HINT = 'Give the time of the complaint, or leave it out for now.';
    END IF;
    log_complaint.customer := tiering.customer_key(log_complaint.program, log_complaint.customer, log_complaint.path);
    PERFORM tiering.lock_graded(log_complaint.program, log_complaint.customer, log_complaint.path);
    INSERT INTO tiering.complaints (program, customer, at, n, complaint, channel, owner, tier)
    SELECT t.program, t.customer, log_complaint.at,
        coalesce((SELECT max(c.n) FROM tiering.complaints c WHERE c.program = t.program AND c.customer = t.customer AND c.at = log_complaint.at), 0) + 1,
        log_complaint.complaint, tiering.code_of('channel', log_complaint.channel), t.owner, t.tier
    FROM tiering.current_tiers t WHERE t.program = log_complaint.program AND t.customer = log_complaint.customer;
    RETURN log_complaint.at;
END
$$;
COMMENT ON FUNCTION tiering.log_complaint(text, text, text, timestamptz, text, text) IS
    'writes down a complaint of a customer, and returns its time, by which resolve_complaint() finds it; a customer who is new in the source is graded first. It is no '
    'contact: due dates stay, log_followup() logs what you did about it. at: when it was, now or earlier; channel: a code of tiering.vocabulary or a word of your own. '
    'ERROR 42704 unknown program or customer, 22004 no text, 22008 in the future, 55000 a new customer of a paused program';

CREATE FUNCTION tiering.resolve_complaint(
    program text, customer text, resolution text DEFAULT NULL, at timestamptz DEFAULT NULL, resolved_at timestamptz DEFAULT now(),
    path text DEFAULT current_setting('search_path')
) RETURNS interval
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    found_complaint tiering.complaints;
BEGIN
    PERFORM tiering.find_program(resolve_complaint.program);
    resolve_complaint.customer := tiering.customer_key(resolve_complaint.program, resolve_complaint.customer, path);
    IF resolve_complaint.resolved_at IS NULL OR resolve_complaint.resolved_at > clock_timestamp() OR NOT isfinite(resolve_complaint.resolved_at) THEN
        RAISE EXCEPTION USING ERRCODE = CASE WHEN resolve_complaint.resolved_at IS NULL THEN 'null_value_not_allowed' ELSE 'datetime_field_overflow' END,
            MESSAGE = format('resolved_at is %s', coalesce(resolve_complaint.resolved_at::text, 'NULL')),
            DETAIL = CASE WHEN resolve_complaint.resolved_at IS NOT NULL THEN 'Complaints are resolved now or earlier.' ELSE 'It must be given.' END,
            HINT = 'Give the time when it was put right, or leave it out for now.';
    END IF;
    SELECT c.* INTO found_complaint FROM tiering.complaints c
    WHERE c.program = resolve_complaint.program AND c.customer = resolve_complaint.customer AND c.resolved_at IS NULL
        AND (resolve_complaint.at IS NULL OR c.at = resolve_complaint.at)
    ORDER BY c.at, c.n LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('no complaint of customer "%s" of program "%s" is open', resolve_complaint.customer, resolve_complaint.program),
            HINT = format('SELECT * FROM tiering.complaint_status WHERE program = %L AND customer = %L lists the complaints.',
                resolve_complaint.program, resolve_complaint.customer);
    END IF;
    IF resolve_complaint.resolved_at < found_complaint.at THEN
        RAISE EXCEPTION USING ERRCODE = 'datetime_field_overflow',
            MESSAGE = format('resolved_at %s lies before the complaint at %s', resolve_complaint.resolved_at, found_complaint.at),
            HINT = 'Give the time when it was put right, or leave it out for now.';
    END IF;
    UPDATE tiering.complaints c SET resolved_at = resolve_complaint.resolved_at, resolution = nullif(resolve_complaint.resolution, ''), resolved_by = session_user
    WHERE c.program = found_complaint.program AND c.customer = found_complaint.customer AND c.at = found_complaint.at AND c.n = found_complaint.n;
    RETURN resolve_complaint.resolved_at - found_complaint.at;
END
$$;
COMMENT ON FUNCTION tiering.resolve_complaint(text, text, text, timestamptz, timestamptz, text) IS
    'notes that a complaint was put right, how and when: that of a time, or (NULL) the oldest that is open; returns how long it took. '
    'ERROR 42704 unknown program, or no such complaint is open, 22004 a NULL, 22008 resolved in the future or before the complaint';

CREATE VIEW tiering.complaint_status WITH (security_invoker) AS
    SELECT c.program, c.customer, c.at, c.complaint, c.channel, c.owner, c.tier,
        CASE WHEN c.resolved_at IS NULL THEN 'open' ELSE 'resolved' END AS status,
        coalesce(c.resolved_at, now()) - c.at AS open_for, c.resolved_at, c.resolution, c.logged_by, c.resolved_by,
        (SELECT a.label FROM tiering.assignments a WHERE a.program = c.program AND a.customer = c.customer) AS label, g.rank
    FROM tiering.complaints c
    LEFT JOIN tiering.program_tiers g ON g.program = c.program AND g.tier = c.tier;
GRANT SELECT ON tiering.complaint_status TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.complaint_status IS 'what customers complained of, whether it was put right, by whom, and how long it took';
COMMENT ON COLUMN tiering.complaint_status.program IS 'program';
COMMENT ON COLUMN tiering.complaint_status.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.complaint_status.at IS 'when the customer complained';
COMMENT ON COLUMN tiering.complaint_status.complaint IS 'what the customer complained of';
COMMENT ON COLUMN tiering.complaint_status.channel IS 'by what';
COMMENT ON COLUMN tiering.complaint_status.owner IS 'who looked after the customer';
COMMENT ON COLUMN tiering.complaint_status.tier IS 'tier in force at the time';
COMMENT ON COLUMN tiering.complaint_status.status IS 'open or resolved';
COMMENT ON COLUMN tiering.complaint_status.open_for IS 'how long it took; of an open one, how long it has been open';
COMMENT ON COLUMN tiering.complaint_status.resolved_at IS 'when it was put right; NULL: not yet';
COMMENT ON COLUMN tiering.complaint_status.resolution IS 'how';
COMMENT ON COLUMN tiering.complaint_status.logged_by IS 'which session user logged it';
COMMENT ON COLUMN tiering.complaint_status.resolved_by IS 'which session user said that it was put right';
COMMENT ON COLUMN tiering.complaint_status.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.complaint_status.rank IS 'rank that the tier has today, 1 is the best; NULL: the scheme has it no more';

-- The rule is a count that everybody can check: which of four signals a customer gives. Each customer is looked up by key, so that the
-- view costs as much as the program has customers, whatever the planner takes their number for.
CREATE VIEW tiering.early_warnings WITH (security_invoker) AS
    SELECT w.program, w.customer, w.label, w.owner, w.tier, w.rank, cardinality(w.signals) AS signal_count, w.signals,
        array_to_string(ARRAY(SELECT tiering.label(s.code, 'en') FROM unnest(w.signals) WITH ORDINALITY AS s (code, n) ORDER BY s.n), '; ') AS signals_en,
        array_to_string(ARRAY(SELECT tiering.label(s.code, 'zh') FROM unnest(w.signals) WITH ORDINALITY AS s (code, n) ORDER BY s.n), '；') AS signals_zh,
        w.last_followup, w.days_silent, w.followup_every, w.snoozes, w.broken_promises, w.open_complaints
    FROM (
        SELECT t.program, t.customer, t.label, t.owner, t.tier, t.rank, t.last_followup, g.followup_every, d.days_silent, s.snoozes, b.broken_promises, c.open_complaints,
            array_remove(ARRAY[
                CASE WHEN d.contacted + 2 * g.followup_every::interval < d.today AND NOT d.held_out THEN 'silent' END,
                CASE WHEN s.snoozes >= 2 AND NOT d.held_out THEN 'put_off' END,
                CASE WHEN b.broken_promises > 0 THEN 'broken_promise' END,
                CASE WHEN c.open_complaints > 0 THEN 'open_complaint' END], NULL) AS signals
        FROM tiering.current_tiers t
        JOIN tiering.programs p ON p.program = t.program
        JOIN tiering.program_tiers g ON g.program = t.program AND g.tier = t.tier
        -- The better half, without the one in the middle; of one tier, that one. Counted once a program: the planner would take a count for each customer
        -- for so dear that the server compiles the query, which takes seconds.
        JOIN (SELECT n.program, greatest(1, count(*) / 2) AS last_rank FROM tiering.program_tiers n GROUP BY n.program) u ON u.program = t.program
        LEFT JOIN tiering.hold_outs h ON h.program = t.program AND h.until IS NULL AND h.since <= now()
        CROSS JOIN LATERAL (
            SELECT n.today, n.contacted, n.today - n.contacted AS days_silent, t.no_contact OR h.program IS NOT NULL AND tiering.is_drawn(t.customer, h.share, h.seed) AS held_out
            FROM (SELECT (now() AT TIME ZONE p.zone)::date AS today, (coalesce(t.last_followup, t.since) AT TIME ZONE p.zone)::date AS contacted) n
        ) d
        CROSS JOIN LATERAL (SELECT count(*) AS snoozes FROM tiering.followup_plans f WHERE f.program = t.program AND f.customer = t.customer
            AND f.kind = 'snooze' AND f.planned_at > coalesce(t.last_followup, '-infinity')) s
        CROSS JOIN LATERAL (SELECT count(*) AS broken_promises FROM tiering.promises r WHERE r.program = t.program AND r.customer = t.customer
            AND r.kept_at IS NULL AND r.withdrawn_at IS NULL AND r.promised_at < now()) b
        CROSS JOIN LATERAL (SELECT count(*) AS open_complaints FROM tiering.complaints k WHERE k.program = t.program AND k.customer = t.customer
            AND k.resolved_at IS NULL) c
        WHERE t.rank <= u.last_rank
    ) w
    WHERE w.signals <> '{}';
GRANT SELECT ON tiering.early_warnings TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.early_warnings IS
    'customers of the better half of the tiers of a program (of five tiers, the best two) who give signals of trouble; ORDER BY signal_count DESC, rank gives the worst first. '
    'Signals: silent: no contact for more than twice the cadence of the tier; put_off: snoozed twice or more since the last contact; broken_promise: the time of a promise has '
    'passed and it is not kept; open_complaint: a complaint that is not resolved. Of customers who are held out (tiering.hold_outs), or not to be contacted (stop_contact), silent and put_off are no signals';
COMMENT ON COLUMN tiering.early_warnings.program IS 'program';
COMMENT ON COLUMN tiering.early_warnings.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.early_warnings.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.early_warnings.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.early_warnings.tier IS 'tier in force';
COMMENT ON COLUMN tiering.early_warnings.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.early_warnings.signal_count IS 'how many signals: 1 to 4';
COMMENT ON COLUMN tiering.early_warnings.signals IS 'which: silent, put_off, broken_promise, open_complaint';
COMMENT ON COLUMN tiering.early_warnings.signals_en IS 'the same in English';
COMMENT ON COLUMN tiering.early_warnings.signals_zh IS 'the same in Chinese';
COMMENT ON COLUMN tiering.early_warnings.last_followup IS 'time of the last contact; NULL: none is known';
COMMENT ON COLUMN tiering.early_warnings.days_silent IS 'days since then, or since the customer has the tier';
COMMENT ON COLUMN tiering.early_warnings.followup_every IS 'cadence of the tier, ISO 8601 duration; NULL: none, and nobody is silent';
COMMENT ON COLUMN tiering.early_warnings.snoozes IS 'how often the next contact was put off since the last one';
COMMENT ON COLUMN tiering.early_warnings.broken_promises IS 'promises whose time has passed and that are not kept';
COMMENT ON COLUMN tiering.early_warnings.open_complaints IS 'complaints that are not resolved';
