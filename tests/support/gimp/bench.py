"""The menu entries in a GIMP that is none, with a worker that always finds a subject."""

from __future__ import annotations

from typing import Any

import pytest

import mattekit_bridge as bridge
from mattekit.options import OPTIONS
from mattekit_hosts.declarations import declaration
from support.gimp import fake

DECLARED = [declaration(option) for option in OPTIONS.values()]
RESULTS = ("mask", "layer", "selection", "channel", "crop")


class Bench:
    """The registered entries, a worker that finds a subject, and what it was asked."""

    def __init__(self, program: fake.Gimp, patch: pytest.MonkeyPatch) -> None:
        from mattekit_bridge.settings import Settings
        from mattekit_gimp.plugin import entries

        facts = Settings("python", "0", True, None, DECLARED)
        self.gimp = program
        self.asked: list[dict[str, str]] = []
        self.refuse: set[int] = set()
        patch.setattr(entries, "read_settings", lambda folder: facts)
        patch.setattr(bridge, "connect", lambda settings, waiting, host: "worker")
        patch.setattr(bridge, "explain_versions", lambda found, settings, host: "")
        patch.setattr(bridge, "remove_background", self._remove_background)
        patch.setattr(bridge, "convert", self._convert)
        #: What was sent beside each picture, and what comes back in turn, zeros after that.
        self.pictures: list[dict[str, bridge.Picture]] = []
        self.answers: list[bytes] = []
        entries.main("folder")

    def _remove_background(
        self,
        worker: Any,
        picture: bridge.Picture,
        options: Any,
        output: str,
        progress: Any,
        pictures: Any = None,
    ) -> bridge.Result:
        self.asked.append(dict(options))
        self.pictures.append(dict(pictures or {}))
        if len(self.asked) in self.refuse:
            raise bridge.Refused(400, "unknown_foreground", "", "")
        channels = 4 if output == "pam" else 1
        count = picture.width * picture.height * channels
        samples = self.answers.pop(0) if self.answers else bytes(count)
        made = bridge.Picture(picture.width, picture.height, channels, 255, samples)
        return bridge.Result(made, "product", (2, 1, 4, 3))

    def _convert(self, worker: Any, picture: bridge.Picture, options: Any, progress: Any) -> bytes:
        self.asked.append(dict(options))
        return b"a file"


def done(result: str, image: fake.Image) -> bool:
    photo = next(each for each in image.layers if each.name == "Photo")
    return {
        "mask": photo.mask is not None,
        "layer": [each.name for each in image.layers] == ["Photo, subject", "Photo"],
        "selection": image.chosen is not None,
        "channel": [each.name for each in image.channels] == ["Photo, subject"],
        "crop": (image.width, image.height) == (4, 3),
        "background": [each.name for each in image.layers]
        == ["Photo, subject", "Photo, background", "Photo"],
    }[result]
