-- The customers with their tiers: what a warehouse hands on.
select c.customer_id, c.frequency, c.monetary, c.last_order, t.tier, g.rank, g.title_en, g.title_zh, t.since, t.next_due
from {{ ref('shop_customers') }} c
join {{ source('tiering', 'current_tiers') }} t on t.program = 'dbt_shop' and t.customer = c.customer_id::text
left join {{ source('tiering', 'program_tiers') }} g on g.program = t.program and g.tier = t.tier
