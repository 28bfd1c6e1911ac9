"""What docs/krita.md shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mattekit
from mattekit.codecs import decode
from support.helpers import ROOT, assert_images_close, disc

from .conftest import Installed

pytestmark = pytest.mark.install

PAGE = (ROOT / "docs" / "krita.md").read_text("utf-8")


def test_the_script_for_many_files(installed: Installed, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(# cut\.py\n.*?)```", PAGE, re.DOTALL)
    script = tmp_path / "cut.py"
    script.write_text(code)
    photo = disc(160, 200).image
    pictures = [tmp_path / "one.png", tmp_path / "two.png"]
    for path in pictures:
        Image.fromarray(photo).save(path)
    scripts = installed.krita.resources / "pykrita"
    said = installed.krita.runner(
        script,
        *map(str, pictures),
        env={**installed.env, "PYTHONPATH": f"{tmp_path}:{scripts}"},
    )
    expected = mattekit.remove_background(photo)
    for path in pictures:
        result = path.with_name(f"{path.name}.cut.png")
        assert result.exists(), said.stderr[-2000:]
        found = decode(result)
        seen = expected.alpha > 0
        assert_images_close(found.alpha, expected.alpha, 1, mean=0.5)
        assert_images_close(found.color[seen], expected.color[seen], 1, mean=0.5)
        assert np.asarray(Image.open(path)).shape == photo.shape


def test_the_script_for_one_document(installed: Installed, tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(from krita import Krita\n.*?)```", PAGE, re.DOTALL)
    Image.fromarray(disc(160, 200).image).save(tmp_path / "photo.png")
    open_ = f"document = Krita.instance().openDocument({str(tmp_path / 'photo.png')!r})\n"
    code = re.sub(r"document = .*activeDocument\(\)\n", open_, code)
    code += "import sys\nsys.stdout.flush()\n"
    body = "".join(f"    {line}\n" for line in code.splitlines())
    (tmp_path / "one.py").write_text(f"def __main__(arguments):\n{body}")
    scripts = installed.krita.resources / "pykrita"
    said = installed.krita.runner(
        tmp_path / "one.py", env={**installed.env, "PYTHONPATH": f"{tmp_path}:{scripts}"}
    )
    assert re.search(r"^Background \w+ Box\(", said.stdout, re.MULTILINE), said.stderr[-2000:]
