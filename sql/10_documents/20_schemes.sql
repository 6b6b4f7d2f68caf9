-- The table of schemes and its life cycle: draft, approved, retired.

CREATE TABLE tiering.schemes (
    scheme text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    document tiering.scheme NOT NULL CHECK (tiering.scheme_name(document) = scheme),
    digest bytea NOT NULL GENERATED ALWAYS AS (tiering.scheme_digest(document)) STORED,
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'approved', 'retired')),
    built_in boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL DEFAULT session_user,
    approved_at timestamptz,
    approved_by text,
    approval_reason text,
    retired_at timestamptz,
    retired_by text,
    PRIMARY KEY (scheme, version),
    CHECK (status = 'draft' OR approved_at IS NOT NULL),
    CHECK (status <> 'retired' OR retired_at IS NOT NULL),
    -- Presets that later versions of the extension bring have names like this, so that they never meet
    -- yours, in an update or when a dump is restored.
    CHECK (built_in OR NOT starts_with(scheme, 'tiering_'))
);
GRANT SELECT ON tiering.schemes TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.schemes TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.schemes', 'WHERE NOT built_in');

COMMENT ON TABLE tiering.schemes IS 'every version of every scheme; the newest approved one is current';
COMMENT ON COLUMN tiering.schemes.scheme IS 'name, as in the document';
COMMENT ON COLUMN tiering.schemes.version IS 'version, from 1';
COMMENT ON COLUMN tiering.schemes.document IS 'the validated document; never changes once approved';
COMMENT ON COLUMN tiering.schemes.digest IS 'digest of the document, by which compiled forms are cached';
COMMENT ON COLUMN tiering.schemes.status IS 'draft, approved or retired';
COMMENT ON COLUMN tiering.schemes.built_in IS 'came with the extension: left out of dumps, cannot be changed';
COMMENT ON COLUMN tiering.schemes.created_at IS 'when the document was stored';
COMMENT ON COLUMN tiering.schemes.created_by IS 'by which session user: the author';
COMMENT ON COLUMN tiering.schemes.approved_at IS 'when it was approved';
COMMENT ON COLUMN tiering.schemes.approved_by IS 'by which session user';
COMMENT ON COLUMN tiering.schemes.approval_reason IS 'why, as approve_scheme() was told';
COMMENT ON COLUMN tiering.schemes.retired_at IS 'when it was retired';
COMMENT ON COLUMN tiering.schemes.retired_by IS 'by which session user';

CREATE FUNCTION tiering.protect_built_in() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text := TG_ARGV[0];
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.built_in THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('%s "%s" belongs to the extension', kind, to_jsonb(OLD) ->> kind),
            HINT = format('Make one of your own: SELECT tiering.%s.', format(TG_ARGV[1], to_jsonb(OLD) ->> kind));
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.built_in THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%s "%s" does not come with the extension', kind, to_jsonb(NEW) ->> kind),
            HINT = format('Leave built_in false, so that dumps carry the %s.', kind);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.protect_built_in() IS
    'trigger: what came with the extension is not changed, and nothing else says that it did; arguments: the column of the name, the call that makes one of your own';

-- Of settings that nobody has set there is no row. grant_admin() gives no right on them: they bind administrators, too.
CREATE TABLE tiering.settings (
    setting text PRIMARY KEY CHECK (setting = 'four_eyes'),
    value boolean NOT NULL,
    set_at timestamptz NOT NULL DEFAULT now(),
    set_by text NOT NULL DEFAULT session_user
);
GRANT SELECT ON tiering.settings TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON tiering.settings TO @extowner@, pg_database_owner WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.settings', '');
COMMENT ON TABLE tiering.settings IS 'settings of this database; set_four_eyes() writes them';
COMMENT ON COLUMN tiering.settings.setting IS 'four_eyes: whether a scheme must be approved by another session user than its author';
COMMENT ON COLUMN tiering.settings.value IS 'whether it is on; no row: off';
COMMENT ON COLUMN tiering.settings.set_at IS 'when it was set';
COMMENT ON COLUMN tiering.settings.set_by IS 'by which session user';

CREATE FUNCTION tiering.set_four_eyes(required boolean) RETURNS boolean
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO tiering.settings AS s (setting, value) VALUES ('four_eyes', required)
    ON CONFLICT ON CONSTRAINT settings_pkey DO UPDATE SET value = excluded.value, set_at = now(), set_by = session_user;
    RETURN required;
