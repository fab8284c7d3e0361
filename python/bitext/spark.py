"""Documents of many repositories on many machines, with Apache Spark 4: ``pip install bitext[spark]``.

The executors extract with this package, through ``mapInArrow``; all else are operators of Spark. Paths are read where the tasks run, as
Spark reads local files: each machine must have them. ``send=True`` sends archives from the driver instead.

The columns are those of :func:`bitext.extract`. Spark has no unsigned numbers, so ``number``, ``line`` and ``position`` are ``bigint``.
"""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import shutil
import socket
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Union

import pyarrow as pa
import pyarrow.compute as pc
import pyspark.sql.functions as F
from pyspark import SparkFiles, cloudpickle
from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql.types import DataType, StructField, StructType

import bitext
from bitext._options import Paths

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from bitext._options import FileOptions

# The functions below are sent by their code, not by the name of this module. So an executor without it can say so.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

SEGMENTS = (
    "document string, set string, id string, number bigint, kind string, line bigint, source_locale string, target_locale string, "
    "source string, target string, confidence double, workflow string, source_hash string, source_commit string, handoff date, "
    "file_id string, commit string, committed timestamp, superseded timestamp, position bigint, source_as_written string, "
    "target_as_written string, title string, description string, no_loc array<string>"
)
"""The columns of segments."""
COLUMNS = [column.split()[0] for column in SEGMENTS.split(", ")]
FINDINGS = (
    "check string, severity string, set string, document string, id string, line bigint, source string, target string, reason string, "
    "workflow string, finding string"
)
"""The columns of findings."""
PROBLEM = "struct<path: string, line: bigint, reason: string>"

LOCALES = ["source_locale", "target_locale"]
PREFERENCE = ("workflow", "superseded", "documents", "handoff")
"""What makes a translation the better one, the most important first: as in an export."""

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
        local = _fetched(spark, path) if scheme else os.path.abspath(path)
        sent = _sent(spark, local) if scheme or (send and path.endswith(ARCHIVES)) else None
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


def deduplicate(segments: DataFrame) -> DataFrame:
    """One row for each pair of texts in two locales, with its usage. Shuffles once.

    ``workflow`` is human if a person translated any of the segments. ``segments`` and ``documents`` count the current ones, or all if none is
    current; ``handoff`` is the newest. ``set``, ``document`` and ``id`` are those of the first segment.

    >>> from bitext.spark import deduplicate, extract
    >>> deduplicate(extract(spark, ["docs", "docs"]).segments).select("source", "segments", "documents").orderBy("source").collect()[1]
    Row(source='Settings', segments=2, documents=1)
    """
    return segments if "segments" in segments.columns else _usages(segments).drop("is_untranslated")


def choose(segments: DataFrame, policy: Sequence[str] = PREFERENCE) -> DataFrame:
    """One translation of each source text into each locale: that which an export takes. Columns as of :func:`deduplicate`.

    Human before unknown before machine, current before superseded, then the one in more documents, then the newer, then by the text.
    ``policy`` is another order of these. As in an export, what is empty or a machine left untranslated is no translation.

    >>> from bitext.spark import choose, extract
    >>> choose(extract(spark, "docs").segments).where("source = 'Settings'").collect()[0].target
    '설정'
    """
    better = {
        "workflow": _rank_of(F.col("workflow")).asc(),
        "superseded": F.col("superseded").isNotNull().asc(),
        "documents": F.col("documents").desc(),
        "handoff": F.col("handoff").desc_nulls_last(),
    }
    unknown = [name for name in policy if name not in better]
    if unknown:
        raise ValueError(f"a policy has no {unknown[0]!r}; there are {', '.join(better)}")
    window = Window.partitionBy(*LOCALES, "source").orderBy(*(better[name] for name in policy), F.col("target").asc())
    # Before the shuffle, since Spark does not know that Python keeps the partitions.
    marked = _marked(segments)
    pairs = marked if "segments" in segments.columns else _usages(marked)
    pairs = pairs.where("source != '' and target != ''")
    pairs = pairs.where(F.col("workflow").eqNullSafe("human") | ~F.col("is_untranslated"))
    return (
        pairs.withColumn("place", F.row_number().over(window))
        .where("place = 1")
        .drop("place", "is_untranslated")
    )


def join_locales(segments: DataFrame) -> DataFrame:
    """Units in several languages: the translations of one segment of one version of a source document, in ``targets``, by locale.

    Documents of the same ``source_hash`` are translations of the same document. Their segments of the same ``number`` and source text are
    one. Of several translations into a locale, the human one is taken, then the newer, then by the text. Shuffles once.

    >>> from bitext.spark import extract, join_locales
    >>> join_locales(extract(spark, "docs").segments).columns
    ['source_locale', 'source_hash', 'number', 'source', 'targets']
    """
    key = ["source_locale", "source_hash", "number", "source"]
    rows = segments.where("source_hash is not null and superseded is null and source != '' and target != ''")
    # Ascending: no hand-off is before all others, and the order is turned around.
    age = F.coalesce(-F.unix_date("handoff"), F.lit(2**31 - 1))
    order = F.struct(_rank_of(F.col("workflow")).alias("rank"), age.alias("age"), "target")
    best = rows.repartition(*key).groupBy(*key, "target_locale").agg(F.min(order).getField("target").alias("target"))
    entries = F.array_sort(F.collect_list(F.struct("target_locale", "target")))
    return best.groupBy(*key).agg(F.map_from_entries(entries).alias("targets"))


