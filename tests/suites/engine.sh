# The engine's own unit and property tests; they need no server. Arguments go to cargo test.
source tests/lib.sh

status=0
cargo test --no-fail-fast -p customer_tiering_engine "$@" 2>&1 | tee "$work/cargo_test.log" |
    sed -n -e 's/^test \(.*\) \.\.\. ok$/ok - \1/p' -e 's/^test \(.*\) \.\.\. FAILED$/not ok - \1/p' || status=$?
[ "$status" = 0 ] || cat "$work/cargo_test.log"
exit "$status"
