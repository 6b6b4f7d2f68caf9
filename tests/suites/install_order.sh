# Each SQL file of the extension names all that it requires: it installs with that alone. pgrx puts them into any order that their
# requirements allow, not the same on every day.
source tests/lib.sh

command -v python3 >/dev/null || { echo "# python3 is not installed: skipped"; exit 0; }

folder=$("$PG_CONFIG" --sharedir)/extension
trap 'rm -f "$folder"/customer_tiering--order_*.sql' EXIT
names=$(python3 tests/install_order.py "$folder/customer_tiering--$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$folder/customer_tiering.control").sql" src/lib.rs "$folder")
for name in $names; do
    fresh_database install_order
    check "$name" "$(sql install_order "CREATE EXTENSION customer_tiering VERSION 'order_$name'")" ""
done
