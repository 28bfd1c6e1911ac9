"""The files by which file managers offer the actions: pure functions of the one declaration.

Each returns contents by relative path. They follow, in this order: the Nautilus and Caja manuals
("scripts"), Nemo's ``/usr/share/nemo/actions/sample.nemo_action``, KDE's "Creating Dolphin Service
Menus", and Apple's "Services Implementation Guide".
"""

from __future__ import annotations

import plistlib
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from mattekit_desktop.actions import ACTIONS, MEDIA_TYPES, Action, command

__all__ = ["dolphin", "finder", "nemo", "scripts"]

_ICON: Final = "image-x-generic"
_ESCAPED: Final = str.maketrans(
    {"\\": 4 * "\\", '"': '\\\\"', "`": "\\\\`", "$": "\\\\$", "%": "%%"}
)


def scripts(python: str) -> Mapping[str, bytes | str]:
    """Return executable scripts, of Nautilus and of Caja: their names are what the menu shows."""
    return {
        f"scripts/{action.title}": f'#!/bin/sh\nexec {_shell(command(python, action))} "$@"\n'
        for action in ACTIONS
    }


def nemo(python: str) -> Mapping[str, bytes | str]:
    """Return Nemo's actions."""
    return {
        f"actions/mattekit-{action.name}.nemo_action": "\n".join(
            (
                "[Nemo Action]",
                f"Name={action.title}",
                f"Comment={action.comment}",
                f"Exec={_exec(command(python, action))} %F",
                f"Icon-Name={_ICON}",
                "Selection=notnone",
                f"Mimetypes={';'.join(MEDIA_TYPES)};",
                "Quote=double",
                "",
            )
        )
        for action in ACTIONS
    }


def dolphin(python: str) -> Mapping[str, bytes | str]:
    """Return Dolphin's service menu; since KDE Frameworks 5.85 it must be executable."""
    lines = [
        "[Desktop Entry]",
        "Type=Service",
        "Name=mattekit",
        "X-KDE-ServiceTypes=KonqPopupMenu/Plugin",
        f"MimeType={';'.join(MEDIA_TYPES)};",
        f"Actions={';'.join(action.name for action in ACTIONS)};",
    ]
    for action in ACTIONS:
        lines += [
            "",
            f"[Desktop Action {action.name}]",
            f"Name={action.title}",
            f"Icon={_ICON}",
            f"Exec={_exec(command(python, action))} %F",
        ]
    return {"mattekit.desktop": "\n".join(lines) + "\n"}


def finder(python: str) -> Mapping[str, bytes | str]:
    """Return macOS's Quick Actions."""
    files: dict[str, bytes | str] = {}
    for action in ACTIONS:
        folder = f"{action.title}.workflow/Contents"
        files[f"{folder}/Info.plist"] = plistlib.dumps(_service(action))
        files[f"{folder}/document.wflow"] = plistlib.dumps(_workflow(python, action))
    return files


def _service(action: Action) -> dict[str, object]:
    return {
        "NSServices": [
            {
                "NSMenuItem": {"default": action.title},
                "NSMessage": "runWorkflowAsService",
                "NSRequiredContext": {"NSApplicationIdentifier": "com.apple.finder"},
                "NSSendFileTypes": ["public.image"],
            }
        ]
    }


def _workflow(python: str, action: Action) -> dict[str, object]:
    """Return an Automator workflow of one step, *Run Shell Script*, its input as arguments."""
    step = {
        "ActionBundlePath": "/System/Library/Automator/Run Shell Script.action",
        "ActionName": "Run Shell Script",
        "ActionParameters": {
            "COMMAND_STRING": f'exec {_shell(command(python, action))} "$@"',
            "CheckedForUserDefaultShell": True,
            "inputMethod": 1,
            "shell": "/bin/sh",
            "source": "",
        },
        "AMAccepts": {"Container": "List", "Optional": True, "Types": ["com.apple.cocoa.path"]},
        "AMProvides": {"Container": "List", "Types": ["com.apple.cocoa.path"]},
        "BundleIdentifier": "com.apple.RunShellScript",
        "Class Name": "RunShellScriptAction",
        "isViewVisible": 1,
    }
    return {
        "AMApplicationVersion": "2.10",
        "AMDocumentVersion": "2",
        "actions": [{"action": step, "isViewVisible": 1}],
        "connectors": {},
        "workflowMetaData": {
            "serviceInputTypeIdentifier": "com.apple.Automator.fileSystemObject.image",
            "serviceOutputTypeIdentifier": "com.apple.Automator.nothing",
            "serviceProcessesInput": 0,
            "workflowTypeIdentifier": "com.apple.Automator.servicesMenu",
        },
    }


def _shell(words: Sequence[str]) -> str:
    return shlex.join(words)


def _exec(words: Sequence[str]) -> str:
    r"""Return words as the key ``Exec`` has them: quoted, then escaped as a string of the file.

    Notes
    -----
    Desktop Entry Specification, "The Exec key": within double quotes ``"``, `````, ``$`` and ``\``
    are escaped by a backslash, which the file's strings escape once more; ``%`` is doubled.
    """
    return " ".join(f'"{word.translate(_ESCAPED)}"' for word in words)
