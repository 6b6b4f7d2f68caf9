#!/usr/bin/env bash
# Packs the extension for the server at hand as target/deb/postgresql-NN-customer-tiering_VERSION-1_ARCH.deb, and prints its path.
set -euo pipefail
source "$(dirname "$0")/env.sh"
for tool in dpkg-deb dpkg-shlibdeps strip python3; do
    command -v "$tool" >/dev/null || die "$tool is missing: apt-get install dpkg-dev binutils python3"
done

pg_config=$("$root/tools/install.sh" release)
major=$(PG_CONFIG=$pg_config "$root/tools/major.sh")
version=$(sed -n '/^\[workspace.package\]/,/^version/s/^version = "\(.*\)"/\1/p' "$root/Cargo.toml")
package=postgresql-$major-customer-tiering
architecture=$(dpkg --print-architecture)
build=$target/deb/build
rm -rf "$target/deb"

# The places of Debian's own server, wherever the one at hand stands.
library=$build/usr/lib/postgresql/$major/lib
shared=$build/usr/share/postgresql/$major/extension
papers=$build/usr/share/doc/$package
install -d "$library" "$shared" "$papers" "$build/DEBIAN"
install -m 644 "$("$pg_config" --pkglibdir)/customer_tiering.so" "$library/"
install -m 644 "$("$pg_config" --sharedir)"/extension/customer_tiering{.control,--*.sql} "$shared/"
strip --strip-unneeded --remove-section=.comment "$library/customer_tiering.so"

# The licences of all crates that are linked into the library come with it.
cargo metadata --locked --format-version 1 --no-default-features --features "pg$major" --manifest-path "$root/Cargo.toml" \
    --filter-platform "$(rustc -vV | sed -n 's/^host: //p')" | python3 "$root/tools/licences.py" >"$papers/copyright"
# The day of the commit, so that the same commit gives the same package.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
# Who packs it for others names himself, as for the other tools of Debian.
maintainer="${DEBFULLNAME:-The customer_tiering authors} <${DEBEMAIL:-customer_tiering@example.org}>"
{
    printf '%s (%s-1) unstable; urgency=medium\n\n  * See CHANGELOG.md.gz.\n\n' "$package" "$version"
    printf ' -- %s  %s\n' "$maintainer" "$(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$papers/changelog.Debian.gz"
install -d "$build/usr/share/lintian/overrides"
printf '# Made for those who build it, not for the archive of Debian.\n%s: initial-upload-closes-no-bugs *\n' "$package" >"$build/usr/share/lintian/overrides/$package"
gzip -9nc "$root/CHANGELOG.md" >"$papers/changelog.gz"
cp "$root/README.md" "$root/README.zh-CN.md" "$papers/"
# the pages to which they lead
(cd "$root" && find docs -name '*.md' ! -name SUMMARY.md -exec install -D -m 644 {} "$papers/{}" ';')
find "$build" -type f -exec chmod 644 {} +
find "$build" -type d -exec chmod 755 {} +

mkdir -p "$build/debian"
printf 'Source: customer-tiering\n\nPackage: %s\nArchitecture: any\n' "$package" >"$build/debian/control"
depends=$(cd "$build" && dpkg-shlibdeps -O "usr/lib/postgresql/$major/lib/customer_tiering.so" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
rm -r "$build/debian"
cat >"$build/DEBIAN/control" <<CONTROL
Package: $package
Source: customer-tiering ($version-1)
Version: $version-1
Architecture: $architecture
Maintainer: $maintainer
Installed-Size: $(du -k -s --exclude=DEBIAN "$build" | cut -f 1)
Depends: postgresql-$major, $depends
Section: database
Priority: optional
Description: tiers of customers by the tables of a CRM, for PostgreSQL $major
 Grades the customers that a company already has in its tables (ABC by
 value, RFM, scorecards, rules, matrices), dates follow-ups by the rhythm of
 each tier, keeps histories and due lists, and measures whether all that works.
CONTROL
(cd "$build" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$build/DEBIAN/md5sums"
chmod 644 "$build"/DEBIAN/*
file=$target/deb/${package}_$version-1_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$build" "$file" >&2
rm -r "$build"
echo "$file"
