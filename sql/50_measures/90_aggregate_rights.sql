-- The functions that change a state are called by the aggregates of the extension alone, which have the rights of their owner. In an aggregate of somebody
-- else's, a function beside ours might get the object in memory that is the state, and free it. grant_parts() gives them to roles for Citus.

DO $rights$
DECLARE
    changing regprocedure;
BEGIN
    FOR changing IN
        SELECT DISTINCT f.f::regprocedure FROM pg_catalog.pg_aggregate a, LATERAL (VALUES (a.aggtransfn), (a.aggcombinefn)) AS f (f)
        JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) f.f
        WHERE p.pronamespace OPERATOR(pg_catalog.=) 'tiering'::regnamespace
    LOOP
        EXECUTE pg_catalog.format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', changing);
    END LOOP;
END
$rights$;
