-- What keeps an aggregate from being computed where the rows are, as far as the catalogue says. An aggregate with a reason is named here and in
-- docs/architecture.md; whoever adds one finds out.
SELECT a.aggfnoid::regprocedure AS aggregate, w.why
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_proc t ON t.oid = a.aggtransfn,
    LATERAL (SELECT array_to_string(ARRAY[
        CASE WHEN a.aggcombinefn = 0 THEN 'parts cannot be merged' END,
        CASE WHEN a.aggtranstype = 'internal'::regtype THEN 'the state cannot be sent as a value' END,
        CASE WHEN p.proargtypes::oid[] && ARRAY['"any"'::regtype, 'anyelement'::regtype]::oid[] THEN 'arguments of any type' END,
        CASE WHEN p.pronargs > 1 AND EXISTS (SELECT FROM unnest(p.proargtypes) AS y (type) JOIN pg_type y2 ON y2.oid = y.type WHERE y2.typcollation <> 0)
            THEN 'postgres_fdw sends columns of text, no constants' END,
        CASE WHEN t.provolatile <> 'i' THEN 'depends on the session' END,
        CASE WHEN p.proparallel <> 's' THEN 'not parallel safe' END], '; ')) AS w (why)
WHERE p.pronamespace = 'tiering'::regnamespace AND w.why <> '' ORDER BY a.aggfnoid::regprocedure::text COLLATE "C";

-- Every state can be sent as text and as bytes.
SELECT y.oid::regtype AS type FROM pg_type y
WHERE y.oid IN (SELECT a.aggtranstype FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid WHERE p.pronamespace = 'tiering'::regnamespace)
    AND (y.typtype = 'p' OR 0 IN (y.typinput, y.typoutput, y.typreceive, y.typsend));
