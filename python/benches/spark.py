#!/usr/bin/env python3
"""Compares Spark with one machine on document sets, and measures how a choice grows. Executors are processes of their own.

    pip install ./python[spark]
    python/benches/spark.py equal SET …
    python/benches/spark.py grow EXECUTORS SEGMENTS …

`equal` extracts, chooses and makes memories with two executors, once as it is and once with an executor killed, and compares with what one
machine makes. A SET is a folder, an archive, or a Git repository or bundle as `PATH@REVISION`. The first half of each archive is read,
too, as an archive of its own: it is damaged.

`grow` makes sets of so many segments, in Parquet (the seed is fixed), and reports time, tasks, bytes shuffled and written to disk for want
of memory, and the largest memory of an executor, for a choice among all of them.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import xml.etree.ElementTree as tree
from functools import reduce
from pathlib import Path

import bitext
import pyarrow
import pyarrow.parquet
import pyspark
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def session(executors, **options):
    builder = SparkSession.builder.master(f"local-cluster[{executors},1,2048]").appName("bitext")
    builder = builder.config("spark.executor.memory", "1536m").config("spark.sql.session.timeZone", "UTC")
    builder = builder.config("spark.ui.showConsoleProgress", False).config("spark.driver.memory", "2g")
    for name, value in options.items():
        builder = builder.config(name.replace("_", "."), value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def fingerprint(frame):
    """The number of rows and a sum of hashes: equal for equal multisets."""
    columns = [F.col(name) for name in frame.columns]
    hashes = F.sum(F.xxhash64(*columns).cast("decimal(38, 0)"))
    return tuple(frame.agg(F.count("*"), hashes).collect()[0])


def parent(process):
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rsplit(")", 1)[1].split()[1])


def descends(process, ancestor):
    while process > 1:
        if process == ancestor:
            return True
        process = parent(process)
    return False


def executors():
    """The processes of executors, which are children of children of this one."""
    found = subprocess.run(["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True).stdout.split()
    return [int(number) for number in found if descends(int(number), os.getpid())]


def kill_one_after(wait):
    def kill():
        time.sleep(wait)
        process = executors()[0]
        os.kill(process, signal.SIGKILL)
        print(f"  killed the executor {process}", flush=True)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


def units_everywhere(path):
    """The translations of a TMX that are valid in all contexts: locale and source, and target."""
    units, locale = {}, None
    for event, element in tree.iterparse(path, events=("start", "end")):
        if event == "start" and element.tag == "header":
            locale = element.get("srclang")
        if event == "end" and element.tag == "tu":
            texts = {variant.get(LANG): "".join(variant.find("seg").itertext()) for variant in element.iter("tuv")}
            if not any(prop.get("type") == "x-scope" for prop in element.iter("prop")):
                source = texts.pop(locale)
                for target_locale, target in texts.items():
                    units.setdefault((target_locale, source), target)
            element.clear()
    return units


def inputs(names, folder):
    """Paths with the options to read them by. Of each archive there is a damaged copy, in a set of its own."""
    for name in names:
        path, _, ref = name.partition("@")
        # An archive of the same name is another set.
        yield path, {"ref": ref, "set": f"{Path(path).stem}@{ref}"} if ref else {}
        if Path(path).is_file() and not ref:
            damaged = folder / f"damaged-{Path(path).name}"
            damaged.write_bytes(Path(path).read_bytes()[: Path(path).stat().st_size // 2])
            yield str(damaged), {}


def on_one_machine(given, folder):
    """A memory of all that can be read, its segments as Parquet, and the number of problems."""
    one = bitext.Memory(folder / "one.db", create=True)
    writer, problems = None, 0
    for path, options in given:
        try:
            stream = bitext.extract(path, **options)
            for batch in pyarrow.RecordBatchReader.from_stream(stream):
                writer = writer or pyarrow.parquet.ParquetWriter(folder / "one.parquet", batch.schema)
                writer.write_batch(batch)
            problems += len(stream.problems)
            one.import_paths(path, **options)
        except bitext.BitextError as error:
            print(f"  not read: {error}", flush=True)
            problems += 1
    writer.close()
    return one, problems


def equal(names):
    from bitext.spark import choose, extract, memories

    spark = session(2)
    folder = Path(tempfile.mkdtemp(prefix="bitext-spark-"))
    given = list(inputs(names, folder))
    one, count_of_problems = on_one_machine(given, folder)
    expected = fingerprint(extract(spark, str(folder / "one.parquet")).segments)
    print(f"one machine: {expected[0]:,} rows, {count_of_problems} problems", flush=True)
    one.export(folder / "one.tmx")
    units = units_everywhere(folder / "one.tmx")
    for killed in [False, True]:
        print("with an executor killed" if killed else "as it is", flush=True)
        extracted = [extract(spark, path, **options) for path, options in given]
        segments = reduce(lambda one, other: one.union(other), (found.segments for found in extracted))
        problems = reduce(lambda one, other: one.union(other), (found.problems for found in extracted))
        thread = kill_one_after(8) if killed else None
        start = time.perf_counter()
        found = fingerprint(segments)
        print(f"  rows equal: {found == expected}, {time.perf_counter() - start:.1f} s", flush=True)
        print(f"  problems equal: {problems.count() == count_of_problems}", flush=True)
        chosen = {(row[0], row[1]): row[2] for row in choose(segments).select("target_locale", "source", "target").toLocalIterator()}
        differing = [key for key in units.keys() | chosen.keys() if units.get(key) != chosen.get(key)]
        print(f"  choices equal: {not differing}, {len(chosen):,}", *differing[:3], flush=True)
        if thread:
            thread.join()
        for made in memories(segments, folder / f"memories-{killed}"):
            locale = made["path"].split(".")[-2]
            same = []
            for name in ["export.tmx", "export.jsonl"]:
                one.export(folder / name, to=locale)
                bitext.Memory(made["path"]).export(folder / f"spark-{name}", to=locale)
                same.append((folder / name).read_bytes() == (folder / f"spark-{name}").read_bytes())
            print(f"  exports of {locale} equal: {same}, {made['segments']:,} segments", flush=True)
    spark.stop()


def make(count, folder):
    """Parquet of made-up segments in two locales. A quarter of the source texts occur again."""
    random.seed(7)
    words = [f"word{number}" for number in range(5000)]
    schema = pyarrow.table(bitext.extract_bytes("a.md", b"")).schema
    made = 0
    path = folder / f"{count}.parquet"
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while made < count:
            batch = min(100_000, count - made)
            texts = [" ".join(random.choices(words, k=random.randint(3, 25))) for _ in range(batch * 3 // 4)]
            texts += random.choices(texts, k=batch - len(texts))
            columns = {
                "document": [f"articles/{(made + at) // 50}.md" for at in range(batch)],
                "set": ["made"] * batch,
                "id": [f"{(made + at) // 50 % 0xFFFFF:05x}-{101 + at % 50}" for at in range(batch)],
                "number": [101 + at % 50 for at in range(batch)],
                "kind": ["sentence"] * batch,
                "line": [at % 50 for at in range(batch)],
                "source_locale": ["en-US"] * batch,
                "target_locale": [("ko-KR", "ja-JP")[(made + at) // 50 % 2] for at in range(batch)],
                "source": texts,
                "target": [f"{text[::-1]} {random.randint(0, 2)}" for text in texts],
                "workflow": [("human", "machine")[at // 50 % 4 > 0] for at in range(batch)],
                "position": [at % 50 for at in range(batch)],
            }
            arrays = [
                pyarrow.array(columns[field.name], field.type) if field.name in columns else pyarrow.nulls(batch, field.type)
                for field in schema
            ]
            writer.write_batch(pyarrow.RecordBatch.from_arrays(arrays, schema=schema))
            made += batch
    return path


def peak_memory():
    """The largest resident memory so far of an executor, and of the Python processes of one, in MB."""
    processes = [int(name.name) for name in Path("/proc").iterdir() if name.name.isdigit()]

    def peak(process):
        try:
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        except OSError:
            return 0
        return int(found[1]) / 1024 if found else 0

    of_python = [
        sum(peak(process) for process in processes if process != executor and descends(process, executor)) for executor in executors()
    ]
    return max(map(peak, executors()), default=0), max(of_python, default=0)


def grow(count_of_executors, counts):
    from bitext.spark import choose, extract

    folder = Path(tempfile.mkdtemp(prefix="bitext-grow-"))
    print("| segments | executors | seconds | tasks | MB read | MB shuffled | MB spilled | MB of an executor | MB of its Python |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    for count in counts:
        path = make(count, folder)
        spark = session(count_of_executors, spark_sql_shuffle_partitions="64")
        # The executors and their Python processes start before the clock.
        choose(extract(spark, str(make(1000, folder))).segments).count()
        start = time.perf_counter()
        choose(extract(spark, str(path)).segments).write.mode("overwrite").parquet(str(folder / "chosen.parquet"))
        taken = time.perf_counter() - start
        peak, of_python = peak_memory()
        context = spark.sparkContext
        with urllib.request.urlopen(f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/stages") as answer:
            stages = json.load(answer)
        tasks = sum(stage["numCompleteTasks"] for stage in stages)
        shuffled, spilled = (sum(stage[name] for stage in stages) / 1e6 for name in ["shuffleWriteBytes", "diskBytesSpilled"])
        read = path.stat().st_size / 1e6
        figures = [read, shuffled, spilled, peak, of_python]
        print(f"| {count:,} | {count_of_executors} | {taken:.0f} | {tasks} |", " | ".join(f"{figure:.0f}" for figure in figures), "|", flush=True)
        spark.stop()
        path.unlink()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["equal", *names] if names:
            equal(names)
        case ["grow", executors_asked, *counts] if counts:
            grow(int(executors_asked), [int(count) for count in counts])
        case _:
            sys.exit(__doc__)