END
$$;
COMMENT ON FUNCTION tiering.set_four_eyes(boolean) IS
    'whether schemes must be approved by another session user than their author, and returns it. Only the owner of the extension may set it, and who was granted rights '
    'on tiering.settings';

CREATE FUNCTION tiering.protect_versions() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status = 'approved' THEN
            RAISE EXCEPTION USING ERRCODE = 'object_in_use',
                MESSAGE = format('scheme "%s" version %s is approved and cannot be deleted', OLD.scheme, OLD.version),
                HINT = format('Retire it first: SELECT tiering.retire_scheme(%L, %s).', OLD.scheme, OLD.version);
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        -- The owner of the table brings rows back from a dump as they were; all others store drafts, in their own name.
        IF NOT pg_has_role(current_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'USAGE') THEN
            IF NEW.status <> 'draft' THEN
                RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format('scheme "%s" version %s is to be stored as %s', NEW.scheme, NEW.version, NEW.status),
                    HINT = 'Store a draft: SELECT tiering.create_scheme(document); then SELECT tiering.approve_scheme(scheme).';
            END IF;
            NEW.created_at := now(); NEW.created_by := session_user;
            NEW.approved_at := NULL; NEW.approved_by := NULL; NEW.approval_reason := NULL;
            NEW.retired_at := NULL; NEW.retired_by := NULL;
        END IF;
        RETURN NEW;
    END IF;
    -- Nobody says by whom or when; a draft that is written anew has a new author.
    IF OLD.status = 'draft' AND tiering.scheme_digest(NEW.document) IS DISTINCT FROM OLD.digest THEN
        NEW.created_at := now(); NEW.created_by := session_user;
    ELSE
        NEW.created_at := OLD.created_at; NEW.created_by := OLD.created_by;
    END IF;
    IF OLD.status = 'draft' AND NEW.status <> 'draft' THEN
        IF NEW.created_by = session_user AND EXISTS (SELECT FROM tiering.settings s WHERE s.setting = 'four_eyes' AND s.value) THEN
            RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege',
                MESSAGE = format('scheme "%s" version %s cannot be approved by its author, %s', OLD.scheme, OLD.version, session_user),
                DETAIL = 'Setting four_eyes of tiering.settings is on.',
                HINT = format('Let somebody else do it: SELECT tiering.approve_scheme(%L, %s, ''why'').', OLD.scheme, OLD.version);
        END IF;
        NEW.approved_at := now(); NEW.approved_by := session_user;
    END IF;
    IF OLD.status <> 'retired' AND NEW.status = 'retired' THEN
        NEW.retired_at := now(); NEW.retired_by := session_user;
    END IF;
    IF OLD.status <> 'draft'
        AND (NEW.scheme, NEW.version, tiering.scheme_digest(NEW.document), NEW.approved_at, NEW.approved_by, NEW.approval_reason)
            IS DISTINCT FROM
            (OLD.scheme, OLD.version, OLD.digest, OLD.approved_at, OLD.approved_by, OLD.approval_reason)
        OR OLD.status = 'retired' AND (NEW.status, NEW.retired_at, NEW.retired_by)
            IS DISTINCT FROM (OLD.status, OLD.retired_at, OLD.retired_by)
        OR OLD.status = 'approved' AND NEW.status = 'draft'
    THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('scheme "%s" version %s is %s and cannot be changed', OLD.scheme, OLD.version, OLD.status),
            HINT = 'tiering.revise_scheme(document) adds a new version.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.protect_versions() IS
    'trigger: an approved or retired version never changes; who stored, approved and retired a version, and when, is written by nobody else';
CREATE TRIGGER protect_versions BEFORE INSERT OR UPDATE OR DELETE ON tiering.schemes
    FOR EACH ROW EXECUTE FUNCTION tiering.protect_versions();

CREATE FUNCTION tiering.current_scheme(scheme text) RETURNS tiering.scheme
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'current_scheme';
COMMENT ON FUNCTION tiering.current_scheme(text) IS
    'the document of the current version, the newest approved one; ERROR 42704 if there is no such scheme, '
    '55000 if no version of it is approved';

