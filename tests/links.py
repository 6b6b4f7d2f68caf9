#!/usr/bin/env python3
"""Prints what is wrong with the links of the project's pages of Markdown, and with the table of contents of docs.

A link leads to a file of the project, and what follows `#` to a heading or an `id` of it. docs/SUMMARY.md names every page of docs once, and no other.
"""
import os
import pathlib
import re

pages = {}
for folder, folders, files in os.walk("."):
    folders[:] = [name for name in folders if name not in ("target", ".git", "node_modules")]
    for name in files:
        if name.endswith(".md"):
            file = pathlib.Path(folder, name)
            pages[str(file)] = file.read_text()


def prose(text):
    """Without blocks of code and code within a line."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))


def anchors(text):
    """What `#` may lead to, as GitHub and mdBook name headings."""
    found = set(re.findall(r'id="([^"]+)"', text))
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M):
        heading = re.sub(r"<[^>]*>", "", heading).strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", heading).replace(" ", "-"))
    return found


for page, text in pages.items():
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = pathlib.Path(page) if not path else pathlib.Path(page).parent / path
        if not file.exists():
            print(f"{page}: {target} leads nowhere")
        elif anchor and anchor not in anchors(file.read_text()):
            print(f"{page}: {target} has no such heading")

listed = re.findall(r"\]\(([^)]+)\)", pages["docs/SUMMARY.md"])
there = {page.removeprefix("docs/") for page in pages if page.startswith("docs/") and page != "docs/SUMMARY.md"}
for page in sorted(there - set(listed)):
    print(f"docs/SUMMARY.md leaves out {page}")
for page in sorted({page for page in listed if listed.count(page) > 1}):
    print(f"docs/SUMMARY.md names {page} twice")
# A page of both languages leads from each to the other.
for page in sorted(there):
    chinese = page.removesuffix(".md") + ".zh-CN.md"
    if chinese in there:
        for one, other in ((page, chinese), (chinese, page)):
            if f"]({other.rsplit('/', 1)[-1]})" not in pages["docs/" + one].split("\n## ")[0]:
                print(f"docs/{one} does not lead to {other}")
for page in ("README.md", "README.zh-CN.md"):
    lines = pages[page].split("\n")
    if len(lines) > 145:
        print(f"{page}: {len(lines)} lines are more than one reads")
    for number, line in enumerate(lines, 1):
        if len(line) > 100:
            print(f"{page} line {number}: {len(line)} characters")
