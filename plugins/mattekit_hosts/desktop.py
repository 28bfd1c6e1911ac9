"""A message on the user's desktop, and what starts us there.

=========  ==========================================
system     message
=========  ==========================================
Linux      ``notify-send``, ``zenity``
macOS      ``osascript``
Windows    PowerShell
=========  ==========================================

Texts come from file names, which anybody may have chosen: they are handed over as arguments, lines
of standard input or variables, and never become part of a script.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mattekit_bridge.errors import WorkerMissing

__all__ = ["launcher", "notify"]

_SCRIPT: Final = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
_POWERSHELL: Final = (
    "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
    "$i=New-Object System.Windows.Forms.NotifyIcon;"
    "$i.Icon=[System.Drawing.SystemIcons]::Information;$i.Visible=$true;"
    "$i.ShowBalloonTip(8000,$env:NOTICE_TITLE,$env:NOTICE_TEXT,'Info');"
    "Start-Sleep 8;$i.Dispose()"
)
#: Nobody sees what a missing program says, so the shell says it: $0 is the text, $1 the program.
_LAUNCH: Final = (
    'test -x "$1" && exec "$@"; '
    '{ notify-send --app-name=mattekit -- mattekit "$0" || '
    'zenity --error --no-markup --text="$0"; } 2>/dev/null || echo "$0" >&2; exit 127'
)


def launcher(python: str, *words: str) -> list[str]:
    """Return what starts ``python -m WORDS...``, and says so where that Python is gone by then.

    Parameters
    ----------
    python : str
        The interpreter that has mattekit.
    *words : str
        A module, and what it is given.
    """
    if sys.platform == "win32":  # which says so itself
        path = Path(python)
        if path.with_name("pythonw.exe").exists():
            path = path.with_name("pythonw.exe")  # without a console window
        return [str(path), "-m", *words]
    return ["/bin/sh", "-c", _LAUNCH, str(WorkerMissing(python)), python, "-m", *words]


def notify(title: str, text: str) -> bool:
    """Show a message; return whether there was something to show it with."""
    command, extra = _command(title, text)
    if not command:
        return False
    done = subprocess.run(
        command,
        env={**os.environ, **extra},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return done.returncode == 0


def _command(title: str, text: str) -> tuple[list[str], Mapping[str, str]]:
    if sys.platform == "darwin":
        script = [word for line in _SCRIPT for word in ("-e", line)]
        return ["osascript", *script, title, text], {}
    if sys.platform == "win32":
        variables = {"NOTICE_TITLE": title, "NOTICE_TEXT": text}
        return ["powershell", "-NoProfile", "-WindowStyle", "Hidden", "-C", _POWERSHELL], variables
    if path := shutil.which("notify-send"):
        return [path, "--app-name=mattekit", "--", title, text], {}
    if path := shutil.which("zenity"):
        return [path, "--info", "--no-markup", f"--title={title}", f"--text={text}"], {}
    return [], {}
