"""Segments and findings of documents, which the executors read with this package."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import pyarrow as pa
import pyspark.sql.functions as F
from pyspark.sql import DataFrame, SparkSession

import bitext
from bitext._options import Paths
from bitext.spark._columns import COLUMNS, FINDINGS, PROBLEM, SEGMENTS, arrow_schema
from bitext.spark._executors import fetch_file, received, require_package, send_file

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from bitext._options import FileOptions

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst", ".bundle")
DOCUMENTS = "*.{md,markdown,yml,yaml,html,htm}"


class Extracted(NamedTuple):
    """The result of :func:`extract`."""

    segments: DataFrame
    """One row for each segment."""
    problems: DataFrame
    """One row for each part of a document or an archive that could not be read: ``path``, ``line``, ``reason``."""


def extract(
    spark: SparkSession,
    paths: Paths,
    *,
    set: str | None = None,
    source_locale: str = "en-US",
    target_locale: str | None = None,
    documents_per_task: int = 1000,
    send: bool = False,
    **options: Unpack[FileOptions],
) -> Extracted:
    """The segments of side-by-side documents, and the problems, as two DataFrames. Both read the documents when they are used.

    ``paths`` are folders, archives, Git bundles or repositories, which the driver lists, and which are cut into tasks of
    ``documents_per_task``. Parquet (a path that ends in ``.parquet``) and paths with a scheme, such as ``s3a://`` and ``hdfs://``, are read
    by Spark. Of documents in a folder with a scheme, those that state no locale need ``target_locale``. Archives with a scheme, and with
    ``send`` all archives, are sent to the executors.

    >>> from bitext.spark import extract
    >>> segments, problems = extract(spark, "docs")
    >>> segments.select("id", "source").collect()
    [Row(id='0a1b2-101', source='Settings'), Row(id='0a1b2-102', source='Select **Save**.')]
    >>> problems.count()
    0
    """
    require_package(spark)
    given = {"source_locale": source_locale, "target_locale": target_locale}
    tasks: list[_Task] = []
    frames = []
    for path in [paths] if isinstance(paths, (str, os.PathLike)) else paths:
        path = os.fspath(path)
        scheme = "://" in path
        if path.rstrip("/").endswith(".parquet"):
            frames.append(_parquet(spark, path))
            continue
        if scheme and not path.endswith(ARCHIVES):
            frames.append(_binary_files(spark, path, {**given, "set": set}))
            continue
        # The folder of an executor is another one.
        local = fetch_file(spark, path) if scheme else os.path.abspath(path)
        sent = send_file(spark, local) if scheme or (send and path.endswith(ARCHIVES)) else None
        try:
            documents = bitext.list_sets(local, set=set, **options)[0]["documents"]
        except bitext.BitextError as error:
            # A damaged archive among many is a problem, which its task reports.
            if not os.path.isfile(local):
                raise bitext.BitextError(str(error).replace(local, path)) from None
            documents = 0
        parts = max(1, -(-documents // documents_per_task))
        tasks.extend((path, local, sent, set, part, parts) for part in range(parts))
    if tasks:
        # One row, so one task, for each.
        numbers = spark.range(0, len(tasks), 1, len(tasks))
        frames.append(numbers.mapInArrow(_extract_tasks(tasks, {**given, **options}), _with_problem()))
    rows = frames[0]
    for frame in frames[1:]:
        rows = rows.unionByName(frame)
    return Extracted(
        rows.where("problem is null").select(*COLUMNS), rows.where("problem is not null").select("problem.*")
    )


def check(spark: SparkSession, paths: Paths, **options: Any) -> DataFrame:
    """What is wrong with translations: one row for each finding, with the columns of :func:`bitext.check` but for positions and confidence.

    A check learns what is usual in a set, so each path is one task. Further keywords are those of :func:`bitext.check`. Of an archive that
    cannot be read there are no findings: :func:`extract` has it among the problems.

    >>> from bitext.spark import check
    >>> check(spark, "wrong").select("check", "document", "id").collect()
    [Row(check='link', document='link.md', id='0a1b2-101')]
    """
    require_package(spark)
    named = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    absolute = [os.path.abspath(path) for path in named]
    return spark.range(0, len(absolute), 1, len(absolute)).mapInArrow(_check(absolute, options), FINDINGS)


def _with_problem() -> str:
    return f"{SEGMENTS}, problem {PROBLEM}"


_PROBLEM = pa.struct([("path", pa.string()), ("line", pa.int64()), ("reason", pa.string())])


def _rows(stream: Any, shown: tuple[str, str]) -> Iterator[pa.RecordBatch]:
    """The segments of a stream, and then its problems, with a column for these. ``shown`` replaces the beginning of their paths."""
    schema = arrow_schema(SEGMENTS)
    names = [*schema.names, "problem"]
    for batch in pa.RecordBatchReader.from_stream(stream):
        columns = [column.cast(kind) for column, kind in zip(batch.columns, schema.types)]
        yield pa.RecordBatch.from_arrays([*columns, pa.nulls(batch.num_rows, _PROBLEM)], names)
    problems = stream.problems
    local, original = shown
    for problem in problems:
        if problem["path"].startswith(local):
            problem["path"] = original + problem["path"][len(local) :]
    if problems:
        yield _problems(problems)


def _problems(problems: list[dict[str, Any]]) -> pa.RecordBatch:
    schema = arrow_schema(SEGMENTS)
    empty = [pa.nulls(len(problems), kind) for kind in schema.types]
    return pa.RecordBatch.from_arrays([*empty, pa.array(problems, _PROBLEM)], [*schema.names, "problem"])


_Task = tuple[str, str, Union[str, None], Union[str, None], int, int]
"""The path as it was named, the path, the name as it was sent, the set, the part and the number of parts."""


def _extract_tasks(tasks: list[_Task], options: dict[str, Any]):
    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import bitext

        for batch in batches:
            for number in batch.column(0).to_pylist():
                path, local, sent, set, part, parts = tasks[number]
                with received(local, sent) as local:
                    try:
                        stream = bitext.extract(local, set=set, part=(part, parts), threads=1, **options)
                    except bitext.BitextError as error:
                        # It is damaged, or was read when it was listed and is not on this machine.
                        reason = str(error).replace(local, path)
                        yield _problems([{"path": path, "line": None, "reason": reason}])
                        continue
                    yield from _rows(stream, (local, path))

    return run


def _check(paths: list[str], options: dict[str, Any]):
    schema = arrow_schema(FINDINGS)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import bitext

        for batch in batches:
            for number in batch.column(0).to_pylist():
                try:
                    stream = bitext.check(paths[number], threads=1, **options)
                except bitext.BitextError:
                    continue
                for found in pa.RecordBatchReader.from_stream(stream):
                    yield found.select(schema.names).cast(schema)

    return run


def _binary_files(spark: SparkSession, path: str, options: dict[str, Any]) -> DataFrame:
    root = path.rstrip("/")
    files = spark.read.format("binaryFile").option("recursiveFileLookup", True).option("pathGlobFilter", DOCUMENTS)
    set = options.pop("set") or posixpath.basename(root)

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import bitext

        for batch in batches:
            for name, content in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist()):
                # Spark names a file by its scheme and path: `file:/docs/a.md` of `file:///docs`.
                below = name.partition(":")[2].lstrip("/")
                top = root.partition(":")[2].lstrip("/")
                document = below.removeprefix(top).lstrip("/")
                stream = bitext.extract_bytes(document, content, set=set, **options)
                yield from _rows(stream, (document, name))

    return files.load(path).select("path", "content").mapInArrow(run, _with_problem())


def _parquet(spark: SparkSession, path: str) -> DataFrame:
    frame = spark.read.parquet(path if "://" in path else os.path.abspath(path))
    columns = [column.split() for column in SEGMENTS.split(", ")]
    chosen = [
        (F.col(name) if name in frame.columns else F.lit(None)).cast(kind).alias(name) for name, kind in columns
    ]
    return frame.select(*chosen, F.lit(None).cast(PROBLEM).alias("problem"))
