# The pages: their links lead somewhere, the table of contents is whole, every built-in scheme stands in the table that one chooses by, and mdBook makes a site of it.
source tests/lib.sh

if command -v python3 >/dev/null; then
    check "links of the pages lead somewhere, and the contents are whole" "$(tests/links.py 2>&1)" ""
else
    echo "# python3 is not installed: links were not followed"
fi
for page in docs/guides/schemes.md docs/guides/schemes.zh-CN.md; do
    check "$page names every built-in scheme" "$(for scheme in catalogue/schemes/*.json; do grep -qF "\`$(basename "$scheme" .json)\`" $page || echo "$scheme"; done)" ""
done
if command -v mdbook >/dev/null; then
    rm -rf "$work/book"
    said=$(mdbook build docs --dest-dir "$work/book" 2>&1) || true
    check "mdBook builds it without a warning" "$(grep -E 'WARN|ERROR' <<<"$said" || true)" ""
    check "with a page for each" "$(cd docs && find . -name '*.md' ! -name SUMMARY.md | sed 's/README\.md$/index.html/; s/\.md$/.html/' | while read -r page; do [ -e "$work/book/$page" ] || echo "$page"; done)" ""
else
    echo "# no site was built: mdbook is not installed (make book installs it)"
fi
