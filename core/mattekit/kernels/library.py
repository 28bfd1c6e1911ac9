"""The compiled library: found, loaded, and called with arrays."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from mattekit.errors import MattekitError
from mattekit.kernels.sources import digest

__all__ = ["STRIP", "call", "give_back", "in_rows", "library_path", "room", "rows"]

#: An array whose elements lie one behind the other, or the start of rows and their distance.
Argument: TypeAlias = "NDArray[Any] | int | float | None"

Samples = TypeVar("Samples", bound=NDArray[Any])

#: Samples of a strip: enough that calling a kernel costs nothing beside its work.
STRIP: Final = 1 << 20

#: Floats of a piece of working memory that stays, and how many stay: what the largest kernels need
#: for a tile or a small picture, and the colours of a subject (`foreground`) for any.
_BLOCK: Final = 7 << 18
_BLOCKS: Final = 4

_SUFFIX: Final = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
_C: Final = {"p": ctypes.c_void_p, "i": ctypes.c_int, "z": ctypes.c_ssize_t, "f": ctypes.c_float}

#: Working memory that nobody has at the moment.
_spare: Final[list[NDArray[np.float32]]] = []

#: Where a buffer begins, whatever it holds.
_BUFFER: Final[Any] = (ctypes.c_char * 0).from_buffer

#: Arguments of each kernel: pointer, int, size, float.
_SIGNATURES: Final = {
    "block_extreme_16": "pziiiipp",
    "block_extreme_8": "pziiiipp",
    "block_extreme_float": "pziiiipp",
    "block_mean_16": "pziiiipp",
    "block_mean_8": "pziiiipp",
    "block_mean_8_short": "pziiiipp",
    "block_share_16": "pziiipp",
    "block_share_8": "pziiipp",
    "block_share_8_short": "pziiipp",
    "block_share_float": "pziiipp",
    "bounds": "pziip",
    "box_mean": "piiiipp",
    "chebyshev": "ppzpppiiiiiiiiiiiffpp",
    "clear_cells": "piiiipz",
    "count_colors": "pipppp",
    "count_runs": "piip",
    "describe_plane": "piifp",
    "diamond_dilation": "ppfiipp",
    "dilation": "piiipp",
    "edge_softness": "piiiffffppp",
    "estimate_colors": "ppiiifffpp",
    "fill_alpha": "pziippiippppppffffppzi",
    "find_alternating": "ppiiifppp",
    "free_colors": "pzipziiipiippppfppz",
    "from_half": "piipipppipp",
    "halve": "piiip",
    "halve_weighted": "ppiifppppp",
    "join_runs": "pppiipp",
    "lean_on": "pzpzpziifp",
    "linear_model": "ppppppiiifpp",
    "list_pixels": "piipipppippp",
    "list_runs": "piippp",
    "make_monotone": "piiipp",
    "masked_16": "pzpziiip",
    "masked_8": "pzpziiip",
    "nearest_true": "piip",
    "number_pixels": "piipp",
    "paint_labels": "ppppiip",
    "paint_runs": "ppppipip",
    "planes_16": "pziifp",
    "planes_8": "pziifp",
    "quantize_16": "pziifp",
    "quantize_8": "pziifp",
    "read_pixels": "piipipp",
    "refine_tiles": "pzifiiiiiiiiipzpppiipppppppifffffippzi",
    "resample_columns": "piippiipp",
    "resample_rows": "pziiippiipp",
    "resize_plane": "pippiippiipp",
    "search_pairs": "ippipipiiiippippppp",
    "seen_runs": "pippppipippfp",
    "snap_to_extremes": "piff",
    "split_sums": "pifp",
    "sum_runs_16": "pippppip",
    "sum_runs_8": "pippppip",
    "sum_runs_float": "pippppip",
    "upsample": "piiippppiipp",
    "weigh_pairs": "piipppppipppffffffffpp",
}


def library_path() -> Path:
    """Return where the library lies."""
    return Path(__file__).with_name(f"_kernels{_SUFFIX}")


def call(name: str, *arguments: Argument) -> None:
    """Run a kernel.

    Parameters
    ----------
    name : str
    *arguments
        In the order of the C function; None is no array. Arrays must be C-contiguous; see `rows`
        for others.

    Raises
    ------
    MattekitError
        The library is missing or is not of this version.
    ValueError
        An array is not contiguous.
    """
    _kernel(name)(*map(_value, arguments))


def rows(array: NDArray[Any]) -> tuple[int, int]:
    """Return where an array begins and how far apart its rows are, in bytes.

    Raises
    ------
    ValueError
        What is in a row does not lie one behind the other.
    """
    try:
        return ctypes.addressof(_BUFFER(array[0])), array.strides[0]
    except (IndexError, TypeError):
        # There is nothing in it, or it is not to be written to, or it is as the error says.
        if array.size and not array[0].flags.c_contiguous:
            raise ValueError(
                f"rows of contiguous samples expected, not strides of {array.strides}"
            ) from None
        return array.__array_interface__["data"][0], array.strides[0]


def in_rows(array: Samples) -> Samples:
    """Return an array as `rows` takes it: itself, or a copy of a view that is turned or thinned."""
    if not array.size or array[0].flags.c_contiguous:
        return array
    return cast(Samples, np.ascontiguousarray(array))


@contextlib.contextmanager
def room(size: int) -> Iterator[NDArray[np.float32]]:
    """Lend working memory to a kernel inside a ``with`` block.

    Memory that is asked for and given back at every call comes new from the system each time, a
    page at a time, which can take longer than the call. So some of it stays for the next one, of
    whatever kernel and picture.

    Parameters
    ----------
    size : int
        Floats that are needed; there may be more, and they hold anything.
    """
    if size > _BLOCK:
        yield np.empty(size, np.float32)
        return
    try:
        memory = _spare.pop()
    except IndexError:
        memory = np.empty(_BLOCK, np.float32)
    yield memory
    if len(_spare) < _BLOCKS:
        _spare.append(memory)


def give_back() -> None:
    """Give working memory that nobody has back to the system, but for one piece.

    After a picture: what threads needed side by side would stay resident beside its result. One
    thread has all that it needs for the next one.
    """
    del _spare[1:]


def _value(argument: Argument) -> Any:
    if not isinstance(argument, np.ndarray):
        return argument
    # The buffer is reached in a fifth of the time that the description of the array takes.
    try:
        return _BUFFER(argument)
    except TypeError:
        if not argument.flags.c_contiguous:
            raise ValueError(
                f"a contiguous array expected, not strides of {argument.strides}"
            ) from None
        return argument.__array_interface__["data"][0]


@functools.cache
def _kernel(name: str) -> Any:
    library, variant = _library()
    try:
        function = getattr(library, name + variant)
    except AttributeError:
        raise MattekitError(
            f"{library_path()} has no {name}: it is of another version. Install mattekit anew."
        ) from None
    function.argtypes = [_C[letter] for letter in _SIGNATURES[name]]
    function.restype = None
    return function


@functools.cache
def _library() -> tuple[ctypes.CDLL, str]:
    """Return the library and what its names end in for this processor."""
    path = library_path()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise MattekitError(
            f"{path} cannot be loaded ({error}): it is built when mattekit is installed. "
            "Install it anew; in a clone: pip install -e ."
        ) from error
    _check_sources(library, path)
    return library, "_avx2" if library.has_avx2() else ""


def _check_sources(library: ctypes.CDLL, path: Path) -> None:
    """Refuse a clone's library that is older than its sources: called otherwise, it would crash."""
    there = digest(path.parent)
    if not there:  # installed from a wheel, which holds none
        return
    made_from = getattr(library, "sources", None)  # of a library from before there was this check
    if made_from is not None:
        made_from.restype = ctypes.c_char_p
    if made_from is None or made_from() != there.encode():
        raise MattekitError(
            f"{path} was compiled from other sources than lie beside it. In a clone, compile it "
            "anew: pip install -e ."
        )
