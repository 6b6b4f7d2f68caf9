-- The deals of the sales team, each graded where it stands; only those that have changed are written.
{{ config(materialized='incremental', unique_key='opportunity_id') }}

with deals as (
    select o.opportunity_id, o.company, o.owner, o.value, o.expected_close,
        case o.stage when 'Lead' then 'latent' when 'On hold' then 'latent' when 'Lost' then 'none' else 'explicit' end as demand
    from {{ source('crm', 'opportunities') }} o
),
graded as (
    select d.*, {{ customer_tiering.customer_tier('sales_readiness', ['d.demand', 'd.expected_close']) }} as tier
    from deals d
)
select g.* from graded g
{% if is_incremental() %}
where not exists (select from {{ this }} t where t.opportunity_id = g.opportunity_id and (t.demand, t.expected_close, t.tier) is not distinct from (g.demand, g.expected_close, g.tier))
{% endif %}
