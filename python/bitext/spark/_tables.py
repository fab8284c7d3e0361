"""Tables of segments."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pyspark.sql.functions as F
from pyspark.sql import DataFrame


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
