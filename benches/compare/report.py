"""The table and the pictures of docs/benchmarks.md."""

import re
import statistics

NAMES = {
    "restock": "Restock", "polars": "Polars, IPC file", "duckdb": "DuckDB", "duckdb-key": "DuckDB, PRIMARY KEY",
    "pyarrow": "pyarrow", "delta": "Delta", "lance": "Lance",
}
# A measure of a line: the line, its field, and how it is told.
ROWS = [
    ("csv interactions", "seconds", "CSV to Arrow in memory, interactions"),
    ("csv items", "seconds", "CSV to Arrow in memory, items"),
    ("full interactions", "seconds", "FULL, 10 M interactions"),
    ("full items", "seconds", "FULL, 1 M items"),
    ("incremental small", "seconds", "INCREMENTAL, 100,000 items into 1 M"),
    ("incremental large", "seconds", "INCREMENTAL, 1 M items into 1 M"),
    ("incremental 30 times", "seconds", "30 INCREMENTALs of 50,000 items into 1 M, together"),
    ("scan interactions", "sum_seconds", "scan: sum and maximum of TIMESTAMP"),
    ("scan interactions", "events_seconds", "scan: rows by EVENT_TYPE"),
    ("scan interactions", "top_seconds", "scan: top 100 items"),
]


def times(turns, field):
    return [told[field] for told in turns if isinstance(told, dict)]


def shown(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def table(facts):
    lines = ["| work | engine | median | spread | as long as Restock |", "| --- | --- | --- | --- | --- |"]
    for name, field, title in ROWS:
        engines = facts["results"].get(name)
        if not engines:
            continue
        own = times(engines["restock"], field)
        medians = {engine: times(turns, field) for engine, turns in engines.items()}
        order = sorted(medians, key=lambda engine: statistics.median(medians[engine]) if medians[engine] else 1e9)
        for place, engine in enumerate(order):
            found = medians[engine]
            first = title if place == 0 else ""
            label = f"**{NAMES[engine]}**" if engine == "restock" else NAMES[engine]
            if not found:
                lines.append(f"| {first} | {label} | {engines[engine][0]} | | |")
                continue
            ratio = f"{statistics.median(found) / statistics.median(own):.2f}" if own else ""
            spread = f"{shown(min(found))} to {shown(max(found))}"
            lines.append(f"| {first} | {label} | {shown(statistics.median(found))} | {spread} | {ratio} |")
    return "\n".join(lines)


def room(facts):
    """Bytes on disk and anonymous memory of the FULLs."""
    lines = ["| FULL | engine | on disk | of the CSV | peak anonymous memory |", "| --- | --- | --- | --- | --- |"]
    for kind in ("interactions", "items"):
        first = kind
        for engine, turns in facts["results"].get(f"full {kind}", {}).items():
            good = [told for told in turns if isinstance(told, dict)]
            if not good:
                continue
            size = statistics.median(told["disk_bytes"] for told in good)
            peak = statistics.median(told["peak_mb"] for told in good)
            part = size / facts["csv_bytes"][kind]
            lines.append(f"| {first} | {NAMES[engine]} | {size / 1e6:.0f} MB | {part:.2f} | {peak:.0f} MB |")
            first = ""
    return "\n".join(lines)


def bars(facts, name, field, title):
    """An SVG of one measure, the fastest first."""
    engines = {engine: times(turns, field) for engine, turns in facts["results"][name].items()}
    medians = sorted((statistics.median(found), engine) for engine, found in engines.items() if found)
    most, height = medians[-1][0], 30 * len(medians) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" font-family="sans-serif" font-size="14">',
        f'<rect width="720" height="{height}" fill="white"/>',
        f'<text x="12" y="24" font-weight="bold">{title}</text>',
    ]
    for place, (seconds, engine) in enumerate(medians):
        y, width = 40 + 30 * place, max(2, 420 * seconds / most)
        color = "#c2410c" if engine == "restock" else "#94a3b8"
        parts.append(f'<text x="180" y="{y + 16}" text-anchor="end">{NAMES[engine]}</text>')
        parts.append(f'<rect x="190" y="{y}" width="{width:.0f}" height="22" fill="{color}"/>')
        parts.append(f'<text x="{196 + width:.0f}" y="{y + 16}">{shown(seconds)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(facts, docs):
    """Puts the tables between the marks of docs/benchmarks.md, and the pictures beside it."""
    path = docs / "benchmarks.md"
    versions = ", ".join(facts["versions"]).replace("==", " ")
    conditions = f"{facts['machine']}. {facts['rounds']} rounds. {versions}."
    text = path.read_text()
    for mark, content in (("conditions", conditions), ("table", table(facts)), ("room", room(facts))):
        pattern = rf"(<!-- {mark} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda found: f"{found[1]}{content}\n{found[2]}", text, flags=re.S)
    path.write_text(text)
    pictures = docs / "benchmarks"
    pictures.mkdir(exist_ok=True)
    for name, field, title in ROWS:
        if name in ("full interactions", "full items", "incremental small"):
            (pictures / f"{name.replace(' ', '-')}.svg").write_text(bars(facts, name, field, title))
