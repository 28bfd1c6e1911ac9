"""Options of folders: the nearest file wins, the call wins over all, mistakes name the file."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from mattekit.errors import InputNotFound, OptionError
from mattekit.models import InputSpec
from mattekit_batch import resolver
from mattekit_batch.manifest import Manifest
from support.batch import picture


def options(folder, text):
    path = Path("src") / folder / "mattekit.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def photos(photo):
    for path in ("a.jpg", "x/a.jpg", "x/y/a.jpg", "z/a.jpg"):
        photo(f"src/{path}")


def outputs(results):
    return sorted(result.output for result in results.values())


def test_a_field_more_in_cards_is_no_other_model():
    @dataclasses.dataclass(frozen=True)
    class Later(InputSpec):
        news: str = ""

    assert resolver._said(Later(longest=512)) == resolver._said(InputSpec(longest=512))
    assert resolver._said(Later(news="yes")) != resolver._said(InputSpec())


@pytest.mark.usefixtures("photos")
class TestFolders:
    def test_the_nearest_file_wins(self, run):
        options("", 'format = "webp"')
        options("x", 'format = "tiff"\ncrop = true')
        options("x/y", 'format = "png"')
        results = run()
        assert outputs(results) == ["a.webp", "x/a.tiff", "x/y/a.png", "z/a.webp"]
        # What the folder above says still counts.
        assert results["x/y/a.jpg"].facts["width"] < 32 == results["z/a.jpg"].facts["width"]

    def test_the_call_wins_and_files_win_over_the_environment(self, run):
        options("x", 'format = "tiff"')
        base = {"format": "webp"}
        assert outputs(run(base=base)) == ["a.webp", "x/a.tiff", "x/y/a.tiff", "z/a.webp"]
        results = run(target="other", options={"format": "jpg"}, base=base)
        assert outputs(results) == ["a.jpg", "x/a.jpg", "x/y/a.jpg", "z/a.jpg"]

    def test_files_can_be_left_unread(self, run):
        options("x", "this is no TOML")
        results = run(folder_options=False)
        assert outputs(results) == ["a.png", "x/a.png", "x/y/a.png", "z/a.png"]

    def test_what_options_stand_for_stays_the_same_in_later_versions(self, run):
        """Were it another, every picture of every batch would be made again by an upgrade."""
        run(options={"crop": True, "bg_color": "white"})
        with closing(Manifest(Path("dst/.mattekit/manifest.sqlite"))) as manifest:
            keys = {row.options_key for row, _ in manifest.rows()}
        assert keys == {"9e9494d36492e39fefd80058d6b81059"}

    def test_a_changed_file_makes_its_folders_again(self, run, network):
        run()
        assert network.calls == 4
        options("x", "crop = true")
        results = run()
        assert [r.status for _, r in sorted(results.items())] == [
            "skipped",
            "done",
            "done",
            "skipped",
        ]

    def test_a_background_lies_beside_its_file(self, run):
        Path("src/z/back").mkdir()
        Path("src/z/back/.green.png").write_bytes(picture(1, "PNG"))
        Image.new("RGB", (8, 8), "lime").save("src/z/back/.green.png")
        options("", 'bg_color = "white"')
        options("z", 'bg_image = "back/.green.png"')
        assert outputs(run()) == ["a.jpg", "x/a.jpg", "x/y/a.jpg", "z/a.jpg"]
        with Image.open("dst/z/a.jpg") as image:
            red, green, blue = image.getpixel((0, 0))
        assert green > 200
        assert max(red, blue) < 60

    def test_a_background_of_the_call_wins(self, run):
        options("z", 'bg_color = "red"')
        run(options={"bg_blur": "2%"})
        with Image.open("dst/z/a.jpg") as image:
            assert image.getpixel((0, 0))[0] < 60

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ('crop = "perhaps"', "crop='perhaps'"),
            ("crops = true", "Did you mean 'crop'"),
            ("crop = ", "src/x/mattekit.toml"),
        ],
    )
    def test_mistakes_name_the_file_and_nothing_is_started(self, run, network, text, problem):
        options("x", text)
        with pytest.raises(OptionError) as caught:
            run()
        assert problem in str(caught.value)
        assert "src/x/mattekit.toml" in str(caught.value)
        assert network.calls == 0

    def test_a_background_that_is_not_there(self, run):
        options("x", 'bg_image = "none.png"')
        with pytest.raises(InputNotFound, match=r"none\.png"):
            run()


def test_the_order_of_kinds_does_not_matter(run, photo):
    photo("src/a.jpg")
    run(options={"shadow_type": "car=car,person=3D"})
    result = run(options={"shadow_type": "person=3D,car=car"})["a.jpg"]
    assert result.status == "skipped"
