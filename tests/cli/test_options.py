"""`mattekit options`: for people, machines and documents."""

from __future__ import annotations

import json

from mattekit.options import OPTIONS, Options


def test_the_table_of_options(mattekit):
    lines = mattekit("options").stdout.splitlines()
    assert lines[0].split()[:2] == ["OPTION", "VALUES"]
    assert [line.split()[0] for line in lines[1:]] == [
        f"--{name.replace('_', '-')}" for name in OPTIONS
    ]


def test_the_declarations_for_machines(mattekit):
    found = {each["name"]: each for each in json.loads(mattekit("options", "--json").stdout)}
    assert list(found) == list(OPTIONS)
    assert found["crop"]["negative_flag"] == "--no-crop"
    assert found["size"]["schema"]["enum"][0] == "original"
    assert found["size"]["api_default"] == "preview"
    written = {name: each["default"] for name, each in found.items() if each["default"]}
    assert Options.parse(written) == Options()


def test_the_table_for_documents(mattekit):
    text = mattekit("options", "--markdown").stdout
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(OPTIONS)
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}
