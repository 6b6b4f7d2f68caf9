#!/usr/bin/env bash
# Started by bench.sh: what a fresh backend pays for its first call, in turns with a plain query, and how long CREATE EXTENSION takes, in milliseconds.
# Prints psql assignments.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
columns="annual_spend, orders_12m, segment, expected_close"
# each statement in a backend of its own
timed() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c '\timing on' -c "$2" | awk '/^Time:/ { print $2 }'; }
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'; }
for _ in $(seq 15); do
    timed bench "SELECT $columns FROM bench.customers WHERE id = 7" >>"$work/query"
    timed bench "SELECT tiering.customer_tier('bench_rules', $columns) FROM bench.customers WHERE id = 7" >>"$work/call"
done
for _ in $(seq 5); do
    psql -X -q -d postgres -c 'CREATE DATABASE bench_start'
    timed bench_start 'CREATE EXTENSION customer_tiering' >>"$work/created"
    psql -X -q -d postgres -c 'DROP DATABASE bench_start'
done
printf '\\set first_query %s\n\\set first_call %s\n\\set created %s\n' "$(median "$work/query")" "$(median "$work/call")" "$(median "$work/created")"
