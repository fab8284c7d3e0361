"""Types and options that several functions have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, TypedDict, Union

PathLike = Union[str, "os.PathLike[str]"]
Paths = Union[PathLike, Sequence[PathLike]]
Names = Union[str, Sequence[str]]
Progress = Callable[[int], object]


class FileOptions(TypedDict, total=False):
    """Which files of folders and archives are read, and how much of them."""

    include: Names
    """Globs of files that are read whatever their ending."""
    exclude: Names
    """Globs of files that are not read."""
    ref: str
    """A revision of the Git repositories that the paths are: ``live-sxs`` or ``live-sxs:docs``."""
    max_document: str
    """The largest document: ``"64MiB"``."""
    max_unpacked: str
    """The most bytes that an archive may unpack to."""


def files(
    include: Names = (),
    exclude: Names = (),
    ref: str | None = None,
    max_document: str | None = None,
    max_unpacked: str | None = None,
) -> dict[str, Any]:
    """The options of files for the compiled part."""
    return {
        "include": include or None,
        "exclude": exclude or None,
        "revision": ref,
        "max_document": max_document,
        "max_unpacked": max_unpacked,
    }


def sources(
    paths: Paths,
    set: str | None,
    source_locale: str,
    target_locale: str | None,
    threads: int | None,
    options: FileOptions,
    part: tuple[int, int] | None = None,
) -> dict[str, Any]:
    """The documents to read, for the compiled part."""
    return {
        "paths": paths,
        "files": files(**options),
        "set": set,
        "source_locale": source_locale,
        "target_locale": target_locale,
        "threads": threads,
        "part": part,
    }


class SegmentOptions(TypedDict, total=False):
    """Which segments of a memory are wanted, and which translation of each."""

    from_: str
    """The locale of the source texts."""
    to: Names
    """The locales of the translations."""
    sets: Names
    """The names of document sets."""
    documents: Names
    """Globs of documents."""
    workflow: str
    """``human`` or ``machine``."""
    since: str
    """The first day of the hand-off: ``2024-01-31``."""
    until: str
    """The last day of the hand-off."""
    versions: str
    """``best``, ``current`` or ``all``."""
    min_confidence: float
    """The least confidence of aligned pairs, from 0 to 1."""
    dedupe: bool
    """Whether of translations that differ in markup, case and white space alone the first is kept."""
    clean: str
    """Leaves out what the checks find, for ``training`` or for a ``translator``."""
    leave_out: Names
    """Leaves out what these checks find."""
    ignore_file: PathLike
    """A file of false alarms."""


def chosen(
    from_: str | None = None,
    to: Names = (),
    sets: Names = (),
    documents: Names = (),
    workflow: str | None = None,
    since: str | None = None,
    until: str | None = None,
    versions: str = "best",
    min_confidence: float = 0.0,
    dedupe: bool = False,
    clean: str | None = None,
    leave_out: Names = (),
    ignore_file: PathLike | None = None,
) -> dict[str, Any]:
    """The options of segments for the compiled part."""
    return {
        "from": from_,
        "to": to or None,
        "sets": sets or None,
        "documents": documents or None,
        "workflow": workflow,
        "since": since,
        "until": until,
        "versions": versions,
        "min_confidence": min_confidence,
        "dedupe": dedupe,
        "clean": clean,
        "leave_out": leave_out or None,
        "ignore_file": ignore_file,
    }
