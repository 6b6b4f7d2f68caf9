{# Each value of a column is a tier of the current version of a scheme, as tiering.tiers lists them. `ungraded`: whether NULL is allowed. #}
{% test tier_of_scheme(model, column_name, scheme, ungraded=true) %}
    select m.{{ column_name }} as tier, count(*) as n
    from {{ model }} m
    where not exists (select from tiering.tiers t where t.scheme = {{ customer_tiering.literal(scheme) }} and t.tier = m.{{ column_name }})
        {%- if ungraded %} and m.{{ column_name }} is not null {%- endif %}
    group by 1
{% endtest %}