CREATE VIEW tiering.current_schemes AS
    SELECT DISTINCT ON (s.scheme) s.scheme, s.version, s.document, s.built_in, s.approved_at, s.approved_by
    FROM tiering.schemes s
    WHERE s.status = 'approved'
    ORDER BY s.scheme, s.version DESC;
GRANT SELECT ON tiering.current_schemes TO PUBLIC;
COMMENT ON VIEW tiering.current_schemes IS 'the current version of every scheme: the newest approved one';
COMMENT ON COLUMN tiering.current_schemes.scheme IS 'name';
COMMENT ON COLUMN tiering.current_schemes.version IS 'version';
COMMENT ON COLUMN tiering.current_schemes.document IS 'document';
COMMENT ON COLUMN tiering.current_schemes.built_in IS 'came with the extension';
COMMENT ON COLUMN tiering.current_schemes.approved_at IS 'when it was approved';
COMMENT ON COLUMN tiering.current_schemes.approved_by IS 'by which session user';

CREATE VIEW tiering.catalogue AS
    SELECT s.scheme,
        d.document #>> '{title,en}' AS title_en,
        d.document #>> '{title,zh}' AS title_zh,
        d.document #>> '{purpose,en}' AS purpose_en,
        d.document #>> '{purpose,zh}' AS purpose_zh,
        d.document #>> '{decision,method}' AS method,
        ARRAY(SELECT i ->> 'name' FROM jsonb_array_elements(d.document -> 'inputs') WITH ORDINALITY AS e (i, n) ORDER BY n) AS inputs,
        ARRAY(SELECT t ->> 'code' FROM jsonb_array_elements(d.document -> 'tiers') WITH ORDINALITY AS e (t, n) ORDER BY n) AS tiers,
        d.document ->> 'source' AS source_id,
        d.document #>> '{industry,en}' AS industry_en,
        d.document #>> '{industry,zh}' AS industry_zh
    FROM tiering.current_schemes s
    CROSS JOIN LATERAL (SELECT tiering.to_jsonb(s.document) AS document) d;
GRANT SELECT ON tiering.catalogue TO PUBLIC;
COMMENT ON VIEW tiering.catalogue IS 'the shop window: every scheme that can grade, what it is for and what it needs';
COMMENT ON COLUMN tiering.catalogue.scheme IS 'name, as customer_tier() takes it';
COMMENT ON COLUMN tiering.catalogue.title_en IS 'title, English';
COMMENT ON COLUMN tiering.catalogue.title_zh IS 'title, Chinese';
COMMENT ON COLUMN tiering.catalogue.purpose_en IS 'what it is good for, English';
COMMENT ON COLUMN tiering.catalogue.purpose_zh IS 'what it is good for, Chinese';
COMMENT ON COLUMN tiering.catalogue.method IS 'how the tier is decided: rules, bands, score or matrix';
COMMENT ON COLUMN tiering.catalogue.inputs IS 'what must be known of a customer, in the order of the positional call';
COMMENT ON COLUMN tiering.catalogue.tiers IS 'the tiers, best first';
COMMENT ON COLUMN tiering.catalogue.source_id IS 'where the scheme comes from: for those of the extension the id in the list of systems that it was made after (G01 to G34 systems of grading, M04 a measure, P13 a strategy), for others what "source" of the document says';
COMMENT ON COLUMN tiering.catalogue.industry_en IS 'the business it was made for, English';
COMMENT ON COLUMN tiering.catalogue.industry_zh IS 'the business it was made for, Chinese';

CREATE FUNCTION tiering.describe_scheme(scheme text, lang text DEFAULT tiering.default_lang())
    RETURNS TABLE (section text, item text, content text, basis text)
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 50
BEGIN ATOMIC
    SELECT d.line ->> 'section', d.line ->> 'item', d.line ->> 'content', d.line ->> 'basis'
    FROM jsonb_array_elements(tiering.scheme_description(tiering.current_scheme($1), $2)) WITH ORDINALITY AS d (line, n)
    ORDER BY d.n;
END;
COMMENT ON FUNCTION tiering.describe_scheme(text, text) IS
    'the current version of a scheme as a manager would want the policy printed: purpose, inputs, characteristics, score, '
    'decision, tiers, strategy; basis tells the figures of the source from our defaults. lang: en or zh';

