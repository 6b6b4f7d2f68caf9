# The Debian package: lintian finds nothing, and in a clean system it brings a server on which the extension works, and goes without a trace.
# It needs root, debootstrap, lintian, Debian's archive and a release build, minutes in all: so it runs by hand.
source tests/lib.sh

for tool in debootstrap lintian; do
    command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed"; exit; }
done
[ "$(id -u)" = 0 ] || { echo "skipped: a chroot needs root"; exit; }
[ -z "${CI:-}" ] || { echo "skipped: runs by hand"; exit; }
# shellcheck disable=SC1091
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
major=$(tools/major.sh)
own=$(apt-cache depends postgresql | sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)
[ "$major" = "$own" ] || { echo "skipped: the archive of this system has PostgreSQL $own"; exit; }

file=$(PG_CONFIG='' tools/deb.sh)
check "lintian finds nothing" "$(lintian --fail-on none "$file" 2>&1 | grep -E '^[EW]:' || true)" ""
check "the package is made again the same, bit by bit" "$(sha256sum <"$(PG_CONFIG='' tools/deb.sh)")" "$(sha256sum <"$file")"
check_contains "the licences of all that is linked come with it" "$(dpkg-deb --fsys-tarfile "$file" | tar -xO "./usr/share/doc/postgresql-$major-customer-tiering/copyright")" "Files: crates/pgrx-"

system=$work/package
rm -rf --one-file-system "$system"
# As a container's: packages may not start servers.
check_runs "a clean system" debootstrap --variant=minbase --include=ca-certificates "$release" "$system"
trap 'umount "$system/proc" 2>/dev/null || true; rm -rf --one-file-system "$system"' EXIT
mount -t proc proc "$system/proc"
printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d" && chmod +x "$system/usr/sbin/policy-rc.d"
cp "$file" "$system/tmp/"
# without what the tests set, such as PGHOST
within() { chroot "$system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
check_runs "apt installs it, with the server" within apt-get install -q -y --no-install-recommends "/tmp/$(basename "$file")"
on_server() { within su postgres -c "cat >/tmp/it.sql; pg_ctlcluster $major main start && psql -X -q -A -t -v ON_ERROR_STOP=1 -f /tmp/it.sql; status=\$?; pg_ctlcluster $major main stop; exit \$status"; }
check "the extension works on it" "$(on_server <<<"CREATE EXTENSION customer_tiering; SELECT tiering.version() = extversion, tiering.customer_tier('abc_share', 1e9) FROM pg_extension WHERE extname = 'customer_tiering'")" "t|A"
check_runs "and goes" within apt-get purge -q -y "postgresql-$major-customer-tiering"
check "no file of it is left" "$(within find / -xdev '(' -name '*customer_tiering*' -o -name '*customer-tiering*' ')' | grep -v -E '^/(tmp|proc|var/(log|cache|lib/(dpkg|apt)))/' || true)" ""
