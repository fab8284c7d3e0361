"""The memory, in one process and in several."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time

import bitext
import pytest
from conftest import FIXTURES, needed


def query(texts):
    import pyarrow

    return pyarrow.table(bitext.Memory("docs.db").query(texts, to="ko-KR", min=50)).to_pylist()


def test_matches_are_rows_in_the_order_of_the_texts(folder):
    needed("pyarrow")
    found = query(["Unknown", "Settings", "Select **Save**!", "settings"])
    assert [(row["query"], row["score"], row["kind"]) for row in found][0] == (1, 100, "exact")
    assert [row["query"] for row in found] == sorted(row["query"] for row in found)
    assert {row["query"] for row in found} == {1, 2, 3}


def test_texts_can_be_columns(folder):
    pyarrow = needed("pyarrow")
    polars = needed("polars")
    expected = query(["Settings"])
    assert query(pyarrow.array(["Settings"])) == expected
    assert query(pyarrow.chunked_array([["Settings"]])) == expected
    assert query(polars.Series(["Settings"])) == expected
    assert query("Settings") == expected
    assert query([]) == []


def test_neighbours_make_a_match_in_context(folder):
    pyarrow = needed("pyarrow")
    memory = bitext.Memory("docs.db")
    found = pyarrow.table(memory.query("Settings", to="ko-KR", before="", after="Select **Save**."))
    assert found["score"].to_pylist() == [101]
    found = memory.query(["Settings", "Settings"], to="ko-KR", before=["", "x"], after=["Select **Save**.", "x"])
    assert pyarrow.table(found)["score"].to_pylist() == [101, 100]


def test_the_answers_are_those_of_many_threads(folder):
    pyarrow = needed("pyarrow")
    memory = bitext.Memory("big.db", create=True)
    memory.import_paths(FIXTURES)
    texts = [text + "!" for text in pyarrow.table(memory.segments())["source"].to_pylist()] * 40
    one = pyarrow.table(memory.query(texts, threads=1, min=50))
    assert one.num_rows > len(texts)
    assert one.equals(pyarrow.table(memory.query(texts, threads=4, min=50)))


def test_segments_are_those_of_an_export(folder):
    pyarrow = needed("pyarrow")
    import pyarrow.parquet

    memory = bitext.Memory("docs.db")
    memory.import_paths(FIXTURES)
    memory.export("all.parquet")
    assert pyarrow.table(memory.segments()).equals(pyarrow.parquet.read_table("all.parquet"))
    assert pyarrow.table(memory.segments(workflow="machine", to="ja-JP")).num_rows > 0


def _worker(texts):
    return query(texts)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_look_up_in_processes_of_their_own(folder, method):
    needed("pyarrow")
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    expected = query(["Settings"])
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.map(_worker, [["Settings"]] * 4) == [expected] * 4


def test_a_memory_can_be_sent_to_another_process(folder):
    memory = pickle.loads(pickle.dumps(bitext.Memory("docs.db")))
    assert memory.stats()["segments"] == 2 and repr(memory) == "bitext.Memory('docs.db')"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_stream_of_the_parent_is_an_error_in_a_child(folder):
    pyarrow = needed("pyarrow")
    stream = bitext.extract("docs")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            stream.__arrow_c_stream__()
        except bitext.BitextError as error:
            os.write(writing, str(error).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    assert "another process" in os.read(reading, 1000).decode()
    assert pyarrow.table(stream).num_rows == 2


@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT of another process")
def test_ctrl_c_ends_an_import_and_leaves_the_memory_whole(folder):
    (folder / "many").mkdir()
    text = (folder / "docs" / "save.md").read_text(encoding="utf-8")
    for number in range(3000):
        many = folder / "many" / f"{number}.md"
        many.write_text(text.replace("Settings", f"Settings {number}"), encoding="utf-8")
    script = textwrap.dedent(
        """
        import bitext
        memory = bitext.Memory("many.db", create=True)
        print("begun", flush=True)
        try:
            while True:
                for number in range(1000):
                    memory.import_paths("many", set=str(number))
        except KeyboardInterrupt:
            print("interrupted", memory.stats()["segments"] >= 0)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out == "interrupted True\n"
