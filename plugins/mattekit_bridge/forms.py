"""Bodies of requests: forms with texts and files."""

from __future__ import annotations

from typing import Callable, List, Mapping, NamedTuple, Union

from mattekit_bridge import netpbm, tiff
from mattekit_bridge.netpbm import Picture

__all__ = ["CONTENT_TYPE", "Form"]

_BOUNDARY = "mattekit-7f2c9d51b6e84a03"
CONTENT_TYPE = f"multipart/form-data; boundary={_BOUNDARY}"

#: Takes a file in parts, and returns what stands for it in a body.
Place = Callable[[List[memoryview]], List[memoryview]]


class Form(NamedTuple):
    """What a request says.

    Attributes
    ----------
    fields : mapping of str to str
        Texts.
    files : mapping of str to Picture or bytes
        Pictures; bytes are whole files.
    """

    fields: Mapping[str, str]
    files: Mapping[str, Union[Picture, bytes]]

    def body(self, place: Place = lambda file: file) -> List[memoryview]:
        """Return it in parts that need not be joined; none where it says nothing.

        Parameters
        ----------
        place : callable
            By default a file stands for itself.

        Raises
        ------
        ValueError
            The samples of a picture are not as many as its sizes say.
        """
        if not self.fields and not self.files:
            return []
        texts = [
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in self.fields.items()
        ]
        parts = [memoryview("".join(texts).encode("utf-8"))]
        for name, file in self.files.items():
            opening = (
                f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; '
                'filename="picture"\r\n\r\n'
            )
            parts += [memoryview(opening.encode("ascii")), *place(_parts(file))]
            parts.append(memoryview(b"\r\n"))
        return [*parts, memoryview(f"--{_BOUNDARY}--\r\n".encode("ascii"))]


def _parts(file: Union[Picture, bytes]) -> List[memoryview]:
    if isinstance(file, bytes):
        return [memoryview(file)]
    header = tiff.header(file) if file.profile else netpbm.header(file)
    return [memoryview(header), memoryview(file.samples).cast("B")]
