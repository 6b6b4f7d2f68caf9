"""Writes the export of the dashboards, as Superset imports it, from the datasets and charts beside this file: write.py FOLDER"""

import json
import pathlib
import re
import sys
import uuid

from charts import COLOURS, DASHBOARDS, METRIC_COLOURS

HERE = pathlib.Path(__file__).parent
LANGS = ("en", "zh")
SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "customer_tiering/superset")
DATABASE = str(uuid.uuid5(SPACE, "database"))

# What the datasets share: a program by the title of its scheme, the months and quarters of it that are shown, the tier in the order of ranks.
PROGRAMS = """
    SELECT p.program, p.zone, t.title || CASE WHEN count(*) OVER (PARTITION BY t.title) > 1 THEN ' (' || p.program || ')' ELSE '' END AS name, r.graded_at,
        greatest(date_trunc('month', r.graded_at AT TIME ZONE p.zone) - interval '17 months', date_trunc('month', f.first_at AT TIME ZONE p.zone)) AS first_month,
        date_trunc('month', r.graded_at AT TIME ZONE p.zone) AS last_month,
        greatest(q.last_quarter - interval '21 months', q.first_quarter) AS first_quarter, q.last_quarter
    FROM tiering.programs p
    JOIN tiering.current_schemes s ON s.scheme = p.scheme
    CROSS JOIN LATERAL (SELECT coalesce(tiering.to_jsonb(s.document) #>> '{title,[[lang]]}', tiering.to_jsonb(s.document) #>> '{title,en}', p.program) AS title) t
    CROSS JOIN LATERAL (SELECT coalesce(max(u.as_of), now()) AS graded_at FROM tiering.runs u WHERE u.program = p.program AND u.status = 'done') r
    CROSS JOIN LATERAL (SELECT min(l.since) AS first_at FROM tiering.assignment_log l WHERE l.program = p.program) f
"""
QUARTERS = """    CROSS JOIN LATERAL (
        SELECT date_trunc('quarter', min(e.first_at) AT TIME ZONE p.zone) AS first_quarter, date_trunc('quarter', least(max(e.last_at), now()) AT TIME ZONE p.zone) AS last_quarter
        FROM tiering.check_events(p.program) e HAVING max(e.last_at) IS NOT NULL) q
"""
NO_QUARTERS = "    CROSS JOIN (SELECT NULL::timestamp AS first_quarter, NULL::timestamp AS last_quarter) q\n"
TIER = """CASE WHEN {0}.tier IS NULL THEN '[[Ungraded|未分级]]' ELSE lpad({0}.rank::text, (SELECT length(max(w.rank)::text) FROM tiering.program_tiers w WHERE w.program = {0}.program), '0')
        || ' ' || coalesce({0}.title_[[lang]], {0}.title_en, {0}.tier) END"""
CUSTOMER = "coalesce({0}.label, '[[Customer|客户]] ' || {0}.customer)"
QUARTER = """to_char({0} AT TIME ZONE p.zone, 'YYYY "Q"Q')"""

# a cross table says the name of its only figure in a line of its own
CSS = ".pvtTable thead tr:first-child { visibility: collapse } .pvtTable .pvtRowLabel { white-space: nowrap } .pvtTable td { color: inherit !important }"


def filled(text, lang):
    """A text with the pieces that it names, in a language."""
    quarters = QUARTERS if "first_quarter" in text else NO_QUARTERS
    text = text.replace("[[programs]]", (PROGRAMS + quarters).rstrip())
    for word, piece in (("tier", TIER), ("customer", CUSTOMER), ("quarter", QUARTER)):
        text = re.sub(rf"\[\[{word} ([a-z_.]+)\]\]", lambda found: piece.format(found[1]), text)
    text = text.replace("[[lang]]", lang)
    return re.sub(r"\[\[([^|\]]+)\|([^\]]+)\]\]", lambda found: found[1 + LANGS.index(lang)], text)


