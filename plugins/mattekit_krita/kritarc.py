"""One line of Krita's settings: read, written, taken out; every other byte stays as it is.

``kritarc`` is a file of KDE's kind: ``[section]`` lines with ``key=value`` lines below them, some
before the first section. It is the user's, may be in any encoding, and Krita rewrites it. So
nothing but the one line is touched, and the file is replaced at once or not at all.
"""

from __future__ import annotations

from pathlib import Path

from mattekit_hosts.files import read_settings, write_settings

__all__ = ["drop", "put", "value"]


def value(path: Path, section: str, key: str) -> str | None:
    """Return a value; None where it or the file is not there.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    section : str
        Without brackets; empty for what stands before the first one.
    key : str
    """
    found = None
    for name, line in _lines(read_settings(path)):
        if name == section.encode() and _key(line) == key.encode():
            found = line.partition(b"=")[2].strip().decode("utf-8", "replace")
    return found


def put(path: Path, section: str, key: str, text: str) -> None:
    """Set a value, in its place where it is there already.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    data = read_settings(path)
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    wanted = f"{key}={text}".encode() + newline
    lines = _lines(data)
    at = [
        index
        for index, (name, line) in enumerate(lines)
        if name == section.encode() and _key(line) == key.encode()
    ]
    if at:
        new = [line for _, line in lines]
        new[at[-1]] = wanted
        _write(path, data, b"".join(new))
        return
    header = f"[{section}]".encode()
    heads = [index for index, (_, line) in enumerate(lines) if line.strip() == header]
    new = [line for _, line in lines]
    if heads:
        new[heads[0]] = header + newline
        new.insert(heads[0] + 1, wanted)
    else:
        if new and not new[-1].endswith(b"\n"):
            new[-1] += newline
        if new and new[-1].strip():
            new.append(newline)
        new += [header + newline, wanted]
    _write(path, data, b"".join(new))


def drop(path: Path, section: str, key: str) -> None:
    """Take a value out, and its section where nothing else is in it.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    data = read_settings(path)
    name_ = section.encode()
    lines = [
        (name, line)
        for name, line in _lines(data)
        if not (name == name_ and _key(line) == key.encode())
    ]
    ours = [line for name, line in lines if name == name_]
    if len(lines) < len(_lines(data)) and not any(line.strip() for line in ours[1:]):
        lines = [(name, line) for name, line in lines if name != name_]
        while lines and not lines[-1][1].strip():
            lines.pop()
    _write(path, data, b"".join(line for _, line in lines))


# -- inside ------------------------------------------------------------------------------------


def _lines(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return every line with the name of its section; a section's own line is in it."""
    result = []
    section = b""
    for line in data.splitlines(keepends=True):
        text = line.strip()
        if text.startswith(b"[") and text.endswith(b"]"):
            section = text[1:-1]
        result.append((section, line))
    return result


def _key(line: bytes) -> bytes:
    return line.partition(b"=")[0].strip() if b"=" in line else b""


def _write(path: Path, old: bytes, new: bytes) -> None:
    if new != old:
        write_settings(path, new)
