"""`mattekit remove --server`: pictures are cut out by a server of the remove.bg API.

What the command does with files stays the same: names, order, skipping, exit codes. Only the
cutting happens elsewhere, by `mattekit_client`, which waits where the server is busy.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mattekit.errors import ForegroundNotFound, MattekitError, NoHomeFolder, OptionError
from mattekit.errors import ServerError as Refusal
from mattekit.formats import WRITTEN
from mattekit.grammar import PerKind, Pictures
from mattekit.options import OPTIONS
from mattekit_cli.parallel import Cut
from mattekit_cli.plan import STDIN

if TYPE_CHECKING:
    from mattekit_client import Answer, Client, StoredLogin

__all__ = ["ServerCutter", "connect", "fields_of"]

_FORMATS: Final = {each.media_type: name for name, each in WRITTEN.items() if each.served}
#: Status of an address that answers, but has no /account.
_NO_ACCOUNT: Final = frozenset({404, 405, 501})


def fields_of(values: Mapping[str, Any]) -> dict[str, object]:
    """Return the API's fields for options that were given, in their grammar.

    Where no `size` is given it is ``auto``: the API's own default would be a preview.

    Raises
    ------
    OptionError
        A value that only the library has, or an option that is the server's affair.
    """
    fields: dict[str, object] = {"size": "auto"}
    for name, value in values.items():
        option = OPTIONS[name]
        if name == "device":
            raise OptionError(name, value, "none with --server", "the server has its own")
        parsed = option.parse(value)
        if isinstance(parsed, str) and parsed in option.library_only:
            others = ", ".join(option.api_words)
            raise OptionError(name, value, f"one of {others}", "servers do not offer it")
        if name == "bg_image":
            fields["bg_image_file"] = _read(parsed, str(parsed))
        elif isinstance(option.grammar, Pictures):
            fields[name] = option.grammar.with_pictures(parsed, lambda file: _read(file, str(file)))
        elif isinstance(option.grammar, PerKind):
            fields |= _per_kind(name, parsed, option.grammar)
        else:
            fields[name] = option.grammar.format(parsed)
    return fields


def connect(url: str, key: str) -> Client:
    """Return a client of a server that has answered, so that what is wrong is said once.

    Raises
    ------
    ServerError
        It does not answer, or does not know the key.
    OptionError
        `url` is no http or https URL.
    """
    from mattekit_client import Client

    token = None if key else stored_login(url)
    with Client(url, key, token=token, tries=2) as first:
        try:
            first.account()
        except Refusal as error:
            if error.status == 403:
                hint = "Give a key of that server with --api-key or MATTEKIT_API_KEY"
                hint += f", or log in: mattekit login {error.url}."
                raise Refusal(error.url, 403, error.code, f"{error.title}. {hint}") from error
            if error.status not in _NO_ACCOUNT:
                raise
    return Client(url, key, token=token)


def stored_login(url: str) -> StoredLogin | None:
    """Return the login to a server that `mattekit login` has kept, or None."""
    from mattekit.models.urls import allowed
    from mattekit_client.authorization import origin_of
    from mattekit_client.logins import LoginStore, StoredLogin, default_logins

    if not allowed(url):
        return None
    try:
        store = LoginStore(default_logins())
    except NoHomeFolder:
        return None
    return StoredLogin(store, url) if store.get(origin_of(url)) else None


class ServerCutter:
    """Cuts pictures out on a server; called from several threads.

    Parameters
    ----------
    client : Client
        The server.
    fields : mapping
        What `fields_of` made of the options.
    """

    def __init__(self, client: Client, fields: Mapping[str, object]) -> None:
        self.client, self.fields = client, fields

    def __call__(self, source: str) -> Cut:
        """Return the result for the picture of a path, or for the one on standard input."""
        name = "standard input" if source == STDIN else source
        data = _read(sys.stdin.buffer if source == STDIN else source, name)
        try:
            answer = self.client.remove_background(data, **self.fields)
        except Refusal as error:
            raise error_of(error, name) from error
        if answer.media_type not in _FORMATS:
            raise Refusal(self.client.url, 200, "", f"{name}: {answer.media_type} is no picture")
        return Cut(answer.data, _FORMATS[answer.media_type], facts_of(answer))


def error_of(error: Refusal, source: str) -> MattekitError:
    """Return what a refusal means for a picture, as if it had been cut out here."""
    if error.status != 400:
        return error
    if error.code == "unknown_foreground":
        return ForegroundNotFound(source)
    name = error.code.removeprefix("invalid_")
    if name in OPTIONS and name != error.code:
        expected = error.detail.removeprefix("Expected ") or "what the server accepts"
        return OptionError(name, None, expected, f"says {error.url} of {source}")
    return Refusal(source, 400, error.code, error.title, error.detail)


def facts_of(answer: Answer) -> dict[str, Any]:
    """Return what is said of a result; what the server does not say is None."""
    return {
        "width": answer.size.width if answer.size else None,
        "height": answer.size.height if answer.size else None,
        "found": True,
        "kind": answer.kind or None,
        "confidence": answer.confidence,
        "box": list(answer.box) if answer.box else None,
    }


def _per_kind(name: str, value: Mapping[str, Any], grammar: PerKind[Any]) -> dict[str, object]:
    """Return one field for every kind that is named, as the API writes them."""
    general = {name: grammar.one.format(value[""])} if value[""] != grammar.default else {}
    kinds = {f"{name}[{kind}]": grammar.one.format(one) for kind, one in value.items() if kind}
    return {**general, **kinds}


def _read(source: Any, name: str) -> bytes:
    from mattekit.codecs.source import DEFAULT_LIMITS, read

    return read(source, DEFAULT_LIMITS, name)
