"""ART's mask of a raw file, developed by RawTherapee, whose command line ART has inherited.

Debian has no ART, in no suite. RawTherapee reads no masks from files, so that a mask is not seen in
what it exports.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mattekit
import mattekit_bridge as bridge
from mattekit import codecs
from mattekit.errors import InputError
from mattekit_hosts.pictures import connect
from mattekit_raw.masks import rendered_mask
from raw.test_in_darktable import raw_file
from support.helpers import disc

pytestmark = pytest.mark.install


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    found = shutil.which("rawtherapee-cli")
    if found is None:
        pytest.skip("no RawTherapee here: python tests/hosts/install.py")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    yield Path(found)
    bridge.stop()


def test_a_raw_file_gets_a_mask_beside_it(cli: Path, tmp_path: Path) -> None:
    photo = tmp_path / "it's one.dng"
    upright = disc(300, 200).image
    raw_file(photo, upright)
    target = rendered_mask(photo, cli, lambda: connect("test"), lambda done, what: None)
    assert target == tmp_path / "it's one-mask.png"
    mask = codecs.decode(target).color[..., 0]
    assert mask.dtype == np.uint16
    # What its own development leaves out at the sensor's border.
    wanted = mattekit.remove_background(upright).full_alpha().astype(float) / 255
    cut = [(whole - part) // 2 for whole, part in zip(wanted.shape, mask.shape, strict=True)]
    assert max(cut) <= 8
    wanted = wanted[cut[0] : cut[0] + mask.shape[0], cut[1] : cut[1] + mask.shape[1]]
    assert np.abs(mask / 65535 - wanted).mean() < 0.02


def test_what_cannot_be_developed_is_told(cli: Path, tmp_path: Path) -> None:
    photo = tmp_path / "broken.raf"
    photo.write_bytes(b"FUJIFILMCCD-RAW " + bytes(600))
    with pytest.raises(InputError, match="rawtherapee-cli could not develop it"):
        rendered_mask(photo, cli, lambda: connect("test"), lambda done, what: None)
