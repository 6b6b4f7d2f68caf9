#!/usr/bin/env python3
"""Part of tools/reference.sh: the keys of a document, from its JSON Schema on the standard input, as a section of a page of Markdown.

Usage: reference_keys.py TITLE ANCHOR
"""
import json
import sys

title, prefix = sys.argv[1:]
schema = json.load(sys.stdin)


def cell(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("\n", " ")


def anchor(name):
    return f"{prefix}-{name.lower()}"


def kind(node):
    """What a value may be, in a few words, with a link to what is described on its own."""
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{anchor(name)})"
    if "const" in node:
        return f"`{json.dumps(node['const'], ensure_ascii=False)}`"
    if "enum" in node:
        return ", ".join(f"`{json.dumps(value, ensure_ascii=False)}`" for value in node["enum"])
    for several in ("anyOf", "oneOf"):
        if several in node:
            return " or ".join(kind(one) for one in node[several] if one != {"type": "null"})
    types = node.get("type", [])
    types = [one for one in ([types] if isinstance(types, str) else types) if one != "null"]
    words = []
    for one in types:
        if one == "array":
            items = node.get("prefixItems") or [node.get("items", {})]
            words.append("list of " + ", ".join(dict.fromkeys(kind(item) if item else "anything" for item in items)))
        elif one == "object" and isinstance(node.get("additionalProperties"), dict):
            words.append("object of " + kind(node["additionalProperties"]))
        else:
            words.append(one)
    return " or ".join(words) or "anything"


def described(node):
    print(f"{cell(node.get('description', '')).strip()}\n")
    choices = node.get("oneOf") or node.get("anyOf")
    if choices:
        print("| value | |\n|---|---|")
        for one in choices:
            print(f"| {kind(one)} | {cell(one.get('description', ''))} |")
        print()
    for part in [node, *(choices or [])]:
        if not part.get("properties"):
            continue
        required = set(part.get("required", []))
        print("| key | value | |\n|---|---|---|")
        for key in sorted(part["properties"], key=lambda key: (key not in required, key)):
            value = part["properties"][key]
            mark = " (required)" if key in required else ""
            print(f"| `{key}`{mark} | {kind(value)} | {cell(value.get('description', ''))} |")
        print()
    if not choices and not node.get("properties"):
        print(f"Value: {kind(node)}.\n")


print(f"\n## {title}\n")
described({key: value for key, value in schema.items() if key != "$defs"})
for name in sorted(schema.get("$defs", {})):
    print(f'### <a id="{anchor(name)}"></a>{name}\n')
    described(schema["$defs"][name])
