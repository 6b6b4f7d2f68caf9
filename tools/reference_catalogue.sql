-- Part of tools/reference.sh: the catalogue of built-in schemes, in language :lang, by what their documents say of themselves.
SET search_path = pg_catalog, pg_temp;
SET client_min_messages = warning;
CREATE TEMP TABLE word AS SELECT * FROM (VALUES
    ('en', 'Inputs', 'Tiers', 'scheme', 'inputs', 'tiers', 'input', 'tier', '. ', ' '),
    ('zh', '输入', '等级', '方案', '输入', '等级', '输入', '等级', '。', '')
) AS w (lang, section_inputs, section_tiers, scheme, inputs, tiers, input, tier, stop, gap) WHERE lang = :'lang';
CREATE FUNCTION pg_temp.cell(value text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN replace(replace(replace(replace(value, '&', '&amp;'), '<', '&lt;'), '|', '\|'), E'\n', ' ');
CREATE TEMP TABLE preset AS
SELECT c.scheme, c.inputs, c.tiers, CASE :'lang' WHEN 'zh' THEN c.title_zh ELSE c.title_en END AS title, CASE :'lang' WHEN 'zh' THEN c.purpose_zh ELSE c.purpose_en END AS purpose
FROM tiering.catalogue c JOIN tiering.current_schemes s ON s.scheme = c.scheme AND s.built_in;
-- what describe_scheme() says of each input and tier, in one cell
CREATE TEMP TABLE said AS
SELECT p.scheme, d.section, d.item, min(d.place) AS place,
    string_agg(pg_temp.cell(d.content), CASE d.section WHEN w.section_inputs THEN w.gap ELSE '<br>' END ORDER BY d.place) AS content
FROM word w, preset p, ROWS FROM (tiering.describe_scheme(p.scheme, :'lang')) WITH ORDINALITY AS d (section, item, content, basis, place)
WHERE d.section IN (w.section_inputs, w.section_tiers)
GROUP BY p.scheme, d.section, d.item;
CREATE FUNCTION pg_temp.rows(scheme text, section text) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT string_agg(format('| %s | %s |', pg_temp.cell(s.item), s.content), E'\n' ORDER BY s.place) FROM said s WHERE s.scheme = rows.scheme AND s.section = rows.section);

SELECT format(E'\n| %s | | %s | %s |\n|---|---|---|---|', scheme, inputs, tiers) FROM word;
SELECT format('| `%1$s` | [%2$s](#%1$s) | %3$s | %4$s |', scheme, pg_temp.cell(title), array_to_string(inputs, ', '), array_to_string(tiers, ', ')) FROM preset ORDER BY scheme COLLATE "C";
SELECT format(E'\n## %1$s\n\n%2$s\n\n`customer_tier(''%1$s'', %3$s)`\n\n| %4$s | |\n|---|---|\n%5$s\n\n| %6$s | |\n|---|---|\n%7$s', p.scheme, pg_temp.cell(p.title || w.stop || p.purpose || rtrim(w.stop)),
    array_to_string(p.inputs, ', '), w.input, pg_temp.rows(p.scheme, w.section_inputs), w.tier, pg_temp.rows(p.scheme, w.section_tiers))
FROM preset p, word w ORDER BY p.scheme COLLATE "C";
