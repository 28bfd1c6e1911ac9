"""2.10's filters on GIMP 3: what GEGL makes of them, compared with GIMP 2.10 itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from realkit.gimp2 import PLUGINS, equipped
from realkit.gimp3 import equipped3

pytestmark = pytest.mark.install

SOURCE = PLUGINS / "filter_samples.py"
#: Changed between GEGL 0.4.42 and 0.4.62, or by chance: alike, but not pixel by pixel.
ALIKE = frozenset(
    """plug-in-cartoon plug-in-color-enhance plug-in-diffraction plug-in-emboss
    plug-in-fractal-trace plug-in-newsprint plug-in-noisify plug-in-nova plug-in-papertile
    plug-in-photocopy plug-in-rgb-noise plug-in-shift plug-in-softglow plug-in-spread plug-in-dog
    plug-in-randomize-pick plug-in-randomize-slur plug-in-waves gimp-hue-saturation""".split()  # noqa: SIM905
)
_ON_2 = '(python-fu-filter-samples 1 "FOLDER")'
_ON_3 = '(python-fu-filter-samples #:run-mode 1 #:folder "FOLDER")'


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders that both GIMPs filled."""
    home = tmp_path_factory.mktemp("filters")
    on_2, on_3 = home / "2", home / "3"
    on_2.mkdir()
    on_3.mkdir()
    old, new = equipped(home / "old"), equipped3(home / "new")
    old.add(SOURCE)
    new.add(SOURCE)
    said = old.run(_ON_2.replace("FOLDER", str(on_2)))
    assert (on_2 / "nothing").exists(), said
    said = new.run(_ON_3.replace("FOLDER", str(on_3)))
    assert (on_3 / "nothing").exists(), said
    return on_2, on_3


def _names() -> list[str]:
    namespace: dict[str, list[tuple[str, object]]] = {}
    text = SOURCE.read_text("utf-8")
    listed = text[text.index("SAMPLES = [") : text.index("\n]\n") + 3]
    exec(listed, {"MAP": "map"}, namespace)
    return [name for name, _ in namespace["SAMPLES"]]


def _read(path: Path) -> NDArray[np.float64]:
    """Return premultiplied pixels: what a transparent one would be does not matter."""
    failed = path.with_name(path.name + ".failed")
    assert not failed.exists(), failed.read_text("utf-8")
    head, _, data = path.read_bytes().partition(b"\n")
    width, height = map(int, head.split())
    pixels = np.frombuffer(data, np.uint8).reshape(height, width, 4).astype(np.float64)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels


@pytest.mark.parametrize("name", _names())
def test_filter(results: tuple[Path, Path], name: str) -> None:
    on_2, on_3 = results
    expected, found = _read(on_2 / name), _read(on_3 / name)
    assert found.shape == expected.shape
    if name not in ALIKE:
        assert np.abs(found - expected).mean() < 1
    else:
        before = _read(on_3 / "nothing")
        assert np.abs(found - before).mean() > 0.5  # it does something
        assert np.abs(found - expected).mean() < 90
