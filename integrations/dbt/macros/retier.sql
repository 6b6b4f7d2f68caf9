{# Grades all customers of a program again: CALL tiering.retier(). It commits as it goes, so that it must not stand in the transaction of a model:

       post_hook=after_commit("{{ customer_tiering.retier('sales') }}")          of the model that is its source
       on-run-end: "{{ customer_tiering.retier('sales') }}"                      in dbt_project.yml
       dbt run-operation retier --args '{program: sales}'

   `as_of`: a text, the time as of which to grade; `search_path`: the one under which the source is read, if views of it need one; `max_problems`: how many customers may be such that they
   cannot be graded, `none` for any number. What came of it is logged. #}
{% macro retier(program, as_of=none, search_path=none, max_problems=10000) %}
    {%- if execute -%}
        {%- if run_query('select pg_current_xact_id_if_assigned() is not null as inside').rows[0]['inside'] -%}
            {%- do exceptions.raise_compiler_error('retier(' ~ program ~ ') stands in a transaction, which it cannot commit. Write post_hook=after_commit("{{ customer_tiering.retier(…) }}"), or {"sql": …, "transaction": false}.') -%}
        {%- endif -%}
        {#- dbt's driver begins a transaction by itself; after a COMMIT that it does not know of, it leaves the server alone. -#}
        {%- do run_query('commit') -%}
        {%- set before = run_query("select current_setting('search_path') as path").rows[0]['path'] -%}
        {%- if search_path is not none -%}
            {%- do run_query("select set_config('search_path', " ~ customer_tiering.literal(search_path) ~ ', false)') -%}
        {%- endif -%}
        {%- do run_query('call tiering.retier(' ~ customer_tiering.literal(program) ~ ', as_of => ' ~ customer_tiering.literal(as_of) ~ ', max_problems => ' ~ ('null' if max_problems is none else max_problems | int) ~ ')') -%}
        {%- if search_path is not none -%}
            {%- do run_query("select set_config('search_path', " ~ customer_tiering.literal(before) ~ ', false)') -%}
        {%- endif -%}
        {%- set run = run_query('select r.version, r.added, r.moved, r.updated, r.gone, r.problems from tiering.runs r where r.program = ' ~ customer_tiering.literal(program) ~ ' order by r.started desc limit 1').rows[0] -%}
        {%- do log('program ' ~ program ~ ', version ' ~ run['version'] ~ ' of its scheme: ' ~ run['added'] ~ ' new, ' ~ run['moved'] ~ ' moved, ' ~ run['updated'] ~ ' updated, ' ~ run['gone'] ~ ' gone'
            ~ (', ' ~ run['problems'] ~ ' values that could not be used (tiering.run_problems)' if run['problems'] else ''), info=true) -%}
    {%- endif -%}
{% endmacro %}
