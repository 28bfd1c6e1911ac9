"""Write the table of the shim's README anew: `python tests/gimpfukit/table.py` (minutes).

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

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "plugins/gimpfu/README.md"

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
    "python-console, pyconsole": "PyGTK, and the syntax of Python 2",
    "file-openraster, python-eval": "the syntax of Python 2",
}
#: Tests whose names say something else.
_OTHER = {"a_new_image_gets_a_window": "sphere"}


def results() -> dict[tuple[str, str], bool]:
    """Run the tests; return whether each (GIMP, name) passed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-m", "install", f"--junitxml={report}"]
        subprocess.run([*command, "tests/gimpfu"], cwd=ROOT, check=False)
        found: dict[tuple[str, str], bool] = {}
        for case in ET.parse(report).iter("testcase"):  # our own file
            # A test of both says in its parameters which GIMP it ran in.
            where = f"{case.get('classname')} {case.get('name')}"
            gimp = "3.0" if re.search(r"gimp_?3|\[3\.0", where) else "2.10"
            name = re.sub(r"^test_|\[.*", "", case.get("name", ""))
            check = re.search(r"check_\w+", case.get("name", ""))
            name = check.group() if check else _OTHER.get(name, name)
        if name[len("check_") :] in PLUGINS:
            name = name[len("check_") :]
            passed = not any(case.find(tag) is not None for tag in ("failure", "error", "skipped"))
            found[gimp, name] = found.get((gimp, name), True) and passed
        return found


def table(found: dict[tuple[str, str], bool]) -> str:
    """Return the table as Markdown."""
    gimps = ("2.10", "3.0")
    words = {True: "yes", False: "no", None: "–"}
    lines = ["| | GIMP 2.10 | GIMP 3.0 |", "|---|---|---|"]
    for name in PLUGINS:
        cells = [words[found.get((gimp, name))] for gimp in gimps]
        lines.append(f"| {name.replace('_', '-')} | {' | '.join(cells)} |")
    lines += [f"| {name} | {why} | |" for name, why in CANNOT.items()]
    counts = []
    for gimp in gimps:
        checks = [ok for (where, name), ok in found.items() if where == gimp and "check_" in name]
        counts.append(f"{sum(checks)} of {len(checks)} parts" if checks else "–")
    lines.append(f"| the API | {' | '.join(counts)} |")
    return "\n".join(lines)


def main() -> None:
    """Put the table between its marks."""
    text = README.read_text("utf-8")
    made = f"<!-- table -->\n\n{table(results())}\n\n<!-- end of table -->"
    new = re.sub(r"<!-- table -->.*<!-- end of table -->", lambda _: made, text, flags=re.DOTALL)
    README.write_text(new, "utf-8")


if __name__ == "__main__":
    main()
