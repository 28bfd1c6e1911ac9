"""What goes wrong, in the words of the remove.bg API.

A `Problem` is a complete error answer. `problem_of` turns any `MattekitError` into one: status,
code and title come from `mattekit.errors.STATUS`, the details that clients know are added here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mattekit.errors import (
    FileTooLarge,
    InvalidDimensions,
    InvalidFileType,
    MattekitError,
    ModelNotPresent,
    OptionError,
    ResolutionTooHigh,
    UnknownModel,
    shorten,
    status_of,
)

__all__ = ["Problem", "problem_of"]


class Problem(MattekitError):
    """An error answer.

    Attributes
    ----------
    status : int
        HTTP status.
    title, code, detail : str
        Of the body; empty ones are left out.
    headers : mapping of str to str
        Further headers.
    """

    def __init__(
        self,
        status: int,
        title: str,
        code: str = "",
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status, self.title, self.code, self.detail = status, title, code, detail
        self.headers = dict(headers or {})
        super().__init__(f"{status} {code or title}{f': {detail}' if detail else ''}")

    @property
    def body(self) -> dict[str, Any]:
        """The JSON body; keys in the API's order."""
        error = {"title": self.title, "code": self.code, "detail": self.detail}
        return {"errors": [{name: text for name, text in error.items() if text}]}


# -- the source ------------------------------------------------------------------------------


def missing_source() -> Problem:
    """Say that no picture was given."""
    return Problem(
        400,
        "No image given",
        "missing_source",
        "Please provide the source image in the image_url, image_file or image_file_b64 parameter.",
    )


def multiple_sources() -> Problem:
    """Say that more than one picture was given."""
    return Problem(
        400,
        "Multiple image sources given: Please provide either the image_url, image_file or "
        "image_file_b64 parameter.",
        "multiple_sources",
    )


def multiple_backgrounds() -> Problem:
    """Say that more than one background was given."""
    return Problem(
        400,
        "Multiple background sources given: Please provide either the bg_color, the bg_image_url "
        "or the bg_image_file parameter.",
        "multiple_bg_sources",
    )


def invalid_url(field: str) -> Problem:
    """Say that a URL is not an absolute http or https one."""
    return Problem(400, f"Invalid {field}: Please provide a valid URL.", f"invalid_{field}")


def failed_download(field: str, reason: str) -> Problem:
    """Say that a URL could not be fetched, or must not be."""
    what = "background image" if field == "bg_image_url" else "image"
    code = "failed_bg_download" if field == "bg_image_url" else "failed_image_download"
    # The API's own wording says image_url for both fields.
    return Problem(400, f"Failed to download {what} from given image_url: {reason}", code)


def file_too_large(limit: int) -> Problem:
    """Say that there are more bytes than allowed."""
    return Problem(
        400, "File too large", "file_too_large", f"File exceeds limit of {limit // 2**20}MB"
    )


def invalid_file_type(received: str, *, local: bool = False) -> Problem:
    """Say that bytes are no picture of an accepted kind."""
    # Word for word the API's answer, which does not name WebP though it is accepted.
    expected = "a picture" if local else "jpg/png"
    return Problem(
        400, "Invalid file type", "invalid_file_type", f"Expected {expected}, received {received}"
    )


def resolution_too_high(pixels: int, limit: int) -> Problem:
    """Say that there are more pixels than allowed."""
    return Problem(
        400,
        "Image resolution too high",
        "resolution_too_high",
        # 50.01 megapixels must not read "has 50, maximum is 50".
        f"Input image has {max(round(pixels / 1e6), limit // 1_000_000 + 1)} megapixels, "
        f"maximum supported input resolution is {limit // 1_000_000} megapixels",
    )


def unreadable() -> Problem:
    """Say that a picture is truncated or broken."""
    return Problem(400, "There was an error reading the image.", "failed_to_read_image")


