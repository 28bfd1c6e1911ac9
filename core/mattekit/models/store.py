"""`Store`: where networks lie on this machine.

One folder, one file per model, named by its card. The folder is ``MATTEKIT_MODEL_DIR`` where that
is set, else the platform's folder for application data of the user. Nothing here is fetched unless
`Store.fetch` is called, and ``MATTEKIT_OFFLINE`` forbids even that.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from mattekit.errors import (
    ModelCorrupt,
    ModelError,
    ModelFetchError,
    ModelNotPresent,
    NoHomeFolder,
    OfflineError,
    OutputError,
    UnknownModel,
)
from mattekit.folders import data_folder, expand_user
from mattekit.models.card import ModelCard
from mattekit.models.files import check_digests, check_size, leftovers
from mattekit.models.manifest import BUILTIN_FOLDER, known_models

__all__ = ["MODEL_DIR_VARIABLE", "OFFLINE_VARIABLE", "Store"]

MODEL_DIR_VARIABLE: Final = "MATTEKIT_MODEL_DIR"
OFFLINE_VARIABLE: Final = "MATTEKIT_OFFLINE"

_NO = frozenset({"", "0", "false", "no", "off"})

_log = logging.getLogger(__name__)


class Store:
    """The models of this machine: known, present, fetched on demand.

    Parameters
    ----------
    folder : path, optional
        Where files lie; by default as the module says.
    cards : iterable of ModelCard
        Models beyond those of the package's manifest. A card may not take the name of another.
    offline : bool, optional
        Whether fetching is forbidden; by default as ``MATTEKIT_OFFLINE`` says when it matters.
    timeout : float
        Seconds without a byte, or with hardly any, after which a mirror is given up.
    retries : int
        How often a mirror is tried again after a broken transfer that brought nothing new.

    Raises
    ------
    ModelError
        Two cards of one name.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str] | None = None,
        *,
        cards: Iterable[ModelCard] = (),
        offline: bool | None = None,
        timeout: float = 30.0,
        retries: int = 3,
    ) -> None:
        chosen = os.environ.get(MODEL_DIR_VARIABLE, "").strip() if folder is None else folder
        self._folder = Path(expand_user(chosen, MODEL_DIR_VARIABLE)).resolve() if chosen else None
        self.timeout, self.retries = timeout, retries
        self._offline = offline
        self._cards: dict[str, ModelCard] = {}
        for card in (*known_models(), *cards):
            if card.name in self._cards:
                raise ModelError(card.name, "two models have this name. Rename one of them.")
            self._cards[card.name] = card

    @functools.cached_property
    def folder(self) -> Path:
        """Where fetched models lie.

        Raises
        ------
        NoHomeFolder
            No folder was given or set, and this user has none. The built-in model needs none.
        """
        return self._folder or data_folder(MODEL_DIR_VARIABLE) / "models"

    @property
    def cards(self) -> tuple[ModelCard, ...]:
        """All known models, in the order of the manifest."""
        return tuple(self._cards.values())

    @property
    def offline(self) -> bool:
        """Whether fetching is forbidden."""
        if self._offline is not None:
            return self._offline
        return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in _NO

    def card(self, name: str) -> ModelCard:
        """Return the card of a known model.

        Raises
        ------
        UnknownModel
            No card has this name.
        """
        try:
            return self._cards[name]
        except KeyError:
            raise UnknownModel(name, tuple(self._cards)) from None

    def path(self, name: str) -> Path:
        """Return where the file of a known model lies or would lie; raises as `card` does."""
        card = self.card(name)
        return (BUILTIN_FOLDER if card.builtin else self.folder) / card.file

    def present(self, name: str) -> bool:
        """Return whether the model's file is there; raises `UnknownModel` as `card` does."""
        try:
            return self.path(name).is_file()
        except NoHomeFolder:
            return False

    def require(self, name: str) -> Path:
        """Return the path of a model that is there and, as far as its size tells, complete.

        Digests are checked when a file is fetched and by `verify`; reading a gigabyte at each start
        would cost more than it could find.

        Raises
        ------
        UnknownModel
            No card has this name.
        ModelNotPresent
            The file is not there.
        ModelCorrupt
            The file has another size than the card says.
        """
        card, path = self.card(name), self.path(name)
        if not path.is_file():
            raise ModelNotPresent(name, str(path), card.urls[0] if card.urls else "", card.sha256)
        check_size(card, path)
        return path

    def verify(self, name: str) -> Path:
        """Check size and every digest of a model that is there.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UnknownModel, ModelNotPresent, ModelCorrupt
            As `require`; also where a digest differs.
        """
        path = self.require(name)
        check_digests(self.card(name), path)
        return path

    def fetch(
        self,
        name: str,
        progress: Callable[[int, int], None] | None = None,
        *,
        force: bool = False,
    ) -> Path:
        """Bring a model to this machine; one that is there and whole is left alone.

        A broken transfer is resumed, by a later call too. The file appears under its name only when
        size and digests are right. Processes that fetch one model at once take turns.

        Parameters
        ----------
        name : str
            The model.
        progress : callable, optional
            Called from this thread with the bytes that are there and the bytes in all; 0 where the
            latter is not known. Called first with what an earlier transfer left.
        force : bool
            Fetch even what is there.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UnknownModel
            No card has this name.
        OfflineError
            Fetching is forbidden.
        ModelFetchError
            No mirror delivered the right file, or there is none.
        OutputError
            The folder cannot be written, or the disk is full.
        """
        card, path = self.card(name), self.path(name)
        if card.builtin:
            return self.verify(name)
        if not force and self._whole(card, path):
            return path
        if self.offline:
            raise OfflineError(name)
        if not card.urls:
            raise ModelFetchError(name, f"its card names no mirror. Put the file at {path}.")
        # httpx is needed by those who fetch, and by nobody else.
        from mattekit.locking import locked
        from mattekit.models.fetching import Download

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(path.with_name(f"{path.name}.lock")):
                # Somebody else may have fetched it while this process waited for its turn.
                if force or not self._whole(card, path):
                    Download(card, path, self.timeout, self.retries, progress).run()
        except OSError as error:
            raise OutputError(
                str(path),
                f"the model cannot be stored ({error.strerror or error}). "
                f"{MODEL_DIR_VARIABLE} names another folder.",
            ) from error
        _log.info("fetched model %s to %s", name, path)
        return path

    def remove(self, name: str) -> bool:
        """Delete the file of a model, and what an unfinished transfer left of it.

        Returns
        -------
        bool
            Whether anything was there.

        Raises
        ------
        UnknownModel
            No card has this name.
        ModelError
            The model is the built-in one.
        OutputError
            The file cannot be deleted.
        """
        if self.card(name).builtin:
            raise ModelError(name, "it is part of mattekit and stays.")
        path = self.path(name)
        found = False
        for file in (path, *leftovers(path)):
            try:
                file.unlink()
                found = True
            except FileNotFoundError:
                pass
            except OSError as error:
                raise OutputError(str(file), f"it cannot be deleted ({error}).") from error
        return found

    def _whole(self, card: ModelCard, path: Path) -> bool:
        if not path.is_file():
            return False
        try:
            check_size(card, path)
            check_digests(card, path)
        except ModelCorrupt as error:
            _log.warning("%s It is fetched again.", error)
            return False
        return True