def write(
    frame: DataFrame,
    name: str,
    *,
    format: str = "parquet",
    by: Sequence[str] = ("source_locale", "target_locale"),
    mode: str = "errorifexists",
) -> None:
    """Writes a folder of Parquet, with a folder for each value of the columns ``by``, or with ``format="iceberg"`` a table of that name.

    ``bitext import`` reads such a folder. Files have the size that the session advises.

    >>> from bitext.spark import extract, write
    >>> write(extract(spark, "docs").segments, "segments")
    >>> bitext.Memory("written.db", create=True).import_paths("segments")["segments"]
    2
    """
    # Adaptive execution cuts a large value into several tasks, and joins small ones.
    rows = frame.hint("rebalance", *by) if by else frame
    if format == "iceberg":
        table = rows.writeTo(name).using("iceberg")
        if by:
            table = table.partitionedBy(*(F.col(column) for column in by))
        table.createOrReplace() if mode == "overwrite" else table.create()
    else:
        folder = name if "://" in name else os.path.abspath(name)
        rows.write.mode(mode).partitionBy(*by).format(format).save(folder)


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
    sent = _sent(spark, path)
    options = {"to": to, "min": min, "limit": limit, "workflow": workflow, "threads": 1}
    names = ", ".join(f"{name}: {kind}" for name, kind in MATCH.items())
    rest = texts.drop("matches")
    schema = StructType([*rest.schema.fields, StructField("matches", DataType.fromDDL(f"array<struct<{names}>>"))])
    return rest.mapInArrow(_look_up(sent, text, options), schema)


MATCH = {
    "score": "int",
    "kind": "string",
    "source": "string",
    "target": "string",
    "source_locale": "string",
    "target_locale": "string",
    "workflow": "string",
    "confidence": "double",
    "segments": "bigint",
    "documents": "bigint",
    "handoff": "date",
    "superseded": "boolean",
    "set": "string",
    "document": "string",
    "id": "string",
    "same_document": "boolean",
    "similarity": "double",
    "error": "string",
}
"""The columns of a match."""


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


def require_package(spark: SparkSession) -> None:
    """Asks the executors whether they have this package.

    Raises :class:`bitext.BitextError` if one has none, or another version.
    """
    context = spark.sparkContext
    if context.applicationId in _asked:
        return
    tasks = context.defaultParallelism
    for row in spark.range(0, tasks, 1, tasks).mapInArrow(_version, "host string, version string").distinct().collect():
        if row.version != bitext.__version__:
            has = f"version {row.version} of the package bitext" if row.version else "no package bitext"
            raise bitext.BitextError(
                f"the executor on {row.host} has {has}; install the wheel of version {bitext.__version__} there, or name a Python that "
                "has it with PYSPARK_PYTHON"
            )
    _asked.add(context.applicationId)


_asked: set[str] = set()
"""The applications whose executors have the package."""


