"""What goes wrong, as a client of the API and as the user of a host reads it."""

from __future__ import annotations

import pytest

from mattekit_bridge import calls
from serverkit.support import Make, picture

PATH = "/v1.0/removebg"


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"model": "u3net"}, 400, ("model u3net", "Did you mean 'u2net", "mattekit models fetch")),
        ({"model": "isnet-anime"}, 503, ("isnet-anime", "`mattekit models fetch isnet-anime`")),
        ({"type": "cart"}, 400, ("type='cart'", "expected", "car")),
    ],
)
def test_a_host_is_told_what_to_do(
    make: Make, fields: dict[str, str], status: int, words: tuple[str, ...]
) -> None:
    """The user in GIMP or Krita reads this, and nothing besides."""
    client = make(local=True, auth=True, token="secret")
    response = client.post(
        PATH,
        data=fields,
        files={"image_file": picture()},
        headers={"X-API-Key": "secret"},
    )
    assert response.status_code == status, response.text
    shown = str(calls._refusal(response.status_code, response.content))
    for word in words:
        assert word in shown
    hidden = make().post(PATH, data=fields, files={"image_file": picture()})
    assert "mattekit models" not in hidden.text
