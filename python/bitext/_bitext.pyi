"""The part of the package that is compiled. Use the functions of ``bitext``."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import Any

__version__: str

class BitextError(Exception):
    """An operation failed. The message says what, on what, and what to do."""

class Stream:
    """Record batches that an operation makes while they are read. They can be read once, in the process that made the stream."""

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What could not be read so far: dictionaries with ``path``, ``line`` and ``reason``."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...
    def __arrow_c_schema__(self) -> object: ...

class Memory:
    def __init__(self, path: str | PathLike[str], create: bool) -> None: ...
    @property
    def path(self) -> PathLike[str]: ...
    def query(
        self, texts: Sequence[tuple[str, str | None, str | None, str | None]], options: dict[str, Any]
    ) -> Stream: ...
    def search(self, pattern: str, options: dict[str, Any]) -> Stream: ...
    def segments(self, filter: dict[str, Any]) -> Stream: ...
    def stats(self) -> str: ...
    def import_paths(
        self,
        sources: dict[str, Any],
        format: str | None,
        prune: bool,
        history: bool,
        dry_run: bool,
        progress: Callable[[int], object] | None,
    ) -> tuple[str, list[dict[str, Any]]]: ...
    def export(
        self, output: str | PathLike[str], format: str | None, filter: dict[str, Any]
    ) -> tuple[int, int | None]: ...

def list_sets(sources: dict[str, Any]) -> str: ...
def extract(sources: dict[str, Any], progress: Callable[[int], object] | None) -> Stream: ...
def extract_bytes(
    name: str, data: bytes, set: str, source_locale: str, target_locale: str | None
) -> Stream: ...
def segment(
    paths: object, files: dict[str, Any], threads: int | None, progress: Callable[[int], object] | None
) -> Stream: ...
def are_untranslated(texts: Sequence[str | None]) -> list[bool]: ...
def check(
    sources: dict[str, Any] | None,
    memory: str | PathLike[str] | None,
    options: dict[str, Any],
    progress: Callable[[int], object] | None,
) -> Stream: ...
def translate(
    paths: object,
    memory: str | PathLike[str],
    output: str | PathLike[str],
    files: dict[str, Any],
    options: dict[str, Any],
    progress: Callable[[int], object] | None,
) -> tuple[str, list[dict[str, Any]]]: ...
