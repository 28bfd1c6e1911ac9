"""Where keys are."""

from __future__ import annotations

import os

from mattekit_server.addresses import database_of, is_url, without_password


def test_a_password_is_never_shown() -> None:
    url = "postgresql://matte:secret@db.example:5433/shop?sslmode=require&password=secret"
    assert without_password(url) == "postgresql://matte@db.example:5433/shop"
    assert without_password("postgresql://a:secret@[broken") == "postgresql://…"


def test_files_and_addresses() -> None:
    assert is_url("postgresql://db/shop")
    assert database_of("postgresql://db/shop") == "postgresql://db/shop"
    assert os.path.isabs(database_of("keys.sqlite3"))  # noqa: PTH117
