"""The executors: whether they have this package, and the files that are sent to them."""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import SparkSession

import bitext


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


def fetch_file(spark: SparkSession, path: str) -> str:
    """A copy of a file with a scheme on the driver, read by Hadoop."""
    java = spark._jvm.org.apache.hadoop.fs
    copy = os.path.join(_temporary(spark), posixpath.basename(path))
    system = java.FileSystem.get(spark._jvm.java.net.URI(path), spark._jsc.hadoopConfiguration())
    if not system.exists(java.Path(path)):
        raise bitext.BitextError(f"cannot read {path}: there is no such file")
    system.copyToLocalFile(False, java.Path(path), java.Path(copy), True)
    return copy


def send_file(spark: SparkSession, path: str) -> str:
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
def received(path: str, sent: str | None) -> Iterator[str]:
    """A file that was sent, under its own name; other paths as they are."""
    if not sent:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="bitext-") as folder:
        local = os.path.join(folder, posixpath.basename(path))
        _link(SparkFiles.get(sent), local)
        yield local
