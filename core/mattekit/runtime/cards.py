"""Cards that users write for networks of their own."""

from __future__ import annotations

from pathlib import Path

from mattekit.errors import InputNotFound, ModelCardError
from mattekit.folders import expand_user
from mattekit.models import ModelCard
from mattekit.models.manifest import parse_card, read_text

__all__ = ["card_template", "read_card"]


def read_card(network: Path) -> ModelCard:
    """Read the card beside a network: ``my.toml`` for ``my.onnx``.

    Parameters
    ----------
    network : Path
        The ``.onnx`` file.

    Returns
    -------
    ModelCard
        Its `file` is the absolute path of the network.

    Raises
    ------
    ModelCardError
        There is no card, or it does not say what it must. Without a card the message holds a
        template to save and fill in.
    """
    # A link is not followed: the card lies beside the name that the user gave.
    network = Path(expand_user(network)).absolute()
    path = network.with_suffix(".toml")
    if path.exists():
        return parse_card(read_text(path, network.name), network, str(path))
    raise ModelCardError(
        network.name,
        f"there is no {path.name} beside it to say how pictures are prepared for this network, "
        f"and that is not guessed. Save the following as {path}, filled in:\n\n"
        + card_template(network),
    )


def card_template(network: Path) -> str:
    """Return TOML to be saved beside `network`, its normalisation left open.

    Parameters
    ----------
    network : Path
        An ``.onnx`` file.

    Raises
    ------
    InputNotFound
        There is no such file.
    ModelCorrupt
        It is no network.
    """
    if not network.is_file():
        raise InputNotFound(str(network), "there is no such file.")
    from mattekit.runtime.onnx_session import inspect

    inputs, outputs = inspect(network)
    shape = list(inputs[0][1]) if inputs else []
    layout = "NHWC" if len(shape) == 4 and shape[3] == 3 and shape[1] != 3 else "NCHW"
    sides = (shape[1:3] if layout == "NHWC" else shape[2:4]) if len(shape) == 4 else []
    fixed = len(sides) == 2 and all(isinstance(side, int) and side > 0 for side in sides)
    size = f"[{sides[1]}, {sides[0]}]" if fixed else '"any"'
    lines = [
        'title = ""              # one line about it',
        'license = ""            # of the weights',
        'commercial = "unclear"  # yes, no or unclear',
        "",
        "[input]",
        f"size = {size}".ljust(24) + '# [width, height], or "any"',
        f'layout = "{layout}"',
        'fit = "stretch"         # or "letterbox": keep the proportions and pad',
        'divide =                # 255, or "max" for the picture\'s own maximum',
        "mean =                  # of R, G, B, divided; ImageNet's is [0.485, 0.456, 0.406]",
        "std =                   # [0.229, 0.224, 0.225] is ImageNet's, [1, 1, 1] is none",
        "",
        "[output]",
        *(f"# {index}: {name!r} {list(form)}" for index, (name, form) in enumerate(outputs)),
        "alpha = 0               # index or name of the output that holds the matte",
        'activation =            # "none" if it answers 0..1, else "sigmoid" or "softmax"',
        "stretch = false         # true for networks of the U-2-Net and IS-Net families",
    ]
    return "\n".join(line for line in lines) + "\n"
