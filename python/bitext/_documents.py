"""Functions over documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bitext import _bitext
from bitext._bitext import Stream
from bitext._memory import Memory
from bitext._options import Names, PathLike, Paths, Progress, files, sources

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from bitext._options import FileOptions


def list_sets(paths: Paths, *, set: str | None = None, **options: Unpack[FileOptions]) -> list[dict[str, Any]]:
    """The document sets of paths, with their names and the numbers of their documents. No document is read.

    >>> bitext.list_sets("docs")
    [{'path': 'docs', 'set': 'docs', 'documents': 1}]
    """
    return json.loads(_bitext.list_sets(sources(paths, set, "en-US", None, None, options)))


def extract(
    paths: Paths,
    *,
    set: str | None = None,
    source_locale: str = "en-US",
    target_locale: str | None = None,
    part: tuple[int, int] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[FileOptions],
) -> Stream:
    """The segments of side-by-side documents: a stream of one row each, in the order of the paths.

    ``paths`` are folders, archives, Git repositories (``REPOSITORY@BRANCH``) or documents. ``target_locale`` is that of documents that state
    none. ``part`` is one of several parts of the documents of each path: ``(0, 4)`` is the first of four, which together have the rows and
    the problems of the whole. ``progress`` is called with the number of documents that are done. Further keywords choose files and bound them: ``include`` and
    ``exclude`` (globs), ``ref`` (a Git revision), ``max_document`` and ``max_unpacked`` (``"1GiB"``).

    The columns are those of ``bitext extract --format parquet``: ``document``, ``set``, ``id``, ``source``, ``target``, ``source_locale``,
    ``target_locale``, ``workflow`` and 17 more. What cannot be read is in ``problems`` of the stream, after it was read.

    >>> import pyarrow
    >>> segments = bitext.extract("docs")
    >>> table = pyarrow.table(segments)
    >>> table.shape, table["target_locale"][0].as_py(), table["source"][1].as_py()
    ((2, 25), 'ko-KR', 'Select **Save**.')
    >>> segments.problems
    []
    """
    given = sources(paths, set, source_locale, target_locale, threads, options, part)
    return _bitext.extract(given, progress)


def extract_bytes(
    name: str,
    data: bytes,
    *,
    set: str = "",
    source_locale: str = "en-US",
    target_locale: str | None = None,
) -> Stream:
    """The segments of one document that comes from elsewhere, with the columns of :func:`extract`.

    The ending of ``name`` decides how it is read: as Markdown, if it is not known.

    >>> import pyarrow
    >>> with open("docs/save.md", "rb") as document:
    ...     table = pyarrow.table(bitext.extract_bytes("save.md", document.read()))
    >>> table.shape
    (2, 25)
    """
    return _bitext.extract_bytes(name, data, set, source_locale, target_locale)


def segment(
    paths: Paths,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[FileOptions],
) -> Stream:
    """Where the segments of clean English documents begin and end, in bytes: one row each, with the columns of ``bitext segment``.

    These are ``document``, ``line`` (from 1), ``start``, ``end``, ``kind`` and ``text``.

    >>> import pyarrow
    >>> pyarrow.table(bitext.segment("new")).select(["line", "start", "end", "text"]).to_pylist()[0]
    {'line': 1, 'start': 2, 'end': 10, 'text': 'Settings'}
    """
    return _bitext.segment(paths, files(**options), threads, progress)


def check(
    paths: Paths | None = None,
    *,
    memory: Memory | PathLike | None = None,
    to: Names = (),
    only: Names = (),
    skip: Names = (),
    min_severity: str | None = None,
    ignore_file: PathLike | None = None,
    set: str | None = None,
    source_locale: str = "en-US",
    target_locale: str | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[FileOptions],
) -> Stream:
    """What is wrong with translations, in documents or in a memory: one row for each finding.

    ``only`` and ``skip`` are ids of checks, ``min_severity`` is ``error``, ``warning`` (if it is not given) or ``info``. ``ignore_file`` has
    false alarms, as ``bitext accept`` writes it. The columns are those of ``bitext check --json``: ``check``, ``severity``, ``set``,
    ``document``, ``id``, ``line``, ``source``, ``target``, ``source_ranges``, ``target_ranges``, ``reason``, ``workflow``,
    ``confidence``, ``finding``.

    >>> import pyarrow
    >>> found = pyarrow.table(bitext.check("wrong"))
    >>> found.select(["check", "severity", "document", "id"]).to_pylist()
    [{'check': 'link', 'severity': 'error', 'document': 'link.md', 'id': '0a1b2-101'}]
    """
    given = None
    if paths is not None:
        given = sources(paths, set, source_locale, target_locale, threads, options)
    path = memory.path if isinstance(memory, Memory) else memory
    chosen = {
        "to": to or None,
        "only": only or None,
        "skip": skip or None,
        "min_severity": min_severity,
        "ignore_file": ignore_file,
        "threads": threads,
    }
    return _bitext.check(given, path, chosen, progress)


def translate(
    paths: Paths,
    *,
    memory: Memory | PathLike,
    to: str,
    output: PathLike,
    min: int = 70,
    mark: bool = False,
    side_by_side: bool = False,
    overwrite: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
    **options: Unpack[FileOptions],
) -> dict[str, Any]:
    """Translates clean documents into the folder ``output`` as far as the memory knows them.

    ``min`` is the lowest score of a similar translation that is adapted, ``mark`` marks what is not translated. Returns the counts of
    ``bitext translate``, and ``problems`` as a list.

    >>> counts = bitext.translate("new", memory=bitext.Memory("docs.db"), to="ko-KR", output="translated")
    >>> counts["documents"], counts["segments"], counts["problems"]
    (1, 2, [])
    """
    path = memory.path if isinstance(memory, Memory) else memory
    chosen = {
        "to": to,
        "min": min,
        "mark": mark,
        "side_by_side": side_by_side,
        "overwrite": overwrite,
        "threads": threads,
    }
    counts, problems = _bitext.translate(paths, path, output, files(**options), chosen, progress)
    return {**json.loads(counts), "problems": problems}
