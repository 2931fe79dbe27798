"""One piece of work by one of the others, timed, as one line of JSON: what run.py runs beside `measure`.

    peers.py ENGINE full interactions|items DATA WORK
    peers.py ENGINE incremental FILE DATA WORK
    peers.py ENGINE scan interactions WORK
    peers.py ENGINE csv interactions|items DATA
    peers.py ENGINE open WORK

Each is a process of its own. What an engine leaves to the system's cache is synced before the time ends, since Restock
and DuckDB sync too. Answers are counted after it.
"""

import glob
import json
import os
import statistics
import sys
import threading
import time

TURNS = 5
PRICE_CENTS = "CAST(round(PRICE * 100) AS BIGINT)"


class AnonymousPeak(threading.Thread):
    """How much anonymous memory this process has taken at most, in MB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.kb = 0
        self.start()

    def run(self):
        while True:
            with open("/proc/self/status") as status:
                kb = next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
            self.kb = max(self.kb, kb)
            time.sleep(0.002)

    def megabytes(self):
        return self.kb * 1024 // 1_000_000


def sync(path):
    """Syncs a file, or all that is in a folder."""
    if os.path.isdir(path):
        for name in os.listdir(path):
            sync(os.path.join(path, name))
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def size(path):
    if os.path.isdir(path):
        return sum(size(os.path.join(path, name)) for name in os.listdir(path))
    return os.path.getsize(path)


def top(pairs):
    return [[item, int(count)] for item, count in pairs]


class Polars:
    """Arrow IPC files: nothing knows a key, an INCREMENTAL writes the whole file again."""

    def __init__(self, work):
        import polars

        self.pl, self.work = polars, work

    def path(self, table):
        return os.path.join(self.work, f"{table}.arrow")

    def frame(self, table, file):
        pl = self.pl
        schemas = {
            "interactions": {
                "USER_ID": pl.String, "ITEM_ID": pl.String, "EVENT_TYPE": pl.String,
                "EVENT_VALUE": pl.Float32, "TIMESTAMP": pl.Int64,
            },
            "items": {
                "ITEM_ID": pl.String, "PRICE": pl.Float32, "CATEGORY_L1": pl.String,
                "CREATION_TIMESTAMP": pl.Int64, "DESCRIPTION": pl.String,
            },
        }
        return pl.scan_csv(file, schema=schemas[table])

    def full(self, table, file):
        self.frame(table, file).sink_ipc(self.path(table))
        sync(self.path(table))
        sync(self.work)

    def incremental(self, file):
        pl = self.pl
        delta = self.frame("items", file).collect()
        kept = pl.scan_ipc(self.path("items")).join(delta.lazy(), on="ITEM_ID", how="anti")
        following = self.path("following")
        pl.concat([kept, delta.lazy()]).sink_ipc(following)
        sync(following)
        os.rename(following, self.path("items"))
        sync(self.work)

    def csv(self, table, file):
        return self.frame(table, file).collect()

    def scans(self, table, frame=None):
        pl = self.pl
        frame = pl.scan_ipc(self.path(table)) if frame is None else frame.lazy()
        count = frame.group_by("ITEM_ID").len().sort(["len", "ITEM_ID"], descending=[True, False])
        return (
            lambda: frame.select(pl.len(), pl.sum("TIMESTAMP"), pl.max("TIMESTAMP").alias("max")).collect().row(0),
            lambda: dict(frame.group_by("EVENT_TYPE").len().collect().rows()),
            lambda: top(count.head(100).collect().rows()),
        )

    def items(self, frame=None):
        pl = self.pl
        frame = pl.scan_ipc(self.path("items")) if frame is None else frame.lazy()
        return frame.select(
            pl.len(),
            (pl.col("PRICE").cast(pl.Float64) * 100).round().cast(pl.Int64).sum(),
            pl.sum("CREATION_TIMESTAMP"),
            pl.col("DESCRIPTION").str.len_bytes().cast(pl.Int64).sum(),
        ).collect().row(0)


class DuckDb:
    """A database file; `key` gives the items a PRIMARY KEY, as Restock's have an index of record IDs."""

    key = False
    columns = {
        "interactions": {
            "USER_ID": "VARCHAR", "ITEM_ID": "VARCHAR", "EVENT_TYPE": "VARCHAR",
            "EVENT_VALUE": "FLOAT", "TIMESTAMP": "BIGINT",
        },
        "items": {
            "ITEM_ID": "VARCHAR", "PRICE": "FLOAT", "CATEGORY_L1": "VARCHAR",
            "CREATION_TIMESTAMP": "BIGINT", "DESCRIPTION": "VARCHAR",
        },
    }

    def __init__(self, work):
        import duckdb

        self.duckdb, self.work, self.connection = duckdb, work, None

    def path(self, table):
        return os.path.join(self.work, f"{table}.duckdb")

    def connect(self, table):
        if self.connection is None:
            self.connection = self.duckdb.connect(self.path(table))
        return self.connection

    def rows(self, table, file):
        return f"read_csv('{file}', header = true, quote = '\"', escape = '\"', columns = {self.columns[table]})"

    def commit(self):
        """What is committed is synced, in the write-ahead log or in the file: no CHECKPOINT is asked for."""
        self.connection.execute("COMMIT")

    def full(self, table, file):
        columns = [f"{name} {kind}" for name, kind in self.columns[table].items()]
        if self.key and table == "items":
            columns[0] += " PRIMARY KEY"
        connection = self.connect(table)
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
        connection.execute(f"INSERT INTO {table} SELECT * FROM {self.rows(table, file)}")
        self.commit()

    def incremental(self, file):
        """The fastest of what was tried: MERGE INTO and INSERT OR REPLACE take 30 to 300 times as long here."""
        connection = self.connect("items")
        connection.execute("BEGIN")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE delta AS SELECT * FROM {self.rows('items', file)}")
        connection.execute("DELETE FROM items USING delta WHERE items.ITEM_ID = delta.ITEM_ID")
        connection.execute("INSERT INTO items SELECT * FROM delta")
        self.commit()

    def csv(self, table, file):
        return self.duckdb.sql(f"SELECT * FROM {self.rows(table, file)}").to_arrow_table()

    def opened(self):
        with self.duckdb.connect(self.path("items"), read_only=True) as connection:
            return connection.sql("SELECT count(*) FROM items").fetchall()[0][0]

    def place(self, table, frame):
        """Where the table is asked for: in the database, or an Arrow table."""
        if frame is None:
            return self.connect(table), table
        connection = self.duckdb.connect()
        connection.register("frame", frame)
        return connection, "frame"

    def scans(self, table, frame=None):
        connection, name = self.place(table, frame)
        ask = lambda query: connection.sql(query).fetchall()
        return (
            lambda: [int(n) for n in ask(f"SELECT count(*), sum(TIMESTAMP), max(TIMESTAMP) FROM {name}")[0]],
            lambda: dict(ask(f"SELECT EVENT_TYPE, count(*) FROM {name} GROUP BY 1")),
            lambda: top(ask(f"SELECT ITEM_ID, count(*) FROM {name} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100")),
        )

    def items(self, frame=None):
        connection, name = self.place("items", frame)
        return connection.sql(
            f"SELECT count(*), sum({PRICE_CENTS}), sum(CREATION_TIMESTAMP), sum(strlen(DESCRIPTION)) FROM {name}"
        ).fetchall()[0]


