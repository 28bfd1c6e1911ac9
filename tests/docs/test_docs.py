"""What the documentation says is what there is."""

from __future__ import annotations

import re
import sys

import pytest

from mattekit_cli.options import markdown
from support.helpers import ROOT

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md"),
     *(ROOT / "core").rglob("*.md"), *(ROOT / "plugins").rglob("*.md"),
     *(ROOT / "training").glob("*.md"), *(ROOT / "sample_images").glob("*.md")]
)  # fmt: skip
OPTIONS = """# Options

Made by `mattekit options --markdown`. On the command line an option is a flag with dashes, as in
`--crop-margin`; in Python it is a keyword argument, as in
`remove_background(photo, crop_margin="5%")`; over HTTP it is a field. Values may be given as text
or, in Python, as values.

"""


def test_options_page_is_current(request):
    page, wanted = ROOT / "docs" / "options.md", OPTIONS + markdown() + "\n"
    if request.config.getoption("--update-docs"):
        page.write_text(wanted, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == wanted, "run pytest tests/docs --update-docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def anchors_in(text):
    """Return what the headings of a page can be linked to by, as GitHub and the site make it."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    found, seen = set(), {}
    for heading in re.findall(r"^#+ +(.+?)\s*$", text, re.M):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).strip().replace(" ", "-")
        seen[name] = seen.get(name, 0) + 1
        found.add(name if seen[name] == 1 else f"{name}-{seen[name] - 1}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_headings(page):
    links = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for target, anchor in links:
        there = page.parent / target if target else page
        if "://" not in target and there.suffix == ".md":
            headings = anchors_in(there.read_text(encoding="utf-8"))
            assert anchor in headings, f"{page.name} links to {target}#{anchor}"


def test_every_page_of_docs_is_in_its_index():
    index = ROOT / "docs" / "README.md"
    linked = re.findall(r"\]\(([^)#\s]+)[^)]*\)", index.read_text(encoding="utf-8"))
    listed = {(index.parent / target).resolve() for target in linked}
    pages = {page for page in PAGES if page.is_relative_to(index.parent)} - {index}
    assert {str(page.relative_to(ROOT)) for page in pages - listed} == set()


def test_python_of_the_readme_runs(tmp_path, monkeypatch):
    """The Python blocks, in order, where the sample pictures are."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    assert blocks
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_images").symlink_to(ROOT / "sample_images", target_is_directory=True)
    (tmp_path / "cutouts").mkdir()  # by its first command
    names = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    assert (tmp_path / "cutouts" / "cat.webp").stat().st_size > 1000


@pytest.mark.skipif(sys.platform == "win32", reason="the variables are named in sources")
def test_every_environment_variable_is_documented():
    page = (ROOT / "docs" / "environment.md").read_text(encoding="utf-8")
    sources = [*(ROOT / "core").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
    used = set()
    for source in sources:
        used |= set(re.findall(r"\bMATTEKIT_[A-Z_]+[A-Z]\b", source.read_text(encoding="utf-8")))
    options = {"MATTEKIT_MODEL", "MATTEKIT_CROP"}  # examples of MATTEKIT_<OPTION>
    assert not {name for name in used - options if name not in page}


def test_measured_figures_of_the_readme_are_the_benchmarks():
    """Rows of the comparison that say where they were measured show what stands there."""
    benchmarks = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .*\(\[measured\]\(benchmarks/README\.md#([a-z-]+)\)\) \|(.*)$",
                      (ROOT / "README.md").read_text(encoding="utf-8"), re.M)  # fmt: skip
    assert len(rows) >= 5
    for section, cells in rows:
        heading = section.replace("-", " ")
        begin = re.search(rf"^## {heading}$", benchmarks, re.M | re.I)
        assert begin, section
        text = benchmarks[begin.end() :].split("\n## ", 1)[0]
        shown = set(re.findall(r"[\d.]+", cells)) - {"1"}
        assert {
            figure for figure in shown if not re.search(rf"\b{re.escape(figure)}\b", text)
        } == set()
