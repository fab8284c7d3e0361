"""One translation of many, with Spark's own operators."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyspark.sql.functions as F
from pyspark.sql import Column, DataFrame, Window

from bitext.spark._columns import LOCALES

PREFERENCE = ("workflow", "superseded", "documents", "handoff")
"""What makes a translation the better one, the most important first: as in an export."""


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
