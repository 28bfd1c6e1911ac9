"""The command ``gimpfu``: which GIMPs there are, gimpfu into or out of them, what will run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from . import checking, installing, programs
from ._version import __version__
from .errors import GimpfuError
from .programs import Gimp

__all__ = ["main"]


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the command and return its exit status: 0, or 1 where a GIMP could not be served."""
    chosen = _parser().parse_args(argv)
    if chosen.action is None:
        return _check(chosen.paths)
    gimps = [Gimp(Path(path)) for path in chosen.at] if chosen.at else programs.find()
    if not gimps:
        sys.stderr.write("No GIMP was found. Name its program file with --at.\n")
        return 1
    action: Callable[[Gimp], List[str]] = chosen.action
    failed = False
    for gimp in gimps:
        try:
            for message in action(gimp):
                sys.stdout.write(f"{gimp.path}: {message}\n")
        except GimpfuError as error:
            sys.stderr.write(f"{gimp.path}: {error}\n")
            failed = True
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gimpfu",
        description="gimpfu for Python 3: makes Python plug-ins work in GIMP 2.10 and GIMP 3.",
    )
    parser.add_argument("--version", action="version", version=f"gimpfu {__version__}")
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    for name, action, help_ in (
        ("list", _list, "show each GIMP and the gimpfu in it"),
        ("install", installing.install, "put gimpfu into GIMP's profile, or renew it"),
        ("remove", _remove, "take gimpfu out again"),
    ):
        added = actions.add_parser(name, help=help_, description=help_)
        added.set_defaults(action=action)
        added.add_argument(
            "--at",
            action="append",
            default=[],
            metavar="PROGRAM",
            help="GIMP's program file, by default each one that is found; may be repeated",
        )
    checking_ = "tell which old plug-ins will run where, which are translated, and why not"
    added = actions.add_parser("check", help=checking_, description=checking_)
    added.set_defaults(action=None)
    added.add_argument("paths", nargs="+", type=Path, metavar="DIR|FILE")
    return parser


def _check(paths: Sequence[Path]) -> int:
    try:
        findings = [checking.check(path) for path in checking.plug_ins_in(paths)]
    except GimpfuError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return int(any(each.is_plug_in and not each.runs for each in findings))


def _list(gimp: Gimp) -> List[str]:
    version = gimp.version or programs.version_of(gimp.path)
    found = installing.installed_version(Gimp(gimp.path, version))
    return [f"GIMP {version}, {'without this gimpfu' if found is None else f'gimpfu {found}'}"]


def _remove(gimp: Gimp) -> List[str]:
    return installing.remove(gimp) or ["gimpfu was not in it"]


if __name__ == "__main__":
    sys.exit(main())