class DuckDbKey(DuckDb):
    key = True


class ClickHouse:
    """chDB, which is ClickHouse in the process: a MergeTree, whose rows of equal keys later merges make one."""

    columns = {
        "interactions": "USER_ID String, ITEM_ID String, EVENT_TYPE LowCardinality(String), "
        "EVENT_VALUE Nullable(Float32), TIMESTAMP Int64",
        "items": "ITEM_ID String, PRICE Float32, CATEGORY_L1 LowCardinality(String), CREATION_TIMESTAMP Int64, "
        "DESCRIPTION String",
    }
    engines = {"interactions": "MergeTree ORDER BY tuple()", "items": "ReplacingMergeTree ORDER BY ITEM_ID"}

    def __init__(self, work):
        self.work, self.session = work, None

    def path(self, table):
        return os.path.join(self.work, f"{table}.clickhouse")

    def ask(self, table, query):
        from chdb import session

        if self.session is None:
            self.session = session.Session(self.path(table))
            self.session.query("CREATE DATABASE IF NOT EXISTS shop ENGINE = Atomic")
        return json.loads(str(self.session.query(query, "JSONCompact")) or "{}")

    def insert(self, table, file):
        rows = f"file('{file}', CSVWithNames, '{self.columns[table]}')"
        self.ask(table, f"INSERT INTO shop.{table} SELECT * FROM {rows}")

    def full(self, table, file):
        durable = "fsync_after_insert = 1, fsync_part_directory = 1"
        create = f"({self.columns[table]}) ENGINE = {self.engines[table]} SETTINGS {durable}"
        self.ask(table, f"CREATE TABLE shop.{table} {create}")
        self.insert(table, file)

    def incremental(self, file):
        self.insert("items", file)

    def scans(self, table, frame=None):
        rows = lambda query: self.ask(table, query)["data"]
        name = f"shop.{table}"
        return (
            lambda: [int(n) for n in rows(f"SELECT count(), sum(TIMESTAMP), max(TIMESTAMP) FROM {name}")[0]],
            lambda: {name: int(count) for name, count in rows(f"SELECT EVENT_TYPE, count() FROM {name} GROUP BY 1")},
            lambda: top(rows(f"SELECT ITEM_ID, count() FROM {name} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 100")),
        )

    def items(self, frame=None):
        cents = "sum(toInt64(round(PRICE * 100)))"
        sums = f"count(), {cents}, sum(CREATION_TIMESTAMP), sum(length(DESCRIPTION))"
        return self.ask("items", f"SELECT {sums} FROM shop.items FINAL")["data"][0]


