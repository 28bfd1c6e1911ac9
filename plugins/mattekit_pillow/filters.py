"""Filters for ``image.filter(...)``.

Pillow copies `info` from the image to the result of ``image.filter(f)`` by itself, so that profile,
resolution and EXIF stay as they were; ``f.apply(image)`` brings them up to date:

=================================  ===========================  ===============================
                                   ``image.filter(f)``          ``f.apply(image)``
=================================  ===========================  ===============================
EXIF orientation                   kept; pixels stay turned     applied; pixels upright
thumbnail in EXIF                  kept: shows the background   removed
RGB profile                        kept                         kept
CMYK, Lab or grey profile          kept though now wrong        applied and dropped
``info["transparency"]`` (P, RGB)  not seen                     becomes alpha
=================================  ===========================  ===============================

Either way the network sees the picture upright and in sRGB, and margins, positions and shadows are
those of the upright picture.
"""

from __future__ import annotations

import os
from abc import abstractmethod
from typing import TYPE_CHECKING

from PIL import ImageFilter

from mattekit.cutout import Cutout
from mattekit.geometry import Point, Region
from mattekit.grammar import Pictures
from mattekit.options import Option, Options, takes_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from PIL import Image
    from PIL._imaging import ImagingCore
    from typing_extensions import Unpack

    from mattekit.geometry import Length
    from mattekit.option_values import OptionValues
    from mattekit.runtime import Runtime

    ShadowType = Literal["none", "auto", "car", "3D", "drop"]

__all__ = ["CropToSubject", "DropShadow", "OverBackground", "RefineMask", "RemoveBackground"]


def _shown(option: Option, value: object) -> object:
    """Return a value as one would write it in Python."""
    if isinstance(value, bool | int | float | str | os.PathLike):
        return value
    if type(value) is tuple:
        return [_shown(option, each) for each in value]
    if isinstance(value, Point | Region):
        return str(value)
    if isinstance(option.grammar, Pictures):
        return object.__repr__(value)  # as good as another only if it is the same object
    return option.grammar.format(value)


class _Filter(ImageFilter.MultibandFilter):
    """A filter that is made of options; instances are immutable in use and may be shared."""

    def __init__(self, options: Options) -> None:
        self.options = options

    @property
    def name(self) -> str:
        """The class name, as Pillow's own filters have one."""
        return type(self).__name__

    def _arguments(self) -> dict[str, object]:
        """Return what a filter like this one is made from, apart from what is the default."""
        return {option.name: _shown(option, value) for option, value in self.options.changed()}

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(f'{k}={v!r}' for k, v in self._arguments().items())})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Filter) or type(self) is not type(other):
            return NotImplemented
        return self._arguments() == other._arguments()

    def __hash__(self) -> int:
        return hash((self.name, *self._arguments()))

    def filter(self, image: ImagingCore) -> ImagingCore:
        """Do what ``image.filter(...)`` asks for, which hands over the pixels alone."""
        from mattekit_pillow import images

        return images.filtered(image, self.apply)

    def apply(self, image: Image.Image) -> Image.Image:
        """Return the filtered image, making use of what the image knows besides its pixels.

        Parameters
        ----------
        image : PIL.Image.Image
            Any mode of 8 bits per channel. It is not changed.

        Returns
        -------
        PIL.Image.Image
            RGBA, upright, with profile, resolution and EXIF in `info`.
        """
        from mattekit_pillow import images

        return images.to_image(self._cutout(image), self.options)

    @abstractmethod
    def _cutout(self, image: Image.Image) -> Cutout:
        """Do the work."""


@takes_options
class RemoveBackground(_Filter):
    """Remove the background.

    The result is RGBA, or L with ``channels="alpha"``; with `crop` or `size` it has another size.
    Where no subject is found it is wholly transparent.

    Parameters
    ----------
    options : Options, optional
        Checked options.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    require_found : bool
        Whether a picture without a subject is an error.
    **values
        Options by name, as `mattekit.remove_background` takes them. `format` and `quality` belong
        to ``image.save``; of `format` remains that ``"png"`` caps `size` at 10 megapixels.

    Raises
    ------
    OptionError, UnknownOption
        At once, for a wrong option.
    InvalidFileType
        On use, for an image of more than 8 bits per channel (modes I, I;16…, F).
    ForegroundNotFound
        On use, with `require_found`, where there is no subject.

    Examples
    --------
    >>> from PIL import Image
    >>> with Image.open("photo.jpg") as photo:  # doctest: +SKIP
    ...     subject = photo.filter(RemoveBackground(crop=True, crop_margin="5%"))
    ...     matte = photo.filter(RemoveBackground(channels="alpha"))
    """

    def __init__(
        self,
        options: Options | None = None,
        *,
        runtime: Runtime | None = None,
        require_found: bool = False,
        **values: Unpack[OptionValues],
    ) -> None:
        super().__init__(Options.of(options, values))
        self.runtime, self.require_found = runtime, require_found

    def _arguments(self) -> dict[str, object]:
        given = {} if self.runtime is None else {"runtime": self.runtime}
        return {**super()._arguments(), **given} | (
            {"require_found": True} if self.require_found else {}
        )

    def _cutout(self, image: Image.Image) -> Cutout:
        from mattekit import pipeline
        from mattekit_pillow import images

        photo = images.photo_of(image)
        cutout = pipeline.remove_background(photo, self.options, runtime=self.runtime)
        return cutout.require_found() if self.require_found else cutout


