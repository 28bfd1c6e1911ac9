"""The nodes, by the contract that ComfyUI has with them, which is replayed here.

Tensors are played by arrays: what the nodes ask of torch's is exactly what stands in `Tensor`.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import mattekit
import mattekit_bridge as bridge
from mattekit_comfyui.installing import HOSTS
from support.helpers import disc


class Tensor:
    """What the nodes ask of a tensor."""

    def __init__(self, array: Any) -> None:
        self.array = np.asarray(array, np.float32)

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> Any:
        return self.array

    def any(self) -> bool:
        return bool(self.array.any())

    def new_tensor(self, array: Any) -> Tensor:
        return Tensor(array)


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The installed folder, imported as ComfyUI's ``load_custom_node`` does."""
    for name, data in HOSTS["comfyui"].files(sys.executable, "plain").items():
        path = tmp_path / "custom_nodes" / "mattekit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    folder = tmp_path / "custom_nodes" / "mattekit"
    before = list(sys.path)
    spec = importlib.util.spec_from_file_location(str(folder), folder / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, str(folder), module)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before
    for name in [each for each in sys.modules if each.startswith(f"{folder}.")]:
        del sys.modules[name]


def nodes_of(pack: ModuleType) -> Any:
    return sys.modules[f"{pack.__name__}.nodes"]


def test_the_contract(pack: ModuleType) -> None:
    assert set(pack.NODE_CLASS_MAPPINGS) == set(pack.NODE_DISPLAY_NAME_MAPPINGS)
    for node in pack.NODE_CLASS_MAPPINGS.values():
        inputs = node.INPUT_TYPES()
        assert inputs["required"]["image"] == ("IMAGE",)
        assert node.RETURN_TYPES == ("IMAGE", "MASK")
        assert len(node.RETURN_NAMES) == 2
        assert callable(getattr(node, node.FUNCTION))
        assert node.CATEGORY
        names = {*inputs["required"], *inputs.get("optional", {})}
        code = getattr(node, node.FUNCTION).__code__
        assert set(code.co_varnames[1 : code.co_argcount]) == names
    assert "torch" not in Path(nodes_of(pack).__file__).read_text().replace("torch's", "")


def test_shapes_hints_and_batches(pack: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = nodes_of(pack)
    seen: list[Any] = []

    def remove(worker: Any, picture: Any, options: Any, output: str, tell: Any, more: Any) -> Any:
        seen.append((options, set(more)))
        rgb = np.frombuffer(picture.samples, ">u2").reshape(picture.height, picture.width, 3)
        samples = np.dstack([rgb, rgb[..., :1]]).astype(">u2").tobytes()
        made = bridge.Picture(picture.width, picture.height, 4, 65535, samples)
        return bridge.Result(made, "person", None)

    monkeypatch.setattr(nodes, "remove_background", remove)
    monkeypatch.setattr(nodes, "connect", lambda settings, waiting, host: None)
    batch = np.random.default_rng(1).random((2, 5, 7, 3), np.float32)
    keep = np.zeros((1, 5, 7), np.float32)
    keep[0, 2, 3] = 1
    color, mask = nodes.RemoveBackground().run(
        Tensor(batch), "person", keep=Tensor(keep), remove=Tensor(np.zeros((5, 7)))
    )
    assert color.array.shape == (2, 5, 7, 3)
    assert mask.array.shape == (2, 5, 7)
    np.testing.assert_allclose(color.array, batch, atol=1 / 65535)
    np.testing.assert_allclose(mask.array, batch[..., 0], atol=1 / 65535)
    assert seen == [({"type": "person"}, {"keep"})] * 2
    nodes.RefineMask().run(Tensor(batch), Tensor(keep[0]))
    assert seen[2:] == [({}, {"mask"})] * 2


def test_colours_go_on_where_nothing_is(pack: ModuleType) -> None:
    """What scales colours and mask apart, and composites then, darkens no edge."""
    rows, columns = np.mgrid[:61, :83]
    distance = np.hypot(rows - 28, columns - 40)
    alpha = np.clip((20 - distance) / 4, 0, 1).astype(np.float32)[..., None]
    own = np.stack([columns / 83, rows / 61, 0 * rows + 0.8], -1).astype(np.float32)
    black = own * (alpha > 0)
    spread = nodes_of(pack)._spread(black, alpha)
    assert spread.dtype == np.float32
    np.testing.assert_array_equal(spread[alpha[..., 0] > 0], own[alpha[..., 0] > 0])

    def small(image: Any) -> Any:
        return image[:60, :80].reshape(15, 4, 20, 4, -1).mean((1, 3))

    wanted = small(own * alpha)
    after, before = (np.abs(small(each) * small(alpha) - wanted).max() for each in (spread, black))
    assert after < before / 4
    everywhere = np.ones_like(alpha)
    assert nodes_of(pack)._spread(own, everywhere) is own
    assert not nodes_of(pack)._spread(black * 0, alpha * 0).any()


@pytest.mark.slow
def test_masks_are_those_of_the_library(
    pack: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    image = disc(80, 100).image
    rough = np.zeros((80, 100), np.float32)
    rough[20:60, 25:75] = 1
    try:
        batch = Tensor(image[None] / 255)
        _, mask = pack.NODE_CLASS_MAPPINGS["MattekitRemoveBackground"]().run(batch, "auto")
        _, refined = pack.NODE_CLASS_MAPPINGS["MattekitRefineMask"]().run(batch, Tensor(rough))
    finally:
        bridge.stop()
    deep = image.astype(np.uint16) * 257
    wanted = mattekit.remove_background(deep).full_alpha() / 65535
    np.testing.assert_allclose(mask.array[0], wanted, atol=0.01)
    wanted = mattekit.refine_mask(deep, rough).full_alpha() / 65535
    np.testing.assert_allclose(refined.array[0], wanted, atol=0.01)