CREATE FUNCTION tiering.create_scheme(document tiering.scheme) RETURNS integer
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO tiering.schemes (scheme, version, document)
    SELECT tiering.scheme_name(create_scheme.document), 1, create_scheme.document
    WHERE NOT EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = tiering.scheme_name(create_scheme.document))
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'duplicate_object',
            MESSAGE = format('scheme "%s" already exists', tiering.scheme_name(create_scheme.document)),
            HINT = 'Give the document another name, or add a version with tiering.revise_scheme(document).';
    END IF;
    RETURN 1;
END
$$;
COMMENT ON FUNCTION tiering.create_scheme(tiering.scheme) IS
    'stores a new scheme as draft version 1 and returns 1; ERROR 42710 if the name is taken';

CREATE FUNCTION tiering.revise_scheme(document tiering.scheme) RETURNS integer
    LANGUAGE plpgsql STRICT SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    name text := tiering.scheme_name(revise_scheme.document);
    newest integer;
BEGIN
    -- Two sessions that revise at once each get a version: the one that comes second tries again.
    LOOP
        SELECT max(s.version) INTO newest FROM tiering.schemes s WHERE s.scheme = name;
        IF newest IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'undefined_object',
                MESSAGE = format('scheme "%s" does not exist', name),
                HINT = 'tiering.create_scheme(document) stores the first version.';
        END IF;
        -- Versions of a preset are numbered by the extension; one of ours would collide with its next.
        IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = name AND s.built_in) THEN
            RAISE EXCEPTION USING ERRCODE = 'object_in_use',
                MESSAGE = format('scheme "%s" belongs to the extension', name),
                HINT = format('Derive one of your own: SELECT tiering.derive_scheme(%L, ''my_%s'', ''{}'').', name, name);
        END IF;
        INSERT INTO tiering.schemes (scheme, version, document) VALUES (name, newest + 1, revise_scheme.document)
        ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
    RETURN newest + 1;
END
$$;
COMMENT ON FUNCTION tiering.revise_scheme(tiering.scheme) IS
    'stores a document as the next draft version of its scheme and returns the version; '
    'ERROR 55006 for a scheme that came with the extension';

CREATE FUNCTION tiering.derive_scheme("from" text, new_name text, patch jsonb) RETURNS integer
    LANGUAGE sql STRICT
BEGIN ATOMIC
    SELECT tiering.create_scheme(tiering.scheme(tiering.merge_patch(
        tiering.to_jsonb(tiering.current_scheme($1)),
        $3 || jsonb_build_object('scheme', $2))));
END;
COMMENT ON FUNCTION tiering.derive_scheme(text, text, jsonb) IS
    'a new scheme from the current version of another by a JSON merge patch (RFC 7396), as draft version 1; '
    'arrays are replaced whole';

