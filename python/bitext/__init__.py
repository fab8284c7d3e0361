"""A translation memory of side-by-side localized documentation, with results as Arrow.

Segments, matches and findings are streams with the Arrow PyCapsule interface: ``pyarrow.table``, ``polars.DataFrame``,
``pandas.DataFrame.from_arrow`` and DuckDB take them without a copy. A failed operation raises :class:`BitextError` with the sentence of the
command line, a wrong argument :class:`ValueError`. The examples use the folder ``docs`` with small documents, and a memory of it.
"""

from bitext._bitext import BitextError, Stream, __version__
from bitext._documents import check, extract, extract_bytes, list_sets, segment, translate
from bitext._memory import Memory

__all__ = [
    "BitextError",
    "Memory",
    "Stream",
    "__version__",
    "check",
    "extract",
    "extract_bytes",
    "list_sets",
    "segment",
    "translate",
]