@takes_options
class RefineMask(RemoveBackground):
    """Cut a subject out whose mask is there already: from a layer, a selection, another program.

    The same as ``RemoveBackground(mask=mask)``: the mask's edge is looked for in the picture, near
    the mask's own, and in a trimap only what is grey is estimated.

    Parameters
    ----------
    mask : PIL.Image.Image, path, bytes, file or array
        As large as the image, upright: black is background, white subject, grey soft or, in a
        trimap, unknown. Where it has transparency, that is the mask.
    options : Options, optional
        Checked options.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    require_found : bool
        Whether a mask without a subject is an error.
    **values
        Options by name, as for `RemoveBackground`.

    Raises
    ------
    OptionError, UnknownOption
        At once for a wrong option, on use for a mask that does not fit the image.
    """

    def __init__(  # type: ignore[misc] # `mask` is an option as well
        self,
        mask: object,
        options: Options | None = None,
        *,
        runtime: Runtime | None = None,
        require_found: bool = False,
        **values: Unpack[OptionValues],
    ) -> None:
        checked = Options.of_mask(options, mask, values)
        super().__init__(checked, runtime=runtime, require_found=require_found)


class CropToSubject(_Filter):
    """Cut off everything around the subject of an image with transparency.

    Specks far from the subject do not count. An image that is wholly transparent stays as it is.

    Parameters
    ----------
    crop_margin : str or number
        Room around the subject, in px or per cent of it, as the option of that name.
    scale, position : str, optional
        Size and place of the subject in the crop, as the options of these names.

    Raises
    ------
    OptionError
        At once, for a wrong value.
    InvalidFileType
        On use, for an image without transparency.
    """

    def __init__(
        self,
        crop_margin: str | float | Sequence[Length | str | float] = "0",
        *,
        scale: str | float | None = None,
        position: str | float | Sequence[float] | None = None,
    ) -> None:
        super().__init__(
            Options(crop=True, crop_margin=crop_margin, scale=scale, position=position)
        )

    def _arguments(self) -> dict[str, object]:
        return {name: value for name, value in super()._arguments().items() if name != "crop"}

    def _cutout(self, image: Image.Image) -> Cutout:
        from mattekit_pillow import images

        return images.composed(images.cutout_of(image), self.options)


class OverBackground(_Filter):
    """Put an image with transparency on a colour or on a picture.

    Parameters
    ----------
    bg_color : str or tuple, optional
        Hexadecimal digits, a CSS name or numbers, sRGB; with alpha if wanted.
    bg_image : path, bytes, file, array or PIL.Image.Image, optional
        A picture, centred and scaled to cover the image.

    Raises
    ------
    OptionError
        At once, for a wrong value, or unless exactly one of the two is given.
    InvalidFileType
        On use, for an image without transparency.
    """

    def __init__(
        self, bg_color: str | Sequence[int] | None = None, *, bg_image: object = None
    ) -> None:
        from mattekit.errors import OptionError

        if bg_color is None and bg_image is None:
            raise OptionError("bg_color", None, "a colour, or a picture as bg_image")
        super().__init__(Options(bg_color=bg_color, bg_image=bg_image))

    def _cutout(self, image: Image.Image) -> Cutout:
        from mattekit_pillow import images

        return images.composed(images.cutout_of(image), self.options)


class DropShadow(_Filter):
    """Give the subject of an image with transparency a shadow.

    The shadow stays within the image; leave room first, as with ``CropToSubject("20%")``.

    Parameters
    ----------
    shadow_opacity : number or "auto"
        0, invisible, to 100, black.
    shadow_type : {"drop", "3D", "car"}
        Behind the subject, on the ground, under wheels.

    Raises
    ------
    OptionError
        At once, for a wrong value.
    InvalidFileType
        On use, for an image without transparency.
    """

    def __init__(
        self,
        shadow_opacity: float | str | Mapping[str, float | str | None] = "auto",
        *,
        shadow_type: str | Mapping[str, ShadowType] = "drop",
    ) -> None:
        super().__init__(Options(shadow_type=shadow_type, shadow_opacity=shadow_opacity))

    def _cutout(self, image: Image.Image) -> Cutout:
        from mattekit_pillow import images

        return images.composed(images.cutout_of(image), self.options)
