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
    retired_at timestamptz,
    retired_by text,
    PRIMARY KEY (scheme, version),
    CHECK (status = 'draft' OR approved_at IS NOT NULL),
    CHECK (status <> 'retired' OR retired_at IS NOT NULL)
);
GRANT SELECT ON tiering.schemes TO PUBLIC;
GRANT INSERT, UPDATE, DELETE ON tiering.schemes TO @extowner@ WITH GRANT OPTION;
SELECT pg_extension_config_dump('tiering.schemes', 'WHERE NOT built_in');

COMMENT ON TABLE tiering.schemes IS 'every version of every scheme; the newest approved one is current';
COMMENT ON COLUMN tiering.schemes.scheme IS 'name, as in the document';
COMMENT ON COLUMN tiering.schemes.version IS 'version, from 1';
COMMENT ON COLUMN tiering.schemes.document IS 'the validated document; never changes once approved';
COMMENT ON COLUMN tiering.schemes.digest IS 'digest of the document, by which compiled forms are cached';
COMMENT ON COLUMN tiering.schemes.status IS 'draft, approved or retired';
COMMENT ON COLUMN tiering.schemes.built_in IS 'came with the extension: left out of dumps, cannot be changed';
COMMENT ON COLUMN tiering.schemes.created_at IS 'when the version was stored';
COMMENT ON COLUMN tiering.schemes.created_by IS 'by which session user';
COMMENT ON COLUMN tiering.schemes.approved_at IS 'when it was approved';
COMMENT ON COLUMN tiering.schemes.approved_by IS 'by which session user';
COMMENT ON COLUMN tiering.schemes.retired_at IS 'when it was retired';
COMMENT ON COLUMN tiering.schemes.retired_by IS 'by which session user';

CREATE FUNCTION tiering.protect_schemes() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF OLD.built_in THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('scheme %I version %s belongs to the extension', OLD.scheme, OLD.version),
            HINT = format('Derive one of your own: SELECT tiering.derive_scheme(%L, ''my_%s'', ''{}'').', OLD.scheme, OLD.scheme);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.status = 'approved' THEN
            RAISE EXCEPTION USING ERRCODE = 'object_in_use',
                MESSAGE = format('scheme %I version %s is approved and cannot be deleted', OLD.scheme, OLD.version),
                HINT = format('Retire it first: SELECT tiering.retire_scheme(%L, %s).', OLD.scheme, OLD.version);
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.status <> 'draft'
        AND (NEW.scheme, NEW.version, NEW.digest, NEW.created_at, NEW.created_by, NEW.approved_at, NEW.approved_by)
            IS DISTINCT FROM
            (OLD.scheme, OLD.version, OLD.digest, OLD.created_at, OLD.created_by, OLD.approved_at, OLD.approved_by)
        OR OLD.status = 'retired' AND NEW IS DISTINCT FROM OLD
        OR OLD.status = 'approved' AND NEW.status = 'draft'
        OR NEW.built_in
    THEN
        RAISE EXCEPTION USING ERRCODE = 'object_in_use',
            MESSAGE = format('scheme %I version %s is %s and cannot be changed', OLD.scheme, OLD.version, OLD.status),
            HINT = 'tiering.revise_scheme(document) adds a new version.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION tiering.protect_schemes() IS 'trigger: an approved or retired version never changes';
