-- The type tiering.scheme: a validated scheme document.

CREATE TYPE tiering.scheme;

CREATE FUNCTION tiering.scheme_in(cstring) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_in';
CREATE FUNCTION tiering.scheme_out(tiering.scheme) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_out';
CREATE FUNCTION tiering.scheme_recv(internal) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_recv';
CREATE FUNCTION tiering.scheme_send(tiering.scheme) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_send';
COMMENT ON FUNCTION tiering.scheme_in(cstring) IS 'input of type scheme: reads and validates a JSON document';
COMMENT ON FUNCTION tiering.scheme_out(tiering.scheme) IS 'output of type scheme: the canonical JSON text';
COMMENT ON FUNCTION tiering.scheme_recv(internal) IS 'binary input of type scheme: a format byte, then JSON text, validated';
COMMENT ON FUNCTION tiering.scheme_send(tiering.scheme) IS 'binary output of type scheme';

CREATE TYPE tiering.scheme (
    INPUT = tiering.scheme_in,
    OUTPUT = tiering.scheme_out,
    RECEIVE = tiering.scheme_recv,
    SEND = tiering.scheme_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE tiering.scheme IS
    'what a customer is graded on, how, and what follows from the grade: a JSON document that was validated on input; '
    'tiering.scheme_json_schema() describes it';

CREATE FUNCTION tiering.scheme(document jsonb) RETURNS tiering.scheme
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_from_jsonb';
COMMENT ON FUNCTION tiering.scheme(jsonb) IS 'the scheme that a jsonb document says; validated';
CREATE CAST (jsonb AS tiering.scheme) WITH FUNCTION tiering.scheme(jsonb);

CREATE FUNCTION tiering.to_jsonb(scheme tiering.scheme) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_to_jsonb';
COMMENT ON FUNCTION tiering.to_jsonb(tiering.scheme) IS 'a scheme as jsonb, to look into or to patch';
CREATE CAST (tiering.scheme AS jsonb) WITH FUNCTION tiering.to_jsonb(tiering.scheme);

CREATE FUNCTION tiering.scheme_digest(scheme tiering.scheme) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'document_digest';
COMMENT ON FUNCTION tiering.scheme_digest(tiering.scheme) IS
    'the first 16 bytes of the SHA-256 of the canonical text';
CREATE FUNCTION tiering.scheme_name(scheme tiering.scheme) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_name';
COMMENT ON FUNCTION tiering.scheme_name(tiering.scheme) IS 'the name that the document gives itself';

CREATE FUNCTION tiering.scheme_json_schema() RETURNS jsonb
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_json_schema';
COMMENT ON FUNCTION tiering.scheme_json_schema() IS
    'the JSON Schema (draft 2020-12) of the scheme document, for editors and validators';

CREATE FUNCTION tiering.scheme_findings(scheme tiering.scheme, lang text DEFAULT tiering.default_lang()) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_findings';
COMMENT ON FUNCTION tiering.scheme_findings(tiering.scheme, text) IS 'the rows of check_scheme() as a jsonb array';
CREATE FUNCTION tiering.check_scheme(scheme tiering.scheme, lang text DEFAULT tiering.default_lang())
    RETURNS TABLE (severity text, finding text, path text, message text, example jsonb)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    -- No language must not look like no doubt.
    SELECT f.severity, f.finding, f.path, f.message, f.example
    FROM jsonb_to_recordset(tiering.scheme_findings($1, coalesce($2, 'en')))
        AS f (severity text, finding text, path text, message text, example jsonb);
END;
COMMENT ON FUNCTION tiering.check_scheme(tiering.scheme, text) IS
    'what is doubtful about a scheme: gap, overlap, unreachable_rule, unreachable_cell, tier_never_given, '
    'bins_out_of_order, unfitted, not_checked; with JSON path, sentence (lang: en or zh) and an example. No row: nothing found. '
    'ERROR 22023 unknown language';

CREATE FUNCTION tiering.scheme_description(scheme tiering.scheme, lang text) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'scheme_description';
COMMENT ON FUNCTION tiering.scheme_description(tiering.scheme, text) IS 'the rows of describe_scheme() as a jsonb array';

CREATE FUNCTION tiering.merge_patch(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'merge_patch';
COMMENT ON FUNCTION tiering.merge_patch(jsonb, jsonb) IS
    'a JSON document with a merge patch applied (RFC 7396): objects merge key by key, null removes a key, '
    'everything else, arrays too, is replaced whole';
