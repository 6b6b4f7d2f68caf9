"""Usage: licences.py < metadata.json

Reads `cargo metadata` and writes a machine-readable debian/copyright of the extension and of each crate that is linked into
its library: what only builds or tests it is not distributed.
"""

import json
import pathlib
import re
import sys

metadata = json.load(sys.stdin)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = next(package for package in packages.values() if package["name"] == "customer_tiering")


def linked(start):
    """Those that are linked into `start`: neither build scripts, nor macros, which run at compile time."""
    found, waiting = set(), [start]
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            package = packages[dependency["pkg"]]
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if normal and "proc-macro" not in package["targets"][0]["kind"] and package["id"] not in found:
                found.add(package["id"])
                waiting.append(package["id"])
    return [packages[id] for id in found]


def paragraph(text):
    return "\n".join(" " + line.rstrip() if line.strip() else " ." for line in text.strip().splitlines())


def files(package, pattern):
    folder = pathlib.Path(package["manifest_path"]).parent
    return [path for path in sorted(folder.iterdir()) if path.is_file() and re.match(pattern, path.name, re.I)]


def holders(package):
    lines = set()
    for path in files(package, r"(licen[cs]e|copying|copyright|notice)"):
        for line in path.read_text(errors="replace").splitlines():
            if re.match(r"\W*copyright (\(c\)|©|\d)", line, re.I) and "yyyy" not in line:
                lines.add(re.sub(r"^\W*copyright\s*(\(c\)|©)?\s*", "", line.strip(), flags=re.I).rstrip(" .*/"))
    return sorted(lines) or package["authors"] or [f"the authors of {package['name']}"]


texts = {}
stanzas = []
crates = [package for package in linked(root["id"]) if package["source"]]
for package in sorted(crates, key=lambda package: (package["name"], package["version"])):
    licence = re.sub(r"\s*/\s*", " OR ", package["license"])
    licence = licence.replace("(", "").replace(")", "").replace(" OR ", " or ").replace(" AND ", " and ")
    for name in re.split(r" or | and ", licence):
        word = {"Apache-2.0": "apache", "Unlicense": "unlicense"}.get(name, name.split("-")[0])
        own = [path for path in files(package, r"(licen[cs]e|copying)") if re.search(word, path.name, re.I)]
        own = own or files(package, r"(licen[cs]e|copying)(\.(md|txt))?$")
        if own and name not in texts:
            texts[name] = own[0].read_text(errors="replace")
    copyright = "\n ".join(holders(package))
    stanzas.append(f"Files: crates/{package['name']}-{package['version']}/*\nCopyright: {copyright}\nLicense: {licence}")

texts["MIT"] = pathlib.Path(root["manifest_path"]).with_name("LICENSE").read_text()
texts["MIT"] = texts["MIT"][texts["MIT"].index("Permission is") :]
texts["Apache-2.0"] = "On Debian systems, the text of this license is in /usr/share/common-licenses/Apache-2.0."
used = {name for stanza in stanzas for name in re.split(r" or | and ", stanza.rsplit("License: ", 1)[1])} | {"MIT"}
missing = used - texts.keys()
assert not missing, f"no text of the licences {missing}"

print("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: customer_tiering\n")
print(f"Files: *\nCopyright: 2026 {root['authors'][0] if root['authors'] else 'The customer_tiering authors'}\nLicense: MIT\n")
print("\n\n".join(stanzas))
for name in sorted(used):
    print(f"\nLicense: {name}\n{paragraph(texts[name])}")