def identity(kind, name, lang):
    return str(uuid.uuid5(SPACE, f"{kind}/{name}/{lang}"))


def yaml(value, indent=0):
    """A value of lists, mappings, texts, numbers as YAML. Texts are quoted as JSON quotes them, which YAML reads; those of several lines stand as they are."""
    space = "  " * indent
    if isinstance(value, dict) and value:
        lines = []
        for key, inner in value.items():
            key = key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) else json.dumps(key, ensure_ascii=False)
            nested = isinstance(inner, (dict, list)) and inner
            lines.append(f"{space}{key}:" + ("\n" + yaml(inner, indent + 1) if nested else " " + yaml(inner, indent + 1)))
        return "\n".join(lines)
    if isinstance(value, list) and value:
        lines = []
        for inner in value:
            text = yaml(inner, indent + 1)
            lines.append(f"{space}- " + (text.lstrip() if isinstance(inner, (dict, list)) and inner else text))
        return "\n".join(lines)
    if isinstance(value, str) and "\n" in value:
        return "|-\n" + "\n".join((space + line).rstrip() for line in value.split("\n"))
    return json.dumps(value, ensure_ascii=False)


def dataset(path, lang):
    """A file of datasets: comments that name it and its columns and metrics, then the query."""
    head, words, columns, metrics = [], None, [], []
    lines = path.read_text(encoding="utf-8").splitlines()
    while lines[0].startswith("-- "):
        head.append(lines.pop(0)[3:])
    here = LANGS.index(lang)
    words = head.pop(0).split(" / ")
    for line in head:
        what, titles = line.rsplit(": ", 1)
        title = titles.split(" / ")[here]
        if what.startswith("metric "):
            _, name, expression = what.split(" ", 2)
            metrics.append({"metric_name": name, "verbose_name": title, "metric_type": None, "expression": filled(expression, lang), "description": None, "d3format": None,
                            "extra": {}, "warning_text": None})
        else:
            name, kind = what.split(" ")
            columns.append({"column_name": name, "verbose_name": title, "is_dttm": kind in ("date", "timestamptz"), "is_active": True, "type": kind.upper(), "groupby": True,
                            "filterable": True, "expression": None, "description": None, "python_date_format": None, "extra": {}})
    return {
        "table_name": words[here], "main_dttm_col": None, "description": None, "default_endpoint": None, "offset": 0, "cache_timeout": None, "schema": None, "catalog": None,
        "sql": filled("\n".join(lines).strip(), lang), "params": None, "template_params": None, "filter_select_enabled": True, "fetch_values_predicate": None, "extra": None,
        "normalize_columns": False, "uuid": identity("dataset", path.stem, lang), "metrics": metrics, "columns": columns, "version": "1.0.0", "database_uuid": DATABASE,
    }


def chart(dashboard, name, described, lang):
    described = dict(described)
    title, source = described.pop("title"), described.pop("dataset")
    params = {**described, "color_scheme": "tiering"}
    params.setdefault("adhoc_filters", [])
    return {
        "slice_name": title[LANGS.index(lang)], "description": None, "certified_by": None, "certification_details": None, "viz_type": described["viz_type"],
        "params": params, "query_context": None, "cache_timeout": None, "uuid": identity("chart", f"{dashboard}/{name}", lang), "version": "1.0.0",
        "dataset_uuid": identity("dataset", source, lang),
    }


def native_filter(number, described, lang, numbers):
    column, title, source, metric, without = described
    return {
        "id": f"NATIVE_FILTER-{column}", "type": "NATIVE_FILTER", "filterType": "filter_select", "name": title[LANGS.index(lang)], "description": "",
        "targets": [{"datasetUuid": identity("dataset", source, lang), "column": {"name": column}}],
        # the first one of a dashboard is the program, of which there must be one; the quarter is the latest
        "controlValues": {"defaultToFirstItem": column in ("program", "quarter"), "enableEmptyFilter": column in ("program", "quarter"), "multiSelect": column == "owner",
                          "inverseSelection": False, "searchAllOptions": False, "sortAscending": column == "owner"},
        "requiredFirst": column in ("program", "quarter"), "sortMetric": metric, "cascadeParentIds": ["NATIVE_FILTER-program"] if number else [],
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [numbers[name] for name in without]},
    }


