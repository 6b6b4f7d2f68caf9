{# The tiers of a program are those of this model as it is now: the program reads it, by the version of the scheme that is current, its last run ended well, and another one as of the same moment
   would change nothing. #}
{% test graded_by(model, program) %}
    {%- set name = customer_tiering.literal(program) %}
    with p as (
        select g.*, l.status as run_status, l.as_of as run_as_of, l.message as run_message
        from (select 1) one
        left join tiering.programs g on g.program = {{ name }}
        left join lateral (select r.* from tiering.runs r where r.program = g.program order by r.started desc limit 1) l on true
    )
    select 'there is no program ' || {{ name }} as finding from p where p.program is null
    union all
    select 'it reads ' || coalesce(p.source_name, p.source::text) from p where p.source <> {{ customer_tiering.literal(model) }}::regclass
    union all
    select 'it is paused' from p where p.status = 'paused'
    union all
    select 'it was graded by version ' || p.applied_version || ' of ' || p.scheme || '; version ' || c.version || ' is current'
    from p join tiering.current_schemes c on c.scheme = p.scheme where p.version is null and p.applied_version is distinct from c.version
    union all
    select 'it was never graded' from p where p.program is not null and p.run_status is null
    union all
    select 'its last run: ' || p.run_status || coalesce(', ' || p.run_message, '') from p where p.run_status not in ('done', 'running')
    union all
    select w.customer || ': ' || coalesce(w.from_tier, 'none') || ' to ' || coalesce(w.to_tier, 'none') || ', ' || w.reason
    from p cross join lateral tiering.retier_preview(p.program, as_of => p.run_as_of) w
    where p.run_as_of is not null and p.source = {{ customer_tiering.literal(model) }}::regclass
{% endtest %}
