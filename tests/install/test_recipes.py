"""The recipes of package systems, filled in from what was built and read by their programs."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mattekit
from support.helpers import ROOT

pytestmark = pytest.mark.install


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `scripts/release` leaves, with recipes."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "-o", out, ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(out / "mattekit-windows.zip", "w") as archive:
        archive.writestr("mattekit/mattekit.exe", b"MZ")
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "recipes", out, "--from", "https://example.org/m/",
         "--wheels", out, "--windows", out / "mattekit-windows.zip"],
        check=True,
    )  # fmt: skip
    return out


def checksum(dist: Path, pattern: str) -> str:
    (path,) = dist.glob(pattern)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_conda_forge(dist: Path) -> None:
    rattler = pytest.importorskip("rattler_build")
    recipe = rattler.Stage0Recipe.from_yaml((dist / "recipes/conda/recipe.yaml").read_text())
    (variant,) = recipe.render(rattler.VariantConfig())
    assert f"version='{mattekit.__version__}'" in str(variant)
    text = (dist / "recipes/conda/recipe.yaml").read_text()
    assert checksum(dist, "*.tar.gz") in text
    assert "onnxruntime >=" in text
    assert "starlette" not in text


def test_homebrew(dist: Path) -> None:
    formula = dist / "recipes/homebrew/mattekit.rb"
    if not shutil.which("ruby"):
        pytest.skip("no ruby")
    subprocess.run(["ruby", "-wc", formula], check=True, capture_output=True)
    assert f'sha256 "{checksum(dist, "*.tar.gz")}"' in formula.read_text()


def test_linters(dist: Path) -> None:
    """Each recipe, the image's and the scripts, by the programs that their readers use."""
    absent = [name for name in ("rubocop", "flatpak-builder", "lintian") if not shutil.which(name)]
    if absent:
        pytest.skip(f"no {absent[0]}")
    result = subprocess.run(
        [ROOT / "scripts" / "lint-recipes", dist],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout


def test_winget(dist: Path) -> None:
    yaml = pytest.importorskip("yaml")
    parts = {
        part["ManifestType"]: part
        for path in (dist / "recipes/winget").iterdir()
        if (part := yaml.safe_load(path.read_text()))
    }
    assert parts.keys() == {"version", "installer", "defaultLocale"}
    assert {part["PackageVersion"] for part in parts.values()} == {mattekit.__version__}
    (installer,) = parts["installer"]["Installers"]
    assert installer["InstallerSha256"] == checksum(dist, "*windows.zip").upper()
    assert installer["InstallerUrl"] == "https://example.org/m/mattekit-windows.zip"
    assert len(parts["defaultLocale"]["ShortDescription"]) <= 256


def test_debian(dist: Path) -> None:
    if not shutil.which("dpkg-parsechangelog"):
        pytest.skip("no dpkg-dev")
    folder = dist / "recipes/debian"
    version = subprocess.run(
        ["dpkg-parsechangelog", "-l", folder / "changelog", "-S", "Version"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert version.stdout.strip() == mattekit.__version__
    assert version.stderr == ""
    rules = subprocess.run(
        ["make", "-n", "-f", "debian/rules", "override_dh_auto_install"],
        cwd=folder.parent, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "--find-links wheels wheels/mattekit-*.whl" in rules.stdout
    assert list((dist / "recipes/wheels").glob("mattekit-*.whl"))


def test_flatpak(dist: Path) -> None:
    manifest = json.loads((dist / "recipes/flatpak/mattekit.json").read_text())
    sources = manifest["modules"][0]["sources"]
    assert checksum(dist, "*.whl") in {source.get("sha256") for source in sources}
    assert "--share=network" not in manifest["finish-args"]
