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
