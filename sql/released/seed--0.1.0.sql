-- What tests/suites/dump_restore.sh dumps and restores: rows of one's own in every table that is dumped,
-- and objects of one's own that use the extension (columns of its types, views over its functions).

SELECT tiering.import_calendar('dumped', '{"title": {"en": "Dumped", "zh": "已备份"}, "working_days": ["mon"], "holidays": ["2026-05-04"]}');
SELECT tiering.extend_calendar('cn', '{2027-01-01,2027-02-08}', '{2027-02-20}', '2027-12-31');

SELECT tiering.derive_scheme('rfm', 'dumped_rfm', '{"title": {"en": "Dumped", "zh": "已备份"}}');
SELECT tiering.approve_scheme('dumped_rfm', reason => 'the board has said so');
SELECT tiering.set_four_eyes(false);
SELECT tiering.set_defaults('Asia/Shanghai', 'dumped', 'zh');
SELECT tiering.revise_scheme(tiering.current_scheme('dumped_rfm'));
SELECT tiering.approve_scheme('dumped_rfm');
SELECT tiering.retire_scheme('dumped_rfm', 1);
SELECT tiering.revise_scheme(tiering.current_scheme('dumped_rfm'));  -- a draft
SELECT tiering.create_overlay('{"overlay": "dumped", "group": "test", "title": {"en": "Dumped"},
    "strategy": [{"area": "offers", "action": {"en": "Carry over", "zh": "迁移"}}]}');
SELECT tiering.set_strategy('dumped_rfm', 'loyal', '[{"area": "contact", "action": {"en": "Carry over", "zh": "迁移"}}]');

