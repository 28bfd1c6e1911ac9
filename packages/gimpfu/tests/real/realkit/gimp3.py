"""A GIMP 3 whose profile offers gimpfu to plug-ins, and plug-ins that check things in it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from hosts.gimp import Gimp, gimp3
from realkit.gimp2 import with_gimpfu


@dataclass(frozen=True)
class Equipped3:
    """A GIMP 3 with gimpfu.

    Attributes
    ----------
    gimp : Gimp
        The program and its profile.
    """

    gimp: Gimp

    def add(self, source: Path) -> None:
        """Install a plug-in as it is, its first line included."""
        self.gimp.install(source.stem, source.read_text("utf-8"))

    def run(self, code: str, timeout: float = 300) -> str:
        """Run Script-Fu and return what GIMP said; unlike `Gimp.script_fu`, with fonts."""
        (self.gimp.home / "run").mkdir(exist_ok=True)
        variables = {"HOME": str(self.gimp.home), "XDG_RUNTIME_DIR": str(self.gimp.home / "run")}
        interpreter = "--batch-interpreter=plug-in-script-fu-eval"
        command = ["gimp-console-3", "-i", interpreter, "-b", code, "--quit"]
        done = self.gimp.place.run(command, variables, timeout)
        return done.stdout + done.stderr

    def answers(self, checks: Path) -> dict[str, str]:
        """Run a plug-in of checks and return what each one answered: ok, or a traceback."""
        self.add(checks)
        path = self.gimp.home / f"{checks.stem}.answers"
        name = "python-fu-" + checks.stem.replace("_", "-")
        said = self.run(f'({name} #:run-mode 1 #:path "{path}")')
        assert path.exists(), said
        found: dict[str, str] = {}
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("check_"):
                check, _, rest = line.partition(" ")
                found[check] = rest
            else:
                found[check] += "\n" + line
        return found


def equipped3(home: Path) -> Equipped3:
    """Return a GIMP 3 whose profile is set up as `gimpfu install` does it."""
    gimp = gimp3(home)
    with_gimpfu(gimp)
    for name in ("gradients", "palettes", "run"):
        (gimp.profile / name).mkdir(parents=True, exist_ok=True)
    return Equipped3(gimp)


def checks_in(source: Path) -> list[str]:
    """Return the names of the checks in a plug-in of checks."""
    body = ast.parse(source.read_text("utf-8")).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    return [name for name in names if name.startswith("check_")]
