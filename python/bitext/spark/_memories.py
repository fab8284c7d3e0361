"""Memories in the executors: one that is asked, and those that are made."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyspark.sql.functions as F
from pyspark import SparkFiles
from pyspark.sql import DataFrame
from pyspark.sql.types import DataType, StructField, StructType

import bitext
from bitext.spark._columns import LOCALES, MATCH, arrow_schema
from bitext.spark._executors import require_package, send_file
from bitext.spark._tables import write


def lookup(
    texts: DataFrame,
    memory: bitext.Memory | str | os.PathLike[str],
    *,
    text: str = "source",
    to: str | None = None,
    min: int = 70,
    limit: int = 1,
    workflow: str | None = None,
) -> DataFrame:
    """The rows of ``texts`` with a column ``matches``: the matches of the column ``text``, the best first, as :meth:`bitext.Memory.query`
    returns them. The memory is sent to each executor once.

    >>> from bitext.spark import lookup
    >>> texts = spark.createDataFrame([("Settings",), ("Unknown",)], "source string")
    >>> [[match.target for match in row.matches] for row in lookup(texts, "docs.db", to="ko-KR").collect()]
    [['설정'], []]
    """
    spark = texts.sparkSession
    require_package(spark)
    path = os.fspath(memory.path if isinstance(memory, bitext.Memory) else memory)
    if text not in texts.columns:
        raise ValueError(f"there is no column {text!r}")
    bitext.Memory(path)
    waiting = path + "-wal"
    if os.path.exists(waiting) and os.path.getsize(waiting):
        raise bitext.BitextError(f"{path} is being written to; wait for the end of the import")
    sent = send_file(spark, path)
    options = {"to": to, "min": min, "limit": limit, "workflow": workflow, "threads": 1}
    rest = texts.drop("matches")
    schema = StructType([*rest.schema.fields, StructField("matches", DataType.fromDDL(f"array<struct<{MATCH}>>"))])
    return rest.mapInArrow(_look_up(sent, text, options), schema)


def memories(segments: DataFrame, folder: str | os.PathLike[str]) -> list[dict[str, Any]]:
    """Makes a memory of each pair of locales in ``folder``, which all machines share: ``en-US.ko-KR.db``, one task each.

    Returns a list with ``path``, the counts of the import and its ``problems``.

    >>> from bitext.spark import extract, memories
    >>> [made] = memories(extract(spark, "docs").segments, "memories")
    >>> made["path"].endswith("memories/en-US.ko-KR.db"), made["segments"]
    (True, 2)
    """
    spark = segments.sparkSession
    require_package(spark)
    folder = os.path.abspath(folder)
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".segments-") as parts:
        name = F.concat_ws(".", *LOCALES)
        write(segments.withColumn("pair", name), parts, by=["pair"], mode="overwrite")
        pairs = sorted(part for part in os.listdir(parts) if part.startswith("pair="))
        if not pairs:
            return []
        numbers = spark.range(0, len(pairs), 1, len(pairs))
        made = numbers.mapInArrow(_make_memories(folder, parts, pairs), "made string").collect()
    return sorted((json.loads(row.made) for row in made), key=lambda made: made["path"])


def _look_up(sent: str, text: str, options: dict[str, Any]):
    schema = arrow_schema(MATCH)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import bitext

        memory = bitext.Memory(SparkFiles.get(sent))
        for batch in batches:
            texts = [text or "" for text in batch.column(text).to_pylist()]
            found = pa.table(memory.query(texts, **options)).combine_chunks()
            counts = [0] * (len(texts) + 1)
            for query in found.column("query").to_pylist():
                counts[query + 1] += 1
            ends = pc.cumulative_sum(pa.array(counts, pa.int32()))
            columns = [found.column(field.name).cast(field.type).combine_chunks() for field in schema]
            matches = pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(columns, schema.names))
            yield pa.RecordBatch.from_arrays([*batch.columns, matches], [*batch.schema.names, "matches"])

    return run


def _make_memories(folder: str, parts: str, pairs: list[str]):
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import bitext

        for batch in batches:
            for number in batch.column(0).to_pylist():
                target = os.path.join(folder, pairs[number].removeprefix("pair=") + ".db")
                # A task that is run again begins anew, and a memory gets its name when it is complete.
                with tempfile.TemporaryDirectory(dir=folder, prefix=".memory-") as unfinished:
                    path = os.path.join(unfinished, "memory.db")
                    memory = bitext.Memory(path, create=True)
                    made = memory.import_paths(os.path.join(parts, pairs[number]), threads=1)
                    shutil.move(path, target)
                yield pa.RecordBatch.from_pydict({"made": [json.dumps({"path": target, **made})]})

    return run
