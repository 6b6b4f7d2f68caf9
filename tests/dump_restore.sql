-- What tests/suites/dump_restore.sh dumps and restores: rows of one's own in every table that is dumped,
-- and objects of one's own that use the extension (columns of its types, views over its functions).

SELECT tiering.import_calendar('dumped', '{"title": {"en": "Dumped", "zh": "已备份"}, "working_days": ["mon"], "holidays": ["2026-05-04"]}');
