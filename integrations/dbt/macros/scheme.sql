{# Sees to it that the current version of a scheme says what a document says (a mapping, or JSON as a text). A document that is new becomes the next version and is approved; the same
   document again changes nothing. `approve=false` leaves a new version as a draft, for somebody else to approve. For hooks, and for `dbt run-operation scheme`. #}
{% macro scheme(document, reason='by dbt', approve=true) %}
    {%- if execute -%}
        {%- set text = document if document is string else tojson(document) -%}
        {%- set query -%}
            with wanted as (
                select d.document, tiering.scheme_name(d.document) as scheme from (select {{ customer_tiering.literal(text) }}::tiering.scheme as document) d
            ),
            stored as (
                select w.scheme, w.document, c.version as current, c.document::text = w.document::text as same,
                    (select max(s.version) from tiering.schemes s
                     where s.scheme = w.scheme and s.status = 'draft' and s.document::text = w.document::text and s.version > coalesce(c.version, 0)) as draft,
                    exists (select from tiering.schemes s where s.scheme = w.scheme) as known
                from wanted w left join tiering.current_schemes c on c.scheme = w.scheme
            ),
            noted as materialized (
                select s.scheme, s.current, s.same,
                    case when s.same then s.current when s.draft is not null then s.draft when s.known then tiering.revise_scheme(s.document) else tiering.create_scheme(s.document) end as version
                from stored s
            )
            select n.scheme, n.version, n.same,
                case when n.same is true then n.version {% if approve %} else tiering.approve_scheme(n.scheme, n.version, {{ customer_tiering.literal(reason) }}) {% endif %} end as approved
            from noted n
        {%- endset -%}
        {%- set found = run_query(query).rows[0] -%}
        {%- do log('scheme ' ~ found['scheme'] ~ ': version ' ~ found['version'] ~ (', as it was' if found['same'] else ', new' if found['approved'] else ', a draft'), info=true) -%}
    {%- endif -%}
{% endmacro %}
