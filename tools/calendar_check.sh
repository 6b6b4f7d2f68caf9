#!/usr/bin/env bash
# Usage: calendar_check.sh
#
# For releases: generates the built-in calendars into a folder of their own, compares them with what is in the
# catalogue, and the catalogue with packages from which it was not generated. Skips, with a word, offline.
set -euo pipefail
source "$(dirname "$0")/env.sh"
cd "$root"

if ! make --silent target/calendars >"$target/calendars.log" 2>&1; then
    rm -rf "$target/calendars"
    if grep -qE 'NewConnectionError|NameResolutionError|Temporary failure|No matching distribution|timed out' "$target/calendars.log"; then
        echo "skipped: the packages cannot be fetched, perhaps there is no network"
        exit 0
    fi
    cat "$target/calendars.log" >&2
    die "the packages cannot be installed"
fi

python=$target/calendars/bin/python
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
"$python" -B tools/calendar_cn.py "$fresh"
"$python" -B tools/calendar_countries.py "$fresh"
for file in "$fresh"/*.json; do
    cmp "$file" "catalogue/calendars/$(basename "$file")" || die "make calendars gives another $(basename "$file")"
done
echo "make calendars gives the $(ls "$fresh" | wc -l) calendars of the catalogue"
"$python" -B -W ignore tools/calendar_check.py catalogue/calendars
