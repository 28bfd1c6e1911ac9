"""What travels between the parts of a batch: jobs out, outcomes back, results to the user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mattekit.errors import MattekitError, status_of
from mattekit.reporting import UNKNOWN

__all__ = ["LASTING", "Failure", "Job", "Outcome", "Result"]

#: Failures that lie in the picture or the options: the same input would fail in the same way.
LASTING = frozenset(
    {
        "FileTooLarge",
        "ForegroundNotFound",
        "InvalidDimensions",
        "InvalidFileType",
        "OptionError",
        "ResolutionTooHigh",
        "UnreadableImage",
    }
)


class Failure(NamedTuple):
    """Why a picture failed: an error as it travels between processes.

    Attributes
    ----------
    type : str
        Name of the class in `mattekit.errors`.
    code : str
        Error code of the remove.bg API; empty where it has none.
    message : str
        For the user.
    exit_code : int
        1 = this picture failed, 2 = the call was wrong.
    """

    type: str
    code: str
    message: str
    exit_code: int

    @classmethod
    def of(cls, error: MattekitError) -> Failure:
        """Describe an error."""
        status = status_of(error)
        return cls(type(error).__name__, status.code, str(error), status.exit_code)

    @property
    def lasting(self) -> bool:
        """Whether trying again is of no use while input and options stay as they are."""
        return self.type in LASTING


class Job(NamedTuple):
    """One picture to cut out.

    Attributes
    ----------
    number : int
        Its row in the manifest.
    source : str
        Path below the source folder, with slashes.
    stem : str
        Path of the output below the target folder, without suffix.
    options_key : str
        Key of its options.
    known : str
        Digest of the content from which the present output was made with these very options; empty
        where there is no such output.
    size : int
        Bytes of the file, as listed.
    """

    number: int
    source: str
    stem: str
    options_key: str
    known: str = ""
    size: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    number : int
        The job's.
    status : {"done", "unchanged", "failed"}
        Unchanged is an input that was touched, but whose content is what it was.
    digest : str
        SHA-256 of the input's content; empty where it could not be read.
    output : str
        Path below the target folder.
    size, stamp : int, str
        Of the output, as `Storage.write` says.
    facts : dict
        Width, height, found, kind and box of the result.
    stages : dict of str to float
        Seconds of work in each stage, waiting not counted.
    failure : Failure or None
    thumbnail : bytes
        A small WebP of the result; empty where none was wanted.
    """

    number: int
    status: str
    digest: str = ""
    output: str = ""
    size: int = 0
    stamp: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    stages: dict[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    thumbnail: bytes = b""


@dataclass(frozen=True)
class Result:
    """What became of one input.

    Attributes
    ----------
    status : {"done", "skipped", "failed"}
    source : str
        Path below the source folder, with slashes.
    output : str
        Path below the target folder; empty where there is none.
    seconds : float
        Of work, waiting not counted.
    stages : dict of str to float
        The same by stage: read, decode, segment, refine, encode, write.
    facts : dict
        Width, height, found, kind and box of the result.
    reason : str
        Why it was skipped.
    failure : Failure or None
        Why it failed.
    """

    status: str
    source: str
    output: str = ""
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    failure: Failure | None = None

    def json(self) -> dict[str, Any]:
        """Return the result for machines; the keys are always the same."""
        error = self.failure
        return {
            "status": self.status,
            "input": self.source,
            "output": self.output or None,
            **UNKNOWN,
            **self.facts,
            "seconds": round(self.seconds, 3),
            "stages": {name: round(value, 4) for name, value in self.stages.items()},
            "reason": self.reason or None,
            "error": None
            if error is None
            else {"type": error.type, "code": error.code or None, "message": error.message},
        }
