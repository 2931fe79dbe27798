"""Compares an imported CSV file with an export of it:   compare.py SCHEMA IMPORTED EXPORTED [KEY [--by-key]] [--without COLUMN]

Reads both with Python's csv and compares typed values: a float by its 32-bit value, an empty field as null. Of records
of one KEY the last counts, at its place; with --by-key their order does not matter. --without leaves out the imported
rows whose COLUMN holds no value of its type.
"""
import csv, json, struct, sys
from itertools import zip_longest

csv.field_size_limit(1 << 30)
arguments = sys.argv[1:]
without = arguments[arguments.index("--without") + 1] if "--without" in arguments else None
schema, imported, exported, *key = arguments[:arguments.index("--without")] if without else arguments

READ = {
    "string": str, "int": int, "long": int, "boolean": lambda text: text.lower() in ("true", "1"),
    "float": lambda text: struct.pack("<f", float(text)), "double": float,
}


def rows(path, fields):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        columns = [(header.index(field["name"]), READ[kind(field)]) for field in fields]
        checked = [(header.index(field["name"]), READ[kind(field)]) for field in fields if field["name"] == without]
        for row in reader:
            assert len(row) == len(header), (path, row)
            if path == exported or all(is_value(read, row[at]) for at, read in checked):
                yield tuple(None if row[at] == "" else read(row[at]) for at, read in columns)


def is_value(read, text):
    try:
        read(text)
    except ValueError:
        return False
    return True


def kind(field):
    union = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return next(name for name in union if name != "null")


with open(schema) as file:
    fields = json.load(file)["fields"]
expected, found = rows(imported, fields), rows(exported, fields)
if key:
    at = [field["name"] for field in fields].index(key[0])
    last = {}
    for row in expected:
        last.pop(row[at], None)
        last[row[at]] = row
    expected = last.values()
    if "--by-key" in key:
        expected, found = (sorted(some, key=lambda row: row[at]) for some in (expected, found))
count = 0
for count, (one, other) in enumerate(zip_longest(expected, found), 1):
    if one != other:
        sys.exit(f"row {count}: {imported} has {one}, {exported} {other}")
print(count)
