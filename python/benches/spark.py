#!/usr/bin/env python3
"""Compares Spark with one machine on document sets. The two executors are processes of their own.

    pip install ./python[spark] && python/benches/spark.py SET …

It extracts, chooses and makes memories, once as it is and once with an executor killed, and compares with what one machine makes.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as tree
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


def session():
    builder = SparkSession.builder.master("local-cluster[2,1,2048]").appName("bitext")
    builder = builder.config("spark.executor.memory", "1536m").config("spark.sql.session.timeZone", "UTC")
    builder = builder.config("spark.ui.showConsoleProgress", False)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def fingerprint(frame):
    """The number of rows and a sum of hashes: equal for equal multisets."""
    columns = [F.col(name) for name in frame.columns]
    hashes = F.sum(F.xxhash64(*columns).cast("decimal(38, 0)"))
    return tuple(frame.agg(F.count("*"), hashes).collect()[0])


def executors():
    """The processes of executors, which are children of children of this one."""
    found = subprocess.run(["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True).stdout.split()
    return [int(number) for number in found if descends(int(number))]


def descends(process):
    while process > 1:
        if process == os.getpid():
            return True
        try:
            stat = Path(f"/proc/{process}/stat").read_text()
        except OSError:
            return False
        process = int(stat.rsplit(")", 1)[1].split()[1])
    return False


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


def equal(paths):
    from bitext.spark import choose, extract, memories

    spark = session()
    folder = Path(tempfile.mkdtemp(prefix="bitext-spark-"))
    one = bitext.Memory(folder / "one.db", create=True)
    writer, problems = None, 0
    for path in paths:
        stream = bitext.extract(path)
        for batch in pyarrow.RecordBatchReader.from_stream(stream):
            writer = writer or pyarrow.parquet.ParquetWriter(folder / "one.parquet", batch.schema)
            writer.write_batch(batch)
        problems += len(stream.problems)
        one.import_paths(path)
    writer.close()
    expected = fingerprint(extract(spark, str(folder / "one.parquet")).segments)
    print(f"one machine: {expected[0]:,} rows, {problems} problems", flush=True)
    one.export(folder / "one.tmx")
    units = units_everywhere(folder / "one.tmx")
    for killed in [False, True]:
        print("with an executor killed" if killed else "as it is", flush=True)
        extracted = extract(spark, paths)
        thread = kill_one_after(8) if killed else None
        start = time.perf_counter()
        found = fingerprint(extracted.segments)
        print(f"  rows equal: {found == expected}, {time.perf_counter() - start:.1f} s", flush=True)
        print(f"  problems equal: {extracted.problems.count() == problems}", flush=True)
        chosen = {(row[0], row[1]): row[2] for row in choose(extracted.segments).select("target_locale", "source", "target").collect()}
        differing = [key for key in units.keys() | chosen.keys() if units.get(key) != chosen.get(key)]
        print(f"  choices equal: {not differing}, {len(chosen):,}", *differing[:3], flush=True)
        if thread:
            thread.join()
        for made in memories(extracted.segments, folder / f"memories-{killed}"):
            locale = made["path"].split(".")[-2]
            same = []
            for name in ["export.tmx", "export.jsonl"]:
                one.export(folder / name, to=locale)
                bitext.Memory(made["path"]).export(folder / f"spark-{name}", to=locale)
                same.append((folder / name).read_bytes() == (folder / f"spark-{name}").read_bytes())
            print(f"  exports of {locale} equal: {same}, {made['segments']:,} segments", flush=True)
    spark.stop()


if __name__ == "__main__":
    equal(sys.argv[1:])
