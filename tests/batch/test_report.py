"""The report: complete, linked, and safe to open."""

from __future__ import annotations

import base64
import html.parser
import io
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

import mattekit_batch
from mattekit.errors import OutputError
from mattekit.matting import extraction
from mattekit_batch import report
from support.batch import broken


class Links(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.pictures, self.tags = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(found["href"])
        if tag == "img":
            self.pictures.append(found["src"])


@pytest.fixture
def reported(runtime, photo):
    def make(folder=None, **settings):
        with mattekit_batch.Batch("src", "dst", runtime=runtime, **settings) as batch:
            for results in (batch.scan(), batch.work()):
                for _ in results:
                    pass
            return Path(report.write_report(batch, folder))

    for number in range(7):
        photo(f"src/x/{number}.jpg", number)
    Path("src/<b>&.jpg").write_bytes(broken(1)[1])
    return make


def test_pages_cover_everything(reported, monkeypatch):
    monkeypatch.setattr(report, "_PAGE", 3)
    index = reported()
    assert index == Path("dst/.mattekit/report/index.html").absolute()
    folder = index.parent
    pages = sorted(folder.glob("page-*.html"))
    assert len(pages) == 2
    text = index.read_text("utf-8")
    assert "&lt;b&gt;&amp;.jpg" in text
    assert "b" not in [tag for tag in Links(text).tags if tag == "script"]
    linked, pictures = set(), 0
    for page in [index, *pages]:
        found = Links(page.read_text("utf-8"))
        pictures += len(found.pictures)
        for link in found.links:
            target = (folder / unquote(link)).resolve()
            assert target.is_file(), link
            linked.add(target)
    assert {Path(f"dst/x/{number}.png").resolve() for number in range(7)} <= linked
    assert pictures == 7
    rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
    assert [row["input"] for row in rows] == ["<b>&.jpg", *(f"x/{n}.jpg" for n in range(7))]
    assert rows[0]["error"]["type"] == "UnreadableImage"
    assert rows[1]["seconds"] > 0


def test_thumbnails_are_small_copies_of_the_results(reported):
    index = reported()
    page = Links(index.read_text("utf-8"))
    data = re.fullmatch("data:image/webp;base64,(.*)", page.pictures[0])[1]
    with Image.open(io.BytesIO(base64.b64decode(data))) as image, \
            Image.open("dst/x/0.png") as whole:  # fmt: skip
        assert image.size == whole.size == (32, 24)
        assert abs(image.convert("RGBA").getpixel((15, 12))[3] - whole.getpixel((15, 12))[3]) < 20


def test_a_shorter_report_leaves_no_old_pages(reported, monkeypatch):
    monkeypatch.setattr(report, "_PAGE", 2)
    folder = reported().parent
    assert len(list(folder.glob("page-*"))) == 3
    monkeypatch.setattr(report, "_PAGE", 4)
    reported()
    (page,) = folder.glob("page-*")
    assert "page-00003" not in page.read_text()
    monkeypatch.setattr(report, "_PAGE", 7)
    reported()
    assert not list(folder.glob("page-*"))
    assert "page-00002" not in (folder / "index.html").read_text()


def test_without_thumbnails_and_elsewhere(reported):
    index = reported("else where", thumbnails=False)
    page = index.read_text("utf-8")
    assert "no thumbnail" in page
    assert "../dst/x/0.png" in page
    Path("file").write_text("")
    with pytest.raises(OutputError):
        reported("file")


def test_what_the_model_is_unsure_of_is_marked(reported, monkeypatch):
    said = iter([0.2, 0.49, 0.5, None, 0.9, 0.99, 0.3])
    assemble = extraction.assemble
    monkeypatch.setattr(
        extraction, "assemble", lambda *given: assemble(*given).replace(confidence=next(said))
    )
    page = reported().read_text("utf-8")
    assert page.count('<figure class="unsure">') == page.count("Look at it") == 3
    assert '<div class="unsure"><b>3</b>to be looked at</div>' in page
    assert page.index('<input type="checkbox" id="only">') < page.index('<div class="sheet">')
    assert '<div class=""><b>1</b>sure</div>' in page
    lines = Path("dst/.mattekit/report/results.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line)["confidence"] for line in lines if json.loads(line)["output"]]
    assert sorted(found, key=str) == sorted([0.2, 0.49, 0.5, None, 0.9, 0.99, 0.3], key=str)
