-- One row for each customer: the source of program dbt_shop. dbt builds the table anew in each run, under the same name; the program takes that up.
{{ config(post_hook=[
    after_commit("{{ customer_tiering.program('dbt_shop', 'dbt_shop_value', this, 'customer_id', {'timezone': 'UTC'}) }}"),
    after_commit("{{ customer_tiering.retier('dbt_shop', as_of=var('shop_day') ~ ' 00:00+00') }}"),
]) }}

select customer_id, count(*) as frequency, sum(amount) as monetary, max(ordered_on) as last_order
from {{ source('shop', 'orders') }}
where ordered_on < '{{ var("shop_day") }}'
group by customer_id
