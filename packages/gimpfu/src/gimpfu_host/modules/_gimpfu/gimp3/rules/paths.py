"""Paths as 2.4 had them."""

from typing import Any, Dict, List, Optional

from _gimpfu.gimp3 import values
from _gimpfu.gimp3.rules.base import rule
from _gimpfu.gimp3.rules.items import get_linked, set_linked
from _gimpfu.gimp3.rules.selections import select_path


def _path(image: int, name: str) -> Any:
    found = values.image(image).get_path_by_name(name)
    if found is None:
        raise values.NoSuchValue("no path called %r" % name)
    return found


@rule("gimp-path-list")
def _paths(call: Any, image: int) -> List[str]:
    return [path.get_name() for path in values.image(image).get_paths()]


@rule("gimp-path-get-current")
def _current_path(call: Any, image: int) -> Optional[str]:
    chosen = values.image(image).get_selected_paths()
    return chosen[0].get_name() if chosen else None


@rule("gimp-path-set-current")
def _set_current_path(call: Any, image: int, name: str) -> None:
    values.image(image).set_selected_paths([_path(image, name)])


@rule("gimp-path-delete")
def _delete_path(call: Any, image: int, name: str) -> None:
    values.image(image).remove_path(_path(image, name))


@rule("gimp-path-get-tattoo")
def _path_tattoo(call: Any, image: int, name: str) -> int:
    return int(_path(image, name).get_tattoo())


@rule("gimp-path-set-tattoo")
def _set_path_tattoo(call: Any, image: int, name: str, tattoo: int) -> None:
    _path(image, name).set_tattoo(tattoo)


@rule("gimp-path-get-locked")
def _path_locked(call: Any, image: int, name: str) -> int:
    return get_linked(call, _path(image, name).get_id())


@rule("gimp-path-set-locked")
def _set_path_locked(call: Any, image: int, name: str, locked: int) -> None:
    set_linked(call, _path(image, name).get_id(), locked)


@rule("gimp-get-path-by-tattoo")
def _path_by_tattoo(call: Any, image: int, tattoo: int) -> Optional[str]:
    found = values.image(image).get_path_by_tattoo(tattoo)
    return None if found is None else str(found.get_name())


@rule("gimp-path-to-selection")
def _path_to_selection(call: Any, image: int, name: str, *rest: Any) -> None:
    select_path(call, _path(image, name).get_id(), *rest)


@rule("gimp-path-import")
def _import_path(call: Any, image: int, name: str, merge: int, scale: int) -> None:
    given: Dict[str, Any] = {"image": image, "file": name, "merge": merge, "scale": scale}
    call("gimp-image-import-paths-from-file", **given)


@rule("gimp-path-stroke-current")
def _stroke_current(call: Any, image: int) -> None:
    found = values.image(image)
    drawable = found.get_selected_drawables()[0]
    drawable.edit_stroke_item(found.get_selected_paths()[0])
