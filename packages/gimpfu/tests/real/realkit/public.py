"""Try other people's plug-ins: `python tests/real/realkit/public.py FOLDER [2.10] [3.0] [3.2]`.

Each Python file of the folder is put into a profile with gimpfu, GIMP registers what it can, and
each procedure is called once on a picture of its own, in a GIMP with a window: with its defaults
and a small picture, or with what ``chosen.json`` of that folder says that somebody would put into
its dialog, as ``{"python-fu-scale": {"values": [64, 64], "picture": {"alpha": false}}}``.
``"@file"``, ``"@folder"``, ``"@layer"`` (the highest), ``"@lowest"`` and, where GIMP 3 calls it
otherwise than "image", ``"@image"`` are those of the picture, ``"@file.png"`` is a copy of that
kind, ``"@saved"`` a file that is not there yet;
``"@palette"``, ``"@gradient"``, ``"@font"`` and ``"@foreground"`` are the current ones. Said is
what registered, what ran to its end, and what that changed. Plug-ins of others are never committed.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

for _folder in ("tests", "packages/gimpfu/src", "packages/gimpfu/tests/real"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[5] / _folder))

from hosts.gimp import Gimp, gimp2, gimp3  # noqa: E402
from hosts.install import FORKY  # noqa: E402
from hosts.screen import virtual_screen  # noqa: E402
from hosts.systems import debian  # noqa: E402
from realkit.gimp2 import with_gimpfu  # noqa: E402

#: Seconds that a plug-in may take.
_PATIENCE = 90
_DRIVER = Path(__file__).parents[1] / "plugins" / "public_driver.py"


def registered(gimp: Gimp) -> dict[str, list[str]]:
    """Return the procedures of each plug-in."""
    text = (gimp.profile / "pluginrc").read_text("utf-8", "replace")
    found: dict[str, list[str]] = {}
    for part in re.split(r"^\(plug-in-def ", text, flags=re.M)[1:]:
        plug_in = Path(re.match(r'"([^"]*)"', part)[1]).stem  # type: ignore[index]
        found[plug_in] = re.findall(r'\(proc-def "([^"]*)"', part)
    return found


def trial(gimp: Gimp, sources: Iterable[Path], chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Return for each plug-in whether it registered, and what its procedures did."""
    with_gimpfu(gimp)
    names = []
    for source in sources:
        names.append(source.stem)
        path = gimp.plug_ins / source.stem / source.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source.read_bytes())
        path.chmod(0o755)
    gimp.install(_DRIVER.stem, _DRIVER.read_text("utf-8"))
    said = gimp.script_fu("()")
    known = registered(gimp)
    waiting = [name for plug_in in names for name in known.get(plug_in, [])]
    results: dict[str, Any] = {}
    answers = gimp.home / "answers"
    round_ = 0
    while waiting:
        round_ += 1
        folder = gimp.home / f"round{round_}"
        folder.mkdir()
        orders = folder / "orders.json"
        work = {"procedures": waiting, "answers": str(answers), "folder": str(folder)}
        work["chosen"] = dict(chosen)
        orders.write_text(json.dumps(work))
        begun = _run(gimp, orders, answers, results)
        if begun is not None:
            results[begun] = {"error": "took too long, or ended GIMP"}
        rest = [each for each in waiting if each not in results]
        if len(rest) == len(waiting):
            break
        waiting = rest
    return {
        name: {
            "registered": bool(known.get(name)),
            "runs": {
                each: results.get(each, {"error": "not tried"}) for each in known.get(name, [])
            },
            "said": [line for line in (said.stdout + said.stderr).splitlines() if name in line][:3],
        }
        for name in names
    }


def _run(gimp: Gimp, orders: Path, answers: Path, results: dict[str, Any]) -> str | None:
    """Collect answers until GIMP is done; return what ran when it ended, or ran too long."""
    words = ["-b", f'(plug-in-public-driver RUN-NONINTERACTIVE "{orders}")', "-b", "(gimp-quit 1)"]
    if gimp.version != "2.10":
        interpreter = "--batch-interpreter=plug-in-script-fu-eval"
        words = [interpreter, "-b", f'(plug-in-public-driver #:orders "{orders}")', "--quit"]
    with virtual_screen() as shown, orders.with_name("log").open("wb") as log:
        process = gimp.window(shown, *words, log=log)  # type: ignore[arg-type]
        changed, size = time.monotonic(), 0
        try:
            while True:
                alive = process.poll() is None
                text = answers.read_text() if answers.exists() else ""
                begun = _collect(text, results)
                if len(text) != size:
                    size, changed = len(text), time.monotonic()
                if not alive or time.monotonic() - changed > _PATIENCE:
                    return begun
                time.sleep(0.5)
        finally:
            process.kill()
            process.wait()


def _collect(text: str, results: dict[str, Any]) -> str | None:
    """Note the answers; return what has begun and not ended."""
    begun = None
    for line in text.splitlines():
        word, name, *rest = json.loads(line)
        if word == "begin":
            begun = name
        else:
            results[name], begun = rest[0], None
    return begun if begun not in results else None


def main() -> None:
    """Try all files of a folder in some GIMPs."""
    folder, *versions = sys.argv[1:]
    results = Path(folder).absolute() / "results.json"
    sources = sorted(Path(folder).absolute().glob("*.py"))
    file = Path(folder).absolute() / "chosen.json"
    chosen = json.loads(file.read_text("utf-8")) if file.exists() else {}
    everything = {}
    for version in versions or ["2.10", "3.0"]:
        with tempfile.TemporaryDirectory(dir="/tmp") as place:
            os.chdir(place)  # some write where they are
            home = Path(place) / "home"
            home.mkdir()
            gimp = gimp2(home) if version == "2.10" else gimp3(home)
            if version == "3.2":
                gimp = Gimp(debian(FORKY), "3.2", home)
            found = everything[version] = trial(gimp, sources, chosen)
        there = [name for name, each in found.items() if each["registered"]]
        ends = [n for n in there if all("ok" in run for run in found[n]["runs"].values())]
        seen = [n for n in ends if any(run["effect"] for run in found[n]["runs"].values())]
        print(
            f"GIMP {version}: {len(found)} plug-ins, {len(there)} register, {len(ends)} run to "
            f"their end, {len(seen)} of them with an effect"
        )
        for name, each in found.items():
            for procedure, run in each["runs"].items():
                if "ok" not in run:
                    print(f"  {name}: {procedure}: {run['error']}")
            if not each["registered"]:
                print(f"  {name}: not registered: {each['said']}")
    results.write_text(json.dumps(everything, indent=1))


if __name__ == "__main__":
    main()
