"""Every error that mattekit raises on purpose.

::

    MattekitError
    ├── OptionError               a value that an option does not accept
    │   └── UnknownOption         a name that is no option
    ├── InputError                the picture that was given cannot be used
    │   ├── InputNotFound         no such file, a directory, no permission
    │   ├── FileTooLarge          more bytes than allowed
    │   ├── InvalidFileType       not a picture, or a kind of picture that is not supported
    │   ├── UnreadableImage       a picture, but truncated or broken
    │   ├── InvalidDimensions     no width or no height
    │   ├── NotEnoughMemory       more pixels than this process has memory for
    │   └── ResolutionTooHigh     more pixels than allowed
    ├── ForegroundNotFound        nothing in the picture stands out as its subject
    ├── EditorNotFound            no picture is being corrected under that name, or no longer
    ├── ModelError
    │   ├── UnknownModel          a name that is in no manifest
    │   ├── ModelNotPresent       known, but not fetched to this machine
    │   ├── ModelCorrupt          the file is not the one that the manifest describes
    │   ├── ModelCardError        a model card that does not say what it must
    │   ├── ModelFetchError       no mirror delivered the file
    │   └── OfflineError          fetching was asked for while it is forbidden
    ├── ProviderError             the wanted device is not the one that would run
    ├── ServerError               a server refused, or did not answer
    ├── Canceled                  the work was ended from outside
    ├── OutputError               the result could not be written
    ├── NoHomeFolder              this user has no home, and no variable names a place instead
    └── PluginError               a plug-in broke its contract

Each error carries its facts as attributes, and its message says what was given, what was expected
and what to do. What an error means to the world outside (HTTP status, remove.bg error code, exit
code) is said once, in :data:`STATUS`. What none of them foresees is reported to a user as a
`mattekit.reporting.UnexpectedError`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

__all__ = [
    "STATUS",
    "Canceled",
    "EditorNotFound",
    "FileTooLarge",
    "ForegroundNotFound",
    "InputError",
    "InputNotFound",
    "InvalidDimensions",
    "InvalidFileType",
    "MattekitError",
    "MattekitWarning",
    "ModelCardError",
    "ModelCorrupt",
    "ModelError",
    "ModelFetchError",
    "ModelNotPresent",
    "NoHomeFolder",
    "NotEnoughMemory",
    "OfflineError",
    "OptionError",
    "OutputError",
    "PluginError",
    "ProviderError",
    "ResolutionTooHigh",
    "ServerError",
    "Status",
    "UnknownModel",
    "UnknownOption",
    "UnreadableImage",
    "status_of",
]


_LABEL: Final = 400


def shorten(value: object, limit: int = 80) -> str:
    """Return `value` as text for an error message, cut to `limit` characters."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def without_user(url: str) -> str:
    """Return an address without a user's name and password, which messages and logs would keep."""
    scheme, mark, rest = url.partition("://")
    server = rest.partition("/")[0]
    return f"{scheme}{mark}{server.rpartition('@')[2]}{rest[len(server) :]}"


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` where one of `known` is close to `name`, else nothing."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


class MattekitError(Exception):
    """Base of every error that mattekit raises on purpose."""


class MattekitWarning(UserWarning):
    """Something works, but not as well as it could; the message says why and what to do."""


class OptionError(MattekitError, ValueError):
    """A value that an option does not accept.

    Attributes
    ----------
    name : str
        The option.
    value : object
        What was given.
    grammar : str
        What would be accepted.
    reason : str
        What is wrong with it; may be empty.
    code : str or None
        A remove.bg error code more specific than ``invalid_<name>``.
    """

    def __init__(
        self, name: str, value: object, grammar: str, reason: str = "", *, code: str | None = None
    ) -> None:
        self.name, self.value, self.grammar, self.code = name, value, grammar, code
        self.reason = reason
        detail = f" ({reason})" if reason else ""
        super().__init__(f"{name}={shorten(value)} is not valid{detail}: expected {grammar}.")


class UnknownOption(OptionError):
    """A name that is no option."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.value, self.grammar, self.code = name, None, ", ".join(known), None
        self.reason = ""
        MattekitError.__init__(
            self,
            f"There is no option {name!r}.{suggest(name, known)} "
            "`mattekit options` lists all of them.",
        )


class InputError(MattekitError):
    """The picture that was given cannot be used.

    Attributes
    ----------
    source : str
        The path, or a description of where the bytes came from.
    """

    def __init__(self, source: str, problem: str) -> None:
        self.source, self.problem = source, problem
        # A path may be long; what is longer still is rather a picture as text.
        label = source if len(source) <= _LABEL else f"{source[: _LABEL // 2]}…{source[-40:]}"
        super().__init__(f"{label}: {problem}")


class InputNotFound(InputError):
    """No such file, a directory, or no permission to read it."""


class FileTooLarge(InputError):
    """More bytes than allowed."""

    def __init__(self, source: str, size: int, limit: int) -> None:
        self.size, self.limit = size, limit
        super().__init__(
            source,
            f"the file has {size:,} bytes, at most {limit:,} are read. "
            "Save the picture smaller; in Python, codecs.decode(…, limits=Limits(max_bytes=…)) "
            "reads more.",
        )


class InvalidFileType(InputError):
    """Not a picture, or a kind of picture that is not supported.

    Attributes
    ----------
    received : str
        What the bytes look like, e.g. ``"pdf"`` or ``"unknown"``.
    expected : str
        What would be taken.
    """

    def __init__(self, source: str, received: str, expected: str, problem: str = "") -> None:
        self.received, self.expected = received, expected
        super().__init__(source, problem or f"this is {received}; expected {expected}.")


class UnreadableImage(InputError):
    """A picture or a video, but truncated or broken."""

    def __init__(
        self,
        source: str,
        reason: str,
        advice: str = "Is the file complete?",
        *,
        what: str = "picture",
    ) -> None:
        self.reason = reason
        super().__init__(source, f"the {what} cannot be read ({reason}). {advice}")


class InvalidDimensions(InputError):
    """No width or no height."""

    def __init__(self, source: str, width: int, height: int) -> None:
        self.width, self.height = width, height
        super().__init__(source, f"a picture of {width} × {height} pixels has nothing to cut out.")


class NotEnoughMemory(InputError):
    """More pixels than this process has memory for."""

    def __init__(self, source: str, pixels: int, need: int, left: int, limit: int) -> None:
        self.pixels, self.need, self.left, self.limit = pixels, need, left, limit
        super().__init__(
            source,
            f"{pixels / 1e6:.0f} megapixels need {need / 1e6:.0f} MB of memory more, and "
            f"{left / 1e6:.0f} are left of the {limit / 1e6:.0f} MB that this process may use. "
            "Allow it more, work on fewer pictures at once, or give a smaller picture.",
        )


class ResolutionTooHigh(InputError):
    """More pixels than allowed."""

    def __init__(self, source: str, width: int, height: int, limit: int) -> None:
        self.width, self.height, self.limit = width, height, limit
        super().__init__(
            source,
            f"{width} × {height} is {width * height / 1e6:.0f} megapixels, at most "
            f"{limit / 1e6:.0f} are read. Save the picture smaller; in Python, "
            "codecs.decode(…, limits=Limits(max_pixels=…)) reads more.",
        )


class ForegroundNotFound(MattekitError):
    """Nothing in the picture stands out as its subject.

    The core returns a cut-out with ``found=False``; adapters that must refuse raise this.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        super().__init__(
            f"{source}: no subject was found. A picture with a clear foreground works best; "
            "a region (roi) or another model may help."
        )


class EditorNotFound(MattekitError):
    """No picture is being corrected under a name, or no longer."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"No picture is being corrected as {name!r}: it was closed, or not asked for so long "
            "that it was forgotten. Open the picture again; its marks give the same result."
        )


class ModelError(MattekitError):
    """Something is wrong with a model.

    Attributes
    ----------
    model : str
        Its name or path.
    """

    def __init__(self, model: str, problem: str) -> None:
        self.model, self.problem = model, problem
        super().__init__(f"model {model}: {problem}")


class UnknownModel(ModelError):
    """A name that is in no manifest."""

    def __init__(self, model: str, known: Sequence[str]) -> None:
        self.known = tuple(known)
        super().__init__(
            model,
            f"there is no such model.{suggest(model, known)} `mattekit models list` shows all, "
            "`mattekit models fetch NAME` brings one; the path of an .onnx file works too.",
        )


class ModelNotPresent(ModelError):
    """Known, but not fetched to this machine."""

    def __init__(self, model: str, path: str, url: str, sha256: str) -> None:
        self.path, self.url, self.sha256 = path, url, sha256
        super().__init__(
            model,
            f"not on this machine. Run `mattekit models fetch {model}`, or put the file from "
            f"{url or 'its publisher'} at {path}" + (f" (sha256 {sha256})." if sha256 else "."),
        )


class ModelCorrupt(ModelError):
    """The file is not the one that the manifest describes."""


class ModelCardError(ModelError):
    """A model card that does not say what it must."""


class ModelFetchError(ModelError):
    """No mirror delivered the file."""


class OfflineError(ModelError):
    """Fetching was asked for while it is forbidden."""

    def __init__(self, model: str) -> None:
        super().__init__(
            model, "fetching is off because MATTEKIT_OFFLINE is set. Unset it and try again."
        )


class ProviderError(MattekitError):
    """The wanted device is not the one that would run.

    Attributes
    ----------
    wanted : str
        The device that was asked for.
    active : tuple of str
        The onnxruntime providers that the session really has.
    offered : tuple of str
        The providers that the installed onnxruntime offers.
    """

    def __init__(
        self, wanted: str, active: Sequence[str], offered: Sequence[str], hint: str
    ) -> None:
        self.wanted, self.active, self.offered, self.hint = (
            wanted,
            tuple(active),
            tuple(offered),
            hint,
        )
        found = f"onnxruntime chose {', '.join(active)}" if active else "it cannot be used"
        super().__init__(
            f"device={wanted!r} was asked for, but {found} "
            f"(onnxruntime offers: {', '.join(offered) or 'none'}). {hint}"
        )


class ServerError(MattekitError):
    """A server refused, or did not answer.

    Attributes
    ----------
    url : str
        Of the server, as it may be shown: `without_user`.
    status : int
        HTTP status; 0 where there was no answer.
    code, title, detail : str
        As the remove.bg API calls it; empty where the server did not say.
    """

    def __init__(self, url: str, status: int, code: str, title: str, detail: str = "") -> None:
        url = without_user(url)
        self.url, self.status, self.code, self.title, self.detail = url, status, code, title, detail
        said = f"{title} ({detail})" if detail else title
        super().__init__(f"{url}: {f'{status} ' if status else ''}{said}")

    @classmethod
    def no_answer(cls, url: str, error: Exception, advice: str = "") -> ServerError:
        """Return what is raised where there is no answer; some exceptions say only their name."""
        return cls(url, 0, "", f"no answer ({str(error) or type(error).__name__}){advice}")


class OutputError(MattekitError):
    """The result could not be written.

    Attributes
    ----------
    target : str
        Where it should have gone.
    """

    def __init__(self, target: str, problem: str) -> None:
        self.target, self.problem = target, problem
        super().__init__(f"{target}: {problem}")


class Canceled(MattekitError):
    """The work on a picture was ended from outside, before it was done."""

    def __init__(self) -> None:
        super().__init__("the work was ended before it was done.")


class NoHomeFolder(MattekitError):
    """The user has no home folder, and no variable names a place instead.

    Attributes
    ----------
    variable : str
        The variable to set.
    """

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(
            "this user has no home folder: HOME is not set and the system's list of users has no "
            f"entry. Set {variable} to a path that can be used instead."
        )


class PluginError(MattekitError):
    """A plug-in broke its contract.

    Attributes
    ----------
    plugin : str
        Its name.
    """

    def __init__(self, plugin: str, problem: str) -> None:
        self.plugin, self.problem = plugin, problem
        super().__init__(f"plug-in {plugin}: {problem}")


class Status(NamedTuple):
    """What an error means to the world outside.

    Attributes
    ----------
    http : int
        Status of an HTTP answer.
    code : str
        Error code of the remove.bg API; empty where it has none.
    title : str
        Title of the remove.bg API.
    exit_code : int
        Exit status of a command: 1 = this picture failed, 2 = the call was wrong.
    """

    http: int
    code: str
    title: str
    exit_code: int


STATUS: Final[dict[type[MattekitError], Status]] = {
    OptionError: Status(400, "invalid_{name}", "Invalid {name} parameter given", 2),
    InputNotFound: Status(400, "missing_source", "No image given", 1),
    FileTooLarge: Status(400, "file_too_large", "File too large", 1),
    InvalidFileType: Status(400, "invalid_file_type", "Invalid file type", 1),
    UnreadableImage: Status(
        400, "failed_to_read_image", "There was an error reading the image.", 1
    ),
    InvalidDimensions: Status(400, "invalid_dimensions", "Failed to read image dimensions", 1),
    NotEnoughMemory: Status(400, "resolution_too_high", "Image resolution too high", 1),
    ResolutionTooHigh: Status(400, "resolution_too_high", "Image resolution too high", 1),
    InputError: Status(400, "failed_to_read_image", "There was an error reading the image.", 1),
    ForegroundNotFound: Status(
        400,
        "unknown_foreground",
        "Could not identify foreground in image. For details and recommendations see "
        "https://www.remove.bg/supported-images.",
        1,
    ),
    EditorNotFound: Status(404, "editor_unknown", "No such picture", 1),
    UnknownModel: Status(400, "invalid_model", "Invalid model parameter given", 2),
    # Of a service 503 says that it may be better later. It is after a run that failed, as for want
    # of memory; a file or a device that is wrong stays so.
    ModelNotPresent: Status(400, "invalid_model", "Invalid model parameter given", 1),
    ModelCorrupt: Status(500, "model_unavailable", "Model unavailable", 1),
    ModelCardError: Status(500, "model_unavailable", "Model unavailable", 1),
    ModelError: Status(503, "model_unavailable", "Model unavailable", 1),
    ProviderError: Status(500, "device_unavailable", "Device unavailable", 1),
    ServerError: Status(502, "server_error", "A server failed", 1),
    Canceled: Status(503, "server_busy", "Server busy", 1),
    NoHomeFolder: Status(500, "", "No folder to keep files in", 2),
    OutputError: Status(500, "", "The result could not be written", 1),
    PluginError: Status(500, "", "A plug-in failed", 1),
    MattekitError: Status(500, "", "Internal error", 1),
}


def status_of(error: MattekitError) -> Status:
    """Return what `error` means outside: the entry of its class or of the nearest base class."""
    status = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    if isinstance(error, OptionError):
        return status._replace(
            code=error.code or status.code.format(name=error.name),
            title=status.title.format(name=error.name),
        )
    return status
