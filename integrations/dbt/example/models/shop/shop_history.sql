-- What the snapshot keeps. It follows the customers, whose hook grades them.
-- depends_on: {{ ref('shop_customers') }}
{{ config(materialized='view') }}

select program, customer, since, until, tier, previous_tier, reason, cause, owner
from {{ source('tiering', 'assignment_history') }}
where program = 'dbt_shop'
