"""What the three dashboards show, said once; write.py makes the export of it, in English and in Chinese.

A chart names its dataset (a file beside this one) and its columns and metrics by the names there. (en, zh) is a text in both languages.
"""

ALL = ("All", "全部")
NOBODY = ("Nobody", "无人负责")
UNGRADED = ("Ungraded", "未分级")

# Tiers get the colours of the reports of the extension, by rank. All that is no tier stands here, by its text in either language.
COLOURS = {
    UNGRADED: "#7d8287",
    ALL: "#1d2328",
}
# Superset knows the colour of a metric by its name, not by its title.
METRIC_COLOURS = {
    "overdue": "#9c2a12", "today": "#a8760c", "week": "#1b5e8c", "on_time": "#2e7d4f", "late": "#9c2a12", "undue": "#7d8287", "up": "#2e7d4f", "down": "#b8502a",
    "low": "#7d8287", "effect": "#1b5e8c", "high": "#7d8287", "gain": "#2e7d4f", "cost": "#b8502a",
}


FIGURES = ("value", "previous", "change", "target", "effect", "low", "high")


def number(title, dataset, metric):
    return {"title": title, "dataset": dataset, "viz_type": "big_number_total", "metric": metric, "y_axis_format": ",d", "header_font_size": 0.4}


def bars(title, dataset, x, metrics, by=None, horizontal=False, share=False, **more):
    """Stacked bars: one a value of x, parts in the order of their names."""
    return {
        "title": title, "dataset": dataset, "viz_type": "echarts_timeseries_bar", "x_axis": x, "xAxisForceCategorical": True,
        "metrics": metrics, "groupby": [by] if by else [], "stack": "Stack", "orientation": "horizontal" if horizontal else "vertical",
        "contributionMode": "row" if share else None, "y_axis_format": ".0%" if share else ",d",
        "x_axis_sort": x, "x_axis_sort_asc": not horizontal, "x_axis_sort_series": "name", "x_axis_sort_series_ascending": True,
        "sort_series_type": "name", "sort_series_ascending": True, "row_limit": 10000, "order_desc": False,
        "show_legend": True, "legendType": "scroll", "legendOrientation": "top", "rich_tooltip": True, "truncateYAxis": False, **more,
    }


def points(title, dataset, x, metrics, **more):
    return {
        "title": title, "dataset": dataset, "viz_type": "echarts_timeseries_scatter", "x_axis": x, "xAxisForceCategorical": True, "metrics": metrics, "groupby": [],
        "x_axis_sort": x, "x_axis_sort_asc": True, "y_axis_format": ",.0f", "markerSize": 12, "markerEnabled": True, "row_limit": 1000,
        "show_legend": True, "legendType": "plain", "legendOrientation": "top", "rich_tooltip": True, "truncateYAxis": False, **more,
    }


def line(title, dataset, x, metrics, by, **more):
    return {**points(title, dataset, x, metrics, **more), "viz_type": "echarts_timeseries_line", "groupby": [by], "markerSize": 8,
            "x_axis_sort_series": "name", "x_axis_sort_series_ascending": True, "sort_series_type": "name", "sort_series_ascending": True}


def table(title, dataset, columns, order, limit=100, **more):
    """Rows as they are; order: columns, a minus before one for descending."""
    return {
        "title": title, "dataset": dataset, "viz_type": "table", "query_mode": "raw", "all_columns": columns, "row_limit": limit,
        "order_by_cols": [f'["{name.lstrip("-")}", {"false" if name.startswith("-") else "true"}]' for name in order],
        "table_timestamp_format": "%Y-%m-%d", "page_length": 0, "show_cell_bars": False, "column_config": {name: {"d3NumberFormat": "SMART_NUMBER"} for name in columns if name in FIGURES}, "allow_rearrange_columns": False, **more,
    }


def crosstab(title, dataset, rows, columns, metric, digits=",d", **more):
    return {
        "title": title, "dataset": dataset, "viz_type": "pivot_table_v2", "groupbyRows": rows, "groupbyColumns": columns, "metrics": [metric],
        "aggregateFunction": "Sum", "rowOrder": "key_a_to_z", "colOrder": "key_a_to_z", "valueFormat": digits, "metricsLayout": "COLUMNS",
        # a dashboard knows the titles of those columns alone that a chart names here
        "all_columns": rows + columns, "rowTotals": False, "colTotals": False, "row_limit": 10000, "order_desc": False, **more,
    }


def where(sql):
    return {"adhoc_filters": [{"expressionType": "SQL", "clause": "WHERE", "sqlExpression": sql, "filterOptionName": "filter_" + sql}]}


