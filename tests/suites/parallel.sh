# Parallel workers give what one backend gives. Each tests/parallel/*.sql holds what sets the case up, then a
# line `-- query`, then one query (its rows are compared as a set).
source tests/lib.sh

settings="SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;"
# the workers must do all of the work, not look on while the leader does it
settings+="SET parallel_leader_participation = off; SET max_parallel_workers_per_gather = "

for file in tests/parallel/*.sql; do
    name=$(basename "$file" .sql)
    extension_database parallel
    sed '/^-- query$/,$d' "$file" | psql -X -q -v ON_ERROR_STOP=1 -d parallel -o /dev/null
    query=$(sed '1,/^-- query$/d' "$file")
    query=${query%;*}

    check_contains "$name: the plan is parallel" "$(sql parallel "$settings 2; EXPLAIN (COSTS off) $query")" Gather
    parallel=$(sql parallel "$settings 2; $query" | sort)
    serial=$(sql parallel "$settings 0; $query" | sort)
    check "$name: the rows equal those of one backend" "$parallel" "$serial"
    if [ -z "$serial" ]; then fail "$name gives rows to compare"; fi
done