CREATE TABLE customers (
    id integer PRIMARY KEY,
    recency_days integer, frequency integer, monetary numeric(12,2),
    policy tiering.scheme,
    sign text GENERATED ALWAYS AS (tiering.grade('{"scheme": "sign", "inputs": [{"name": "monetary", "type": "number"}],
        "decision": {"method": "rules", "rules": [{"when": {"input": "monetary", "gt": 100}, "tier": "more"}], "otherwise": "less"},
        "tiers": [{"code": "more"}, {"code": "less"}]}'::tiering.scheme, timestamptz '2026-01-31 00:00+00', monetary)) STORED
);
INSERT INTO customers SELECT g, g % 300, g % 12, g * 3, tiering.current_scheme('dumped_rfm') FROM generate_series(1, 50) AS g;
CREATE INDEX ON customers USING hash (policy);
CREATE VIEW customer_tiers AS SELECT c.id, tiering.customer_tier('dumped_rfm', c) AS tier FROM customers c;
-- refreshed by the restore, so the schemes must be there by then
CREATE MATERIALIZED VIEW customer_tiers_kept AS SELECT * FROM customer_tiers;

-- Programs over a table and over a view that groups, with everything that they know. The table has lost a column, so that the numbers of its columns
-- are others after the restore.
CREATE SCHEMA crm;
CREATE TABLE crm.clients (dropped text, id integer PRIMARY KEY, recency_days integer, frequency integer, monetary numeric(12,2), owner text);
ALTER TABLE crm.clients DROP COLUMN dropped;
INSERT INTO crm.clients SELECT g, g % 300, g % 12, g * 3, 'owner ' || g % 3 FROM generate_series(1, 50) AS g;
CREATE VIEW crm.grouped AS SELECT id, recency_days, frequency, monetary FROM crm.clients GROUP BY id;
SELECT tiering.create_program('dumped', 'dumped_rfm', 'crm.clients', 'id', owner_column => 'owner', calendar => 'dumped');
SELECT tiering.create_program('dumped_view', 'rfm', 'crm.grouped', 'id', version => 1);
SELECT tiering.create_program('dumped_words', 'rfm', 'crm.clients', 'id', '{"monetary": {"column": "monetary", "values": {"3": 0, "6": null}}}', timezone => 'Europe/Berlin');
CREATE TABLE crm.accounts (dropped text, tenant_id integer, id integer, recency_days integer, frequency integer, monetary numeric(12,2), PRIMARY KEY (tenant_id, id));
ALTER TABLE crm.accounts DROP COLUMN dropped;
INSERT INTO crm.accounts SELECT g % 2, g / 2, g % 300, g % 12, g * 3 FROM generate_series(1, 50) AS g;
SELECT tiering.create_program('dumped_tenants', 'rfm', 'crm.accounts', '{tenant_id,id}');
ALTER TABLE crm.accounts RENAME tenant_id TO tenant;
CALL tiering.retier('dumped_tenants');
SELECT tiering.log_followup('dumped_tenants', '1/7', 'phone');
ALTER TABLE crm.clients RENAME frequency TO orders;  -- after retier() the programs name it so
CALL tiering.retier('dumped');
CALL tiering.retier('dumped_view');
UPDATE crm.clients SET orders = 11, recency_days = 1 WHERE id < 10;
CALL tiering.retier('dumped');
DELETE FROM crm.clients WHERE id = 50;
SELECT tiering.log_followup('dumped', '7', 'phone', 'reached', '电话', promise => 'an offer', promised_at => now() + interval '3 days');
SELECT tiering.plan_followup('dumped', '8', current_date + 3, 'birthday'), tiering.plan_followup('dumped', '8', current_date + 9, 'fair', beside => true);
CREATE TABLE crm.grouped_then AS SELECT g.*, now() - interval '1 day' AS taken FROM crm.grouped g;
SELECT tiering.regrade('dumped_view', now() - interval '1 hour', NULL, 'booked late', snapshots => 'crm.grouped_then', taken_at => 'taken');
SELECT tiering.override_tier('dumped', '9', 'champions', 'a friend', now() + interval '1 year');
SELECT tiering.override_tier('dumped', '9', 'loyal', 'less of a friend');
SELECT tiering.log_complaint('dumped', '9', 'too late', channel => '电话'), tiering.resolve_complaint('dumped', '9', 'sent anew');
SELECT tiering.set_review_periods('dumped', '6 months');
SELECT tiering.record_review('dumped', '9', 'up', '有潜力'), tiering.record_scheme_review('dumped_rfm', 'keep', 'it serves');
SELECT tiering.erase_customer('dumped', '11');
SELECT tiering.stop_contact('dumped', '10', '不要打电话', channel => '电话'), tiering.stop_contact('dumped', '10', 'asked us not to');
DELETE FROM crm.clients WHERE id = 12;
SELECT tiering.merge_customers('dumped', '12', '13', 'the same person');
UPDATE crm.clients SET owner = 'owner 1' WHERE id = 15;
SELECT tiering.hand_over('dumped', 'owner 0', 'owner 1', only_customers => '{15}');
SELECT tiering.erase_customer('dumped', '16', keep_out => true);
SELECT tiering.alter_program('dumped', '{"attempts": ["no_answer"], "score_step": 5, "shares_contacts": "house", "group": "owner", "label": "owner"}'), tiering.override_tier('dumped', '17', 'loyal', 'a favour', kind => 'at_least');
CALL tiering.retier('dumped');
INSERT INTO tiering.agents VALUES ('nobody', 'owner 1');
SELECT tiering.enable_automatic('dumped');
SELECT tiering.create_tier_view('dumped', 'crm.client_tiers'), tiering.create_tier_view('dumped', 'crm.client_tiers_kept', true);
-- Measures: where the events are, targets, models, who is held out; and a customer who cannot be graded.
CREATE TABLE crm.sold AS SELECT g % 50 + 1 AS client, date '2026-01-01' + g AS on_day, 10.0 + g AS amount FROM generate_series(1, 200) AS g;
SELECT tiering.register_events('dumped', 'order', 'crm.sold', 'client', 'on_day', 'amount', only_where => 'amount > 11');
SELECT tiering.set_target('dumped', 'all', 'sales', 5000), tiering.hold_out('dumped', 0.2, 7);
SELECT tiering.set_lifetime_model('dumped', tiering.lifetime_model('{"kind": "bg_nbd", "parameters": {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}, "unit": "week"}'::jsonb),
    tiering.lifetime_model('{"kind": "gamma_gamma", "parameters": {"p": 6.2, "q": 3.7, "v": 15.4}}'::jsonb));
INSERT INTO crm.clients (id, recency_days, orders, monetary, owner) VALUES (60, 5, 5, 'NaN', 'owner 1');
-- A value of every type, those that aggregates gather among them: kept.everything has a column of each.
CREATE SCHEMA kept;
CREATE TABLE kept.orders AS SELECT g AS id, g % 20 AS customer, timestamptz '2026-01-01 09:00+00' + g * interval '31 hours' AS at, 1.5 * g AS amount, g % 11 AS score, chr(65 + g % 5) AS tier FROM generate_series(1, 200) AS g;
CREATE TABLE kept.customers AS SELECT customer, sum(amount) AS annual_value, tiering.rfm(at, amount) AS r, tiering.order_history(at, amount, score::numeric, customer % 7, '2026-03-01 00:00+00') AS h FROM kept.orders GROUP BY customer;
CREATE TABLE kept.learned AS SELECT '{"scheme": "learned", "inputs": [{"name": "score", "type": "number"}], "characteristics": [{"name": "s", "input": "score", "fit": {"to": "outcome"}}], "score": {},
    "decision": {"method": "score", "cuts": [{"tier": "all"}]}, "tiers": [{"code": "all"}]}'::tiering.scheme AS waiting;
