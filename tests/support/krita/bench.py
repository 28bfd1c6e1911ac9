"""A job on a document of one layer, with a worker that answers what the test says."""

from __future__ import annotations

from typing import Any

import pytest

import mattekit_bridge as bridge
from support.krita import fake

PIXEL = bytes([30, 60, 200, 255])


class Bench:
    """A document with one layer of 4 by 3 pixels at (10, 20), and the answers of the worker."""

    def __init__(self, application: fake.Krita, patch: pytest.MonkeyPatch) -> None:
        from mattekit_bridge.settings import Settings
        from mattekit_krita.plugin import jobs, requests, running

        self.jobs, self.running, self.Request = jobs, running, requests.Request
        self.settings = Settings("python", "0", True, None, [])
        self.document = fake.Document(100, 100)
        self.layer = self.document.add("Photo", (10, 20, 4, 3), PIXEL * 12)
        application.open = [self.document]
        self.sent: list[tuple[bridge.Picture, dict[str, str], str]] = []
        self.pictures: list[dict[str, bridge.Picture]] = []
        self.answer: Any = bytes(range(0, 240, 20))
        self.meanwhile: Any = lambda: None
        patch.setattr(bridge, "connect", lambda settings, waiting, host: "worker")
        patch.setattr(bridge, "remove_background", self._remove_background)

    def _remove_background(
        self,
        worker: Any,
        picture: bridge.Picture,
        options: Any,
        output: str,
        tell: Any,
        pictures: Any = None,
    ) -> bridge.Result:
        self.sent.append((picture, dict(options), output))
        self.pictures.append(dict(pictures or {}))
        if tell(0.5, "Looking") is False:
            raise bridge.Canceled
        self.meanwhile()
        if isinstance(self.answer, Exception):
            raise self.answer
        channels = 1 if output == "pgm" else 4
        size = picture.width, picture.height
        bgra = output == "bgra"
        made = bridge.Picture(*size, channels, 255, self.answer, bgra=bgra)
        return bridge.Result(made, "product", (1, 0, 2, 2))

    def job(self, *nodes: Any, **request: Any) -> Any:
        works = [self.jobs.Work(self.document, node) for node in nodes or [self.layer]]
        return self.jobs.job(works, self.Request(**request), self.settings)

    def run(self, *nodes: Any, tell: Any = lambda share, text: None, **request: Any) -> Any:
        return self.running.run_now(self.job(*nodes, **request), tell)
