"""What is left of the memory that a process may use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import mattekit
from mattekit import memory
from mattekit.errors import NotEnoughMemory
from mattekit.memory import Room, check_room, room_left
from support.helpers import disc

MB = 1 << 20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write the files in which Linux tells."""
    monkeypatch.setattr(memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path / "groups")
    monkeypatch.setattr(memory, "_process_limits", lambda: iter(()))

    def write(groups: str, **files: str) -> None:
        for name, text in {"proc/cgroup": groups, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def group(path: str, limit: object, used: int, cache: int, *, old: bool = False) -> dict[str, str]:
    names = ("limit_in_bytes", "usage_in_bytes", "total_") if old else ("max", "current", "")
    return {
        f"{path}/memory.{names[0]}": f"{limit}\n",
        f"{path}/memory.{names[1]}": f"{used}\n",
        f"{path}/memory.stat": f"anon 1\n{names[2]}inactive_file {cache}\n",
    }


def test_without_a_limit_all_is_well(machine):
    machine("0::/\n")
    assert room_left() is None
    machine("0::/a\n", **group("groups/a", "max", 5, 0))
    assert room_left() is None
    check_room("photo.jpg", 1 << 40, 1 << 50)


def test_the_narrowest_group_counts_and_cached_files_do_not(machine):
    machine(
        "0::/pod/box\n",
        **group("groups/pod", 900 * MB, 300 * MB, 100 * MB),
        **group("groups/pod/box", 512 * MB, 200 * MB, 50 * MB),
    )
    assert room_left() == Room(362 * MB, 512 * MB)
    machine("0::/pod/box\n", **group("groups/pod", 900 * MB, 800 * MB, 100 * MB))
    assert room_left() == Room(200 * MB, 900 * MB)


def test_groups_of_the_first_version(machine):
    none = (1 << 63) - 4096
    machine(
        "9:cpu:/x\n4:memory:/box\n0::/\n",
        **group("groups/memory", none, 1, 0, old=True),
        **group("groups/memory/box", 512 * MB, 500 * MB, 8 * MB, old=True),
    )
    assert room_left() == Room(20 * MB, 512 * MB)


def test_a_container_that_sees_only_its_own_group(machine):
    machine("0::/../elsewhere\n", **group("groups", 512 * MB, 500 * MB, 0))
    assert room_left() == Room(12 * MB, 512 * MB)


@pytest.mark.slow
def test_a_picture_is_refused_before_it_is_decoded_and_before_it_is_refined(machine):
    picture = disc(4000, 3000).image
    machine("0::/\n", **group("groups", 512 * MB, 500 * MB, 0))
    with pytest.raises(NotEnoughMemory, match="12 megapixels need 36 MB of memory more, and 13"):
        mattekit.remove_background(picture)
    machine("0::/\n", **group("groups", 512 * MB, 470 * MB, 0))
    with pytest.raises(NotEnoughMemory, match="need 48 MB of memory more"):
        mattekit.remove_background(picture, bg_blur="2%")
    # The colours of a picture that nobody looks at afterwards become the subject's.
    assert mattekit.remove_background(picture) is not None
    assert mattekit.remove_background(picture, size="preview") is not None


def test_limits_of_the_process_count():
    code = (
        "import resource; from mattekit.memory import room_left; before = room_left();"
        "resource.setrlimit(resource.RLIMIT_DATA, (1 << 30, -1)); room = room_left();"
        "assert room.limit <= 1 << 30 and 0 < room.left < 1 << 30, (before, room)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