ALTER TABLE kept.learned ADD binned tiering.scheme, ADD fitted tiering.scheme;
UPDATE kept.learned SET binned = (SELECT tiering.outcome_bins(waiting, '2026-01-01 00:00+00', id * 7919 % 13 < 4 + score / 3, 1, score) FROM kept.orders);
UPDATE kept.learned SET fitted = (SELECT tiering.outcome_points(binned, '2026-01-01 00:00+00', id * 7919 % 13 < 4 + score / 3, 1, score) FROM kept.orders);
CREATE VIEW kept.followed AS SELECT o.id * 7919 % 13 < 4 + o.score / 3 AS came, o.score, l.* FROM kept.orders o, kept.learned l;
CREATE TABLE kept.everything AS SELECT 1 AS id, tiering.current_scheme('rfm') AS scheme, (SELECT document FROM tiering.calendars WHERE calendar = 'cn') AS calendar,
    (SELECT tiering.rfm(at, amount) FROM kept.orders) AS rfm, (SELECT tiering.distribution(amount) FROM kept.orders) AS distribution, (SELECT tiering.tier_mix(tier) FROM kept.orders) AS tier_tally,
    (SELECT tiering.migration('A', tier) FROM kept.orders) AS migration, (SELECT h FROM kept.customers WHERE customer = 1) AS order_history,
    '{"kind": "bg_nbd", "unit": "week", "parameters": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}}'::tiering.lifetime_model AS lifetime_model,
    'week'::tiering.time_unit AS time_unit, 'Asia/Shanghai'::tiering.time_zone AS time_zone, 'EUR'::tiering.currency_code AS currency_code, 'a word'::tiering.word AS word;
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN SELECT * FROM (VALUES
        ('nps(float8)', 'score', 'orders'), ('fit_bg_nbd(tiering.rfm, date, tiering.time_unit)', 'r, date ''2026-12-31'', ''week''', 'customers'), ('fit_gamma_gamma(tiering.rfm)', 'r', 'customers'),
        ('order_totals(tiering.order_history, timestamptz[], timestamptz[], timestamptz[], text, integer, integer)',
            'h, ''{2026-03-01 00:00+00,2026-04-01 00:00+00,2026-06-01 00:00+00}'', ''{2026-02-01 00:00+00,2026-02-01 00:00+00}'', ''{2026-03-15 00:00+00,2026-05-01 00:00+00}'', ''Asia/Shanghai'', 1, 2', 'customers'),
        ('fit(tiering.scheme, timestamptz, "any")', 'tiering.current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value', 'customers'),
        ('population(tiering.scheme, timestamptz, "any")', 'tiering.current_scheme(''abc_share''), timestamptz ''2026-01-01 00:00+00'', annual_value', 'customers'),
        ('outcome_bins(tiering.scheme, timestamptz, boolean, float8, "any")', 'waiting, timestamptz ''2026-01-01 00:00+00'', came, 1, score', 'followed'),
        ('outcome_points(tiering.scheme, timestamptz, boolean, float8, "any")', 'binned, timestamptz ''2026-01-01 00:00+00'', came, 1, score', 'followed'),
        ('outcome_trial(tiering.scheme, timestamptz, boolean, float8, boolean, "any")', 'fitted, timestamptz ''2026-01-01 00:00+00'', came, 1, false, score', 'followed')) AS w (aggregate, arguments, source)
    LOOP
        -- its state, by an aggregate of one's own without a final function
        EXECUTE (SELECT format('CREATE AGGREGATE kept.parts (%s) (SFUNC = %s, STYPE = %s)',
            (SELECT string_agg(CASE t WHEN '"any"'::regtype THEN 'VARIADIC "any"' ELSE format_type(t, NULL) END, ', ' ORDER BY n) FROM unnest(p.proargtypes) WITH ORDINALITY AS u (t, n)), g.aggtransfn::oid::regproc, format_type(g.aggtranstype, NULL))
            FROM pg_aggregate g JOIN pg_proc p ON p.oid = g.aggfnoid WHERE g.aggfnoid = ('tiering.' || wanted.aggregate)::regprocedure);
        EXECUTE (SELECT format('ALTER TABLE kept.everything ADD %I %s', t.typname, t.oid::regtype)
            FROM pg_aggregate g JOIN pg_type t ON t.oid = g.aggtranstype WHERE g.aggfnoid = ('tiering.' || wanted.aggregate)::regprocedure);
        EXECUTE (SELECT format('UPDATE kept.everything SET %I = (SELECT kept.parts(%s) FROM kept.%I)', t.typname, wanted.arguments, wanted.source)
            FROM pg_aggregate g JOIN pg_type t ON t.oid = g.aggtranstype WHERE g.aggfnoid = ('tiering.' || wanted.aggregate)::regprocedure);
        EXECUTE (SELECT format('DROP AGGREGATE %s', p.oid::regprocedure) FROM pg_proc p WHERE p.pronamespace = 'kept'::regnamespace AND p.prokind = 'a');
    END LOOP;
END
$$;
CREATE INDEX ON kept.everything (tiering.fingerprint(scheme));
CREATE INDEX ON kept.customers USING btree (r);
CREATE VIEW kept.ours AS SELECT t.*, d.due, d.urgency FROM tiering.current_tiers t LEFT JOIN tiering.followups_due d USING (program, customer);
CREATE TABLE kept.grades AS SELECT * FROM kept.customers;
ALTER TABLE kept.grades ADD grade text GENERATED ALWAYS AS (tiering.grade('{"scheme": "sign", "inputs": [{"name": "v", "type": "number"}],
    "decision": {"method": "rules", "rules": [{"when": {"input": "v", "gt": 100}, "tier": "more"}], "otherwise": "less"},
    "tiers": [{"code": "more"}, {"code": "less"}]}'::tiering.scheme, timestamptz '2026-01-31 00:00+00', annual_value)) STORED;
CREATE INDEX ON kept.grades (grade);
CREATE MATERIALIZED VIEW kept.mix AS SELECT tiering.tier_mix(grade) AS mix, tiering.rollup(r) AS r FROM kept.grades;