DASHBOARDS = {
    "movement": {
        "title": ("Tiers and movement", "等级与变动"),
        # column, title and dataset of each filter, the metric by which its values are sorted (the first program is the one with the most of it), the charts that it leaves alone
        "filters": [("program", ("Program", "项目"), "moves", "customers", [])],
        "rows": [
            [("customers", 3, 20, number(("Customers", "客户数"), "mix", "customers")),
             ("up", 3, 20, number(("Moved up, 18 months", "近18个月升级"), "moves", "up")),
             ("down", 3, 20, number(("Moved down, 18 months", "近18个月降级"), "moves", "down")),
             ("by_hand", 3, 20, number(("Tier by hand", "人工指定等级"), "mix", "overridden"))],
            [("mix", 5, 60, bars(("Customers by tier", "各等级客户数"), "mix", "tier", ["customers"], "part", show_legend=False, show_value=True, xAxisLabelRotation=45, xAxisLabelInterval="0")),
             ("months", 7, 60, bars(("Tiers month by month", "各月等级构成"), "months", "month", ["customers"], "tier", share=True))],
            [("moves", 7, 70, crosstab(("Who went where", "等级去向"), "moves", ["from_tier"], ["to_tier"], "customers")),
             ("ups_and_downs", 5, 70, bars(("Up and down", "升降级"), "moves", "month", ["up", "down"]))],
            [("changes", 12, 60, table(("Latest changes", "最近变动"), "changes", ["at", "customer", "from_tier", "to_tier", "reason", "owner"], ["n"], **where("n <= 50")))],
        ],
    },
    "due": {
        "title": ("Due lists and owners", "待跟进与负责人"),
        "filters": [("program", ("Program", "项目"), "due", "owners", []), ("owner", ("Owner", "负责人"), "due", None, [])],
        "rows": [
            [("overdue", 4, 20, number(("Overdue", "已逾期"), "due", "overdue")),
             ("today", 4, 20, number(("Due today", "今日应跟进"), "due", "today")),
             ("week", 4, 20, number(("Next 7 days", "未来7天"), "due", "week"))],
            [("list", 12, 80, table(("Due within a week, the most urgent first", "一周内应跟进（最紧急在前）"), "due",
                                    ["customer", "tier", "owner", "due", "late", "last_contact", "what"], ["due", "tier", "customer"], limit=2000,
                                    **where("due <= CURRENT_DATE + 7 AND n <= 40")))],
            [("workload", 6, 56, bars(("Work by owner", "各负责人工作量"), "due", "owner", ["overdue", "today", "week"], horizontal=True)),
             ("ahead", 6, 56, bars(("Due in the next four weeks", "未来四周应跟进"), "due", "due", ["customers"], "tier", time_grain_sqla="P1D", xAxisForceCategorical=False, x_axis_time_format="%m-%d",
                                   **where("due BETWEEN CURRENT_DATE AND CURRENT_DATE + 27")))],
            [("done", 6, 50, bars(("Contacts made", "跟进记录"), "done", "owner", ["on_time", "late", "undue"], horizontal=True)),
             ("promises", 6, 50, table(("Open promises", "未兑现承诺"), "promises", ["customer", "promise", "promised_for", "status", "owner"], ["promised_for", "customer"]))],
        ],
    },
    "scorecard": {
        "title": ("Scorecard and effect", "记分卡与效果"),
        "filters": [("program", ("Program", "项目"), "scorecard", "measures", []), ("quarter", ("Quarter", "季度"), "scorecard", None, ["sales", "satisfied"])],
        "rows": [
            [("scorecard", 7, 110, crosstab(("Scorecard by tier", "各等级记分卡"), "scorecard", ["measure"], ["tier"], "value", digits="SMART_NUMBER")),
             ("progress", 5, 110, table(("All tiers, against the quarter before", "全部等级，与上季度相比"), "scorecard", ["measure", "value", "previous", "change"], ["measure"],
                                        **where("tier IN ('All', '全部')")))],
            [("sales", 6, 50, bars(("Sales by tier", "各等级销售额"), "scorecard", "quarter", ["value"], "tier", **where("name = 'sales' AND tier NOT IN ('All', '全部')"))),
             ("satisfied", 6, 50, line(("Satisfied by tier, %", "各等级满意率（%）"), "scorecard", "quarter", ["value"], "tier", **where("name = 'csat' AND tier NOT IN ('All', '全部')")))],
            [("effect", 6, 56, points(("Effect on sales per customer, 95 % interval", "对户均销售额的效果（95%置信区间）"), "effect", "tier", ["high", "effect", "low"],
                                      **where("name = 'sales_per_customer'"))),
             ("gain", 6, 56, bars(("Gain and cost", "增益与成本"), "gain", "tier", ["gain", "cost"], stack=None))],
            [("effects", 12, 60, table(("Looked after against held out", "跟进客户与对照客户"), "effect", ["measure", "tier", "treated", "held_out", "effect", "low", "high", "verdict"], ["measure", "tier"]))],
        ],
    },
}
