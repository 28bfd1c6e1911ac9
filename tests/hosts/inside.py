"""Run a command of this checkout in one of the folders with newer Debians, with the network.

``python tests/hosts/inside.py SUITE COMMAND...`` as root; `hosts.install` makes the folders. The
command runs here, at this checkout's path, and sees ``/tmp`` and ``MATTEKIT_TEST_DATA``; nothing
stays mounted, whatever happens to it. `scripts/test newest` uses it for a Python that this machine
has not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from hosts import install

ROOT = Path(__file__).resolve().parents[2]
#: What finds packages through this machine's ways out, and names the real pictures.
KEPT = ("PIP_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy", "MATTEKIT_")
_ENTER = """
set -e
root=$1; shift
while [ "$1" != -- ]; do
    if [ -d "$1" ]; then mkdir -p "$root$1"; else touch "$root$1"; fi
    mount --rbind "$1" "$root$1"
    shift
done
shift
exec chroot "$root" "$@"
"""


def main(suite: str, command: list[str]) -> None:
    """Become the command."""
    root = install.folder(getattr(install, suite.upper()))
    data = Path(os.environ.get("MATTEKIT_TEST_DATA") or ROOT.parent / "shared").resolve()
    seen = ["/tmp", "/proc", "/dev", "/etc/ssl", "/etc/resolv.conf", str(ROOT)]
    if data.is_dir():
        seen.append(str(data))
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(KEPT)},
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/root",
    }
    inner = ["sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(ROOT), *command]
    os.execvpe(
        "unshare",
        ["unshare", "--mount", "sh", "-c", _ENTER, "sh", str(root), *seen, "--", *inner],
        environment,
    )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