CREATE FUNCTION tiering.find_version(scheme text, version integer, wanted text, OUT version_found integer, OUT status_found text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT s.version, s.status INTO version_found, status_found
    FROM tiering.schemes s
    WHERE s.scheme = find_version.scheme AND (find_version.version IS NULL OR s.version = find_version.version)
    ORDER BY (find_version.version IS NOT NULL OR s.status = wanted) DESC, s.version DESC
    LIMIT 1;
    IF version_found IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = CASE WHEN find_version.version IS NULL THEN format('scheme "%s" does not exist', find_version.scheme)
                ELSE format('scheme "%s" has no version %s', find_version.scheme, find_version.version) END,
            HINT = 'SELECT scheme, version, status FROM tiering.schemes lists them.';
    END IF;
END
$$;
COMMENT ON FUNCTION tiering.find_version(text, integer, text) IS
    'a version of a scheme; without a number the newest of the wanted status, else the newest';

CREATE FUNCTION tiering.approve_scheme(scheme text, version integer DEFAULT NULL, reason text DEFAULT NULL, force boolean DEFAULT false) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target record;
    doubt record;
BEGIN
    IF approve_scheme.scheme IS NULL THEN
        RETURN NULL;
    END IF;
    target := tiering.find_version(approve_scheme.scheme, approve_scheme.version, 'draft');
    IF target.status_found <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('scheme "%s" version %s is not a draft', approve_scheme.scheme, target.version_found),
            DETAIL = format('It is %s.', target.status_found),
            HINT = 'tiering.revise_scheme(document) adds a draft.';
    END IF;
    -- Such a finding makes customers fail.
    SELECT c.path, c.message, c.example INTO doubt FROM tiering.schemes s, tiering.check_scheme(s.document) c
    WHERE s.scheme = approve_scheme.scheme AND s.version = target.version_found AND c.severity = 'error' LIMIT 1;
    IF FOUND AND approve_scheme.force IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('scheme "%s" version %s has a fault by which customers cannot be graded', approve_scheme.scheme, target.version_found),
            DETAIL = format('%s: %s%s', doubt.path, rtrim(doubt.message, '.'), coalesce(', for example ' || doubt.example::text, '')) || '.',
            HINT = format('SELECT c.* FROM tiering.schemes s, tiering.check_scheme(s.document) c WHERE s.scheme = %L lists all findings. tiering.approve_scheme(%L, %s, ''why'', force => true) approves it all the same.',
                approve_scheme.scheme, approve_scheme.scheme, target.version_found);
    END IF;
    UPDATE tiering.schemes s SET status = 'approved', approval_reason = approve_scheme.reason
    WHERE s.scheme = approve_scheme.scheme AND s.version = target.version_found;
    IF NOT FOUND THEN  -- somebody has deleted it since
        RAISE EXCEPTION USING ERRCODE = 'undefined_object',
            MESSAGE = format('scheme "%s" has no version %s', approve_scheme.scheme, target.version_found),
            HINT = 'SELECT scheme, version, status FROM tiering.schemes lists them.';
    END IF;
    IF EXISTS (SELECT FROM tiering.schemes s WHERE s.scheme = approve_scheme.scheme AND s.status = 'approved' AND s.version > target.version_found) THEN
        RAISE WARNING USING MESSAGE = format('scheme "%s" version %s is approved, but a later version stays current', approve_scheme.scheme, target.version_found),
            HINT = format('SELECT tiering.retire_scheme(%L) retires that one.', approve_scheme.scheme);
    END IF;
    FOR doubt IN
        SELECT c.path, c.message FROM tiering.schemes s, tiering.check_scheme(s.document) c
        WHERE s.scheme = approve_scheme.scheme AND s.version = target.version_found AND c.severity IN ('error', 'warning')
    LOOP
        RAISE WARNING USING MESSAGE = format('scheme "%s", %s: %s', approve_scheme.scheme, doubt.path, doubt.message);
    END LOOP;
    PERFORM tiering.sync_workers();
    RETURN target.version_found;
END
$$;
COMMENT ON FUNCTION tiering.approve_scheme(text, integer, text, boolean) IS
    'approves a draft, by default the newest, and returns its version; from then on it never changes, and is current '
    'unless a version of a higher number is approved. '
    'What check_scheme() doubts comes as WARNING; a finding of severity error, by which customers fail, is refused unless force. reason: why, kept with the version. ERROR 42501 four eyes are wanted (set_four_eyes()) and you are its author, '
    '42704 no such version, 55000 it is no draft, or has a fault; on the coordinator of Citus, whose workers get it, also as of sync_nodes()';

CREATE FUNCTION tiering.retire_scheme(scheme text, version integer DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target record;
BEGIN
    IF retire_scheme.scheme IS NULL THEN
        RETURN NULL;
    END IF;
    target := tiering.find_version(retire_scheme.scheme, retire_scheme.version, 'approved');
    IF target.status_found <> 'approved' THEN
        RAISE EXCEPTION USING ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('scheme "%s" version %s is not approved', retire_scheme.scheme, target.version_found),
            DETAIL = format('It is a %s version.', target.status_found),
            HINT = 'Only approved versions are retired; a draft can be deleted from tiering.schemes.';
    END IF;
    UPDATE tiering.schemes s SET status = 'retired'
    WHERE s.scheme = retire_scheme.scheme AND s.version = target.version_found;
    PERFORM tiering.sync_workers();
    RETURN target.version_found;
END
$$;
COMMENT ON FUNCTION tiering.retire_scheme(text, integer) IS
    'retires an approved version, by default the current one, and returns it; the approved version before it, '
    'if there is one, is current again. ERROR 42704 no such version, 55000 it is not approved; on the coordinator of Citus, whose workers retire it, also as of sync_nodes()';
