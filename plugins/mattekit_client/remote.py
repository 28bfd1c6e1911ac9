"""Networks that are loaded elsewhere: in the user's worker, which holds them for everybody.

A `RemoteRuntime` is used like any `Runtime`. Pictures stay here, tensors travel: what the network
sees, some hundred kilobytes, goes to the worker and the matte comes back. Everything else, and so
every pixel of the result, is computed as if the network were here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit import forking
from mattekit.errors import OptionError, ServerError, without_user
from mattekit.geometry import Size
from mattekit.models import Calibration, InputSpec, ModelCard, OutputSpec
from mattekit.runtime import LoadedModel, Runtime, Session, Tensor
from mattekit_client.tokens import check_secret

if TYPE_CHECKING:
    import httpx

__all__ = ["RemoteRuntime", "RemoteSession", "card_from_json", "card_to_json", "from_environment"]

_log = logging.getLogger(__name__)

#: Order of bytes on the way.
WIRE: Final = "<f4"
_TIMEOUT: Final = 600.0


class RemoteRuntime(Runtime):
    """Networks of a worker. Safe to use from several threads.

    Parameters
    ----------
    url, token : str
        As ``worker.json`` has them; see `mattekit_bridge.find`.
    transport : httpx.BaseTransport, optional
        What carries the requests; tests have their own.

    Raises
    ------
    OptionError
        `url` is no http or https URL, or the token cannot be sent.
    """

    def __init__(
        self, url: str, token: str = "", *, transport: httpx.BaseTransport | None = None
    ) -> None:

        if not url.startswith(("http://", "https://")):
            raise OptionError("MATTEKIT_SERVER", url, "an http or https URL, worker, or auto")
        check_secret("MATTEKIT_SERVER_TOKEN", token)
        super().__init__()
        self.url = url.rstrip("/")
        self._token, self._transport = token, transport
        self._sessions: dict[tuple[str, str, str], RemoteSession] = {}

    def session(self, model: str = "auto", *, device: str = "auto", kind: str = "auto") -> Session:
        """Return a network of the worker, which loads it if it has not yet; as `Runtime.session`.

        Raises
        ------
        ServerError
            The worker cannot, or does not answer.
        """
        if model in self._installed:
            return self._installed[model]
        key = (model, device, kind)
        if key not in self._sessions:
            params = {"model": model, "device": device, "kind": kind}
            answer = self._ask("/worker/session", json=params)
            with self._reading():
                facts = answer.json()
                session = RemoteSession(
                    self,
                    card_from_json(facts["card"]),
                    params,
                    tuple(facts["providers"]),
                    facts["device"],
                )
            name, shown, device = session.card.name, without_user(self.url), session.device
            _log.info("model %s runs in the worker at %s on %s", name, shown, device)
            self._sessions[key] = session
        return self._sessions[key]

    def loaded(self) -> tuple[LoadedModel, ...]:
        """Return what was asked for; its memory is the worker's."""
        return tuple(
            LoadedModel(session.card.name, session.device, 0) for session in self._sessions.values()
        )

    def close(self) -> None:
        """Forget the sessions and close the connections; the worker keeps its networks."""
        self._sessions.clear()
        self._client.close()

    def after_fork(self) -> None:
        """Make connections of its own in a forked child; the worker's networks are for all."""
        super().after_fork()
        forking.abandon_cached(self, "_client")

    @forking.cached_property
    def _client(self) -> httpx.Client:
        import httpx

        return httpx.Client(
            headers={"X-API-Key": self._token},
            timeout=_TIMEOUT,
            transport=self._transport,
            trust_env=False,
        )

    def _ask(self, path: str, **body: Any) -> httpx.Response:
        import httpx

        from mattekit_client.api import refusal

        try:
            response = self._client.post(self.url + path, **body)
        except (httpx.RequestError, httpx.InvalidURL, ValueError) as error:
            advice = ". Does the worker run? `mattekit worker status`"
            raise ServerError.no_answer(self.url, error, advice) from error
        if response.status_code != 200:
            raise refusal(self.url, response)
        return response

    @contextlib.contextmanager
    def _reading(self) -> Iterator[None]:
        """Say so where an answer is of no worker, or of one of another version."""
        try:
            yield
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ServerError(
                self.url,
                200,
                "",
                "an answer that is none of this mattekit's worker. Run `mattekit worker stop`",
            ) from error


class RemoteSession:
    """A network of a worker; see `Session`."""

    def __init__(
        self,
        runtime: RemoteRuntime,
        card: ModelCard,
        params: dict[str, str],
        providers: tuple[str, ...],
        device: str,
    ) -> None:
        self.runtime, self.card, self.params = runtime, card, params
        self.providers, self.device = providers, device

    def run(self, batch: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Run the network where it is; as `Session.run`.

        Raises
        ------
        ServerError
            The worker cannot, or does not answer.
        """
        response = self.runtime._ask(
            "/worker/run",
            params=self.params,
            content=np.ascontiguousarray(batch, WIRE).tobytes(),
            headers={"X-Shape": shape_text(batch.shape)},
        )
        with self.runtime._reading():
            alpha_shape = read_shape(response.headers["x-shape"])
            alpha_size = math.prod(alpha_shape)
            values = np.frombuffer(response.content, WIRE).astype(np.float32)
            alpha = values[:alpha_size].reshape(alpha_shape)
            if "x-kinds-shape" not in response.headers:
                return alpha, None
            kinds_shape = read_shape(response.headers["x-kinds-shape"])
            return alpha, values[alpha_size:].reshape(kinds_shape)


def from_environment(server: str, token: str = "") -> Runtime | None:
    """Return the runtime that ``MATTEKIT_SERVER`` asks for; None = one of this process.

    Parameters
    ----------
    server : str
        A URL; ``"worker"``: the user's running worker; ``"auto"``: that one if it runs.
    token : str
        For a URL.

    Raises
    ------
    OptionError
        Something else, or no worker runs though one is wanted.
    """
    if not server:
        return None
    if server not in {"worker", "auto"}:
        return RemoteRuntime(server, token)
    import mattekit_bridge

    worker = mattekit_bridge.find()
    if worker is not None:
        return RemoteRuntime(worker.url, worker.token)
    if server == "worker":
        raise OptionError(
            "MATTEKIT_SERVER",
            server,
            "a running worker; start one with `mattekit worker start`, or unset the variable",
            "none runs",
        )
    _log.info("no worker runs; models are loaded in this process")
    return None


# -- what travels ------------------------------------------------------------------------------


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as the text of a header."""
    return ",".join(map(str, shape))


def read_shape(text: str) -> tuple[int, ...]:
    """Read what `shape_text` wrote.

    Raises
    ------
    ValueError
        It is no shape.
    """
    return tuple(int(part) for part in text.split(",")) if text else ()


def card_to_json(card: ModelCard) -> dict[str, Any]:
    """Return a card as plain values."""
    return dataclasses.asdict(card)


def card_from_json(values: dict[str, Any]) -> ModelCard:
    """Return the card of plain values that `card_to_json` wrote."""
    entry = dict(values["input"])
    if entry["size"] is not None:
        entry["size"] = Size(*entry["size"])
    spec = InputSpec(**_tupled(entry))
    answer = dict(values["output"])
    if answer.get("calibration") is not None:
        answer["calibration"] = Calibration(*answer["calibration"])
    output = OutputSpec(**_tupled(answer))
    return ModelCard(**_tupled({**values, "input": spec, "output": output}))


def _tupled(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
