"""Files in, cut-outs beside them; the worker is played, the real one is in tests/desktop."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import mattekit_bridge as bridge
from mattekit_hosts import pictures
from mattekit_hosts.pictures import Outcome, beside, remove_backgrounds, summary

WORKER = bridge.Worker("http://127.0.0.1:1", "token", 1, "1", bridge.PROTOCOL)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, Mapping[str, str]]]:
    """What went to a worker that cannot do pictures whose bytes begin with ``bad``."""
    seen: list[tuple[bytes, Mapping[str, str]]] = []

    def convert(worker: bridge.Worker, data: bytes, options: Any, progress: Any) -> bytes:
        assert worker is WORKER
        seen.append((data, options))
        if data.startswith(b"bad"):
            raise bridge.Refused(400, "invalid_file_type", "", "It is no picture.")
        if progress(0.5, "Looking for the subject") is False:
            raise bridge.Canceled
        return b"cut " + data

    monkeypatch.setattr(pictures.encoded, "convert", convert)
    return seen


def files(folder: Path, **contents: bytes) -> list[Path]:
    paths = []
    for name, data in contents.items():
        paths.append(folder / f"{name}.jpg")
        paths[-1].write_bytes(data)
    return paths


def test_one_that_fails_does_not_stop_the_others(tmp_path: Path, sent: list[Any]) -> None:
    sources = [*files(tmp_path, a=b"1", b=b"bad", c=b"3"), tmp_path / "missing.jpg"]
    seen: list[tuple[float, str]] = []
    outcomes = list(
        remove_backgrounds(
            sources,
            lambda source: beside(source, ".webp"),
            {"crop": "true"},
            worker=lambda: WORKER,
            progress=lambda done, what: seen.append((done, what)),
        )
    )
    assert [each.result and each.result.name for each in outcomes] == [
        "a-removebg.webp",
        None,
        "c-removebg.webp",
        None,
    ]
    assert outcomes[1].problem == "It is no picture."
    assert outcomes[3].problem.startswith("cannot be read: No such file")
    assert (tmp_path / "c-removebg.webp").read_bytes() == b"cut 3"
    assert sent[0] == (b"1", {"format": "webp", "crop": "true"})
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[1] == (0.125, "a.jpg: Looking for the subject")


def test_cancel_writes_nothing_more(tmp_path: Path) -> None:
    sources = files(tmp_path, a=b"1", b=b"2", c=b"3")
    outcomes = list(
        remove_backgrounds(
            sources,
            lambda source: beside(source, ".png"),
            {},
            worker=lambda: WORKER,
            progress=lambda done, what: done < 0.4,
        )
    )
    assert [each.source.name for each in outcomes] == ["a.jpg"]
    assert not (tmp_path / "b-removebg.png").exists()


def test_a_missing_worker_is_told_in_words(tmp_path: Path) -> None:
    def connect() -> bridge.Worker:
        raise bridge.WorkerMissing("/gone/python")

    (outcome,) = remove_backgrounds(
        files(tmp_path, a=b"1"), lambda source: source.with_suffix(".png"), {}, worker=connect
    )
    assert "Install mattekit again" in outcome.problem


def test_the_interpreter_is_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures.connecting, "start", lambda python, waiting: (python, waiting))
    monkeypatch.setattr(
        pictures.connecting, "connect", lambda settings, waiting, host: (settings.python, host)
    )
    assert pictures.connect("tool") == (sys.executable, "tool")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    photo = tmp_path / "a.b.jpg"
    assert beside(photo, ".png").name == "a.b-removebg.png"
    beside(photo, ".png").touch()
    beside(photo, ".png").symlink_to("nowhere")
    assert beside(photo, ".png").name == "a.b-removebg-3.png"


def test_summary() -> None:
    made = [Outcome(Path(f"{n}.jpg"), Path(f"{n}.png")) for n in range(5)]
    bad = [Outcome(Path(f"{n}.jpg"), None, "why") for n in range(4)]
    assert summary(made) == ("5 done", "0.png\n1.png\n2.png\nand 2 more")
    assert summary(made[:1] + bad) == (
        "1 of 5 done",
        "0.jpg: why\n1.jpg: why\n2.jpg: why\nand 1 more",
    )
    assert summary([])[0] == "Nothing done"
