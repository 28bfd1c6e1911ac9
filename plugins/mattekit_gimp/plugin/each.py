"""Each subject in a layer of its own."""

import contextlib
import os
import shutil
import tempfile
from typing import Any, Iterator

import gimp
import gimpenums as enums

import mattekit_bridge as bridge
from mattekit_gimp.plugin.targets import (
    Refusal,
    Request,
    Target,
    cut_to_selection,
    one_step,
    options_of,
    read_layer,
    selection_bounds,
)

__all__ = ["each_subject"]

pdb = gimp.pdb


def each_subject(target: Target, request: Request) -> None:
    """Put each subject of the layer into a layer of its own, and hide the old one."""
    if target.layer.is_indexed:
        raise Refusal(
            "A palette has no room for soft edges. Image > Mode > RGB first, or To Channel."
        )
    options = {**options_of(target, request), "subjects": "each", "format": "psd"}
    picture = read_layer(target, request)
    # Which pixel belongs to whom is the worker's to say, and GIMP reads its answer itself.
    data = bridge.convert(request.worker, picture, options, request.progress)
    with _opened(data) as found, one_step(target.image):
        subjects = [layer for layer in found.layers if layer.visible]
        parent, number = target.position
        x, y = target.layer.offsets
        for count, subject in enumerate(subjects):
            new = pdb.gimp_layer_new_from_drawable(subject, target.image)
            target.image.insert_layer(new, parent, number + count)
            new.set_offsets(x + subject.offsets[0], y + subject.offsets[1])
            new.name = "%s, subject %d" % (target.layer.name, len(subjects) - count)
            new.visible = True
            if request.selected and selection_bounds(target.image)[0]:
                _cut(target, request, new)
        target.layer.visible = False


def _cut(target: Target, request: Request, layer: Any) -> None:
    mask = layer.create_mask(enums.ADD_WHITE_MASK)
    layer.add_mask(mask)
    x, y = layer.offsets
    cut_to_selection(target, request, mask, -x, -y)
    layer.remove_mask(enums.MASK_APPLY)


@contextlib.contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    """Open a file that nobody else sees, as an image that is not shown."""
    folder = tempfile.mkdtemp(prefix="mattekit-")
    try:
        path = os.path.join(folder, "subjects.psd")
        with open(path, "wb") as file:
            file.write(data)
        image = pdb.gimp_file_load(path, path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    try:
        yield image
    finally:
        gimp.delete(image)
