"""Small documents and a memory of them, for all tests."""

from pathlib import Path

import bitext
import pytest

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "docs"


def span(number: int, target: str, source: str, prefix: str = "0a1b2") -> str:
    id = f"{prefix}-{number}"
    return (
        f'<span data-ttu-id="{id}">{target}</span>'
        f'<span class="sxs-lookup"><span data-stu-id="{id}">{source}</span></span>'
    )


def document(pairs, locale="ko-KR", kind="HT", prefix="0a1b2") -> str:
    front = f"---\ntitle: 제목\nms.contentlocale: {locale}\nms.translationtype: {kind}\nms.lasthandoff: 04/23/2019\n---\n"
    spans = [span(101 + at, target, source, prefix) for at, (target, source) in enumerate(pairs)]
    return front + "# " + "\n\n".join(spans) + "\n"


SAVE = [("설정", "Settings"), ("**저장**을 선택합니다.", "Select **Save**.")]


def write_documents(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "save.md").write_text(document(SAVE), encoding="utf-8")
    (folder / "wrong").mkdir()
    link = [("[설정](b.md)을 엽니다.", "Open the [settings](a.md).")]
    (folder / "wrong" / "link.md").write_text(document(link), encoding="utf-8")
    (folder / "new").mkdir()
    (folder / "new" / "twice.md").write_text("# Settings\n\nSelect **Save** twice.\n", encoding="utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own, which is the current one, with documents and a memory."""
    write_documents(tmp_path)
    monkeypatch.chdir(tmp_path)
    bitext.Memory("docs.db", create=True).import_paths("docs")
    return tmp_path


def needed(name: str):
    """A library that a test reads with. Without it the test is skipped."""
    return pytest.importorskip(name, reason=f"{name} is not installed")
