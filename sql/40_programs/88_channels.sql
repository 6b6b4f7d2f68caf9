-- Channels that have a rhythm of their own besides the cadence of the tier: a visit every half year, whatever calls there were.

-- Looked up for those of whom it is asked. COST 1: the planner would count it for all, and have the server compile a query that takes no longer than that.
CREATE FUNCTION tiering.last_by_channel(program text, customer text, channel text, shares_contacts text, grouped boolean) RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF shares_contacts IS NULL AND NOT grouped THEN
        RETURN (SELECT max(x.at) FROM tiering.followups x WHERE x.program = last_by_channel.program AND x.customer = last_by_channel.customer AND x.channel = last_by_channel.channel AND NOT x.attempt);
    END IF;
    RETURN (
        SELECT max(l.at) FROM (
            SELECT last_by_channel.program, last_by_channel.customer
            -- What counts for the cadence counts here: contacts in programs that share them, and with members of the family or group.
            UNION ALL SELECT q.program, last_by_channel.customer FROM tiering.programs q WHERE q.shares_contacts = last_by_channel.shares_contacts AND q.program <> last_by_channel.program
            UNION ALL SELECT last_by_channel.program, m.customer FROM unnest(CASE WHEN grouped THEN tiering.group_members(last_by_channel.program, ARRAY[last_by_channel.customer]) END) AS m (customer)
        ) w
        CROSS JOIN LATERAL (SELECT max(x.at) AS at FROM tiering.followups x WHERE x.program = w.program AND x.customer = w.customer AND x.channel = last_by_channel.channel AND NOT x.attempt OFFSET 0) l);
END
$$;
COMMENT ON FUNCTION tiering.last_by_channel(text, text, text, text, boolean) IS
    'when a customer was last contacted by a channel, in this program, in one that shares its contacts, or, if the program has groups, with another member of the family or group; attempts are none. NULL: never';

CREATE VIEW tiering.channels_due WITH (security_invoker) AS
    SELECT p.program, t.customer, t.label, t.owner, t.tier, t.rank, c.channel, f.at AS last_contact, d.due,
        greatest((now() AT TIME ZONE p.zone)::date - d.due, 0) AS days_overdue
    FROM tiering.programs p
    JOIN tiering.program_tiers g ON g.program = p.program AND g.channels IS NOT NULL
    CROSS JOIN LATERAL jsonb_each(g.channels) AS c (channel, rhythm)
    -- || '': as in followup_logs.
    JOIN tiering.current_tiers t ON t.program = p.program || '' AND t.tier = g.tier
    LEFT JOIN tiering.calendars k ON k.calendar = coalesce(p.calendar, (SELECT tiering.default_calendar()))
    CROSS JOIN LATERAL (SELECT tiering.last_by_channel(t.program, t.customer, c.channel, p.shares_contacts, p.group_column IS NOT NULL) AS at OFFSET 0) f
    -- Nobody is late for a rhythm that began later.
    CROSS JOIN LATERAL (SELECT greatest(
        tiering.followup_due((coalesce(f.at, t.since) AT TIME ZONE p.zone)::date, c.rhythm ->> 'every', g.workday, k.document),
        tiering.first_due((greatest(t.since, (c.rhythm ->> 'since')::timestamptz) AT TIME ZONE p.zone)::date, NULL, g.workday, k.document)) AS due) d
    LEFT JOIN tiering.hold_outs h ON h.program = p.program AND h.until IS NULL AND h.since <= now()
    WHERE (h.program IS NULL OR NOT tiering.is_drawn(t.customer, h.share, h.seed)) AND NOT t.no_contact
        AND NOT EXISTS (SELECT FROM tiering.contact_stops s WHERE s.program = t.program AND s.customer = t.customer AND s.channel = c.channel AND tiering.lasts(s.until));
GRANT SELECT ON tiering.channels_due TO @extowner@, pg_database_owner WITH GRANT OPTION;
COMMENT ON VIEW tiering.channels_due IS
    'the next contact of every customer by each channel that has a rhythm of its own in the tier (followup.channels of the scheme); WHERE due <= current_date lists those that are due. '
    'It counts from the last contact by that channel that was logged, also in a program that shares its contacts or with another member of the family or group, or from when the tier began; attempts are none. Customers who are held out (tiering.hold_outs), or not to be contacted, at all or '
    'by the channel (stop_contact), do not stand here';
COMMENT ON COLUMN tiering.channels_due.program IS 'program';
COMMENT ON COLUMN tiering.channels_due.customer IS 'key of the customer in the source, as text';
COMMENT ON COLUMN tiering.channels_due.label IS 'what people call the customer (label of the program)';
COMMENT ON COLUMN tiering.channels_due.owner IS 'who looks after the customer';
COMMENT ON COLUMN tiering.channels_due.tier IS 'tier in force';
COMMENT ON COLUMN tiering.channels_due.rank IS 'its rank, 1 is the best';
COMMENT ON COLUMN tiering.channels_due.channel IS 'by which channel';
COMMENT ON COLUMN tiering.channels_due.last_contact IS 'time of the last contact by it that was logged; NULL: there was none';
COMMENT ON COLUMN tiering.channels_due.due IS 'day of the next one';
COMMENT ON COLUMN tiering.channels_due.days_overdue IS 'days since then; 0: not overdue';
