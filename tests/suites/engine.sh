# The engine's own unit and property tests; they need no server. Arguments go to cargo test. Properties are tried on the
# same values each time; another seed tries others: PROPTEST_RNG_SEED=$RANDOM tests/run engine
source tests/lib.sh

export PROPTEST_RNG_SEED=${PROPTEST_RNG_SEED:-1}

status=0
cargo test --no-fail-fast -p customer_tiering_engine "$@" 2>&1 | tee "$work/cargo_test.log" |
    sed -n -e 's/^test \(.*\) \.\.\. ok$/ok - \1/p' -e 's/^test \(.*\) \.\.\. FAILED$/not ok - \1/p' || status=$?
[ "$status" = 0 ] || cat "$work/cargo_test.log"
exit "$status"
