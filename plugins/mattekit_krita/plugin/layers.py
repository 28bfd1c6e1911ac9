"""Reading layers, and putting results beside or into them."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from typing import Any, List, NamedTuple, Optional, Tuple, Union

from krita import InfoObject, Krita, Selection

from mattekit_bridge.geometry import Box
from mattekit_krita.plugin import colorspaces
from mattekit_krita.plugin.colorspaces import Space

__all__ = [
    "Source",
    "add_above",
    "alive",
    "bounds",
    "chosen",
    "filled",
    "group",
    "new_file_layer",
    "new_layer",
    "new_mask",
    "read",
    "select",
    "selected",
    "selection",
]

#: Kinds of node that hold a picture. Only a paint layer's pixels are its own; of the others what is
#: seen is read: the projection.
_PICTURES = ("paintlayer", "grouplayer", "vectorlayer", "filelayer", "clonelayer")

#: What Krita takes as pixels.
Pixels = Union[bytes, bytearray]


class Source(NamedTuple):
    """A layer that was read.

    Attributes
    ----------
    box : Box
        Where it is on the canvas, which it may exceed.
    data : bytes
        Its pixels in that box.
    space : Space
        Their color space.
    """

    box: Box
    data: bytes
    space: Space


def chosen(document: Any, which: str, view: Optional[Any] = None) -> List[Any]:
    """Return the layers that a choice of `requests.LAYERS` means, lowest first."""
    if which == "all":
        return [
            node for node in document.topLevelNodes() if node.visible() and node.type() in _PICTURES
        ]
    nodes = list(view.selectedNodes()) if which == "selected" and view is not None else []
    if not nodes:
        active = document.activeNode()
        nodes = [] if active is None else [active]
    # A document's selection is a mask of the whole document: it stands for no layer of its own.
    found = [node.parentNode() if "mask" in node.type() else node for node in nodes]
    root = document.rootNode().uniqueId()
    found = [layer for layer in found if layer is not None and layer.uniqueId() != root]
    if not found:
        found = [node for node in document.topLevelNodes() if node.type() in _PICTURES][-1:]
    layers: List[Any] = []
    for layer in found:
        if all(layer.uniqueId() != each.uniqueId() for each in layers):
            layers.append(layer)
    return layers


def read(document: Any, node: Any, *, unmasked: bool = False) -> Source:
    """Return the pixels of a layer.

    Of a paint layer these are its own; of a group and others what is seen, with `unmasked` without
    what their transparency masks hide.

    Raises
    ------
    ValueError
        There are none.
    """
    if node.type() not in _PICTURES:
        raise ValueError(f"{node.name()!r} is no layer with a picture ({node.type()}).")
    box = bounds(node)
    if (box.width <= 0 or box.height <= 0) and node.type() != "paintlayer":
        # What was made or changed in this very moment is drawn by another thread.
        document.refreshProjection()
        document.waitForDone()
        box = bounds(node)
    if box.width <= 0 or box.height <= 0:
        raise ValueError(f"{node.name()!r} is empty.")
    if node.type() == "paintlayer":
        data = bytes(node.pixelData(*box.place))
    elif unmasked:
        data = _unmasked(document, node, box)
    else:
        data = bytes(node.projectionPixelData(*box.place))
    if not data:
        raise ValueError(f"{node.name()!r} has no pixels of its own (a pass-through group?).")
    return Source(box, data, colorspaces.of(node))


def bounds(node: Any) -> Box:
    """Return where a layer has pixels."""
    found = node.bounds()
    return Box(found.x(), found.y(), found.x() + found.width(), found.y() + found.height())


def selection(document: Any) -> Any:
    """Return a copy of what is selected now; None where nothing is."""
    found = document.selection()
    return None if found is None else found.duplicate()


def selected(area: Any, box: Box) -> Tuple[Box, bytes]:
    """Return where in `box` something is selected, and how much each pixel of `box` is.

    Raises
    ------
    ValueError
        The selection is elsewhere.
    """
    left, top = area.x(), area.y()
    part = Box(left, top, left + area.width(), top + area.height()).intersection(box)
    if part is None:
        raise ValueError("The selection does not touch the layer. Select around the subject.")
    return part, bytes(area.pixelData(*box.place))


def alive(document: Any, node: Any) -> bool:
    """Return whether a layer is still in an open document."""
    if not any(document == each for each in Krita.instance().documents()):
        return False
    return node.parentNode() is not None


# -- making ------------------------------------------------------------------------------------


def new_mask(document: Any, box: Box, plane: bytes) -> Any:
    """Return a transparency mask that is in no layer yet."""
    if hasattr(document, "createTransparencyMask"):
        mask = document.createTransparencyMask("Subject")
    else:
        mask = _blank_mask()
    mask.setName("Subject")
    mask.setPixelData(plane, *box.place)
    return mask


def new_layer(document: Any, name: str, box: Box, data: Pixels, space: Space) -> Any:
    """Return a paint layer that is in no document yet."""
    if colorspaces.of(document) == space:
        layer = document.createNode(name, "paintlayer")
    else:
        # A layer takes the document's colour space when it is made; one of a hidden document has
        # that of the original, and takes it along.
        hidden = colorspaces.hidden_document(1, 1, space)
        try:
            layer = hidden.createNode(name, "paintlayer").clone()
        finally:
            hidden.close()
        layer.setName(name)
    layer.setPixelData(data, *box.place)
    return layer


def filled(document: Any, pixel: bytes) -> Any:
    """Return a paint layer that fills the canvas with one colour; it is in no document yet."""
    layer = document.createNode("Background colour", "paintlayer")
    width, height = document.width(), document.height()
    layer.setPixelData(pixel * (width * height), 0, 0, width, height)
    return layer


def new_file_layer(
    document: Any, name: str, path: str, box: Box, data: Pixels, space: Space
) -> Any:
    """Write a PNG of the canvas's size, and return a file layer that shows it.

    Raises
    ------
    ValueError
        Krita cannot write it.
    """
    hidden = colorspaces.hidden_document(document.width(), document.height(), space)
    try:
        for node in hidden.topLevelNodes():
            node.remove()
        layer = hidden.createNode(name, "paintlayer")
        hidden.rootNode().addChildNode(layer, None)
        layer.setPixelData(data, *box.place)
        hidden.setResolution(document.resolution())
        hidden.refreshProjection()
        hidden.waitForDone()
        how = InfoObject()
        for key, value in (
            ("alpha", True),
            ("compression", 4),
            ("forceSRGB", False),
            ("saveSRGBProfile", True),
            ("indexed", False),
            ("interlaced", False),
            ("saveAsHDR", False),
            ("storeAuthor", False),
            ("storeMetaData", False),
        ):
            how.setProperty(key, value)
        written = hidden.exportImage(path, how)
    finally:
        hidden.close()
    if not written or not os.path.isfile(path):
        raise ValueError(f"Krita cannot write {path}.")
    return document.createFileLayer(name, path, "None")


def group(document: Any, name: str, nodes: List[Any]) -> Any:
    """Return a group with layers, lowest first; it is in no document yet."""
    result = document.createGroupLayer(name)
    for node in nodes:
        result.addChildNode(node, None)
    return result


def add_above(node: Any, new: Any) -> None:
    """Put a layer above another: one step of undo, whatever is in it."""
    node.parentNode().addChildNode(new, node)


def select(document: Any, box: Box, plane: bytes, *, more: bool = False) -> None:
    """Make a selection of a plane, or add it to the present one; Krita has no undo for that."""
    area = Selection()
    area.setPixelData(plane, *box.place)
    present = document.selection() if more else None
    if present is not None:
        area.add(present)
    document.setSelection(area)


# -- inside ------------------------------------------------------------------------------------


def _unmasked(document: Any, node: Any, box: Box) -> bytes:
    hidden = [
        each for each in node.childNodes() if each.type() == "transparencymask" and each.visible()
    ]
    for mask in hidden:
        mask.setVisible(False)
    try:
        if hidden:
            document.refreshProjection()
            document.waitForDone()
        return bytes(node.projectionPixelData(*box.place))
    finally:
        for mask in hidden:
            mask.setVisible(True)
        if hidden:
            document.refreshProjection()


_MASK = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>
<DOC xmlns="http://www.calligra.org/DTD/krita" syntaxVersion="2.0" editor="Krita">
 <IMAGE name="m" mime="application/x-kra" width="1" height="1" x-res="300" y-res="300"
  colorspacename="RGBA" profile="{profile}" description="">
  <layers>
   <layer name="m" filename="layer2" nodetype="grouplayer" opacity="255" visible="1" locked="0"
    x="0" y="0" compositeop="normal" uuid="{{5b0c2b1e-8f37-4d0b-9a55-0d1f0e6f3a01}}">
    <masks>
     <mask name="m" filename="mask3" nodetype="transparencymask" visible="1" locked="0"
      x="0" y="0" uuid="{{5b0c2b1e-8f37-4d0b-9a55-0d1f0e6f3a02}}"/>
    </masks>
   </layer>
  </layers>
 </IMAGE>
</DOC>
"""
_ABOUT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<document-info xmlns="http://www.calligra.org/DTD/document-info"><about/></document-info>'
)


def _blank_mask() -> Any:
    """Return an empty transparency mask, for Krita 5.1.

    Scripts cannot make one there: what `createNode` returns has no pixels. A mask that was read
    from a file has, so a file is written that holds nothing else.
    """
    handle, path = tempfile.mkstemp(suffix=".kra")
    os.close(handle)
    application = Krita.instance()
    quiet = application.batchmode()
    try:
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("mimetype", "application/x-krita")
            file.writestr("maindoc.xml", _MASK.format(profile=colorspaces.SRGB))
            file.writestr("documentinfo.xml", _ABOUT)
        application.setBatchmode(True)  # no question, whatever is wrong with it
        opened = application.openDocument(path)
        if opened is None:
            raise ValueError("This Krita cannot make a transparency mask. Try another result.")
        opened.setBatchmode(True)
        try:
            return opened.topLevelNodes()[0].childNodes()[0].clone()
        finally:
            opened.close()
    finally:
        application.setBatchmode(quiet)
        with contextlib.suppress(OSError):
            os.unlink(path)
