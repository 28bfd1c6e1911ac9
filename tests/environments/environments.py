"""Cut a picture out under conditions that servers, containers and sandboxes impose.

    python tests/environments/environments.py            all that can be made here
    python tests/environments/environments.py "no home"  one of them
    python tests/environments/environments.py --python /path/to/python3.13 …

Prints a table in Markdown and ends with an error if one fails. What cannot be made on this machine
(most need root) is named as such.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.privacy import write_photo

#: A cut-out of 2 megapixels with the network, then a folder with two processes.
CUT: Final = 'exec "$PYTHON" -m mattekit_cli remove photo.jpg -o "$OUT/cut.png"'
BATCH: Final = 'exec "$PYTHON" -m mattekit_cli batch src "$OUT/dst" --workers 2'


class Condition(NamedTuple):
    """What is imposed.

    Attributes
    ----------
    how : str
        What the table says of it.
    script : str
        Shell text; ``$PYTHON`` has mattekit, ``$OUT`` takes results.
    needs : tuple of str
        Programs that impose it.
    """

    how: str
    script: str
    needs: tuple[str, ...] = ()


def _namespace(*mounts: str, then: str = CUT) -> str:
    """Return a script that runs `then` with other mounts, seen by nobody else."""
    inside = " && ".join(["mount --make-rprivate /", *mounts, then])
    return f"exec unshare --mount sh -c '{inside}'"


_ROOT_READ_ONLY: Final = (
    # Whatever is mounted below / becomes read-only with it; $OUT alone can be written.
    'mount --bind "$OUT" "$OUT"',
    "mount -o remount,bind,ro /",
)

CONDITIONS: Final[dict[str, Condition]] = {
    "as it is": Condition("nothing imposed", CUT),
    "several processes": Condition("`mattekit batch --workers 2`", BATCH),
    "one core": Condition("`taskset -c 0`", f'taskset -c 0 sh -c \'{CUT}\'', ("taskset",)),
    "512 MB": Condition(
        "a control group of 512 MB without swap",
        'systemd-run --quiet --scope -p MemoryMax=512M -p MemorySwapMax=0 '
        f"sh -c '{CUT}'",
        ("systemd-run",),
    ),
    "512 MB of data": Condition(
        "`prlimit --data`: 512 MB of memory of its own",
        f"prlimit --data=536870912 sh -c '{CUT}'",
        ("prlimit",),
    ),
    "no home": Condition(
        "a number without an entry, `env -i`",
        'unshare --user --map-user=12345 --map-group=12345 env -i PATH=/usr/bin:/bin '
        '"$PYTHON" -m mattekit_cli remove photo.jpg -o "$OUT/cut.png"',
        ("unshare",),
    ),
    "not root": Condition(
        "`setpriv`: an ordinary user, who may read all and write only the results",
        'chmod 755 . && chown 65534 "$OUT" && HOME=/nonexistent exec setpriv --reuid 65534 '
        f"--regid 65534 --clear-groups --inh-caps=-all,+dac_read_search "
        f"--ambient-caps=+dac_read_search sh -c '{CUT}'",
        ("setpriv",),
    ),
    "read-only root": Condition(
        "every file system of the root read-only, but for the folder of results",
        _namespace(*_ROOT_READ_ONLY),
        ("unshare",),
    ),
    "no /dev/shm": Condition(
        "semaphores of multiprocessing cannot be made; `batch --workers 2`",
        _namespace("mkdir -p $OUT/empty", "mount --bind -o ro $OUT/empty /dev/shm",
                   "mount -o remount,bind,ro /dev/shm", then=BATCH),
        ("unshare",),
    ),
    "serverless": Condition(
        "read-only root, no /dev/shm, no home, one core, 1 GB of data",
        _namespace(
            *_ROOT_READ_ONLY,
            "mount -t tmpfs -o ro tmpfs /dev/shm",
            then="exec taskset -c 0 prlimit --data=1073741824 env -i PATH=/usr/bin:/bin "
            'HOME=/nonexistent TMPDIR="$OUT" "$PYTHON" -m mattekit_cli remove photo.jpg '
            '-o "$OUT/cut.png"',
        ),
        ("unshare", "taskset", "prlimit"),
    ),
}  # fmt: skip


def run(condition: Condition, python: str, folder: Path) -> str:
    """Return what came of it: the time, or why it was not tried; raises where it fails."""
    missing = [program for program in condition.needs if shutil.which(program) is None]
    if missing:
        return f"not tried: {missing[0]} is not installed"
    out = folder / "out"
    (folder / "src").mkdir()
    out.mkdir()
    for name in ("photo.jpg", "src/a.jpg", "src/b.jpg"):
        write_photo(folder / name, (1600, 1200))
    started = time.monotonic()
    result = subprocess.run(
        ["sh", "-ec", condition.script],
        cwd=folder,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHON": python, "OUT": str(out)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    seconds = time.monotonic() - started
    said = result.stderr.strip()
    if result.returncode and any(
        words in said for words in ("unshare failed", "Operation not permitted", "connect to bus",
                                    "not been booted", "permission denied: unshare")
    ):  # fmt: skip
        return f"not tried: cannot be imposed here ({said.splitlines()[-1][:80]})"
    made = [*out.rglob("*.png")]
    if result.returncode or not made:
        raise AssertionError(f"exit code {result.returncode}: {said[-2000:]}")
    return f"{len(made)} made in {seconds:.1f} s"


def main() -> None:
    """Run the conditions that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("conditions", nargs="*", metavar="CONDITION")
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args()
    version = subprocess.run(
        [arguments.python, "-c", "import platform as p; print(p.python_version(), p.machine())"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    print(f"Python {version}\n\n| condition | how | result |\n|---|---|---|")
    failed = False
    for name in arguments.conditions or CONDITIONS:
        condition = CONDITIONS[name]
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            try:
                found = run(condition, arguments.python, Path(folder))
            except AssertionError as error:
                found, failed = f"FAILED: {error}", True
        print(f"| {name} | {condition.how} | {found} |", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
