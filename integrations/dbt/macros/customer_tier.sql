{# The tier of a row by the current version of a scheme: an expression for a model. `inputs` are columns or expressions, one for each input of the scheme, in its order; or one jsonb or row.
   `as_of`: an expression of the time as of which to grade, instead of now. #}
{% macro customer_tier(scheme, inputs, as_of=none) -%}
    tiering.{{ 'customer_tier_asof' if as_of else 'customer_tier' }}({{ customer_tiering.literal(scheme) }},
        {%- if as_of %} {{ as_of }}, {%- endif %} {{ (inputs if inputs is not string else [inputs]) | join(', ') }})
{%- endmacro %}