class Arrow:
    """pyarrow's CSV reader, and what two engines that take its batches have in common."""

    def __init__(self, work):
        import pyarrow
        import pyarrow.csv

        self.pa, self.work = pyarrow, work

    def path(self, table):
        return os.path.join(self.work, f"{table}.{type(self).__name__.lower()}")

    def options(self, table):
        pa = self.pa
        types = {"VARCHAR": pa.string(), "FLOAT": pa.float32(), "BIGINT": pa.int64()}
        columns = {name: types[kind] for name, kind in DuckDb.columns[table].items()}
        return {
            "parse_options": pa.csv.ParseOptions(newlines_in_values=table == "items"),
            "convert_options": pa.csv.ConvertOptions(column_types=columns),
        }

    def batches(self, table, file):
        return self.pa.csv.open_csv(file, **self.options(table))

    def csv(self, table, file):
        return self.pa.csv.read_csv(file, **self.options(table))

    def answers(self, table, frame):
        reader = DuckDb(self.work)
        return [scan() for scan in reader.scans(table, frame)] if table == "interactions" else reader.items(frame)


class Delta(Arrow):
    def full(self, table, file):
        import deltalake

        deltalake.write_deltalake(self.path(table), self.batches(table, file))
        sync(self.path(table))

    def incremental(self, file):
        import deltalake

        table = deltalake.DeltaTable(self.path("items"))
        merge = table.merge(self.csv("items", file), "t.ITEM_ID = s.ITEM_ID", source_alias="s", target_alias="t")
        merge.when_matched_update_all().when_not_matched_insert_all().execute()
        sync(self.path("items"))

    def stored(self, table):
        import deltalake

        return self.pa.table(deltalake.DeltaTable(self.path(table)).to_pyarrow_dataset().to_table())


class Lance(Arrow):
    def full(self, table, file):
        import lance

        lance.write_dataset(self.batches(table, file), self.path(table))
        sync(self.path(table))

    def incremental(self, file):
        import lance

        merge = lance.dataset(self.path("items")).merge_insert("ITEM_ID")
        merge.when_matched_update_all().when_not_matched_insert_all().execute(self.csv("items", file))
        sync(self.path("items"))

    def stored(self, table):
        import lance

        return lance.dataset(self.path(table)).to_table()

    def opened(self):
        import lance

        return lance.dataset(self.path("items")).count_rows()


ENGINES = {
    "polars": Polars, "duckdb": DuckDb, "duckdb-key": DuckDbKey, "clickhouse": ClickHouse, "pyarrow": Arrow, "delta": Delta, "lance": Lance,
}


def answers(engine, table, frame=None):
    if isinstance(engine, Arrow):
        found = engine.answers(table, engine.stored(table) if frame is None else frame)
    elif table == "interactions":
        found = [scan() for scan in engine.scans(table, frame)]
    else:
        found = engine.items(frame)
    if table == "interactions":
        (rows, total, most), events, ranked = found
        return {
            "rows": rows, "timestamp_sum": total, "timestamp_max": most, "events": events, "top_items": ranked,
        }
    names = ("rows", "price_cents", "created_sum", "description_bytes")
    return dict(zip(names, (int(value) for value in found)))


def timed(work):
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def main():
    name, task, *arguments = sys.argv[1:]
    engine = ENGINES[name](arguments[-1])
    peak = AnonymousPeak()
    if task == "full":
        table, data, _ = arguments
        seconds, _ = timed(lambda: engine.full(table, os.path.join(data, f"{table}.csv")))
        told = {"seconds": seconds, "peak_mb": peak.megabytes(), "disk_bytes": size(engine.path(table))}
        told["answers"] = answers(engine, table)
    elif task == "incremental":
        file, data, _ = arguments
        files = sorted(glob.glob(os.path.join(data, f"{file}*.csv")))
        seconds, _ = timed(lambda: [engine.incremental(file) for file in files])
        told = {"seconds": seconds, "peak_mb": peak.megabytes(), "answers": answers(engine, "items")}
    elif task == "scan":
        table, _ = arguments
        scans = engine.scans(table)
        medians = [statistics.median(timed(scan)[0] for _ in range(TURNS)) for scan in scans]
        told = dict(zip(("sum_seconds", "events_seconds", "top_seconds"), medians))
        told["answers"] = answers(engine, table)
    elif task == "open":
        rows = engine.opened()
        told = {"seconds": statistics.median(timed(engine.opened)[0] for _ in range(TURNS)), "answers": {"rows": rows}}
    elif task == "csv":
        table, data = arguments
        seconds, frame = timed(lambda: engine.csv(table, os.path.join(data, f"{table}.csv")))
        told = {"seconds": seconds, "peak_mb": peak.megabytes(), "answers": answers(engine, table, frame)}
    else:
        sys.exit(__doc__)
    print(json.dumps(told))


main()
