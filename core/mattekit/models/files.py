"""Whether a model's file is whole, and where an unfinished one lies."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from mattekit.errors import ModelCorrupt
from mattekit.models.card import ModelCard

__all__ = ["check_digests", "check_size", "leftovers"]

_BLOCK: Final = 1 << 20


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
