{# Each value of a column is a tier that a program gives, as tiering.program_tiers lists them. `ungraded`: whether NULL is allowed. #}
{% test tier_of_program(model, column_name, program, ungraded=true) %}
    select m.{{ column_name }} as tier, count(*) as n
    from {{ model }} m
    where not exists (select from tiering.program_tiers t where t.program = {{ customer_tiering.literal(program) }} and t.tier = m.{{ column_name }})
        {%- if ungraded %} and m.{{ column_name }} is not null {%- endif %}
    group by 1
{% endtest %}
