"""The nodes: pictures of a batch go to mattekit's worker one by one.

An IMAGE is (B, H, W, C) and a MASK (B, H, W), floats from 0 to 1; one mask serves a whole batch.

ComfyUI's nodes put an IMAGE over another as IMAGE * MASK, and scale the two apart. So the subject's
colours are not multiplied by the mask, and go on where it is 0, instead of ending in black.
"""

import os
from typing import Any, Callable, Dict, List, Optional, Tuple

from mattekit_bridge import Picture, connect, remove_background
from mattekit_bridge.settings import read_settings

__all__ = ["NODE_CLASS_MAPPINGS", "NODE_DISPLAY_NAME_MAPPINGS", "RefineMask", "RemoveBackground"]

_HERE = os.path.dirname(os.path.abspath(__file__))
_SUBJECTS = ("auto", "person", "product", "animal", "car", "graphic")
_DEEP = 65535


class RemoveBackground:
    """IMAGE to IMAGE and MASK; hints say what belongs to the subject, and what does not."""

    CATEGORY = "image/mattekit"
    DESCRIPTION = "Cuts the subject out, offline: its colours, and its matte as a mask."
    RETURN_TYPES = ("IMAGE", "MASK")
    RETURN_NAMES = ("foreground", "mask")
    FUNCTION = "run"

    @classmethod
    def INPUT_TYPES(cls) -> Dict[str, Any]:  # noqa: N802 - ComfyUI's name
        """Return the node's inputs."""
        return {
            "required": {"image": ("IMAGE",), "subject": (list(_SUBJECTS), {"default": "auto"})},
            "optional": {"keep": ("MASK",), "remove": ("MASK",)},
        }

    def run(self, image: Any, subject: str, keep: Any = None, remove: Any = None) -> Any:
        """Cut out each picture."""
        return _each(image, {"type": subject}, {"keep": keep, "remove": remove})


class RefineMask:
    """IMAGE and a rough MASK to IMAGE and a MASK whose edge is the subject's."""

    CATEGORY = "image/mattekit"
    DESCRIPTION = "Finds the subject's true edge near that of a rough mask. No network runs."
    RETURN_TYPES = ("IMAGE", "MASK")
    RETURN_NAMES = ("foreground", "mask")
    FUNCTION = "run"

    @classmethod
    def INPUT_TYPES(cls) -> Dict[str, Any]:  # noqa: N802 - ComfyUI's name
        """Return the node's inputs."""
        return {"required": {"image": ("IMAGE",), "mask": ("MASK",)}}

    def run(self, image: Any, mask: Any) -> Any:
        """Refine the mask of each picture."""
        return _each(image, {}, {"mask": mask})


def _each(image: Any, options: Dict[str, str], masks: Dict[str, Any]) -> Tuple[Any, Any]:
    import numpy as np

    settings = read_settings(_HERE)
    worker = connect(settings, lambda: True, host="ComfyUI")
    batch = image.detach().cpu().numpy()
    given = {
        name: _batch(mask.detach().cpu().numpy())
        for name, mask in masks.items()
        if mask is not None and (name == "mask" or bool(mask.any()))
    }
    tell = _progress(len(batch))
    colors: List[Any] = []
    alphas: List[Any] = []
    for number, color in enumerate(batch):
        pictures = {
            name: _picture(mask[number % len(mask)][..., None]) for name, mask in given.items()
        }
        result = remove_background(
            worker, _picture(color[..., :3]), options, "pam", tell(number), pictures
        ).picture
        samples = np.frombuffer(result.samples, ">u2").astype(np.float32) / _DEEP
        samples = samples.reshape(result.height, result.width, 4)
        colors.append(_spread(samples[..., :3], samples[..., 3:]))
        alphas.append(samples[..., 3])
    return image.new_tensor(np.stack(colors)), image.new_tensor(np.stack(alphas))


def _spread(color: Any, alpha: Any) -> Any:
    """Return colours that go on where nothing is: there, means of ever larger surroundings.

    Parameters
    ----------
    color : (H, W, 3) ndarray
    alpha : (H, W, 1) ndarray

    Notes
    -----
    The pull and the push of Gortler et al., "The Lumigraph", SIGGRAPH 1996, section 3.4.
    """
    import numpy as np

    height, width = alpha.shape[:2]
    if bool(alpha.all()) or max(height, width) == 1:
        return color
    odd = ((0, height % 2), (0, width % 2), (0, 0))
    light, weight = (np.pad(each, odd) for each in (color * alpha, alpha))
    light, weight = (each[::2] + each[1::2] for each in (light, weight))
    light, weight = (each[:, ::2] + each[:, 1::2] for each in (light, weight))
    means = light / np.maximum(weight, np.finfo(np.float32).tiny)
    around = _spread(means, np.minimum(weight, 1)).repeat(2, 0).repeat(2, 1)
    edged = np.pad(around, ((1, 1), (1, 1), (0, 0)), "edge")
    around = (edged[:-2] + 2 * edged[1:-1] + edged[2:]) / 4
    around = (around[:, :-2] + 2 * around[:, 1:-1] + around[:, 2:]) / 4
    return np.where(alpha > 0, color, around[:height, :width])


def _batch(mask: Any) -> Any:
    """Return a mask as (B, H, W): some nodes give it without B, or as a picture of one channel."""
    return mask.reshape((-1, *mask.shape[-2:]))


def _picture(samples: Any) -> Picture:
    height, width, channels = samples.shape
    deep = (samples.clip(0, 1) * _DEEP + 0.5).astype(">u2")
    return Picture(width, height, channels, _DEEP, deep.tobytes())


def _progress(total: int) -> Callable[[int], Callable[[float, str], Optional[bool]]]:
    """Return what makes, for each picture, the bridge's progress of ComfyUI's bar and *Cancel*."""
    try:
        from comfy.model_management import throw_exception_if_processing_interrupted
        from comfy.utils import ProgressBar
    except ImportError:  # outside ComfyUI
        return lambda number: lambda done, what: None
    bar = ProgressBar(total * 100)

    def of(number: int) -> Callable[[float, str], Optional[bool]]:
        def tell(done: float, _what: str) -> Optional[bool]:
            throw_exception_if_processing_interrupted()
            bar.update_absolute(int(100 * (number + done)))
            return None

        return tell

    return of


NODE_CLASS_MAPPINGS = {
    "MattekitRemoveBackground": RemoveBackground,
    "MattekitRefineMask": RefineMask,
}
NODE_DISPLAY_NAME_MAPPINGS = {
    "MattekitRemoveBackground": "Remove Background (mattekit)",
    "MattekitRefineMask": "Refine Mask (mattekit)",
}
