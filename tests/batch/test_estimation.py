"""What a batch would take, told from a sample of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.batch import tree
from support.command import lines


def test_a_dry_run_writes_nothing(mattekit, photo, network):
    for number in range(30):
        photo(f"src/{number:02}.jpg", number)
    result = mattekit("batch", "src", "dst", "--dry-run", "--sample", "8", "--price", "0.05")
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "30 pictures to cut out, 0 done, 0 failed before.\nA sample of 8"
    )
    assert "Cost: about" in result.stdout
    assert not Path("dst").exists()
    assert network.calls == 8
    mattekit("batch", "src", "dst", "--include", "0*")
    before = tree(Path("dst"))
    found = lines(mattekit("batch", "src", "dst", "--dry-run", "--json"))[0]
    assert (found["pictures"], found["skipped"]) == (20, 10)
    assert found["seconds"] == pytest.approx(20 * found["elapsed"])
    assert tree(Path("dst")) == before
    nothing = mattekit("batch", "src", "dst", "--dry-run", "--include", "0*")
    assert nothing.stdout == "Nothing to do: 10 done, 0 failed before.\n"
