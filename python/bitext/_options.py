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
