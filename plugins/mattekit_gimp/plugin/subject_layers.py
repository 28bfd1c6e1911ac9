"""Each subject in a layer of its own, behind a mask that can still be painted on."""

import contextlib
import os
import shutil
import tempfile
from typing import Any, Iterator

import gimp
import gimpenums as enums

import mattekit_bridge as bridge
from mattekit_gimp.plugin import pixels
from mattekit_gimp.plugin.targets import (
    Refusal,
    Request,
    Target,
    cut_to_selection,
    one_step,
    options_of,
    read_layer,
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
            left, top = new.offsets
            mask = _masked(new, subject)
            cut_to_selection(target, request, mask, -left, -top)
            new.edit_mask = False
        target.layer.visible = False


def _masked(layer: Any, subject: Any) -> Any:
    """Return the mask of a layer, that of the subject which it was made of."""
    if layer.mask is None:
        mask = layer.create_mask(enums.ADD_WHITE_MASK)
        if subject.mask is not None:
            maximum = 65535 if pixels.is_deep(subject.mask) else 255
            pixels.write_alpha(mask, pixels.read_alpha(subject.mask, maximum))
        layer.add_mask(mask)
    return layer.mask


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
