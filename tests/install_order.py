"""Usage: install_order.py SCRIPT LIB_RS FOLDER

Writes, for each SQL file of the extension, an install script of that file and what it requires, and nothing else, into FOLDER, as version
`order_NAME` of the extension; prints the names. pgrx puts the files into any order that their requirements allow: a file that lacks one
installs on most days only.
"""

import pathlib
import re
import sys

script, library, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
requires, named = {}, {}
source = library.read_text()
for call in re.finditer(r"extension_sql_file!\((.*?)\);", source, re.S):
    name = re.search(r'name = "(\w+)"', call[1])[1]
    listed = re.search(r"requires = \[(.*?)\]", call[1], re.S)
    requires[name] = re.findall(r'"(\w+)"', listed[1]) if listed else []
    named[source[: call.start()].count("\n") + 1] = name
block = r"/\* <begin connected objects> \*/\n-- src/lib\.rs:(\d+)\n.*?/\* </end connected objects> \*/"
parts = {named[int(part[1])]: part[0] for part in re.finditer(block, script.read_text(), re.S)}
assert parts.keys() == requires.keys(), parts.keys() ^ requires.keys()


def with_requirements(name, order):
    if name not in order:
        for required in ["bootstrap", *requires[name]] if name != "bootstrap" else []:
            with_requirements(required, order)
        order.append(name)
    return order


for name in requires:
    text = "\n".join(parts[part] for part in with_requirements(name, []))
    (folder / f"customer_tiering--order_{name}.sql").write_text(text)
    print(name)
