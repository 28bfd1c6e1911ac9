"""What lies behind what."""

from __future__ import annotations

from mattekit.compositing import composite, plan_shadow
from mattekit.compositing.shadows import cast
from mattekit.cropping import frame
from mattekit.options import Options
from mattekit.photo import Photo
from support.helpers import assert_images_close
from support.subjects import shadowed, standing


def test_a_crop_keeps_the_shadow():
    cutout = standing("person")
    options = Options(crop=True, shadow_type="3D")
    shadow = plan_shadow(cutout, options)
    framed = frame(cutout, options, room=shadow.room(cutout))
    assert framed.size == shadow.room(cutout).size
    cropped = composite(framed, Photo(cutout.color), shadow, options)
    whole = composite(frame(cutout, Options()), Photo(cutout.color), shadow, options)
    inside = (whole.alpha > 16).sum()
    assert (cropped.alpha > 16).sum() >= 0.98 * inside
    assert framed.box.size == cutout.box.size


def test_the_canvas_never_grows_for_a_shadow():
    cutout = standing("car")
    options = Options(add_shadow=True, shadow_type="auto")
    assert shadowed(frame(cutout, options), options).size == cutout.size


def test_a_background_lies_behind_the_shadow():
    cutout = standing()
    options = Options(shadow_type="drop", bg_color="white", shadow_opacity=80)
    result = shadowed(cutout, options)
    assert (result.alpha == 255).all()
    shadow = cast(cutout, "drop", 0.8).astype(float)
    empty = cutout.alpha == 0
    expected = 255 - shadow[empty]
    assert_images_close(result.color[empty][:, 0], expected, 1)


def test_nothing_asked_for_is_nothing_done():
    cutout = standing()
    assert shadowed(cutout, Options()) is cutout
