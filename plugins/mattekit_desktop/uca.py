"""Thunar's custom actions: entries of ours in a file that is the user's."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as Xml

from mattekit.errors import OutputError
from mattekit_desktop.actions import ACTIONS, SUFFIXES, command
from mattekit_hosts.files import read_settings, write_settings

__all__ = ["CustomActions"]

#: What our entries' unique ids begin with.
_OURS: Final = "mattekit-"


@dataclass(frozen=True)
class CustomActions:
    """The actions in ``uca.xml``; the entries of others stay as they are.

    Attributes
    ----------
    path : pathlib.Path
    python : str
        The interpreter that has mattekit.
    """

    path: Path
    python: str

    def put(self) -> None:
        """Make or renew our entries, at the end."""
        root = self._others()
        for action in ACTIONS:
            entry = Xml.SubElement(root, "action")
            for tag, text in (
                ("icon", "image-x-generic"),
                ("name", action.title),
                ("unique-id", _OURS + action.name),
                ("command", shlex.join(command(self.python, action)).replace("%", "%%") + " %F"),
                ("description", action.comment),
                ("patterns", ";".join(f"*{suffix}" for suffix in SUFFIXES)),
            ):
                Xml.SubElement(entry, tag).text = text
            Xml.SubElement(entry, "image-files")
            Xml.SubElement(entry, "other-files")
        self._write(root)

    def drop(self) -> None:
        """Take our entries out."""
        if self.there():
            self._write(self._others())

    def there(self) -> bool:
        """Whether there is one."""
        return any(map(_is_ours, self._read().iter("action")))

    def _others(self) -> Xml.Element:
        root = self._read()
        for entry in [each for each in root if _is_ours(each)]:
            root.remove(entry)
        return root

    def _read(self) -> Xml.Element:
        data = read_settings(self.path)
        if not data.strip():
            return Xml.Element("actions")
        # Entities would let a file of a few lines become one of gigabytes.
        if b"<!ENTITY" in data:
            raise OutputError(str(self.path), "is no list of custom actions. Repair or remove it.")
        try:
            root = Xml.fromstring(data)
        except Xml.ParseError as error:
            problem = f"is no valid XML ({error}). Repair or remove it."
            raise OutputError(str(self.path), problem) from error
        if root.tag != "actions":
            raise OutputError(str(self.path), "is no list of custom actions. Repair or remove it.")
        return root

    def _write(self, root: Xml.Element) -> None:
        Xml.indent(root, " ")
        text = Xml.tostring(root, "utf-8", xml_declaration=True)
        write_settings(self.path, text + b"\n")


def _is_ours(entry: Xml.Element) -> bool:
    return (entry.findtext("unique-id") or "").startswith(_OURS)
