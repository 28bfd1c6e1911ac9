"""Runs inside a real Krita by kritarunner: makes documents, removes backgrounds, says what it sees.

``cases.json`` beside it is a list; each case is answered by ``<name>.json`` and ``<name>-*.raw``.
Standard library and Krita only.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path

from krita import Krita, Selection

SRGB = "sRGB-elle-V2-srgbtrc.icc"


def write(folder, name, data):
    (folder / name).write_bytes(bytes(data))


def picture(case, folder):
    """Return a document with the picture of a case in one layer, in the case's color space."""
    width, height = case["size"]
    left, top = case.get("offset", (0, 0))
    canvas = case.get("canvas", (width, height))
    depth = case.get("sent", "U8")
    document = Krita.instance().createDocument(*canvas, case["name"], "RGBA", depth, SRGB, 300.0)
    document.setBatchmode(True)
    layer = document.topLevelNodes()[0]
    if "offset" in case:
        layer.setPixelData(bytes(canvas[0] * canvas[1] * 4), 0, 0, *canvas)
        layer = document.createNode("Photo", "paintlayer")
        document.rootNode().addChildNode(layer, None)
    layer.setName("Photo")
    pixels = (folder / case["picture"]).read_bytes()
    layer.setPixelData(pixels, left, top, width, height)
    if case.get("assign"):
        document.setColorProfile(case["assign"])
    if case.get("layerspace"):
        layer.setColorSpace(*case["layerspace"])
    space = case.get("space")
    if space:
        document.setColorSpace(*space)
    document.refreshProjection()
    document.waitForDone()
    if case.get("group"):
        group = document.createGroupLayer("Group")
        document.rootNode().addChildNode(group, None)
        copy = layer.duplicate()
        layer.remove()
        group.addChildNode(copy, None)
        layer = group
        document.refreshProjection()
        document.waitForDone()
    if case.get("selection"):
        x, y, across, down, value = case["selection"]
        area = Selection()
        area.select(x, y, across, down, value)
        document.setSelection(area)
    return document, layer


def tree(node):
    return [
        {
            "name": each.name(),
            "type": each.type(),
            "visible": each.visible(),
            "space": [each.colorModel(), each.colorDepth(), each.colorProfile()],
            "children": tree(each),
        }
        for each in node.childNodes()
    ]


def mask_of(layer):
    """Return the one visible mask of a layer."""
    masks = [each for each in layer.childNodes() if each.type() == "transparencymask"]
    (mask,) = [each for each in masks if each.visible()]
    return mask


def saved(case, folder, document, layer):
    """Save the document, open it again, and return both."""
    path = str(folder / case["save"])
    names = [node.name() for node in document.topLevelNodes()]
    at = names.index(layer.name())
    document.saveAs(path)
    document.waitForDone()
    document.close()
    document = Krita.instance().openDocument(path)
    document.setBatchmode(True)
    return document, document.topLevelNodes()[at]


def correction(case, folder, document, layer):
    """Do the steps of a case; return the document with the corrected mask, and its layer."""
    from mattekit_krita import correct_mask, remove_background

    left, top = case.get("offset", (0, 0))
    for kind, *box in case["steps"]:
        if kind == "begin":
            remove_background(document, [layer])
        elif kind == "save":
            document, layer = saved(case, folder, document, layer)
        elif kind == "paint":
            x, y, width, height = box
            mask_of(layer).setPixelData(bytes([255] * width * height), x, y, width, height)
        elif kind == "refine":
            correct_mask(document, layer)
        else:
            x, y, width, height = box
            area = Selection()
            area.select(left + x, top + y, width, height, 255)
            correct_mask(document, layer, **{kind: area})
    return document, layer


def corrected(case, folder):
    document, layer = picture(case, folder)
    document, layer = correction(case, folder, document, layer)
    size, place = case["size"], case.get("offset", (0, 0))
    write(folder, case["name"] + "-after.raw", mask_of(layer).pixelData(*place, *size))
    facts = {"tree": tree(document.rootNode()), "annotations": len(document.annotationTypes())}
    document.setModified(False)
    document.close()
    return facts


def separated(case, folder):
    from mattekit_krita import separate_subjects

    document, layer = picture(case, folder)
    report = separate_subjects(document, layer)
    facts = {"tree": tree(document.rootNode()), "what": report.what}
    for number, node in enumerate(report.done[0].result.childNodes()):
        write(folder, f"{case['name']}-{number}.raw", node.pixelData(0, 0, *case["size"]))
    document.setModified(False)
    document.close()
    return facts


def answer(case, folder):
    from mattekit_krita import remove_background

    if case["result"] in ("corrected", "separated"):
        return globals()[case["result"]](case, folder)
    document, layer = picture(case, folder)
    width, height = case["size"]
    left, top = case.get("offset", (0, 0))
    if case.get("save"):
        document.saveAs(str(folder / case["save"]))
    get = layer.projectionPixelData if case.get("group") else layer.pixelData
    before = bytes(get(left, top, width, height))
    write(folder, case["name"] + "-before.raw", before)
    steps = []
    nodes = [layer]
    if case.get("unnamed"):
        nodes = None
    if case.get("second"):
        copy = layer.duplicate()
        document.rootNode().addChildNode(copy, None)
        copy.move(*case["second"])
        document.waitForDone()
        nodes.append(copy)
    report = remove_background(
        document,
        nodes,
        case["result"],
        tell=lambda share, text: steps.append(share) and None,
        **case.get("options", {}),
    )
    facts = {"steps": [min(steps), max(steps), steps == sorted(steps)]}
    if not report.done:
        raise RuntimeError(str(report.failed))
    done = report.done[0]
    facts["box"] = done.box
    if case["result"] == "selection":
        area = document.selection()
        write(folder, case["name"] + "-after.raw", area.pixelData(left, top, width, height))
        other = case.get("second", (0, 0))
        write(
            folder,
            case["name"] + "-second.raw",
            area.pixelData(left + other[0], top + other[1], width, height),
        )
    else:
        write(folder, case["name"] + "-after.raw", done.result.pixelData(left, top, width, height))
    document.refreshProjection()
    document.waitForDone()
    write(folder, case["name"] + "-seen.raw", document.pixelData(*case.get("see", (0, 0, 1, 1))))
    facts["unchanged"] = bytes(get(left, top, width, height)) == before
    facts["tree"] = tree(document.rootNode())
    facts["canvas"] = [document.width(), document.height()]
    facts["documents"] = len(Krita.instance().documents())
    document.setModified(False)
    document.close()
    return facts


def __main__(args):  # noqa: N807 - kritarunner's name
    folder = Path(args[0])
    for case in json.loads((folder / "cases.json").read_text("utf-8")):
        try:
            facts = answer(case, folder)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            traceback.print_exc()
            facts = {"error": f"{type(error).__name__}: {error}"}
        facts["python"] = sys.version
        (folder / f"{case['name']}.json").write_text(json.dumps(facts), "utf-8")
