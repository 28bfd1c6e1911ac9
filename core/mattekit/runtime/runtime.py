"""`Runtime`: the one place where networks are loaded and kept."""

from __future__ import annotations

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

from mattekit import forking, plugins
from mattekit.errors import ModelError, ModelNotPresent, OptionError, ProviderError
from mattekit.folders import expand_user
from mattekit.models import ModelCard, Store, is_path, plugin_models
from mattekit.models.files import check_size
from mattekit.runtime.cards import read_card
from mattekit.runtime.providers import CPU, PROVIDERS, ProviderFacts, wheels
from mattekit.runtime.session import Session

__all__ = ["LoadedModel", "Runtime"]

_log = logging.getLogger(__name__)

_GIB: Final = 1 << 30


class LoadedModel(NamedTuple):
    """One line of `Runtime.loaded`.

    Attributes
    ----------
    model : str
        Name of the model.
    device : str
        The device that it really runs on.
    bytes : int
        Size of its file, which stands for its memory.
    """

    model: str
    device: str
    bytes: int


class _Key(NamedTuple):
    """What makes two sessions the same: the network, what is known of it, and where it runs."""

    path: Path
    modified: int
    card: ModelCard
    device: str


class _Entry:
    """A session, or the place where one thread is building it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.session: Session | None = None
        self.bytes = 0


class Runtime:
    """Loaded networks, shared by everything in a process. Safe to use from several threads.

    A session is built once per network, device and options, whoever asks, and kept until the bytes
    of all exceed `max_bytes`; then those unused for longest are let go. Whoever still holds such a
    session may finish with it.

    Parameters
    ----------
    store : Store, optional
        Where models lie.
    max_bytes : int
        How many bytes of networks are kept, measured by their files; the one in use always is.
    threads : int, optional
        Threads of one run; by default one per core.
    parallel : int, optional
        Runs that one network does at once; see `OnnxSession`.
    cards : iterable of ModelCard
        Models beyond those of the package's manifest; only where no `store` is given.

    Examples
    --------
    >>> from mattekit.runtime import Runtime
    >>> with Runtime() as runtime:  # doctest: +SKIP
    ...     runtime.session("auto").card.name
    'builtin'
    """

    _shared: Runtime | None = None
    _shared_lock = forking.Lock()

    def __init__(
        self,
        store: Store | None = None,
        *,
        max_bytes: int = 2 * _GIB,
        threads: int | None = None,
        parallel: int | None = None,
        cards: Iterable[ModelCard] = (),
    ) -> None:
        for name, value in (("max_bytes", max_bytes), ("threads", threads), ("parallel", parallel)):
            if value is not None and value < 1:
                raise OptionError(name, value, "a whole number from 1")
        self.store = Store(cards=cards) if store is None else store
        self.max_bytes, self.threads, self.parallel = max_bytes, threads, parallel
        self._lock = threading.Lock()
        self._entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self._installed: dict[str, Session] = {}
        forking.register(self)

    @classmethod
    def shared(cls) -> Runtime:
        """Return the runtime of this process, made on first use; see `after_fork` for children.

        It knows the models of plug-ins too. Where ``MATTEKIT_SERVER`` names a server, its networks
        are those of that server: a plug-in (`mattekit_client`) brings them.

        Raises
        ------
        OptionError
            ``MATTEKIT_SERVER`` is set, and no plug-in knows what to do with it.
        """
        with Runtime._shared_lock:
            if Runtime._shared is None:
                server = os.environ.get("MATTEKIT_SERVER", "")
                remote = _runtime_of(server) if server else None
                Runtime._shared = remote or cls(cards=plugin_models())
            return Runtime._shared

    def session(self, model: str = "auto", *, device: str = "auto", kind: str = "auto") -> Session:
        """Return a network that is ready to run.

        Parameters
        ----------
        model : str
            A name from the store, the path of an ``.onnx`` file with its card beside it, or
            ``"auto"``: the best model present for `kind`.
        device : str
            Where it must run, in the words of the `device` option.
        kind : str
            The kind of subject, in the words of the `type` option.

        Raises
        ------
        UnknownModel, ModelNotPresent, ModelCorrupt, ModelCardError
            The model cannot be used.
        ProviderError
            The device that was asked for is not the one that would run.
        """
        if model in self._installed:
            return self._installed[model]
        card, path = self._locate(model, kind)
        if card.name in self._installed:
            return self._installed[card.name]
        if device != "auto" and device not in PROVIDERS:
            raise OptionError("device", device, f"one of auto, {', '.join(PROVIDERS)}")
        key = _Key(path, path.stat().st_mtime_ns, card, device)
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        # Held while building, so that others wait for this network and nobody waits for another.
        with entry.lock:
            if entry.session is None:
                session = self._build(card, path, device)
                entry.bytes = path.stat().st_size
                entry.session = session
                self._evict(key, entry)
            return entry.session

    def choose(self, kind: str = "auto") -> ModelCard:
        """Return what ``model="auto"`` means: the best model present for a kind of subject.

        Models for certain kinds are taken for these kinds only. The built-in model is always
        present, so that models of a lower rank than its own, 0 above all, run only when named.
        """
        cards = [
            card
            for card in self.store.cards
            if card.task == "segment"
            and (
                card.builtin
                or ((not card.suits or kind in card.suits) and self.store.present(card.name))
            )
        ]
        return max(cards, key=lambda card: card.rank)

    def use(self, model: str, session: Session | None) -> None:
        """Let `session` stand in for a model from now on, whatever device is asked for.

        Parameters
        ----------
        model : str
            Its name, or ``"auto"``.
        session : Session or None
            Any session, e.g. a `FakeSession`; None ends it.
        """
        if session is None:
            self._installed.pop(model, None)
        else:
            self._installed[model] = session

    def loaded(self) -> tuple[LoadedModel, ...]:
        """Return what is loaded, the least recently used first."""
        with self._lock:
            entries = [(key.card.name, entry) for key, entry in self._entries.items()]
        return tuple(
            LoadedModel(name, entry.session.device, entry.bytes)
            for name, entry in entries
            if entry.session is not None
        )

    def providers(self) -> ProviderFacts:
        """Try every device on the built-in model and return what is true about them."""
        from mattekit.runtime.onnx_session import OnnxSession
        from mattekit.runtime.ort import load_onnxruntime

        ort = load_onnxruntime()
        offered = tuple(ort.get_available_providers())
        active: dict[str, tuple[str, ...]] = {}
        failed: dict[str, str] = {}
        card = self._builtin()
        path = self.store.require(card.name)
        for device, names in PROVIDERS.items():
            if not set(offered).intersection(set(names) - {CPU} or {CPU}):
                continue
            if device == "tensorrt" and names[0] not in offered:
                continue
            try:
                session = OnnxSession(card, path, device, threads=self.threads)
            except (ProviderError, ModelError) as error:
                failed[device] = str(error)
            else:
                active[device] = session.providers
                session.close()
        installed = wheels()
        problems = [f"{device}: {reason}" for device, reason in failed.items()]
        if len(installed) > 1:
            problems.append(
                f"Several onnxruntime wheels are installed ({', '.join(installed)}) and overwrite "
                f"each other. Run `pip uninstall -y {' '.join(installed)}`, then install one."
            )
        return ProviderFacts(ort.__version__, installed, offered, active, failed, tuple(problems))

    def close(self) -> None:
        """Let all networks go and close them; the runtime can be used again."""
        with self._lock:
            entries, self._entries = list(self._entries.values()), OrderedDict()
        for entry in entries:
            with entry.lock:
                session, entry.session = entry.session, None
            _close(session)

    def __enter__(self) -> Runtime:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def after_fork(self) -> None:
        """Begin empty in a forked child: the networks of the parent run in the parent only."""
        self._lock = threading.Lock()
        self._entries = OrderedDict()

    # -- inside ------------------------------------------------------------------------------

    def _builtin(self) -> ModelCard:
        return next(card for card in self.store.cards if card.builtin and card.task == "segment")

    def _locate(self, model: str, kind: str) -> tuple[ModelCard, Path]:
        if model == "auto":
            card = self.choose(kind)
            return card, self.store.require(card.name)
        if is_path(model):
            path = Path(expand_user(model)).absolute()
            if not path.is_file():
                raise ModelNotPresent(model, str(path), "", "")
            card = read_card(path)
            check_size(card, path)
            return card, path
        return self.store.card(model), self.store.require(model)

    def _build(self, card: ModelCard, path: Path, device: str) -> Session:
        from mattekit.runtime.onnx_session import OnnxSession

        return OnnxSession(card, path, device, threads=self.threads, parallel=self.parallel)

    def _evict(self, newest: _Key, entry: _Entry) -> None:
        """Let the least recently used sessions go until the rest fits; the newest one stays."""
        with self._lock:
            self._entries.setdefault(newest, entry)
            room = self.max_bytes - entry.bytes
            for key in reversed(list(self._entries)):
                if key == newest or self._entries[key].session is None:
                    continue
                room -= self._entries[key].bytes
                if room < 0:
                    # Only let go, not closed: another thread may have been given it just now.
                    _log.info("model %s is let go to make room", key.card.name)
                    del self._entries[key]


def _runtime_of(server: str) -> Runtime | None:
    """Return the runtime that plug-ins have for a server; None = that of this process."""
    implementations = plugins.shared().implementations(
        "mattekit_runtime", server=server, token=os.environ.get("MATTEKIT_SERVER_TOKEN", "")
    )
    for plugin, answer in implementations.items():
        runtime = plugins.call_plugin(plugin, (Runtime, type(None)), answer)
        if runtime is not None:
            return runtime  # type: ignore[no-any-return]
    if not implementations:
        raise OptionError(
            "MATTEKIT_SERVER",
            server,
            "unset: no plug-in that reaches servers is loaded; see `mattekit plugins`",
        )
    return None


def _close(session: Session | None) -> None:
    close = getattr(session, "close", None)
    if close is not None:
        close()