def invalid_dimensions() -> Problem:
    """Say that there is no width or no height."""
    return Problem(
        400,
        "Failed to read image dimensions",
        "invalid_dimensions",
        "The dimensions of the given image could not be read.",
    )


def invalid_request(detail: str, status: int = 400) -> Problem:
    """Say that a body is not what its Content-Type says."""
    return Problem(status, "Invalid request", "invalid_request", detail)


# -- the caller --------------------------------------------------------------------------------


def missing_key() -> Problem:
    """Say that there is no key."""
    return Problem(403, "Missing API Key", "auth_failed")


def wrong_key() -> Problem:
    """Say that a key is not known, or revoked."""
    return Problem(403, "API Key invalid", "auth_failed")


def insufficient_credits() -> Problem:
    """Say that there are not enough credits for the call."""
    return Problem(402, "Insufficient credits", "insufficient_credits")


def rate_limited(headers: Mapping[str, str], retry_after: int) -> Problem:
    """Say that these are too many megapixels for this minute."""
    return Problem(
        429,
        "Rate limit exceeded",
        "rate_limit_exceeded",
        headers={**headers, "Retry-After": str(max(1, retry_after))},
    )


# -- the server --------------------------------------------------------------------------------


def overloaded(retry_after: int, detail: str) -> Problem:
    """Say that there is more work than can be done in time."""
    return Problem(
        503, "Server busy", "server_busy", detail, headers={"Retry-After": str(retry_after)}
    )


def invalid_hint(field: str, problem: Problem) -> Problem:
    """Say that it is a picture among the hints that is wrong, and not the photo."""
    title = f"Invalid {field} parameter given"
    return Problem(400, title, f"invalid_{field}", problem.detail or problem.title)


def internal() -> Problem:
    """Say that something is wrong here; what it was is in the log only."""
    return Problem(500, "Internal error", "internal_error")


# -- errors of the library ---------------------------------------------------------------------

#: Codes of an `OptionError` whose wording is special.
_WORDING = {
    "invalid_size": ("Invalid value for parameter 'size'", ""),
    "invalid_channels": ("Invalid value for parameter 'channels'", ""),
    "roi_exceeds_bounds": (
        "ROI exceeds image bounds",
        "The given roi parameter defines a region that exceeds the image bounds",
    ),
    "roi_region_empty": (
        "ROI region is empty",
        "The given roi parameter defines an empty region",
    ),
}


#: Fields of our own that hold pictures or places in them.
_HINTS: Final = frozenset({"mask", "keep", "remove"})


def problem_of(error: MattekitError, *, local: bool = False) -> Problem:
    """Return the answer to `error`; only what the caller may know is in it."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, FileTooLarge):
        return file_too_large(error.limit)
    if isinstance(error, InvalidFileType):
        return invalid_file_type(error.received, local=local)
    if isinstance(error, ResolutionTooHigh):
        return resolution_too_high(error.width * error.height, error.limit)
    status = status_of(error)
    if not status.code:
        return internal()
    if isinstance(error, InvalidDimensions):
        return invalid_dimensions()
    if status.code in _WORDING:
        title, detail = _WORDING[status.code]
        return Problem(status.http, title, status.code, detail)
    detail = ""
    if isinstance(error, OptionError) and error.grammar:
        detail = f"Expected {error.grammar}"
        if error.reason and error.name in _HINTS:
            # What is wrong is somewhere in a picture: the client must be told where.
            detail += f"; {shorten(error.value)}: {error.reason}"
    elif isinstance(error, UnknownModel | ModelNotPresent):
        detail = (
            f"This server has no model {shorten(error.model)}. "
            "Leave the field out, or ask its operator to add the model."
        )
    if local:
        detail = str(error)  # the caller is this machine's user, and can do something about it
    headers = {"Retry-After": "30"} if status.http == 503 else {}
    return Problem(status.http, status.title, status.code, detail, headers)
