"""What names a model's file, whether it is whole, and where an unfinished one lies."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from mattekit.errors import ModelCorrupt, OptionError
from mattekit.models.card import ModelCard

__all__ = ["check_digests", "check_name", "check_size", "is_path", "leftovers"]

_BLOCK: Final = 1 << 20


def is_path(model: str) -> bool:
    """Return whether a value of the option `model` is the path of a file, and not a name."""
    return model.lower().endswith(".onnx")


def check_name(model: str) -> None:
    """Refuse a path: it would let a stranger read, or probe for, files of this machine.

    Raises
    ------
    OptionError
        The value is none that could be a model's name.
    """
    if is_path(model) or not re.fullmatch(r"[\w.-]+", model):
        raise OptionError("model", model, "the name of a model")


def leftovers(path: Path) -> tuple[Path, Path]:
    """Return where an unfinished transfer to `path` keeps its bytes, and what they are."""
    return path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.part.json")


def check_size(card: ModelCard, path: Path) -> None:
    """Raise `ModelCorrupt` unless the file has the size that its card says, if it says any."""
    size = path.stat().st_size
    if size == 0 or (card.bytes and size != card.bytes):
        expected = f"{card.bytes:,} bytes" if card.bytes else "content"
        raise ModelCorrupt(
            card.name, f"{path} has {size:,} bytes, expected {expected}. {_remedy(card)}"
        )


def check_digests(card: ModelCard, path: Path) -> None:
    """Raise `ModelCorrupt` unless the file has every digest that its card gives."""
    wanted = {kind: digest for kind in ("sha256", "md5") if (digest := getattr(card, kind))}
    hashes = {kind: hashlib.new(kind, usedforsecurity=False) for kind in wanted}
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            for each in hashes.values():
                each.update(block)
    for kind, digest in wanted.items():
        if hashes[kind].hexdigest() != digest:
            raise ModelCorrupt(
                card.name,
                f"{path} has the {kind} {hashes[kind].hexdigest()}, expected {digest}. "
                f"{_remedy(card)}",
            )


def _remedy(card: ModelCard) -> str:
    if card.builtin:
        return "Install mattekit again."
    if card.urls:
        return f"Run `mattekit models fetch {card.name}` again."
    return "Put the right file there, or correct its card."
