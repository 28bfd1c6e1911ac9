"""As much of Krita and PyQt as a job touches, for tests without the real program.

What these get wrong, the tests in the real Krita find.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from support.editors import fake_modules

SRGB = ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc")


class Rect:
    def __init__(self, x: int, y: int, width: int, height: int) -> None:
        self.x, self.y = (lambda: x), (lambda: y)
        self.width, self.height = (lambda: width), (lambda: height)


class Node:
    def __init__(self, name: str, kind: str = "paintlayer", space: Any = SRGB) -> None:
        self._name, self._kind, self.space = name, kind, space
        self.parent: Any = None
        self.children: list[Node] = []
        self.shown = True
        self.box = (0, 0, 0, 0)
        self.data = b""

    def __getattr__(self, name: str) -> Any:
        facts = {"name": self._name, "type": self._kind, "visible": self.shown}
        facts |= {"colorModel": self.space[0], "colorDepth": self.space[1]}
        facts |= {"colorProfile": self.space[2], "parentNode": self.parent}
        facts |= {"uniqueId": Identity(f"{{{id(self)}}}")}
        facts |= {"childNodes": self.children}
        if name in facts:
            return lambda: facts[name]
        raise AttributeError(name)

    def setName(self, name: str) -> None:
        self._name = name

    def setVisible(self, shown: bool) -> None:
        self.shown = shown

    def setOpacity(self, opacity: int) -> None:
        self.opacity = opacity

    def bounds(self) -> Rect:
        return Rect(*self.box)

    def setPixelData(self, data: Any, x: int, y: int, width: int, height: int) -> None:
        self.data, self.box = bytes(data), (x, y, width, height)

    def pixelData(self, *box: int) -> bytes:
        assert box == self.box
        return self.data

    projectionPixelData = pixelData  # noqa: N815 - Krita's name

    def duplicate(self) -> Node:
        copy = Node(self._name, self._kind, self.space)
        copy.data, copy.box = self.data, self.box
        return copy

    def addChildNode(self, child: Node, above: Node | None) -> None:
        child.parent = self
        at = len(self.children) if above is None else self.children.index(above) + 1
        self.children.insert(at, child)

    def remove(self) -> None:
        self.parent.children.remove(self)
        self.parent = None


class Selection:
    def __init__(self) -> None:
        self.box, self.data = (0, 0, 0, 0), b""

    def __getattr__(self, name: str) -> Any:
        at = ("x", "y", "width", "height").index(name)
        return lambda: self.box[at]

    def duplicate(self) -> Selection:
        copy = Selection()
        copy.box, copy.data = self.box, self.data
        return copy

    def add(self, other: Selection) -> None:
        assert other.box == self.box
        self.data = bytes(map(max, self.data, other.data))

    def setPixelData(self, data: Any, *box: int) -> None:
        self.data, self.box = bytes(data), box  # type: ignore[assignment]

    def pixelData(self, *box: int) -> bytes:
        assert box == self.box
        return self.data


class Identity(str):
    __slots__ = ()

    def toString(self) -> str:
        return str(self)


class Document:
    def __init__(self, width: int, height: int) -> None:
        self.size = (width, height)
        self.notes: dict[str, bytes] = {}
        self.root = Node("root", "grouplayer")
        self.chosen: Selection | None = None
        self.active: Node | None = None

    def __getattr__(self, name: str) -> Any:
        facts = {"width": self.size[0], "height": self.size[1], "rootNode": self.root}
        facts |= {"topLevelNodes": self.root.children, "selection": self.chosen}
        facts |= {"fileName": "", "activeNode": self.active, "colorModel": SRGB[0]}
        facts |= {"colorDepth": SRGB[1], "colorProfile": SRGB[2], "refreshProjection": None}
        facts |= {"waitForDone": None}
        if name in facts:
            return lambda: facts[name]
        raise AttributeError(name)

    def add(self, name: str, box: tuple[int, int, int, int], data: bytes) -> Node:
        node = Node(name)
        node.data, node.box = data, box
        self.root.addChildNode(node, None)
        return node

    def createNode(self, name: str, kind: str) -> Node:
        return Node(name, kind)

    def createGroupLayer(self, name: str) -> Node:
        return Node(name, "grouplayer")

    def createTransparencyMask(self, name: str) -> Node:
        return Node(name, "transparencymask")

    def setAnnotation(self, kind: str, description: str, data: bytes) -> None:
        self.notes[kind] = data

    def annotation(self, kind: str) -> bytes:
        return self.notes.get(kind, b"")

    def setActiveNode(self, node: Node) -> None:
        self.active = node

    def setSelection(self, chosen: Selection) -> None:
        self.chosen = chosen

    def resizeImage(self, left: int, top: int, width: int, height: int) -> None:
        self.size = (width, height)


class Krita:
    open: list[Document]

    def __init__(self) -> None:
        self.open = []

    def instance(self) -> Krita:
        return self

    def documents(self) -> list[Document]:
        return self.open


class Color:
    def __init__(self, *value: Any) -> None:
        self.value = (*value, 255)[:4]

    def isValid(self) -> bool:
        return False  # asked of names only

    def __getattr__(self, name: str) -> Any:
        return lambda: self.value[("red", "green", "blue", "alpha").index(name)]


class Timer:
    """Fires when a test says so."""

    made: list[Timer]

    def __init__(self) -> None:
        self.running = False
        self.timeout = self
        Timer.made = [self]

    def connect(self, function: Any) -> None:
        self.fire = function

    def start(self, pace: int) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


class Signal:
    def __init__(self, *kinds: type) -> None:
        self.called: list[Any] = []

    def connect(self, function: Any) -> None:
        self.called.append(function)

    def emit(self, *values: Any) -> None:
        for function in self.called:
            function(*values)


@contextmanager
def modules(binding: str = "PyQt5") -> Iterator[Krita]:
    """Have them for a while; yields the application."""
    application = Krita()
    names: dict[str, dict[str, Any]] = {
        "krita": {
            "Krita": application,
            "ManagedColor": object,
            "Selection": Selection,
            "InfoObject": object,
            "Extension": type("Extension", (), {"__module__": f"{binding}.QtCore"}),
        },
        binding: {},
        f"{binding}.QtCore": {"QObject": object, "QTimer": Timer, "pyqtSignal": Signal},
        f"{binding}.QtGui": {"QColor": Color},
        f"{binding}.QtWidgets": {},
    }
    with fake_modules(names, "mattekit_krita"):
        yield application
