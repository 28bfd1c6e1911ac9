"""What goes wrong, as a client of the API and as the user of a host reads it."""

from __future__ import annotations

import pytest

from mattekit.errors import (
    MattekitError,
    ModelCardError,
    ModelCorrupt,
    ModelError,
    OutputError,
    ProviderError,
)
from mattekit_bridge import calls
from mattekit_server.problems import problem_of
from support.server.pictures import Make, picture

PATH = "/v1.0/removebg"


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"model": "u3net"}, 400, ("model u3net", "Did you mean 'u2net", "mattekit models fetch")),
        ({"model": "isnet-anime"}, 400, ("isnet-anime", "`mattekit models fetch isnet-anime`")),
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


@pytest.mark.parametrize("model", ["u3net", "isnet-anime"])
def test_a_model_that_is_not_there(make: Make, model: str) -> None:
    """Nothing gets better by asking again, and the client reads what to do instead."""
    answer = make().post(PATH, data={"model": model}, files={"image_file": picture()})
    assert answer.status_code == 400
    assert "retry-after" not in answer.headers
    assert answer.json()["errors"] == [
        {
            "title": "Invalid model parameter given",
            "code": "invalid_model",
            "detail": f"This server has no model '{model}'. "
            "Leave the field out, or ask its operator to add the model.",
        }
    ]


@pytest.mark.parametrize(
    ("error", "status", "wait"),
    [
        (ModelError("m", "it failed on a batch of shape (1, 3, 64, 64) (out of memory)."), 503, 1),
        (ModelCorrupt("m", "/secret/m.onnx cannot be loaded."), 500, 0),
        (ModelCardError("m", "/secret/m.toml says nothing."), 500, 0),
        (ProviderError("cuda", (), ("CPUExecutionProvider",), "Do this."), 500, 0),
        (OutputError("/secret", "cannot be written."), 500, 0),
    ],
)
def test_only_what_may_pass_says_when_to_come_back(
    error: MattekitError, status: int, wait: int
) -> None:
    found = problem_of(error)
    assert (found.status, len(found.headers)) == (status, wait)
    assert "secret" not in str(found.body)
