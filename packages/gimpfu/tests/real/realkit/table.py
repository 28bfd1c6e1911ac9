"""Write the table of gimpfu's README anew: `python tests/real/realkit/table.py`
(minutes), or with pytest's reports of such a run as arguments.

Runs the tests in the real GIMPs and says of each stock plug-in and each part of the API what came
out. A plug-in's row is the test with its name, in `test_stock.py` for GIMP 2.10 and in a file with
`gimp3` in its name for GIMP 3.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
README = ROOT / "README.md"

#: Stock plug-ins by the name of their test, and why the others do not run.
PLUGINS = (
    "foggify",
    "clothify",
    "shadow_bevel",
    "histogram_export",
    "palette_offset",
    "palette_to_gradient",
    "palette_sort",
    "gradients_save_as_css",
    "whirlpinch",
    "py_slice",
    "colorxhtml",
    "sphere",
)
CANNOT = {
    "benchmark-foreground-extract": "runs; what it measures, SIOX, GIMP 2.10 itself refuses",
    "spyro_plus": "a dialog of its own in PyGTK",
    "python-console, pyconsole": "PyGTK",
}
#: Tests whose names say something else.
_OTHER = {"a_new_image_gets_a_window": "sphere"}


_FILES = ("api", "stock", "windows", "gimp3", "gimp3_windows")


def run(report: Path) -> None:
    """Run the tests that the table is about."""
    files = [f"tests/real/test_{name}.py" for name in _FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-m", "install", f"--junitxml={report}"]
    subprocess.run([*command, *files], cwd=ROOT, check=False)


def results(*reports: Path) -> dict[tuple[str, str], bool]:
    """Return whether each (GIMP, name) passed."""
    found: dict[tuple[str, str], bool] = {}
    cases = [case for report in reports for case in ET.parse(report).iter("testcase")]
    for case in cases:
        gimp = "3.0" if "gimp3" in case.get("classname", "") else "2.10"
        test, _, parameter = case.get("name", "").partition("[")
        name = parameter.rstrip("]") if parameter.startswith("check_") else test
        short = re.sub("^(test|check)_", "", name)
        short = _OTHER.get(short, short)
        name = short if short in PLUGINS else name
        passed = not any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
        found[gimp, name] = found.get((gimp, name), True) and passed
    return found


def as_markdown(found: dict[tuple[str, str], bool]) -> str:
    """Return the table as Markdown."""
    gimps = ("2.10", "3.0")
    words = {True: "yes", False: "no", None: "–"}
    lines = ["| | GIMP 2.10 | GIMP 3.0 |", "|---|---|---|"]
    for name in PLUGINS:
        cells = [words[found.get((gimp, name))] for gimp in gimps]
        lines.append(f"| {name.replace('_', '-')} | {' | '.join(cells)} |")
    lines += [f"| {name} | {why} | |" for name, why in CANNOT.items()]
    counts = []
    parts = {name for where, name in found if where == "2.10" and name.startswith("check_")}
    for gimp in gimps:
        checks = [found[gimp, name] for name in parts if (gimp, name) in found]
        counts.append(f"{sum(checks)} of {len(checks)} parts" if checks else "–")
    lines.append(f"| the API | {' | '.join(counts)} |")
    return "\n".join(lines)


def main() -> None:
    """Put the table between its marks."""
    reports = [Path(name) for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        if not reports:
            reports.append(Path(folder) / "report.xml")
            run(reports[0])
        made = f"<!-- table -->\n\n{as_markdown(results(*reports))}\n\n<!-- end of table -->"
    text = README.read_text("utf-8")
    new = re.sub(r"<!-- table -->.*<!-- end of table -->", lambda _: made, text, flags=re.DOTALL)
    README.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
