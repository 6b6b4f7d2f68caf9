# `make install` puts what was built where the server looks for it, and `make uninstall` removes it.
source tests/lib.sh

place=$work/make_install
rm -rf "$place"
profile=$(basename "$(compgen -G "$("$PG_CONFIG" --pkglibdir)/customer_tiering.*[^o]" | grep -v '\.so$')" | cut -d . -f 2)
check_runs "make install" env DESTDIR="$place" tools/put.sh install "$profile"
check "the files of the extension, and nothing else" "$(cd "$place" && find . -type f -printf '/%P\n' | sort)" \
    "$({ echo "$("$PG_CONFIG" --pkglibdir)/customer_tiering.so"; find "$("$PG_CONFIG" --sharedir)/extension" -name 'customer_tiering*' ; } | sort)"
check "they are those that were built" "$(cd "$place" && find . -type f -printf '/%P\n' | while read -r file; do cmp "$file" "$place$file"; done)" ""
check_runs "make uninstall" env DESTDIR="$place" tools/put.sh uninstall
check "nothing is left" "$(find "$place" -type f)" ""
check_contains "without a build it says what to do" "$(DESTDIR=$place tools/put.sh install fuzz 2>&1 || true)" "run make all first"
