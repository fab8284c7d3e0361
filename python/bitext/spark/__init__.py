"""Documents of many repositories on many machines, with Apache Spark 4: ``pip install bitext[spark]``.

The executors extract with this package, through ``mapInArrow``; all else are operators of Spark. Paths are read where the tasks run, as
Spark reads local files: each machine must have them. ``send=True`` sends archives from the driver instead.

The columns are those of :func:`bitext.extract`. Spark has no unsigned numbers, so ``number``, ``line`` and ``position`` are ``bigint``.
"""

import sys

from pyspark import cloudpickle

from bitext.spark._choice import PREFERENCE, choose, deduplicate, join_locales
from bitext.spark._columns import COLUMNS, FINDINGS, MATCH, SEGMENTS
from bitext.spark._documents import Extracted, check, extract
from bitext.spark._executors import require_package
from bitext.spark._memories import lookup, memories
from bitext.spark._tables import write

# The functions of this package are sent by their code, not by the names of its modules. So an executor without it can say so.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

__all__ = [
    "COLUMNS",
    "FINDINGS",
    "MATCH",
    "PREFERENCE",
    "SEGMENTS",
    "Extracted",
    "check",
    "choose",
    "deduplicate",
    "extract",
    "join_locales",
    "lookup",
    "memories",
    "require_package",
    "write",
]
