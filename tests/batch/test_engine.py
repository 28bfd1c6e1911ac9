"""What is made, what is skipped, what is made again: in this process, on a fake network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mattekit_batch
from mattekit.errors import InputNotFound, MattekitError, OptionError, OutputError, status_of
from support.batch import BROKEN, broken, picture, set_age, statuses, tree


def test_the_tree_is_kept(run, photo):
    for path in ("a.jpg", "x/a.jpg", "x/y/a.png", "x/y/b.TIF"):
        photo(f"src/{path}")
    results = run()
    assert set(statuses(results).values()) == {"done"}
    assert sorted(tree(Path("dst"))) == ["a.png", "x/a.png", "x/y/a.png", "x/y/b.png"]
    assert results["x/y/b.TIF"].output == "x/y/b.png"
    with Image.open("dst/x/a.png") as image:
        alpha = np.asarray(image)[..., 3]
    assert alpha[12, 16] > 200
    assert alpha[0, 0] < 50


def test_pictures_of_one_name_in_one_folder_both_survive(run, photo):
    photo("src/a.jpg", 1)
    photo("src/a.png", 2)
    assert set(statuses(run()).values()) == {"done"}
    assert sorted(tree(Path("dst"))) == ["a.jpg.png", "a.png.png"]


def test_every_kind_of_broken_file_is_accounted_for(run, photo):
    photo("src/good.jpg")
    expected = {}
    for kind in range(BROKEN):
        suffix, data, error = broken(kind)
        Path(f"src/{kind}.{suffix}").write_bytes(data)
        expected[f"{kind}.{suffix}"] = error
    Path("src/link.jpg").symlink_to("nowhere.jpg")
    results = run()
    assert results.pop("good.jpg").status == "done"
    assert results.pop("link.jpg").failure.type == "InputNotFound"
    assert {source: result.failure.type for source, result in results.items()} == expected
    assert all(result.failure.message.startswith("src/") for result in results.values())
    assert list(tree(Path("dst"))) == ["good.png"]


def test_changed_options_make_everything_again(run, photo, network):
    photo("src/a.jpg")
    run()
    assert run(options={"crop": True})["a.jpg"].status == "done"
    assert run(options={"crop": True})["a.jpg"].status == "skipped"
    assert run(options={"crop": True, "crop_margin": "0px"})["a.jpg"].status == "skipped"
    assert run(options={"device": "cpu"})["a.jpg"].status == "done"
    assert run()["a.jpg"].status == "skipped"
    assert network.calls == 3


def test_two_formats_live_side_by_side(run, photo, network):
    photo("src/a.jpg")
    run(options={"format": "png"})
    run(options={"format": "webp"})
    assert sorted(tree(Path("dst"))) == ["a.png", "a.webp"]
    assert run(options={"format": "png"})["a.jpg"].status == "skipped"
    assert network.calls == 2


def test_another_model_makes_everything_again(run, photo, model):
    photo("src/a.jpg")
    run()
    assert run(options={"model": model})["a.jpg"].status == "done"
    assert run(options={"model": model})["a.jpg"].status == "skipped"


def test_a_background_picture_counts_by_its_content(run, photo, network):
    photo("src/a.jpg")
    background = photo("bg.png", 5)
    options = {"bg_image": str(background)}
    assert run(options=options)["a.jpg"].output == "a.jpg"
    assert run(options=options)["a.jpg"].status == "skipped"
    photo("bg.png", 6)
    assert run(options=options)["a.jpg"].status == "done"


def test_failures_are_tried_again_when_that_may_help(run, photo, network):
    Path("src").mkdir()
    bad = Path("src/a.jpg")
    bad.write_bytes(picture(1)[:300])
    set_age(bad)
    assert run()["a.jpg"].reason == ""
    again = run()["a.jpg"]
    assert (again.status, again.reason) == ("failed", "it failed before")
    assert again.failure.type == "UnreadableImage"
    assert run(retry_failed=True)["a.jpg"].reason == ""
    bad.write_bytes(picture(1))
    set_age(bad, 50)
    assert run()["a.jpg"].status == "done"


def test_failures_that_lie_elsewhere_are_always_tried_again(run, photo):
    photo("src/a.jpg")
    Path("dst").mkdir()
    Path("dst/a.png").mkdir()
    assert run()["a.jpg"].failure.type == "OutputError"
    Path("dst/a.png").rmdir()
    assert run()["a.jpg"].status == "done"


def test_a_result_of_older_content_is_no_result_of_a_picture_that_failed(run, photo):
    path = photo("src/a.jpg", 1)
    run()
    path.write_bytes(broken(1)[1])
    set_age(path, 50)
    assert run()["a.jpg"].status == "failed"
    assert run(retry_failed=True)["a.jpg"].status == "failed"


def test_inputs_stay_as_they_are(run, photo):
    for name in ("a.jpg", "b.png", "x/c.jpg"):
        photo(f"src/{name}")
    before = tree(Path("src"))
    for _ in range(2):
        run(reprocess=True)
    assert tree(Path("src")) == before


@pytest.mark.parametrize("target", ["src", ".", "src/../src", "link"])
def test_a_target_among_the_inputs_is_refused(run, photo, target):
    photo("src/a.jpg")
    Path("link").symlink_to("src")
    with pytest.raises(OptionError, match="among the inputs"):
        run(target=target)


def test_an_iterator_that_is_left_stops_the_work(runtime, photo, network):
    for number in range(40):
        photo(f"src/{number:02}.jpg")
    results = mattekit_batch.run("src", "dst", runtime=runtime)
    next(results)
    results.close()
    made = len(tree(Path("dst")))
    assert made < 40
    assert not [name for name in tree(Path("dst")) if name.endswith(".tmp")]
    rest = list(mattekit_batch.run("src", "dst", runtime=runtime))
    assert len(rest) == 40
    assert len(tree(Path("dst"))) == 40


def test_two_batches_on_one_target(runtime, photo):
    photo("src/a.jpg")
    with (
        mattekit_batch.Batch("src", "dst", runtime=runtime),
        pytest.raises(OutputError, match="another batch is at work"),
    ):
        mattekit_batch.Batch("src", "dst", runtime=runtime)
    list(mattekit_batch.run("src", "dst", runtime=runtime))


def test_a_file_that_is_no_manifest(runtime, photo):
    photo("src/a.jpg")
    Path("state").mkdir()
    Path("state/manifest.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(OutputError, match="no manifest of this version"):
        mattekit_batch.Batch("src", "dst", runtime=runtime, state="state")


@pytest.mark.parametrize(
    ("source", "problem"), [("none", "no such folder"), ("a.jpg", "no folder")]
)
def test_sources_that_are_none(run, photo, source, problem):
    photo("a.jpg")
    with pytest.raises(InputNotFound, match=problem):
        run(source=source)


def test_a_wrong_option_starts_nothing(run, photo):
    photo("src/a.jpg")
    with pytest.raises(OptionError):
        run(options={"crop": "maybe"})
    with pytest.raises(OptionError):
        run(workers=0)
    assert not Path("dst").exists()


@pytest.mark.parametrize(
    ("address", "code", "problem"),
    [
        ("nonsense", 2, "an address, as tcp://10.0.0.1:8786"),
        ("tcp://127.0.0.1", 2, "an address, as tcp://10.0.0.1:8786"),
        ("tcp://no-such-host.invalid:8786", 1, "there is no such host"),
    ],
)
def test_an_address_that_is_none_is_refused_at_once(photo, monkeypatch, address, code, problem):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(distributed, "Client", lambda *_, **__: pytest.fail("it was tried"))
    photo("src/a.jpg")
    with pytest.raises(MattekitError, match=problem) as caught:
        list(mattekit_batch.run("src", "dst", scheduler=address))
    assert status_of(caught.value).exit_code == code
    assert not Path("dst").exists()  # before anything is made
