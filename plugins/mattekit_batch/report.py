"""The report: results.jsonl for machines, and pages with a contact sheet for people.

It is made of the manifest alone, so that it covers everything that was done for this target, by
whichever run.
"""

from __future__ import annotations

import base64
import html
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final
from urllib.parse import quote

from mattekit.files import make_folder, write_atomically
from mattekit.reporting import sure, unsure
from mattekit_batch.results import Result
from mattekit_batch.storage import Folder, Storage
from mattekit_cli.text import duration, printable, size_text

if TYPE_CHECKING:
    from mattekit_batch.engine import Batch
    from mattekit_batch.manifest import Row

__all__ = ["write_report"]

#: Pictures on one page.
_PAGE: Final = 300
#: Failures that the first page lists; results.jsonl has them all.
_FAILURES: Final = 1000
_STAGES: Final = ("read", "decode", "segment", "refine", "encode", "write")

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #888; --bad: #c0392b;
  --doubt: #9a6700; --bar: #3b82c4 }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8070; --doubt: #e3b341;
  --bar: #62a5e6 } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 0 .2rem } h2 { font-size: 1.1rem; margin: 2rem 0 .6rem }
p { margin: .3rem 0 } a { color: inherit } .soft { color: var(--soft) }
.numbers { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0 }
.numbers div { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem }
.numbers b { display: block; font-size: 1.5rem; line-height: 1.2 }
.bad, .bad b { color: var(--bad) }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere }
.unsure { border-color: var(--doubt); box-shadow: 0 0 0 1px var(--doubt) }
#only { margin: 0 .4rem 1rem 0 } #only:checked ~ .sheet figure:not(.unsure) { display: none }
.unsure b { color: var(--doubt); font-weight: 600 }
.name { width: 28% } .kind { white-space: nowrap; width: 14% } .share { width: 55% }
.bar { background: var(--bar); border-radius: 2px; height: .8rem; min-width: 1px }
.sheet { display: grid; gap: .8rem; grid-template-columns: repeat(auto-fill, minmax(168px, 1fr)) }
figure { border: 1px solid var(--line); border-radius: .5rem; margin: 0; overflow: hidden }
.picture { align-items: center; display: flex; height: 168px; justify-content: center;
  background: repeating-conic-gradient(#bbb 0 25%, #eee 0 50%) 0 0 / 16px 16px }
.picture img { max-height: 160px; max-width: 160px } .none { background: #8882; color: var(--soft) }
figcaption { font-size: .8rem; line-height: 1.35; padding: .4rem .55rem; overflow-wrap: anywhere }
nav { display: flex; flex-wrap: wrap; gap: .6rem; margin: 1rem 0 }
"""


def write_report(batch: Batch, folder: str | os.PathLike[str] | None = None) -> str:
    """Write the report of a batch's target.

    Parameters
    ----------
    batch : Batch
    folder : path, optional
        Made if it is missing; by default ``report`` beside the manifest.

    Returns
    -------
    str
        Path of its first page.

    Raises
    ------
    OutputError
        It cannot be written.
    """
    place = Path(folder) if folder is not None else batch.state / "report"
    make_folder(place)
    sheet = _Sheet(batch, place)
    write_atomically(place / "results.jsonl", sheet.write)
    write_atomically(place / "index.html", sheet.first_page().encode())
    sheet.trim()
    return str(place / "index.html")


class _Sheet:
    """Goes through the manifest once, writes pages as they are full, and counts."""

    def __init__(self, batch: Batch, place: Path) -> None:
        self.batch, self.place = batch, place
        self.counts: Counter[str] = Counter()
        self.stages: Counter[str] = Counter()
        self.problems: Counter[str] = Counter()
        self.failures: list[Row] = []
        self.sure = self.unsure = 0
        self.bytes = 0
        self.pages = 0
        self.sheet = ""
        self._cards: list[str] = []

    def write(self, file: BinaryIO) -> None:
        """Write all results, one JSON object per line, and the pages."""
        for row, thumbnail in self.batch.manifest.rows():
            self.counts[row.status] += 1
            if row.status == "pending":
                continue
            file.write(json.dumps(_result(row).json()).encode() + b"\n")
            if row.failure is not None and row.status == "failed":
                self.problems[row.failure.type] += 1
                if len(self.failures) < _FAILURES:
                    self.failures.append(row)
                continue
            self.stages.update(row.stages)
            self.bytes += row.output_size
            self._cards.append(self._card(row, thumbnail))
            if len(self._cards) == _PAGE:
                self._turn()
        if self._cards:
            self._turn()

    def _turn(self) -> None:
        self.pages += 1
        if self.pages == 1:  # it is part of the first page
            self.sheet = _sheet(self._cards)
            self._cards.clear()
            return
        first = (self.pages - 1) * _PAGE + 1
        body = (
            f"<h1>Results {first} to {first + len(self._cards) - 1}</h1>"
            f"<nav>{self._neighbors()}</nav>"
            f"{_sheet(self._cards)}"
        )
        page = _page(f"Results from {first}", body)
        write_atomically(self.place / _page_name(self.pages), page.encode())
        self._cards.clear()

    def _neighbors(self) -> str:
        links = f'<a href="{_page_name(self.pages - 1)}">Before</a>' if self.pages > 1 else ""
        if len(self._cards) == _PAGE:
            links += f'<a href="{_page_name(self.pages + 1)}">Next</a>'
        return links

    def trim(self) -> None:
        """Remove pages of an earlier report, and make the last page's link end."""
        (self.place / "page-00001.html").unlink(missing_ok=True)  # of an earlier version
        number = max(self.pages, 1) + 1
        while (page := self.place / _page_name(number)).exists():
            page.unlink()
            number += 1
        last = self.place / _page_name(self.pages)
        link = f'<a href="{_page_name(self.pages + 1)}">Next</a>'.encode()
        if self.pages > 1 and link in (data := last.read_bytes()):
            write_atomically(last, data.replace(link, b""))

    def _card(self, row: Row, thumbnail: bytes) -> str:
        if thumbnail:
            data = base64.b64encode(thumbnail).decode()
            picture = f'<div class="picture"><img src="data:image/webp;base64,{data}" alt=""></div>'
        else:
            picture = '<div class="picture none">no thumbnail</div>'
        facts = row.facts
        about = f"{facts.get('width')}×{facts.get('height')} · {facts.get('kind')}"
        seconds = sum(row.stages.values())
        doubtful = unsure(facts)
        self.unsure += doubtful
        self.sure += sure(facts)
        opened = '<figure class="unsure">' if doubtful else "<figure>"
        doubt = "<b>Look at it</b> · " if doubtful else ""
        return (
            f"{opened}{self._linked(row, picture)}<figcaption>{_text(row.source)}"
            f'<br>{doubt}<span class="soft">{_text(about)} · {seconds:.2f} s</span></figcaption>'
            "</figure>\n"
        )

    def _linked(self, row: Row, picture: str) -> str:
        target = self.batch.target
        if not isinstance(target, Folder):
            return picture
        path = os.path.relpath(target.path(row.output), self.place)
        return f'<a href="{quote(os.fsencode(path.replace(os.sep, "/")))}">{picture}</a>'

    def first_page(self) -> str:
        """Return the page with the counts, the timings, the failures and links to the others."""
        return _page("mattekit batch", "".join(self._overview()))

    def _overview(self) -> Iterator[str]:
        batch = self.batch
        yield (
            f"<h1>mattekit batch</h1><p>{_where(batch.source)} → {_where(batch.target)}</p>"
            '<p class="soft">Everything that was done for this target; '
            '<a href="results.jsonl">results.jsonl</a> is the same for machines.</p>'
        )
        done, failed = self.counts["done"], self.counts["failed"]
        seconds = self.stages.total()
        numbers = [("done", f"{done:,}", ""), ("failed", f"{failed:,}", "bad" if failed else "")]
        if left := self.counts["pending"]:
            numbers.append(("not yet done", f"{left:,}", ""))
        if self.unsure:
            numbers.append(("to be looked at", f"{self.unsure:,}", "unsure"))
        if self.sure:
            numbers.append(("sure", f"{self.sure:,}", ""))
        if done:
            numbers.append(("work per picture", f"{seconds / done:.2f} s", ""))
            numbers.append(("work in all", duration(seconds), ""))
            numbers.append(("written", size_text(self.bytes), ""))
        yield '<div class="numbers">'
        for label, value, kind in numbers:
            yield f'<div class="{kind}"><b>{value}</b>{label}</div>'
        yield "</div>"
        if failed:
            yield from self._failed()
        if done:
            yield "<h2>Where the time goes</h2><table>"
            for stage in _STAGES:
                share = self.stages[stage] / max(seconds, 1e-9)
                yield (
                    f'<tr><td class="kind">{stage}</td><td class="kind">'
                    f"{self.stages[stage] / done:.3f} s</td><td>{share:.0%}</td>"
                    f'<td class="share"><div class="bar" style="width:{share:.1%}"></div></td></tr>'
                )
            yield '</table><p class="soft">Mean of a picture, waiting not counted.</p>'
        if self.pages:
            yield f"<h2>Results</h2>{self.sheet}<nav>"
            for number in range(2, self.pages + 1):
                first = (number - 1) * _PAGE + 1
                last = min(number * _PAGE, done)
                yield f'<a href="{_page_name(number)}">{first:,} to {last:,}</a>'
            yield "</nav>"

    def _failed(self) -> Iterator[str]:
        kinds = ", ".join(f"{_text(kind)} {count:,}" for kind, count in self.problems.most_common())
        yield f'<h2 class="bad">Failed</h2><p>{kinds}</p><table>'
        for row in self.failures:
            assert row.failure is not None
            message = row.failure.message.removeprefix(f"{self.batch.source.show(row.source)}: ")
            yield (
                f'<tr><td class="name">{_text(row.source)}</td>'
                f'<td class="kind">{_text(row.failure.type)}</td><td>{_text(message)}</td></tr>'
            )
        yield "</table>"
        if more := self.counts["failed"] - len(self.failures):
            yield f"<p>… and {more:,} more, in results.jsonl.</p>"


def _sheet(cards: list[str]) -> str:
    """Return the cards of a page, and where some are to be looked at, a box that shows these."""
    only = ""
    if any('<figure class="unsure">' in card for card in cards):
        only = '<input type="checkbox" id="only"><label for="only">To be looked at only</label>'
    return f'{only}<div class="sheet">{"".join(cards)}</div>'


def _result(row: Row) -> Result:
    if row.status == "failed":
        return Result("failed", row.source, stages=row.stages, failure=row.failure)
    return Result("done", row.source, row.output, sum(row.stages.values()), row.stages, row.facts)


def _where(storage: Storage) -> str:
    return _text(storage.root if isinstance(storage, Folder) else storage.url)


def _page_name(number: int) -> str:
    return "index.html" if number == 1 else f"page-{number:05}.html"


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _text(text: str) -> str:
    return html.escape(printable(text))
