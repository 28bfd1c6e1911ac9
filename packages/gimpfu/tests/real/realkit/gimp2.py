"""A GIMP 2.10 whose profile offers gimpfu to plug-ins, and calls of them from Script-Fu."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from gimpfu_host import Profile, files, installing
from hosts.gimp import Gimp, gimp2

PLUGINS = Path(__file__).parents[1] / "plugins"

# A picture to work on: a blue square on red, or on nothing.
_PRELUDE = """
(define (picture type)
  (let* ((image (car (gimp-image-new 120 90 RGB)))
         (layer (car (gimp-layer-new image 120 90 type "Layer" 100 LAYER-MODE-NORMAL))))
    (gimp-image-insert-layer image layer 0 0)
    (gimp-context-set-foreground '(200 40 40))
    (gimp-context-set-background '(20 40 220))
    (gimp-drawable-fill layer (if (= type RGB-IMAGE) FILL-FOREGROUND FILL-TRANSPARENT))
    (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 30 20 40 40)
    (gimp-drawable-edit-fill layer FILL-BACKGROUND)
    (gimp-selection-none image)
    (list image layer)))
(define (save image path)
  (let* ((copy (car (gimp-image-duplicate image)))
         (layer (car (gimp-image-merge-visible-layers copy CLIP-TO-IMAGE))))
    (file-png-save RUN-NONINTERACTIVE copy layer path path 0 1 0 0 0 0 0)
    (gimp-image-delete copy)))
(define (say thing) (gimp-message (if (number? thing) (number->string thing) thing)))
"""


@dataclass(frozen=True)
class Equipped:
    """A GIMP 2.10 with gimpfu.

    Attributes
    ----------
    gimp : Gimp
        The program and its profile.
    """

    gimp: Gimp

    def add(self, source: Path) -> None:
        """Install a plug-in as it is, its first line included."""
        self.gimp.install(source.stem, source.read_text("utf-8"))

    def run(self, *steps: str, data: bool = True) -> str:
        """Run Script-Fu expressions one after the other and return what GIMP said.

        Each step has `picture`, `save` and `say`, and a failure of one does not stop the next.
        """
        codes = [word for step in steps for word in ("-b", f"(let () {_PRELUDE} {step})")]
        command = ["gimp", "-i", *(() if data else ("-d",)), "-f", *codes, "-b", "(gimp-quit 1)"]
        home = self.gimp.home
        (home / "run").mkdir(exist_ok=True)
        for folder in ("gradients", "palettes"):
            (self.gimp.profile / folder).mkdir(exist_ok=True)
        variables = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run")}
        done: subprocess.CompletedProcess[str] = self.gimp.place.run(command, variables, 300)
        return done.stdout + done.stderr


def equipped(home: Path) -> Equipped:
    """Return a GIMP 2.10 whose profile is set up as `gimpfu install` does it."""
    gimp = gimp2(home)
    with_gimpfu(gimp)
    return Equipped(gimp)


def with_gimpfu(gimp: Gimp) -> None:
    """Write into the profile what `gimpfu install` writes."""
    wanted = installing.profile_files(Profile(gimp.profile, gimp.version, "plain"))
    files.put(gimp.profile, wanted, installing.EXECUTABLE)
