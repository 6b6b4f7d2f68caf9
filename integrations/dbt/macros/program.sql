{# Sees to it that a program grades the rows of a relation (`this`, ref() or source()) by a scheme. `key` is the column that identifies the customer. `settings` are those of
   tiering.alter_program(): inputs, owner, last_followup, joined, deleted, group, calendar, timezone, version, attempts and so on; what is not named stays as it is.
   A relation that dbt has built anew is taken up under its name. For hooks after the commit, see retier(). #}
{% macro program(name, scheme, relation, key, settings={}) %}
    {%- if execute -%}
        {%- set changes = dict(settings, key=key) -%}
        {%- set query -%}
            select tiering.alter_program(p.program, {{ customer_tiering.literal(tojson(changes)) }}::jsonb || jsonb_build_object('source', {{ customer_tiering.literal(relation) }})
                || case when p.scheme is distinct from {{ customer_tiering.literal(scheme) }} then jsonb_build_object('scheme', {{ customer_tiering.literal(scheme) }}) else '{}' end)
            from (
                select g.program, g.scheme from tiering.programs g where g.program = {{ customer_tiering.literal(name) }}
                union all
                select tiering.create_program({{ customer_tiering.literal(name) }}, {{ customer_tiering.literal(scheme) }}, {{ customer_tiering.literal(relation) }}::regclass,
                    {{ customer_tiering.literal(key) }}, inputs => {{ customer_tiering.literal(tojson(changes.get('inputs', {}))) }}::jsonb), {{ customer_tiering.literal(scheme) }}
                where not exists (select from tiering.programs g where g.program = {{ customer_tiering.literal(name) }})
            ) p
        {%- endset -%}
        {%- do run_query(query) -%}
    {%- endif -%}
{% endmacro %}
