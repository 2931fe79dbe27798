"""The table and the pictures of docs/benchmarks.md."""

import re
import statistics

NAMES = {
    "restock": "Restock", "polars": "Polars, IPC file", "duckdb": "DuckDB", "duckdb-key": "DuckDB, PRIMARY KEY",
    "clickhouse": "ClickHouse", "pyarrow": "pyarrow", "delta": "Delta", "lance": "Lance",
    "lmdb": "LMDB", "sqlite": "SQLite", "disk": "the disk: write and fdatasync in a preallocated file",
    "arrow-csv": "arrow-csv, one thread", "simd-csv": "simd-csv and Arrow's builders, one thread",
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
    ("get", "one_seconds", "get by ID, one of 10,000 in no order"),
    ("get", "many_seconds", "get by ID, 10,000 in one call"),
    ("put", "one_seconds", "durable put, one caller"),
    ("put", "together_seconds", "durable put, 16 callers at once, each of them"),
    ("open", "seconds", "open, and count the rows"),
    ("large full", "seconds", "FULL, 50 M interactions"),
]


def times(turns, field):
    return [told[field] for told in turns if isinstance(told, dict) and field in told]


def shown(seconds):
    for scale, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * scale >= 1:
            return f"{seconds * scale:#.3g}".rstrip(".") + f" {unit}"
    return f"{seconds * 1e9:.0f} ns"


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
            if not found and any(isinstance(told, dict) for told in engines[engine]):
                continue
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
            peaks = times(turns, "peak_mb")
            peak = f"{statistics.median(peaks):.0f} MB" if peaks else ""
            part = size / facts["csv_bytes"][kind]
            lines.append(f"| {first} | {NAMES[engine]} | {size / 1e6:.0f} MB | {part:.2f} | {peak} |")
            first = ""
    return "\n".join(lines)


# Measured of Restock fresh and worn: what, the fresh line, the worn one, the field.
WORN = [
    ("INCREMENTAL, 100,000 items into 1 M", "incremental small", "worn incremental small", "seconds"),
    ("get by ID", "get", "worn get", "one_seconds"),
    ("get by ID, 10,000 in one call", "get", "worn get", "many_seconds"),
    ("open, and count the rows", "open", "worn open", "seconds"),
    ("scan of items: sum and maximum of CREATION_TIMESTAMP", "scan items", "worn scan items", "sum_seconds"),
    ("scan of items: rows by CATEGORY_L1", "scan items", "worn scan items", "count_seconds"),
]


def worn(facts):
    """Restock after 30 INCREMENTALs and 10,000 puts beside Restock before."""
    lines = ["| work | fresh | worn |", "| --- | --- | --- |"]
    for title, fresh, later, field in WORN:
        both = [times(facts["results"].get(name, {}).get("restock", []), field) for name in (fresh, later)]
        if all(both):
            lines.append(f"| {title} | " + " | ".join(shown(statistics.median(found)) for found in both) + " |")
    return "\n".join(lines)


def sizes(facts, field="seconds"):
    """The size of the table, and the median time of the same INCREMENTAL into it."""
    found = {int(name.split()[1]): line["restock"] for name, line in facts["results"].items() if name.startswith("size")}
    medians = {rows: times(turns, field) for rows, turns in sorted(found.items())}
    return [(rows, statistics.median(seconds)) for rows, seconds in medians.items() if seconds]


def size_table(facts):
    lines = ["| users in the table | in a store opened for it | in a store that stays open |", "| --- | --- | --- |"]
    for (rows, afresh), (_, kept) in zip(sizes(facts), sizes(facts, "kept_seconds")):
        lines.append(f"| {rows:,} | {shown(afresh)} | {shown(kept)} |")
    return "\n".join(lines)


# Of a FULL: what the importing thread does after each other, and what all threads do beside it.
PHASES = [
    ("phases", "read", "wait for the threads below"),
    ("phases", "write", "columns to the file, in order"),
    ("phases", "commit", "footer, index of record IDs, syncs, manifest"),
    ("work", "split", "read the file, cut it into chunks"),
    ("work", "tokenise", "find fields and records"),
    ("work", "convert", "check and convert values, build columns"),
    ("work", "encode", "checksums, fingerprints of record IDs"),
]


def phases(facts):
    """Where the time of the FULLs goes: seconds, and megabytes of CSV a second."""
    kinds = ("interactions", "items")
    lines = ["| | " + " | ".join(kinds) + " |", "| --- |" + " --- |" * len(kinds)]
    for group, name, what in PHASES:
        cells = []
        for kind in kinds:
            turns = facts["results"].get(f"full {kind}", {}).get("restock", [])
            found = [told[group][name] for told in turns if isinstance(told, dict) and group in told]
            seconds = statistics.median(found) if found else None
            speed = seconds and facts["csv_bytes"][kind] / seconds / 1e9
            cells.append(f"{shown(seconds)}, {speed:.1f} GB/s" if seconds else "")
        place = "" if group == "phases" else "beside it: "
        lines.append(f"| {place}**{name}**: {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def size_line(facts):
    """An SVG of the time against the size, both from zero."""
    afresh, kept = sizes(facts), sizes(facts, "kept_seconds")
    points = afresh + kept
    most_rows, most = max(rows for rows, _ in points), 1.25 * max(seconds for _, seconds in points)
    place = lambda rows, seconds: (90 + 580 * rows / most_rows, 250 - 200 * seconds / most)
    line = lambda points: " ".join(f"{x:.0f},{y:.0f}" for x, y in (place(*point) for point in points))
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 300" font-family="sans-serif" font-size="14">',
        '<rect width="720" height="300" fill="white"/>',
        '<text x="12" y="24" font-weight="bold">INCREMENTAL of 100,000 users, by the size of the table</text>',
        '<path d="M90,50 V250 H690" stroke="#64748b" fill="none"/>',
        f'<polyline points="{line(afresh)}" stroke="#94a3b8" stroke-width="2" fill="none"/>',
        f'<polyline points="{line(kept)}" stroke="#c2410c" stroke-width="2" fill="none"/>',
        '<text x="110" y="70" fill="#64748b">opened for it</text><text x="110" y="90" fill="#c2410c">stays open</text>',
    ]
    for rows, seconds in points:
        x, y = place(rows, seconds)
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#c2410c"/>')
        parts.append(f'<text x="{x:.0f}" y="{y - 10:.0f}" text-anchor="middle">{shown(seconds)}</text>')
        parts.append(f'<text x="{x:.0f}" y="270" text-anchor="middle">{rows // 1_000_000} M</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


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
    rounds = {len(turns) for engines in facts["results"].values() for turns in engines.values()}
    rounds = " to ".join(str(count) for count in sorted({min(rounds), max(rounds)}))
    conditions = f"{facts['machine']}. {rounds} rounds. {versions}."
    text = path.read_text()
    for mark, content in (
        ("conditions", conditions), ("table", table(facts)), ("worn", worn(facts)), ("sizes", size_table(facts)),
        ("phases", phases(facts)),
        ("room", room(facts)),
    ):
        pattern = rf"(<!-- {mark} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda found: f"{found[1]}{content}\n{found[2]}", text, flags=re.S)
    path.write_text(text)
    pictures = docs / "benchmarks"
    pictures.mkdir(exist_ok=True)
    for name, field, title in ROWS:
        if name in ("full interactions", "full items", "incremental small"):
            (pictures / f"{name.replace(' ', '-')}.svg").write_text(bars(facts, name, field, title))
    (pictures / "incremental-by-size.svg").write_text(size_line(facts))
