-- The preset schemes, compiled in from catalogue/earlier and catalogue/schemes, each version approved.

CREATE FUNCTION tiering.preset_schemes() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'preset_schemes';
COMMENT ON FUNCTION tiering.preset_schemes() IS 'the documents of the preset schemes of this version of the extension: every version, the oldest first';

INSERT INTO tiering.schemes (scheme, version, document, status, built_in, approved_at, approved_by)
SELECT d ->> 'scheme', row_number() OVER (PARTITION BY d ->> 'scheme' ORDER BY n), tiering.scheme(d), 'approved', true, now(), 'customer_tiering'
FROM jsonb_array_elements(tiering.preset_schemes()) WITH ORDINALITY AS x (d, n);

-- From now on nobody adds, changes or deletes what came with the extension. An update script that does so
-- disables this trigger around it.
CREATE TRIGGER protect BEFORE INSERT OR UPDATE OR DELETE ON tiering.schemes
    FOR EACH ROW EXECUTE FUNCTION tiering.protect_built_in('scheme', 'derive_scheme(''%1$s'', ''my_%1$s'', ''{}'')');
