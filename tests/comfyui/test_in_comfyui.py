"""The nodes in ComfyUI itself: workflows through its server, as its page sends them."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from hosts import comfyui, install
from mattekit.hooks import HostCopy
from mattekit_comfyui.installing import HOSTS
from support.gates import waiting_worker
from support.helpers import disc

pytestmark = pytest.mark.install

HEIGHT, WIDTH = 90, 120


class Place:
    """A ComfyUI of the test's own, with the nodes in it."""

    def __init__(self, server: comfyui.Server, main: Path) -> None:
        self.server, self.main = server, main

    def run(self, **nodes: Any) -> dict[str, Any]:
        """Run a workflow to its end and return its entry in the history."""
        return self.server.end_of(self.server.queue(nodes))

    def shown(self, entry: dict[str, Any], node: str) -> np.ndarray:
        """Return a saved picture."""
        return np.asarray(Image.open(io.BytesIO(self.server.picture(entry, node))).convert("RGB"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    found = install.hosts_folder() / "comfyui"
    if comfyui.missing(found):
        pytest.skip("no ComfyUI here: python tests/hosts/install.py")
    folder = tmp_path_factory.mktemp("comfyui")
    main = comfyui.copied(found, folder / "ComfyUI")
    # The worker that the nodes start is the one that this test asks to end.
    with pytest.MonkeyPatch.context() as patch, socket.socket() as free:
        patch.setenv("MATTEKIT_WORKER_DIR", str(folder / "worker"))
        patch.setenv("MATTEKIT_PLUGINS_OFF", "*")
        HOSTS["comfyui"].install(HostCopy(main))
        Image.fromarray(disc(HEIGHT, WIDTH).image).save(main.parent / "input/photo.png")
        rough = np.zeros((HEIGHT, WIDTH), np.uint8)
        rough[20:70, 30:90] = 255
        Image.fromarray(rough).convert("RGB").save(main.parent / "input/rough.png")
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        with comfyui.serving(found, main, port, {}) as server:
            yield Place(server, main)
        bridge.stop()


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs}


PHOTO = node("LoadImage", image="photo.png")
ROUGH = node("LoadImageMask", image="rough.png", channel="red")


def saved(source: str, output: int = 0) -> dict[str, Any]:
    return node("SaveImage", images=[source, output], filename_prefix="made")


def test_colours_and_matte_are_those_of_the_library(place: Place) -> None:
    entry = place.run(
        photo=PHOTO,
        cut=node("MattekitRemoveBackground", image=["photo", 0], subject="auto"),
        matte=node("MaskToImage", mask=["cut", 1]),
        colors=saved("cut"),
        alpha=saved("matte"),
    )
    assert entry["status"]["status_str"] == "success", entry["status"]
    cutout = mattekit.remove_background(disc(HEIGHT, WIDTH).image.astype(np.uint16) * 257)
    wanted = cutout.full_alpha() / 257.0
    alpha = place.shown(entry, "alpha")[..., 0]
    np.testing.assert_allclose(alpha, wanted, atol=1)
    colors = place.shown(entry, "colors")
    inside = wanted > 254
    assert inside.mean() > 0.1
    original = disc(HEIGHT, WIDTH).image[inside].astype(int)
    np.testing.assert_allclose(colors[inside], original, atol=2)


def test_comfyuis_own_nodes_composite_it(place: Place) -> None:
    """Over a colour, and as a picture with transparency: what the library makes of both."""
    sea = 0x1E90FF
    entry = place.run(
        photo=PHOTO,
        cut=node("MattekitRemoveBackground", image=["photo", 0], subject="auto"),
        sea=node("EmptyImage", width=WIDTH, height=HEIGHT, batch_size=1, color=sea),
        over=node(
            "ImageCompositeMasked",
            **{"destination": ["sea", 0], "source": ["cut", 0], "mask": ["cut", 1]},
            **{"x": 0, "y": 0, "resize_source": False},
        ),
        flat=saved("over"),
        rest=node("InvertMask", mask=["cut", 1]),
        joined=node("JoinImageWithAlpha", image=["cut", 0], alpha=["rest", 0]),
        clear=saved("joined"),
    )
    assert entry["status"]["status_str"] == "success", entry["status"]
    photo = disc(HEIGHT, WIDTH).image.astype(np.uint16) * 257
    flat = mattekit.remove_background(photo, bg_color=f"{sea:06x}").to_pil().convert("RGB")
    np.testing.assert_allclose(place.shown(entry, "flat"), np.asarray(flat), atol=2)
    clear = np.asarray(Image.open(io.BytesIO(place.server.picture(entry, "clear"))))
    wanted = np.asarray(mattekit.remove_background(photo).to_pil())
    np.testing.assert_allclose(clear[..., 3], wanted[..., 3], atol=1)
    soft = wanted[..., 3] > 0
    np.testing.assert_allclose(clear[soft, :3].astype(int), wanted[soft, :3], atol=2)


def test_a_rough_mask_is_refined(place: Place) -> None:
    entry = place.run(
        photo=PHOTO,
        rough=ROUGH,
        cut=node("MattekitRefineMask", image=["photo", 0], mask=["rough", 0]),
        matte=node("MaskToImage", mask=["cut", 1]),
        alpha=saved("matte"),
    )
    assert entry["status"]["status_str"] == "success", entry["status"]
    rough = np.zeros((HEIGHT, WIDTH), np.float32)
    rough[20:70, 30:90] = 1
    image = disc(HEIGHT, WIDTH).image.astype(np.uint16) * 257
    wanted = mattekit.refine_mask(image, rough).full_alpha() / 257.0
    np.testing.assert_allclose(place.shown(entry, "alpha")[..., 0], wanted, atol=2)


def hinted(place: Place, **hints: Any) -> dict[str, Any]:
    return place.run(
        photo=PHOTO,
        rough=ROUGH,
        cut=node("MattekitRemoveBackground", image=["photo", 0], subject="auto", **hints),
        matte=node("MaskToImage", mask=["cut", 1]),
        alpha=saved("matte"),
    )


def test_hints_from_a_mask(place: Place) -> None:
    """What a mask says to keep is there; where nothing is left to keep, that is told."""
    entry = hinted(place, keep=["rough", 0])
    assert entry["status"]["status_str"] == "success", entry["status"]
    assert place.shown(entry, "alpha")[25:65, 35:85].mean() > 250
    assert "subject" in problem_of(hinted(place, remove=["rough", 0]))["exception_message"]


def problem_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return what ComfyUI's error window shows."""
    (problem,) = [said for kind, said in entry["status"]["messages"] if kind == "execution_error"]
    assert problem["node_type"].startswith("Mattekit")
    return dict(problem)


def test_cancel_ends_a_long_batch(place: Place) -> None:
    workflow = {
        "photo": PHOTO,
        "many": node("RepeatImageBatch", image=["photo", 0], amount=64),
        "cut": node("MattekitRemoveBackground", image=["many", 0], subject="auto"),
        "colors": saved("cut"),
    }
    with waiting_worker() as gate:
        prompt = place.server.queue(workflow)
        gate.wait()
        place.server.post("interrupt", {})
        entry = place.server.end_of(prompt)
    assert not entry["outputs"]
    assert "execution_interrupted" in [kind for kind, _ in entry["status"]["messages"]]


def test_without_a_worker_it_says_so(place: Place) -> None:
    settings = place.main.parent / "custom_nodes/mattekit/settings.json"
    before = settings.read_text()
    bridge.stop()
    settings.write_text(before.replace(sys.executable, "/gone/python"))
    try:
        entry = place.run(
            photo=PHOTO,
            cut=node("MattekitRemoveBackground", image=["photo", 0], subject="person"),
            colors=saved("cut"),
        )
    finally:
        settings.write_text(before)
    said = problem_of(entry)["exception_message"]
    assert "/gone/python, which is not there any more" in said
