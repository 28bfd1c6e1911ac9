"""The extension: each picture goes to mattekit's worker, and its cut-out or its mask comes back.

Inkscape makes one step of undo of it. Its own window is dead meanwhile (in 1.2), so there
is one of ours, whose *Cancel* leaves the document as it was.
"""

import os
from typing import Any, List, Optional

import inkex

from mattekit_bridge import (
    BridgeError,
    Canceled,
    Refused,
    Worker,
    connect,
    convert,
    explain_versions,
)
from mattekit_bridge.calls import Progress
from mattekit_bridge.settings import read_settings
from mattekit_bridge.window import progress_window
from mattekit_inkscape.plugin.hrefs import NoPicture, read, to_href

__all__ = ["RemoveBackground"]

_HREF = inkex.addNS("href", "xlink")
_LINK = inkex.addNS("absref", "sodipodi")
#: What says where a picture lies; a mask's picture lies in the same place.
_PLACE = ("x", "y", "width", "height", "preserveAspectRatio", "style")


class RemoveBackground(inkex.EffectExtension):  # type: ignore[misc] # as Inkscape has it
    """*Remove Background of Image*.

    Parameters
    ----------
    folder : str
        Where ``settings.json`` lies.
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder

    def add_arguments(self, pars: Any) -> None:
        """Declare the dialog's fields."""
        pars.add_argument("--result", default="picture")
        pars.add_argument("--subject", default="auto")

    def effect(self) -> None:
        """Work on the selected pictures, or on all; one that fails does not stop the others."""
        images = list(self.svg.selection.get(inkex.Image).values())
        if not self.svg.selection:
            images = list(self.svg.descendants().get(inkex.Image).values())
        images = [image for image in images if image.getparent().TAG != "mask"]
        if not images:
            inkex.errormsg("There is no picture among what is selected.")
            return
        settings = read_settings(self.folder)
        try:
            worker = connect(settings, lambda: True, host="Inkscape")
        except BridgeError as error:
            inkex.errormsg(str(error))
            return
        made = []
        with progress_window("Remove Background of Image") as progress:
            for number, image in enumerate(images):
                name = str(image.label or image.get_id())

                def tell(
                    done: float, what: str, number: int = number, name: str = name
                ) -> Optional[bool]:
                    return progress((number + done) / len(images), "%s: %s" % (name, what))

                try:
                    made.append((image, self.result_of(image, worker, tell)))
                except (NoPicture, Refused) as error:
                    inkex.errormsg("%s: %s" % (name, error))
                except Canceled:
                    return
                except BridgeError as error:
                    inkex.errormsg(str(error))
                    break
        for image, href in made:
            self.put(image, href)
        note = explain_versions(worker, settings, host="Inkscape")
        if note:
            inkex.errormsg(note)

    def result_of(self, image: Any, worker: Worker, progress: Progress) -> str:
        """Return the address of a picture's cut-out, or of its mask."""
        document = self.document_path()
        folder = os.path.dirname(document) if document else None
        data = read(image.get(_HREF), folder, *self.copy_folder())
        fields = {"format": "png", "type": self.options.subject}
        if self.options.result == "mask":
            fields["channels"] = "alpha"
        return to_href(convert(worker, data, fields, progress), "image/png")

    def put(self, image: Any, href: str) -> None:
        """Replace a picture by its cut-out, or give it a mask."""
        if self.options.result == "mask":
            image.set("mask", "url(#%s)" % self.new_mask(image, href))
        else:
            image.set(_HREF, href)
            image.attrib.pop(_LINK, None)

    def copy_folder(self) -> List[str]:
        """Return the folder of the copy that Inkscape has written, where there is one."""
        name = self.options.input_file
        return [os.path.dirname(os.path.abspath(name))] if isinstance(name, str) else []

    def new_mask(self, image: Any, href: str) -> str:
        """Return the id of a new mask that covers a picture, in its own coordinates."""
        mask = inkex.Mask()
        mask.set("maskUnits", "userSpaceOnUse")
        for name in ("x", "y", "width", "height"):
            if image.get(name):
                mask.set(name, image.get(name))
        inner = inkex.Image()
        for name in _PLACE:
            if image.get(name):
                inner.set(name, image.get(name))
        inner.set(_HREF, href)
        mask.append(inner)
        self.svg.defs.append(mask)
        return str(mask.get_id())
