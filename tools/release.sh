#!/usr/bin/env bash
# Usage: release.sh freeze VERSION     what the working version is released as, before it is tagged
#        release.sh next VERSION       begins the version after it
#
# `freeze` writes down what later versions are held against, and changes nothing else but the date in CHANGELOG.md:
#   sql/released/customer_tiering--VERSION.sql   the install script
#   sql/released/presets--VERSION                the versions of built-in schemes, and their digests
#   sql/released/objects--VERSION                its objects and columns, by which the reference says since when each is there
#   sql/released/seed--VERSION.sql               what tests/dump_restore.sql makes of it
#   sql/released/SHA256SUMS                      the sums of these, and of the update script to this version
# `next` sets the version everywhere, and begins an update script, sql/customer_tiering--LAST--VERSION.sql, which cargo-pgrx installs.
# The suite `upgrade` updates from every released version, and guards the sums.
set -euo pipefail
source "$(dirname "$0")/env.sh"
cd "$root"
[ $# = 2 ] || die "usage: tools/release.sh freeze|next VERSION"
action=$1 version=$2
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die "$version is not a version such as 0.1.0"
working=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
released=sql/released
mkdir -p $released
last=$(find $released -name 'customer_tiering--*.sql' | sed 's/.*--\(.*\)\.sql$/\1/' | sort -V | tail -n 1)
[ -z "$(git status --porcelain)" ] || die "there are changes that are not committed"

case $action in
    freeze)
        [ "$version" = "$working" ] || die "the working version is $working (Cargo.toml)"
        [ ! -e "$released/customer_tiering--$version.sql" ] || die "$version has been frozen already"
        grep -q "^## $version (unreleased)\$" CHANGELOG.md || die "CHANGELOG.md has no heading '## $version (unreleased)'"
        update=sql/customer_tiering--$last--$version.sql
        [ -z "$last" ] || [ -e "$update" ] || die "$update is missing: how does one come here from $last?"
        PG_CONFIG=$(tools/install.sh dev)
        export PG_CONFIG
        cp "$("$PG_CONFIG" --sharedir)/extension/customer_tiering--$version.sql" "$released/"
        cp tests/dump_restore.sql "$released/seed--$version.sql"
        cluster=release-$$
        trap '"$root/tools/cluster.sh" remove "$cluster"' EXIT
        tools/cluster.sh start "$cluster" -c fsync=off >/dev/null
        (
            source <(tools/cluster.sh env "$cluster")
            psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION customer_tiering'
            psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -c 'SELECT scheme, version, tiering.fingerprint(document) FROM tiering.schemes WHERE built_in ORDER BY scheme COLLATE "C", version' >"$released/presets--$version"
            psql -X -q -A -t -v ON_ERROR_STOP=1 -f tools/objects.sql >"$released/objects--$version"
        )
        frozen=("$released/customer_tiering--$version.sql" "$released/presets--$version" "$released/objects--$version" "$released/seed--$version.sql")
        [ -z "$last" ] || frozen+=("$update")
        sha256sum "${frozen[@]}" >>$released/SHA256SUMS
        sed -i "s/^## $version (unreleased)\$/## $version ($(date -u +%F))/" CHANGELOG.md
        say "$version is frozen. Run tests/run upgrade, commit, tag v$version; then tools/release.sh next VERSION."
        ;;
    next)
        [ "$working" = "$last" ] || die "$working has not been frozen yet"
        [ "$(printf '%s\n' "$working" "$version" | sort -V | tail -n 1)" = "$version" ] && [ "$version" != "$working" ] || die "$version does not come after $working"
        update=sql/customer_tiering--$working--$version.sql
        cat >"$update" <<SQL
-- From $working to $version. CONTRIBUTING.md, "Change what is released", says what stands here.
\\echo Use "ALTER EXTENSION customer_tiering UPDATE" to load this file. \\quit
SQL
        sed -i "0,/^version = \"$working\"/s//version = \"$version\"/" Cargo.toml
        sed -i "s/\"version\": \"$working\"/\"version\": \"$version\"/" META.json
        sed -i "s/^version: $working/version: $version/" integrations/dbt/dbt_project.yml integrations/dbt/example/dbt_project.yml
        sed -i "0,/^## $working /s//## $version (unreleased)\n\n## $working /" CHANGELOG.md
        cargo metadata --format-version 1 >/dev/null # writes the version into Cargo.lock
        say "$version has begun: $update"
        ;;
    *) die "unknown action $action" ;;
esac
