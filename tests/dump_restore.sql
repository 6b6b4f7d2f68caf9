-- What tests/suites/dump_restore.sh dumps and restores: rows of one's own in every table that is dumped,
-- and objects of one's own that use the extension (columns of its types, views over its functions).

SELECT tiering.import_calendar('dumped', '{"title": {"en": "Dumped", "zh": "已备份"}, "working_days": ["mon"], "holidays": ["2026-05-04"]}');

SELECT tiering.derive_scheme('rfm', 'dumped_rfm', '{"title": {"en": "Dumped", "zh": "已备份"}}');
SELECT tiering.approve_scheme('dumped_rfm');
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
