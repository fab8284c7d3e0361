"""Streams of segments, in the libraries that read Arrow."""

import json
import os
import subprocess
import sys

import bitext
import pytest
from conftest import FIXTURES, SAVE, document, needed


def rows(table):
    return table.to_pylist()


def test_every_library_takes_the_stream(folder):
    pyarrow = needed("pyarrow")
    table = pyarrow.table(bitext.extract("docs"))
    assert table.schema.metadata[b"bitext.schema"] == b"1"
    assert [(row["target"], row["source"]) for row in rows(table)] == SAVE
    assert [row["position"] for row in rows(table)] == [0, 1]
    assert rows(table)[0]["handoff"].isoformat() == "2019-04-23"
    polars = needed("polars")
    assert polars.DataFrame(bitext.extract("docs")).rows() == [tuple(row.values()) for row in rows(table)]
    duckdb = needed("duckdb")
    stream = bitext.extract("docs")
    found = duckdb.sql("select source, workflow from stream order by position").fetchall()
    assert found == [(source, "human") for _, source in SAVE]
    pandas = needed("pandas")
    frame = pandas.DataFrame.from_arrow(bitext.extract("docs"))
    assert list(frame["target"]) == [target for target, _ in SAVE]


def test_the_schema_is_known_before_the_stream_is_read(folder):
    pyarrow = needed("pyarrow")
    stream = bitext.extract("docs")
    assert pyarrow.schema(stream).names[:3] == ["document", "set", "id"]
    assert pyarrow.table(stream).num_rows == 2
    with pytest.raises(bitext.BitextError, match="read already"):
        pyarrow.table(stream)


def test_rows_are_the_same_with_any_number_of_threads(folder):
    pyarrow = needed("pyarrow")
    one = pyarrow.table(bitext.extract(str(FIXTURES), threads=1))
    assert one.num_rows > 50
    assert one.equals(pyarrow.table(bitext.extract(FIXTURES, threads=4)))


def test_one_document_from_elsewhere(folder):
    pyarrow = needed("pyarrow")
    data = (folder / "docs" / "save.md").read_bytes()
    table = pyarrow.table(bitext.extract_bytes("save.md", data, set="docs"))
    assert table.equals(pyarrow.table(bitext.extract("docs")))
    clean = bitext.extract_bytes("clean.md", b"# Nothing\n")
    assert pyarrow.table(clean).num_rows == 0 and clean.problems == []
    without = document(SAVE).replace("ms.contentlocale: ko-KR\n", "")
    without = bitext.extract_bytes("a.md", without.encode())
    assert pyarrow.table(without).num_rows == 0 and "locale" in without.problems[0]["reason"]


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_read(folder):
    pyarrow = needed("pyarrow")
    (folder / "docs" / "bad.md").write_bytes(b'<span data-ttu-id="0a1b2-101">\xff\xfe')
    stream = bitext.extract("docs")
    assert pyarrow.table(stream).num_rows == 2
    [problem] = stream.problems
    assert problem["path"] == "docs/bad.md" and problem["reason"]


def test_progress_is_called_and_what_it_raises_is_raised(folder):
    pyarrow = needed("pyarrow")
    done = []
    pyarrow.table(bitext.extract("docs", progress=done.append))
    assert done[-1] == 1

    def stop(documents):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        bitext.Memory("docs.db").import_paths("docs", progress=stop)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: bitext.extract("nothing"), bitext.BitextError, "nothing"),
        (lambda: bitext.extract("docs", source_locale="!"), ValueError, "!"),
        (lambda: bitext.extract("docs", max_document="many"), ValueError, "many"),
        (lambda: bitext.Memory("none.db"), bitext.BitextError, "there is no translation memory at none.db"),
        (lambda: bitext.Memory("docs"), bitext.BitextError, "docs is a folder"),
        (lambda: bitext.Memory("docs.db").query("a", to="?"), ValueError, "?"),
        (lambda: bitext.Memory("docs.db").query("a", min=0), ValueError, "at least 1"),
        (lambda: bitext.Memory("docs.db").query(["a"], before=["b", "c"]), ValueError, "2 neighbours"),
        (lambda: bitext.Memory("docs.db").search("(", regex=True), ValueError, "unclosed group"),
        (lambda: bitext.Memory("docs.db").export("a.doc", format="doc"), ValueError, "no format"),
        (lambda: bitext.check("docs", only="none"), ValueError, "no check"),
    ],
)
def test_a_mistake_is_one_exception_with_a_sentence(folder, call, error, sentence):
    with pytest.raises(error) as raised:
        call()
    assert sentence in str(raised.value)


def test_a_memory_of_a_newer_version_is_named(folder):
    import sqlite3

    connection = sqlite3.connect("docs.db")
    connection.execute("pragma user_version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(bitext.BitextError, match="revision 99"):
        bitext.Memory("docs.db")


def in_parquet(folder):
    """A folder of Parquet, partitioned by locale, as the program writes it, from two sets in two locales."""
    (folder / "docs" / "ja.md").write_text(document([("設定", "Settings")], "ja-JP", "MT", "0c"), encoding="utf-8")
    pyarrow = needed("pyarrow")
    import pyarrow.dataset

    table = pyarrow.table(bitext.extract("docs"))
    pyarrow.dataset.write_dataset(
        table, "hive", format="parquet", partitioning=["target_locale"], partitioning_flavor="hive"
    )
    return table


def test_a_folder_that_another_program_wrote_makes_the_same_memory(folder):
    in_parquet(folder)
    bitext.Memory("a.db", create=True).import_paths("docs")
    bitext.Memory("b.db", create=True).import_paths("hive")
    for name in ["a.tmx", "a.jsonl", "a.csv"]:
        bitext.Memory("a.db").export(name)
        bitext.Memory("b.db").export("b" + name)
        assert (folder / name).read_bytes() == (folder / ("b" + name)).read_bytes(), name


def test_hugging_face_streams_a_split_a_locale(folder):
    needed("datasets")
    in_parquet(folder)
    script = (
        "import datasets, json\n"
        "files = {'ko': 'hive/target_locale=ko-KR/*.parquet', 'ja': 'hive/target_locale=ja-JP/*.parquet'}\n"
        "loaded = datasets.load_dataset('parquet', data_files=files, streaming=True)\n"
        "print(json.dumps({name: [row['source'] for row in split] for name, split in loaded.items()}))\n"
    )
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf"), "HOME": str(folder)}
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {"ko": ["Settings", "Select **Save**."], "ja": ["Settings"]}
