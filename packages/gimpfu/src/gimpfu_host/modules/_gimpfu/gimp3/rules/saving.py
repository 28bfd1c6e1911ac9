"""Saving one drawable, where GIMP 3 exports images."""

from typing import Any, Dict, Sequence

from _gimpfu.gimp3 import files, values
from _gimpfu.gimp3.rules.base import RULES, Rule, rule


@rule("gimp-file-save")
def _save(call: Any, run_mode: int, image: int, drawable: int, name: str, raw: str) -> None:
    _saved(call, "gimp-file-save", image, drawable, name, {"run_mode": run_mode})


@rule("gimp-xcf-save")
def _save_xcf(call: Any, dummy: int, image: int, drawable: int, name: str, raw: str) -> None:
    call("gimp-xcf-save", run_mode=1, image=image, file=name)


def _saved(
    call: Any, target: str, image: int, drawable: int, name: str, more: Dict[str, Any]
) -> None:
    found = values.image(image)
    if files.keeps_layers(name) or drawable < 0:
        call(target, image=image, file=name, **more)
        return
    with files.alone(found, values.item(drawable)) as single:
        call(target, image=single.get_id(), file=name, **more)


def _export_rule(target: str, names: Dict[str, str], olds: Sequence[str]) -> Rule:
    def export(call: Any, *given: Any) -> None:
        by_name = dict(zip(olds, given))
        name = str(by_name.get("filename") or by_name.get("uri"))
        procedure = call.target(target)
        more: Dict[str, Any] = {"run_mode": by_name["run-mode"]}
        for old, value in by_name.items():
            new = names.get(old, old)
            given_else = new in ("run-mode", "image", "drawable", "file")
            if not given_else and procedure.find_argument(new) is not None:
                more[new.replace("-", "_")] = value
        _saved(call, target, by_name["image"], by_name["drawable"], name, more)

    return export


_EXPORT_NAMES = {
    "interlace": "interlaced",
    "comment": "include-comment",
    "svtrans": "save-transparent",
    "subsmp": "sub-sampling",
    "save-transp-pixels": "save-transparent-pixels",
    "anim-loop": "animation-loop",
    "animation": "animation",
    "kf-distance": "keyframe-distance",
    "exif": "include-exif",
    "iptc": "include-iptc",
    "xmp": "include-xmp",
    "thumbnail": "include-thumbnail",
    "delay": "default-delay",
    "savetype": "save-type",
    "mipmap-wrap": "mipmap-wrap",
}


def _add_exports() -> None:
    from _gimpfu.gimp3 import signatures

    for name in signatures.names():
        if not name.startswith("file-") or "-save" not in name or name in RULES:
            continue
        old = signatures.old(name)
        assert old is not None
        olds = [argument.name for argument in old.arguments]
        if "drawable" not in olds or "image" not in olds or olds[0] != "run-mode":
            continue
        target = name.split("-save")[0] + "-export"
        target = {"file-bigtiff-export": "file-tiff-export"}.get(target, target)
        if name == "file-save-rgbe":
            target = "file-rgbe-export"
        names = dict(_EXPORT_NAMES)
        if name.startswith("file-gif"):
            del names["interlace"]
        if name.startswith("file-jpeg"):
            del names["comment"]
        RULES[name] = _export_rule(target, names, olds)


_add_exports()


@rule("file-png-save-defaults")
def _save_png_defaults(
    call: Any, run_mode: int, image: int, drawable: int, name: str, raw: str
) -> None:
    _saved(call, "file-png-export", image, drawable, name, {"run_mode": run_mode})


@rule("file-jpeg-save")
def _save_jpeg(
    call: Any,
    run_mode: int,
    image: int,
    drawable: int,
    name: str,
    raw: str,
    quality: float,
    smoothing: float,
    optimize: int,
    progressive: int,
    comment: str,
    sampling: int,
    baseline: int,
    restart: int,
    dct: int,
) -> None:
    more: Dict[str, Any] = {"run_mode": run_mode, "quality": quality, "smoothing": smoothing}
    more.update(optimize=optimize, progressive=progressive, baseline=baseline, restart=restart)
    more.update(sub_sampling=sampling, dct=dct)
    _saved(call, "file-jpeg-export", image, drawable, name, more)
