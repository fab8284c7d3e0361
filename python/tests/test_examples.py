"""The examples in the docstrings, and the tour in README.md: what they print is what stands there."""

import contextlib
import doctest
import io
import re
import shutil
from pathlib import Path

import bitext
from conftest import FIXTURES, needed

README = Path(__file__).resolve().parents[1] / "README.md"
CHAPTER = FIXTURES.parents[1] / "docs" / "src" / "python.md"


def test_each_function_has_an_example_that_runs(folder):
    needed("pyarrow")
    runner = doctest.DocTestRunner()
    for name in set(bitext.__all__) - {"BitextError", "Stream", "__version__"}:
        finder = doctest.DocTestFinder(exclude_empty=False)
        for test in finder.find(getattr(bitext, name), name, module=False, globs={"bitext": bitext}):
            last = test.name.rsplit(".", 1)[-1]
            assert test.examples or last.startswith("_") or last == "path", f"{test.name} has no example"
            runner.run(test)
    assert runner.summarize().failed == 0 and runner.tries > 20


def test_the_tour_prints_what_it_says(folder, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for library in ("pyarrow", "polars", "duckdb", "datasets"):
        needed(library)
    shutil.copytree(FIXTURES, "fixtures/docs")
    tour = README.read_text(encoding="utf-8").partition("## With Spark")[0]
    blocks = re.findall(r"^```(python|text)\n(.*?)^```$", tour, re.M | re.S)
    names, printed, compared = {}, "", 0
    for language, block in blocks:
        if language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(block, names)
            printed = out.getvalue()
        else:
            assert printed == block
            compared += 1
    assert compared >= 3


def test_the_program_in_the_book_runs(folder):
    needed("polars")
    shutil.copytree(FIXTURES, "fixtures/docs")
    [program] = re.findall(r"^```python\n(.*?)^```$", CHAPTER.read_text(encoding="utf-8"), re.M | re.S)
    names = {}
    exec(program, names)
    assert len(names["segments"]) > 100 and len(names["matches"]) > 0
