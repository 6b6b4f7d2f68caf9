{# Who spends how much at the CD shop. #}
{% macro shop_scheme() %}
    {{ return({
        'scheme': 'dbt_shop_value',
        'title': {'en': 'Value at the CD shop', 'zh': '唱片店客户价值'},
        'inputs': [{'name': 'monetary', 'type': 'number', 'title': {'en': 'Spent so far', 'zh': '累计消费'}}],
        'characteristics': [{'name': 'value', 'input': 'monetary', 'bins': [
            {'code': 'high', 'gte': 100}, {'code': 'middle', 'gte': 30, 'lt': 100}, {'code': 'low', 'lt': 30}]}],
        'decision': {'method': 'bands', 'characteristic': 'value'},
        'tiers': [
            {'code': 'high', 'title': {'en': 'High', 'zh': '高'}, 'followup': {'every': 'P1M'}},
            {'code': 'middle', 'title': {'en': 'Middle', 'zh': '中'}, 'followup': {'every': 'P3M'}},
            {'code': 'low', 'title': {'en': 'Low', 'zh': '低'}, 'followup': {'every': 'P1Y'}}],
    }) }}
{% endmacro %}
