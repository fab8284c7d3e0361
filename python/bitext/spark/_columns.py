"""The columns of the tables, for Spark and for Arrow."""

from __future__ import annotations

import pyarrow as pa

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
MATCH = (
    "score int, kind string, source string, target string, source_locale string, target_locale string, workflow string, "
    "confidence double, segments bigint, documents bigint, handoff date, superseded boolean, set string, document string, "
    "id string, same_document boolean, similarity double, error string"
)
"""The columns of a match."""
LOCALES = ["source_locale", "target_locale"]

_KINDS = {
    "string": pa.string(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "array<string>": pa.list_(pa.string()),
}


def arrow_schema(columns: str) -> pa.Schema:
    """The columns in Arrow's types."""
    return pa.schema([(name, _KINDS[kind]) for name, kind in (column.split() for column in columns.split(", "))])
