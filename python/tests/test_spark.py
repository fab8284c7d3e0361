"""Spark gives what one machine gives, with executors that are processes of their own."""

import collections
import doctest
import importlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import textwrap
import xml.etree.ElementTree as tree
import zipfile
from pathlib import Path

import bitext
import pytest
from conftest import FIXTURES, SAVE, document, needed, write_documents

README = Path(__file__).resolve().parents[1] / "README.md"

if not shutil.which("java"):
    pytest.skip("Java is not installed", allow_module_level=True)
pyspark = needed("pyspark")
pyarrow = needed("pyarrow")

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")
os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def session(master="local-cluster[2,1,2048]", **options):
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("bitext").config("spark.ui.enabled", False)
    builder = builder.config("spark.sql.shuffle.partitions", 4).config("spark.sql.session.timeZone", "UTC")
    for name, value in options.items():
        builder = builder.config(name.replace("_", "."), value)
    spark = builder.config("spark.ui.showConsoleProgress", False).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """Two executors of one core each."""
    os.chdir(tmp_path_factory.mktemp("spark"))
    spark = session()
    yield spark
    spark.stop()


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A folder, an archive and a damaged one, a document without a locale, and one that cannot be read."""
    folder = tmp_path_factory.mktemp("sets")
    shutil.copytree(FIXTURES, folder / "docs")
    (folder / "many").mkdir()
    for number in range(40):
        text = document([(f"설정 {number % 7}", f"Settings {number % 5}"), *SAVE], kind="HT" if number % 3 else "MT")
        if number == 17:
            text = text.replace("ms.contentlocale: ko-KR\n", "")
        (folder / "many" / f"{number}.md").write_text(text, encoding="utf-8")
    (folder / "many" / "bad.md").write_bytes(b'<span data-ttu-id="0a1b2-101">\xff')
    with zipfile.ZipFile(folder / "packed.zip", "w") as packed:
        for path in sorted((folder / "many").iterdir()):
            packed.write(path, f"packed/{path.name}")
    with tarfile.open(folder / "cut.tar.gz", "w:gz") as cut:
        cut.add(folder / "many", "cut")
    whole = (folder / "cut.tar.gz").read_bytes()
    (folder / "cut.tar.gz").write_bytes(whole[: len(whole) * 2 // 3])
    packed = bytearray((folder / "packed.zip").read_bytes())
    packed[len(packed) // 3] ^= 0xFF
    (folder / "damaged.zip").write_bytes(packed)
    return [str(folder / name) for name in ["docs", "many", "packed.zip", "damaged.zip", "cut.tar.gz"]]


def of_one_machine(paths):
    """The rows and the problems that one machine extracts, as multisets."""
    rows, problems = collections.Counter(), collections.Counter()
    for path in paths:
        try:
            stream = bitext.extract(path)
        except bitext.BitextError as error:
            problems[path, None, str(error)] += 1
            continue
        rows.update(comparable(row) for row in pyarrow.table(stream).to_pylist())
        problems.update((problem["path"], problem["line"], problem["reason"]) for problem in stream.problems)
    return rows, problems


def comparable(row):
    return tuple(tuple(value) if isinstance(value, list) else value for value in row.values())


def rows_of(frame):
    return collections.Counter(comparable(row) for row in frame.toArrow().to_pylist())


def test_the_rows_and_the_problems_are_those_of_one_machine(spark, sets):
    from bitext.spark import extract

    rows, problems = of_one_machine(sets)
    extracted = extract(spark, sets, documents_per_task=7)
    assert extracted.segments.rdd.getNumPartitions() > 12
    assert rows_of(extracted.segments) == rows
    assert collections.Counter(map(tuple, extracted.problems.collect())) == problems
    assert problems and any("cut.tar.gz" in path for path, _, _ in problems)
    sent = extract(spark, sets, documents_per_task=7, send=True)
    assert rows_of(sent.segments) == rows
    assert collections.Counter(map(tuple, sent.problems.collect())) == problems


def test_spark_reads_folders_with_a_scheme_and_parquet(spark, sets, tmp_path):
    from bitext.spark import extract

    rows, problems = of_one_machine(sets[1:2])
    read = extract(spark, f"file://{sets[1]}", target_locale="ko-KR")
    assert rows_of(read.segments) == rows
    assert len(read.problems.collect()) == len(problems)
    written = str(tmp_path / "many.parquet")
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table(bitext.extract(sets[1])), written)
    assert rows_of(extract(spark, [written]).segments) == rows


def imported(sets, path="one.db"):
    memory = bitext.Memory(path, create=True)
    for path in sets:
        try:
            memory.import_paths(path)
        except bitext.BitextError:
            assert path.endswith("cut.tar.gz")
    return memory


def test_the_choice_is_that_of_an_export(spark, sets, tmp_path):
    from bitext.spark import choose, deduplicate, extract

    memory = imported(sets, tmp_path / "one.db")
    memory.export(tmp_path / "chosen.tmx")
    # An export has units for a context besides: those that differ from the choice. They name their scope.
    text = (tmp_path / "chosen.tmx").read_text(encoding="utf-8")
    expected = units_everywhere(text)
    segments = extract(spark, sets).segments
    chosen = choose(segments)
    found = {(row.source_locale, row.target_locale, row.source): row.target for row in chosen.collect()}
    assert found == expected and len(found) > 100
    plan = chosen._jdf.queryExecution().executedPlan().toString()
    plan = plan.partition("== Initial Plan ==")[0]
    assert plan.count("Exchange ") == 1, plan
    pairs = {(row.source, row.target): row for row in deduplicate(segments).collect()}
    assert pairs["Settings", "설정"].workflow == "human"


def units_everywhere(text):
    body = tree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", text))
    source_locale = body.find("header").get("srclang")
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    units = {}
    for unit in body.iter("tu"):
        texts = {variant.get(lang): "".join(variant.find("seg").itertext()) for variant in unit.iter("tuv")}
        source = texts.pop(source_locale)
        for locale, target in texts.items():
            units.setdefault((source_locale, locale, source), []).append((unit, target))
    everywhere = {}
    for key, found in units.items():
        is_everywhere = [target for unit, target in found if not any(prop.get("type") == "x-scope" for prop in unit.iter("prop"))]
        everywhere[key] = is_everywhere[0]
    return everywhere


def test_memories_export_the_bytes_of_one_machine(spark, sets, tmp_path):
    from bitext.spark import extract, memories

    made = memories(extract(spark, sets, documents_per_task=7).segments, tmp_path / "memories")
    one = imported(sets, tmp_path / "one.db")
    assert len(made) == 3 and not any(of["problems"] for of in made)
    for of in made:
        locale = of["path"].split(".")[-2]
        for name in ["a.tmx", "a.jsonl"]:
            one.export(tmp_path / name, to=locale)
            bitext.Memory(of["path"]).export(tmp_path / f"spark-{name}", to=locale)
            assert (tmp_path / name).read_bytes() == (tmp_path / f"spark-{name}").read_bytes(), (locale, name)
    assert sorted(os.listdir(tmp_path / "memories")) == sorted(Path(of["path"]).name for of in made)


def test_what_spark_writes_is_imported_as_the_documents(spark, sets, tmp_path):
    from bitext.spark import extract, write

    write(extract(spark, sets).segments, str(tmp_path / "written"))
    one, written = imported(sets, tmp_path / "one.db"), bitext.Memory(tmp_path / "written.db", create=True)
    assert written.import_paths(tmp_path / "written")["problems"] == []
    for memory, name in [(one, "one.jsonl"), (written, "written.jsonl")]:
        memory.export(tmp_path / name)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "written.jsonl").read_bytes()


def test_documents_in_several_languages_are_joined(spark, tmp_path):
    from bitext.spark import extract, join_locales

    for locale, target, kind in [("ko-KR", "설정", "HT"), ("ja-JP", "設定", "MT"), ("ko-KR", "환경", "MT")]:
        folder = tmp_path / f"{locale}-{kind}"
        folder.mkdir()
        text = document([(target, "Settings")], locale, kind).replace("title:", "ms.openlocfilehash: abc\ntitle:")
        (folder / "a.md").write_text(text, encoding="utf-8")
    joined = join_locales(extract(spark, [str(path) for path in tmp_path.iterdir()]).segments)
    assert [row.targets for row in joined.collect()] == [{"ja-JP": "設定", "ko-KR": "설정"}]


def test_matches_are_those_of_one_machine(spark, sets, tmp_path):
    from bitext.spark import extract, lookup

    memory = imported(sets, tmp_path / "one.db")
    texts = extract(spark, sets[1:2]).segments.select("source", "id")
    found = lookup(texts, memory, to="ko-KR", min=50, limit=3).collect()
    assert len(found) == texts.count()
    queries = [row.source for row in found]
    table = pyarrow.table(memory.query(queries, to="ko-KR", min=50, limit=3))
    expected = [[] for _ in queries]
    for row in table.to_pylist():
        expected[row["query"]].append((row["score"], row["target"]))
    assert [[(match.score, match.target) for match in row.matches] for row in found] == expected


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="this system has no /proc")
def test_an_executor_that_is_killed_changes_nothing(spark, sets, tmp_path):
    from bitext.spark import extract

    rows, problems = of_one_machine(sets)
    marker = str(tmp_path / "killed")
    extracted = extract(spark, sets, documents_per_task=3)

    def kill_once(batches):
        import os
        import signal

        for batch in batches:
            try:
                os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                yield batch
                continue
            # The parents of a worker are the daemon of Python, and the executor.
            daemon = os.getppid()
            with open(f"/proc/{daemon}/stat") as stat:
                executor = int(stat.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{executor}/cmdline", "rb") as command:
                assert b"CoarseGrainedExecutorBackend" in command.read()
            os.kill(executor, signal.SIGKILL)

    segments = extracted.segments.mapInArrow(kill_once, extracted.segments.schema)
    assert rows_of(segments) == rows
    assert os.path.exists(marker)
    assert collections.Counter(map(tuple, extracted.problems.collect())) == problems


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda spark, module: module.extract(spark, "nothing"), bitext.BitextError, "cannot read nothing"),
        (lambda spark, module: module.extract(spark, "docs", target_locale="!").segments.count(), Exception, "!"),
        (lambda spark, module: module.lookup(module.extract(spark, "docs").segments, "none.db"), bitext.BitextError, "no translation memory"),
        (lambda spark, module: module.lookup(module.extract(spark, "docs").segments, "docs.db", text="text"), ValueError, "no column 'text'"),
        (lambda spark, module: module.choose(module.extract(spark, "docs").segments, ["age"]), ValueError, "no 'age'"),
    ],
)
def test_a_mistake_is_one_exception_with_a_sentence(spark, folder, call, error, sentence):
    module = importlib.import_module("bitext.spark")
    with pytest.raises(error) as raised:
        call(spark, module)
    assert sentence in str(raised.value)


def test_each_function_has_an_example_that_runs(spark, folder):
    module = importlib.import_module("bitext.spark")
    runner = doctest.DocTestRunner()
    for name in ["extract", "check", "deduplicate", "choose", "join_locales", "write", "lookup", "memories"]:
        finder = doctest.DocTestFinder(exclude_empty=False)
        [test] = finder.find(getattr(module, name), name, module=False, globs={"bitext": bitext, "spark": spark})
        assert test.examples, f"{name} has no example"
        runner.run(test)
    assert runner.summarize().failed == 0


def test_the_tour_with_spark_prints_what_it_says(spark, folder, capsys):
    shutil.copytree(FIXTURES, "fixtures/docs")
    tour = README.read_text(encoding="utf-8").partition("## With Spark")[2]
    [program] = re.findall(r"^```python\n(.*?)^```$", tour, re.M | re.S)
    [printed] = re.findall(r"^```text\n(.*?)^```$", tour, re.M | re.S)
    exec(program, {"bitext": bitext, "documents": "fixtures/docs"})
    assert capsys.readouterr().out == printed


def test_an_executor_without_the_package_is_named(tmp_path):
    """In a session of its own: its executors find no bitext."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'bitext':\n"
        "            raise ModuleNotFoundError(\"No module named 'bitext'\")\n"
        "sys.meta_path.insert(0, Blocked())\n"
    )
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nPYTHONPATH={tmp_path}:$PYTHONPATH exec {sys.executable} \"$@\"\n")
    python.chmod(0o755)
    write_documents(tmp_path)
    script = textwrap.dedent(
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        import bitext, test_spark
        from bitext.spark import extract
        try:
            extract(test_spark.session("local[1]"), "docs")
        except bitext.BitextError as error:
            print(error)
        """
    )
    environment = {**os.environ, "PYSPARK_PYTHON": str(python), "PYSPARK_DRIVER_PYTHON": sys.executable}
    run = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent)],
        capture_output=True, text=True, cwd=tmp_path, env=environment,
    )
    assert "has no package bitext; install the wheel" in run.stdout, run.stderr[-2000:]
