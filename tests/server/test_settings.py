"""How a server behaves, and how that travels."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.errors import OptionError
from mattekit_server.settings import Settings


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com"])
def test_no_keys_only_on_loopback(host: str) -> None:
    with pytest.raises(OptionError, match="loopback"):
        Settings(auth=False, host=host)


def test_settings_travel_as_text(tmp_path: Path) -> None:
    settings = Settings(
        database=tmp_path / "k",
        allow_internal=("10.0.0.0/8",),
        allow_ports=(8443,),
        improve_folder=tmp_path,
    )
    assert Settings.from_json(settings.to_json()) == settings
    plain = Settings(auth=False)
    assert Settings.from_json(plain.to_json()) == plain
    with pytest.raises(OptionError, match="database"):
        Settings()
    with pytest.raises(OptionError, match="queue"):
        Settings(auth=False, queue=0)