def _version(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    try:
        import bitext

        version = bitext.__version__
    except ImportError:
        version = None
    for _ in batches:
        pass
    yield pa.RecordBatch.from_pydict(
        {"host": [socket.gethostname()], "version": [version]},
        schema=pa.schema([("host", pa.string()), ("version", pa.string())]),
    )


def _rank_of(workflow: Column) -> Column:
    """Human, unknown, machine."""
    return F.when(workflow == "human", 0).when(workflow == "machine", 2).otherwise(1)


def _usages(segments: DataFrame) -> DataFrame:
    """Pairs with their usage, and with `is_untranslated` if the segments have it."""
    pair = [*LOCALES, "source", "target"]
    # The partitions of this shuffle serve both aggregations, and a choice among the translations of a text.
    if "is_untranslated" not in segments.columns:
        segments = segments.withColumn("is_untranslated", F.lit(False))
    rows = segments.repartition(*LOCALES, "source").withColumn("is_current", F.col("superseded").isNull())
    of_documents = rows.groupBy(*pair, "set", "document", "is_current").agg(
        F.count("*").alias("segments"),
        F.max("handoff").alias("handoff"),
        F.min(_rank_of(F.col("workflow"))).alias("rank"),
        F.max("superseded").alias("superseded"),
        F.min(F.struct("position", "id")).alias("first"),
        F.max("is_untranslated").alias("is_untranslated"),
    )
    counted = of_documents.groupBy(*pair).agg(
        F.min("rank").alias("rank"),
        F.max("is_untranslated").alias("is_untranslated"),
        *(
            F.struct(
                F.sum(F.when(chosen, F.col("segments"))).alias("segments"),
                F.count(F.when(chosen, F.lit(1))).alias("documents"),
                F.max(F.when(chosen, F.col("handoff"))).alias("handoff"),
                F.max(F.when(chosen, F.col("superseded"))).alias("superseded"),
                F.min(F.when(chosen, F.struct("set", "document", F.col("first.id").alias("id")))).alias("place"),
            ).alias(name)
            for name, chosen in [("current", F.col("is_current")), ("past", ~F.col("is_current"))]
        ),
    )
    usage = F.when(F.col("current.documents") > 0, F.col("current")).otherwise(F.col("past"))
    return counted.withColumn("usage", usage).select(
        *pair,
        F.element_at(F.array(F.lit("human"), F.lit(None), F.lit("machine")), F.col("rank") + 1).alias("workflow"),
        *(F.col(f"usage.{name}").alias(name) for name in ["segments", "documents", "handoff", "superseded"]),
        F.col("usage.place.set").alias("set"),
        F.col("usage.place.document").alias("document"),
        F.col("usage.place.id").alias("id"),
        "is_untranslated",
    )


def _marked(rows: DataFrame) -> DataFrame:
    """With a column that says whether an export leaves the text out as not translated, unless a person translated it."""

    @F.arrow_udf("boolean")
    def is_untranslated(texts: pa.Array) -> pa.Array:
        from bitext import _bitext

        return pa.array(_bitext.are_untranslated(texts.to_pylist()), pa.bool_())

    # Few texts are their own translation, and only these are sent to Python.
    equal = F.when(F.col("source") == F.col("target"), F.col("source"))
    return rows.withColumn("is_untranslated", is_untranslated(equal))


def _with_problem() -> str:
    return f"{SEGMENTS}, problem {PROBLEM}"


def _arrow_schema() -> pa.Schema:
    kinds = {
        "string": pa.string(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", "UTC"),
        "array<string>": pa.list_(pa.string()),
    }
    return pa.schema([(name, kinds[kind]) for name, kind in (column.split() for column in SEGMENTS.split(", "))])


_PROBLEM = pa.struct([("path", pa.string()), ("line", pa.int64()), ("reason", pa.string())])


def _rows(stream: Any, shown: tuple[str, str]) -> Iterator[pa.RecordBatch]:
    """The segments of a stream, and then its problems, with a column for these. ``shown`` replaces the beginning of their paths."""
    schema = _arrow_schema()
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
    schema = _arrow_schema()
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
                with _received(local, sent) as local:
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
    kinds = {"string": pa.string(), "bigint": pa.int64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in (column.split() for column in FINDINGS.split(", "))])

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


def _fetched(spark: SparkSession, path: str) -> str:
    """A copy of a file with a scheme on the driver, read by Hadoop."""
    java = spark._jvm.org.apache.hadoop.fs
    copy = os.path.join(_temporary(spark), posixpath.basename(path))
    system = java.FileSystem.get(spark._jvm.java.net.URI(path), spark._jsc.hadoopConfiguration())
    if not system.exists(java.Path(path)):
        raise bitext.BitextError(f"cannot read {path}: there is no such file")
    system.copyToLocalFile(False, java.Path(path), java.Path(copy), True)
    return copy


def _sent(spark: SparkSession, path: str) -> str:
    """Sends a file to the executors. Returns its name there, which has no ending: Spark unpacks tar archives."""
    if not os.path.isfile(path):
        raise bitext.BitextError(f"cannot read {path}: there is no such file")
    name = f"bitext-{uuid.uuid4().hex}"
    copy = os.path.join(_temporary(spark), name)
    _link(path, copy)
    spark.sparkContext.addFile(copy)
    return name


_folders: dict[str, tempfile.TemporaryDirectory[str]] = {}
"""A folder on the driver for each application. They are removed when the interpreter ends."""


def _temporary(spark: SparkSession) -> str:
    """A new folder on the driver."""
    application = spark.sparkContext.applicationId
    if application not in _folders:
        _folders[application] = tempfile.TemporaryDirectory(prefix="bitext-")
    return tempfile.mkdtemp(dir=_folders[application].name)


def _link(path: str, name: str) -> None:
    try:
        os.link(path, name)
    except OSError:
        shutil.copyfile(path, name)


@contextlib.contextmanager
def _received(path: str, sent: str | None) -> Iterator[str]:
    """A file that was sent, under its own name; other paths as they are."""
    if not sent:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="bitext-") as folder:
        local = os.path.join(folder, posixpath.basename(path))
        _link(SparkFiles.get(sent), local)
        yield local


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


def _look_up(sent: str, text: str, options: dict[str, Any]):
    kinds = {
        "int": pa.int32(),
        "bigint": pa.int64(),
        "double": pa.float64(),
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "string": pa.string(),
    }
    fields = [(name, kinds[kind]) for name, kind in MATCH.items()]

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
            columns = [pa.array(found.column(name).cast(kind).to_pylist(), kind) for name, kind in fields]
            matches = pa.ListArray.from_arrays(ends, pa.StructArray.from_arrays(columns, [name for name, _ in fields]))
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
