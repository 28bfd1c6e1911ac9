"""Fuzzing by coverage over all targets, resumable: see README.md beside this.

python tests/fuzz/campaign.py                       # 10⁶ executions of each target
python tests/fuzz/campaign.py --target tiff png     # of some
python tests/fuzz/campaign.py --minute              # a fixed, short search; what CI runs
python tests/fuzz/campaign.py --report              # executions and findings so far
"""

from __future__ import annotations

import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STATE = ROOT / ".fuzz"
#: Native crashes in a row that bring no further executions.
_PATIENCE = 5


def environment() -> Path:
    """Return a Python that has mattekit from this tree and atheris; made on the first call."""
    probe = [sys.executable, "-c", "import atheris, mattekit, mattekit_server, starlette, tifffile"]
    if subprocess.run(probe, check=False, capture_output=True).returncode == 0:
        return Path(sys.executable)
    folder = STATE / "venv"
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if not (folder / "complete").exists():
        install = [python, "-m", "pip", "install", "-q", "-e", f"{ROOT}[test,fuzz]"]
        subprocess.run(install, check=True)
        (folder / "complete").touch()
    return python


def executions(state: Path) -> int:
    """Return how often a target was run so far."""
    path = state / "executions"
    return int(struct.unpack("<Q", path.read_bytes())[0]) if path.exists() else 0


def prepare(python: Path, state: Path, name: str) -> list[str]:
    """Write the seeds and the dictionary of a target; return libFuzzer's flags."""
    for folder in ("corpus", "seeds", "crashes"):
        (state / folder).mkdir(parents=True, exist_ok=True)
    code = (
        "import sys; from pathlib import Path; from fuzz.targets import TARGETS\n"
        "target, folder = TARGETS[sys.argv[1]], Path(sys.argv[2])\n"
        "for number, seed in enumerate(target.seeds()):\n"
        "    (folder / f'seed-{number:03}').write_bytes(seed)\n"
        "words = [''.join(f'\\\\x{byte:02x}' for byte in word) for word in target.words]\n"
        "(folder.parent / 'words').write_text(''.join(f'\"{word}\"\\n' for word in words))\n"
        "print(target.longest)"
    )
    command = [str(python), "-c", code, name, str(state / "seeds")]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=_variables())
    flags = [f"-max_len={said.stdout.split()[-1]}", "-timeout=60", "-rss_limit_mb=4096"]
    if (state / "words").stat().st_size:
        flags.append(f"-dict={state / 'words'}")
    return [*flags, f"-artifact_prefix={state / 'crashes'}{os.sep}"]


def _variables() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parent), "PYTHONHASHSEED": "0"}


def search(python: Path, state: Path, name: str, runs: int, seed: int) -> int:
    """Run a target until it has been executed `runs` times in all; return libFuzzer's status."""
    try:
        flags = prepare(python, state, name)
    except subprocess.CalledProcessError as error:
        print(f"{name} has no seeds: {error.stderr[-600:]}", file=sys.stderr)
        return 1
    failures = 0
    while (done := executions(state)) < runs and failures < _PATIENCE:
        command = [str(python), str(HERE / "worker.py"), name, str(state), *flags]
        command += [f"-runs={runs - done}", f"-seed={seed + done}"]
        with (state / "log").open("ab") as log:
            status = subprocess.run(
                [*command, str(state / "corpus"), str(state / "seeds")],
                check=False, stdout=log, stderr=log, env=_variables(), cwd=state,
            ).returncode  # fmt: skip
        if status == 0 and executions(state) >= runs:
            return 0
        failures = 0 if executions(state) > done + 1000 else failures + 1
    if failures:
        print(f"{name} stopped early:\n{_end_of_log(state)}", file=sys.stderr)
    return failures


def _end_of_log(state: Path) -> str:
    lines = (state / "log").read_text("utf-8", "replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-8:])


def findings(state: Path) -> list[Path]:
    """Return the inputs that a target failed on."""
    return sorted([*state.glob("findings/*.bin"), *state.glob("crashes/*")])


def report(folder: Path, names: list[str]) -> bool:
    """Say what was done and found; return whether nothing was."""
    clean = True
    for name in names:
        state = folder / name
        found = findings(state)
        print(f"{name:14} {executions(state):>10,} executions, {len(found)} findings")
        for path in found:
            clean = False
            print(f"    {path}")
            text = path.with_suffix(".txt")
            if text.exists():
                print("    " + text.read_text("utf-8").strip()[-600:].replace("\n", "\n    "))
    return clean


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--target", nargs="*", default=[], help="names; by default all")
    parser.add_argument("--runs", type=int, default=1_000_000, help="executions of each in all")
    parser.add_argument(
        "--slice", type=int, default=50_000, help="executions before the next has its turn"
    )
    parser.add_argument(
        "--state", type=Path, default=STATE, help="where corpus and findings are kept"
    )
    parser.add_argument("--minute", action="store_true", help="a short search from the seeds alone")
    parser.add_argument("--report", action="store_true", help="say what was done, and end")
    given = parser.parse_args()
    state = given.state.resolve()
    python = environment()
    code = "from fuzz.targets import TARGETS; print(*TARGETS)"
    said = subprocess.run(
        [str(python), "-c", code], check=True, capture_output=True, text=True, env=_variables()
    )
    names = given.target or said.stdout.split()
    if given.report:
        return 0 if report(state, names) else 1
    if given.minute:
        folder = Path(tempfile.mkdtemp())
        try:
            stuck = [name for name in names if search(python, folder / name, name, 1000, 1)]
            return 0 if report(folder, names) and not stuck else 1
        finally:
            shutil.rmtree(folder)
    stuck = set()
    # In turns, so that a campaign that is stopped early has looked at everything.
    for goal in range(given.slice, given.runs + given.slice, given.slice):
        for name in names:
            started = time.monotonic()
            if search(python, state / name, name, min(goal, given.runs), 1):
                stuck.add(name)
            spent = time.monotonic() - started
            count = executions(state / name)
            print(f"{name}: {count:,} executions, {spent:.0f} s", flush=True)
    clean = report(state, names)
    if stuck:
        print(f"stopped early, see their logs: {', '.join(sorted(stuck))}")
    return 0 if clean and not stuck else 1


if __name__ == "__main__":
    sys.exit(main())
