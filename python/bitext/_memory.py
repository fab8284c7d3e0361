"""A translation memory."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from bitext import _bitext
from bitext._bitext import Stream
from bitext._options import Names, PathLike, Paths, Progress, chosen, sources

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from bitext._options import FileOptions, SegmentOptions


class Memory:
    """A translation memory, one file. ``create`` makes it if it is missing.

    Each call opens the file and closes it. So a memory can be used in forked and in spawned processes, and be pickled. What look-ups read of
    the index is kept with the object.

    >>> memory = bitext.Memory("new.db", create=True)
    >>> memory.import_paths("docs")["segments"]
    2
    """

    def __init__(self, path: PathLike, *, create: bool = False) -> None:
        self._memory = _bitext.Memory(path, create)

    def __repr__(self) -> str:
        return f"bitext.Memory({os.fspath(self.path)!r})"

    def __reduce__(self) -> tuple[type[Memory], tuple[PathLike]]:
        return Memory, (self.path,)

    @property
    def path(self) -> PathLike:
        """The file."""
        return self._memory.path

    def query(
        self,
        texts: str | Iterable[str],
        *,
        to: str | None = None,
        from_: str | None = None,
        min: int = 70,
        limit: int = 5,
        before: str | Sequence[str | None] | None = None,
        after: str | Sequence[str | None] | None = None,
        document: str | Sequence[str | None] | None = None,
        workflow: str | None = None,
        current: bool = False,
        threads: int | None = None,
    ) -> Stream:
        """The matches of texts, at most ``limit`` of each, the best first: one row each, with the number of its text in ``query``.

        ``texts`` is a text, a list of them, or a column of Arrow, Polars or pandas. ``before`` and ``after`` are the neighbours of the text,
        or of each of them: an empty one says that the document begins or ends there. ``min`` is the lowest score, 1 to 101, ``workflow``
        is ``human`` or ``machine``. All processors look up, without the interpreter's lock: a batch of texts is faster than one by one.

        The columns are ``query``, ``score``, ``kind``, ``source``, ``target``, ``source_locale``, ``target_locale``, ``workflow``,
        ``confidence``, ``segments``, ``documents``, ``handoff``, ``superseded``, ``set``, ``document``, ``id``, ``same_document``,
        ``similarity``, ``error``.

        >>> import pyarrow
        >>> found = pyarrow.table(bitext.Memory("docs.db").query(["Select **Save**.", "Unknown"], to="ko-KR"))
        >>> found.select(["query", "score", "target"]).to_pylist()
        [{'query': 0, 'score': 100, 'target': '**저장**을 선택합니다.'}]
        """
        if isinstance(texts, str):
            texts = [texts]
        # A column has scalars of its own.
        for method in ("to_pylist", "to_list", "tolist"):
            if hasattr(texts, method):
                texts = getattr(texts, method)()
                break
        texts = list(texts)

        def each(values: str | Sequence[str | None] | None) -> Sequence[str | None]:
            values = [values] * len(texts) if values is None or isinstance(values, str) else list(values)
            if len(values) != len(texts):
                raise ValueError(f"{len(values)} neighbours or documents for {len(texts)} texts")
            return values

        options = {
            "from": from_,
            "to": to,
            "min": min,
            "limit": limit,
            "workflow": workflow,
            "current": current,
            "threads": threads,
        }
        return self._memory.query(list(zip(texts, each(before), each(after), each(document))), options)

    def search(
        self,
        pattern: str,
        *,
        side: str = "both",
        regex: bool = False,
        word: bool = False,
        case: bool = False,
        locale: str | None = None,
        documents: Names = (),
        workflow: str | None = None,
        since: str | None = None,
        current: bool = False,
        limit: int = 20,
    ) -> Stream:
        """The pairs of texts that contain a phrase, or match an expression (``regex``): one row each. ``limit`` 0 is no limit.

        ``side`` is ``source``, ``target`` or ``both``, ``documents`` are globs. The columns are those of ``bitext search --json``:
        ``source``, ``target``, their locales, ``source_hits``, ``target_hits`` (start and end in characters), ``segments``, ``documents``,
        the first place, and ``error``.

        >>> import pyarrow
        >>> pyarrow.table(bitext.Memory("docs.db").search("저장")).select(["target", "target_hits"]).to_pylist()
        [{'target': '**저장**을 선택합니다.', 'target_hits': [[2, 4]]}]
        """
        options = {
            "side": side,
            "regex": regex,
            "word": word,
            "case": case,
            "locale": locale,
            "documents": documents or None,
            "workflow": workflow,
            "since": since,
            "current": current,
            "limit": limit,
        }
        return self._memory.search(pattern, options)

    def segments(self, **options: Unpack[SegmentOptions]) -> Stream:
        """The segments of the memory, those that ``bitext export`` writes: a stream with the columns of :func:`bitext.extract`.

        The options choose among them. ``from_``, ``to``, ``sets``, ``documents`` (globs) and ``workflow`` name what is wanted; ``since`` and
        ``until`` bound the hand-off; ``versions`` is ``best``, ``current`` or ``all``; ``min_confidence`` bounds that of aligned pairs.
        ``dedupe`` keeps the first of translations that differ in markup, case and white space alone. ``clean`` leaves out what the checks
        find, for ``training`` or for a ``translator``, ``leave_out`` what these checks find, and ``ignore_file`` has false alarms.

        >>> import pyarrow
        >>> pyarrow.table(bitext.Memory("docs.db").segments(to="ko-KR", workflow="human"))["id"].to_pylist()
        ['0a1b2-101', '0a1b2-102']
        """
        return self._memory.segments(chosen(**options))

    def stats(self) -> dict[str, Any]:
        """The counts of the memory: the object of ``bitext stats --json``.

        >>> bitext.Memory("docs.db").stats()["segments"]
        2
        """
        return json.loads(self._memory.stats())

    def import_paths(
        self,
        paths: Paths,
        *,
        format: str | None = None,
        set: str | None = None,
        source_locale: str = "en-US",
        target_locale: str | None = None,
        prune: bool = False,
        history: bool = False,
        dry_run: bool = False,
        threads: int | None = None,
        progress: Progress | None = None,
        **options: Unpack[FileOptions],
    ) -> dict[str, Any]:
        """Imports document sets, TMX files and files of segments. Returns the counts of ``bitext import``, and ``problems`` as a list.

        ``prune`` removes documents that are no longer there, ``history`` also reads the earlier versions in Git. After Ctrl-C, the memory has
        the documents that were stored before, each whole.

        >>> counts = bitext.Memory("docs.db").import_paths("docs")
        >>> counts["documents_unchanged"], counts["problems"]
        (1, [])
        """
        given = sources(paths, set, source_locale, target_locale, threads, options)
        counts, problems = self._memory.import_paths(given, format, prune, history, dry_run, progress)
        return {**json.loads(counts), "problems": problems}

    def export(
        self,
        output: PathLike,
        *,
        format: str | None = None,
        **options: Unpack[SegmentOptions],
    ) -> dict[str, int]:
        """Writes what ``bitext export`` writes, in the format of the name of ``output`` or in ``format``. Returns counts.

        The other options are those of :meth:`segments`.

        >>> bitext.Memory("docs.db").export("docs.tmx", to="ko-KR")
        {'units': 2, 'variants': 2}
        """
        written, variants = self._memory.export(output, format, chosen(**options))
        return {"segments": written} if variants is None else {"units": written, "variants": variants}