def dashboard(name, described, lang):
    here = LANGS.index(lang)
    # Superset gives numbers of its own when it imports, and puts them in the place of these.
    numbers = {shown[0]: n for n, shown in enumerate((shown for row in described["rows"] for shown in row), 1)}
    position = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": described["title"][here]}},
    }
    for number, row in enumerate(described["rows"]):
        at = f"ROW-{number}"
        position["GRID_ID"]["children"].append(at)
        position[at] = {"type": "ROW", "id": at, "children": [], "parents": ["ROOT_ID", "GRID_ID"], "meta": {"background": "BACKGROUND_TRANSPARENT"}}
        for chart_name, width, height, shown in row:
            inner = f"CHART-{chart_name}"
            position[at]["children"].append(inner)
            position[inner] = {
                "type": "CHART", "id": inner, "children": [], "parents": ["ROOT_ID", "GRID_ID", at],
                "meta": {"chartId": numbers[chart_name], "width": width, "height": height, "sliceName": shown["title"][here], "uuid": identity("chart", f"{name}/{chart_name}", lang)},
            }
    return {
        "dashboard_title": described["title"][here], "description": None, "css": CSS, "slug": f"tiering-{name}-{lang}", "certified_by": "", "certification_details": "", "published": True,
        "uuid": identity("dashboard", name, lang), "position": position, "version": "1.0.0",
        "metadata": {
            "color_scheme": "tiering", "label_colors": {**{words[here]: colour for words, colour in COLOURS.items()}, **METRIC_COLOURS}, "shared_label_colors": [], "color_scheme_domain": [],
            "timed_refresh_immune_slices": [], "expanded_slices": {}, "refresh_frequency": 0, "cross_filters_enabled": False, "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [native_filter(n, f, lang, numbers) for n, f in enumerate(described["filters"])],
        },
    }


def export():
    """The files of the export by their names."""
    files = {"metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"}}
    files["databases/customer_tiering.yaml"] = {
        "database_name": "customer_tiering", "sqlalchemy_uri": "postgresql+psycopg2://localhost/demo", "cache_timeout": None, "expose_in_sqllab": True, "allow_run_async": False,
        "allow_ctas": False, "allow_cvas": False, "allow_dml": False, "allow_csv_upload": False, "extra": {}, "uuid": DATABASE, "version": "1.0.0",
    }
    for lang in LANGS:
        for path in sorted(HERE.glob("*.sql")):
            files[f"datasets/customer_tiering/{path.stem}.{lang}.yaml"] = dataset(path, lang)
        for name, described in DASHBOARDS.items():
            files[f"dashboards/{name}.{lang}.yaml"] = dashboard(name, described, lang)
            for row in described["rows"]:
                for chart_name, _, _, shown in row:
                    files[f"charts/{name}_{chart_name}.{lang}.yaml"] = chart(name, chart_name, shown, lang)
    return files


def colours():
    """The colours of tiers by rank, which are those of the reports of the extension."""
    source = (HERE / "../../../engine/src/report/plot.rs").read_text(encoding="utf-8")
    return re.findall(r"#[0-9a-f]{6}", re.search(r"const COLOURS.*?;\s*\d+\] = (\[.*?\]);", source, re.DOTALL)[1])


def main(folder):
    for name, content in export().items():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml(content) + "\n", encoding="utf-8")
    (pathlib.Path(folder) / "colours.json").write_text(json.dumps(colours()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
