"""What failed stays: a failure that comes once in many runs is lost with the terminal otherwise."""

from __future__ import annotations

import collections
import tempfile
from pathlib import Path

import pytest

__all__ = ["Failures"]


class Failures:
    """A plugin of pytest that writes each failure down at once, with what ran before it.

    The first one makes a folder among temporary files. ``failures.txt`` gets whole reports;
    ``before-N.txt`` names what ran in the same process until the N-th one, and that test last:
    ``pytest -p no:xdist -p no:random-order @before-N.txt`` runs them again.
    """

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._count = 0
        self._ran: dict[str, list[str]] = collections.defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what ran, and where; xdist tells the first process what the others report."""
        node = getattr(report, "node", None)
        worker = "" if node is None else str(node.gateway.id)
        ran = self._ran[worker]
        if not ran or ran[-1] != report.nodeid:
            ran.append(report.nodeid)
        if report.failed:
            self._keep(report, worker)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where they are."""
        if self.folder is not None:
            terminalreporter.write_line(f"failures are kept in {self.folder}")

    def _keep(self, report: pytest.TestReport, worker: str) -> None:
        if self.folder is None:
            self.folder = Path(tempfile.mkdtemp(prefix="mattekit-test-"))
        self._count += 1
        parts = [f"{self._count}. {report.nodeid} ({report.when}) {worker}", report.longreprtext]
        parts += [f"-- {name}\n{text}" for name, text in report.sections]
        with (self.folder / "failures.txt").open("a", encoding="utf-8", errors="replace") as file:
            file.write("\n".join(parts) + "\n\n")
        before = "\n".join(self._ran[worker]) + "\n"
        (self.folder / f"before-{self._count}.txt").write_text(before, "utf-8")
