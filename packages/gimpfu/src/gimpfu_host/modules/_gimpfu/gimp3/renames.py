"""Procedures that GIMP 3 calls by another name, and arguments that it names anew.

A line is a name of 2.10, the name in 3.x, and then, where name and order do not tell:

* ``new:old``    GIMP 3's argument `new` is 2.10's `old`,
* ``new=value``  GIMP 3's argument `new` always gets this number or word,
* ``-old``       2.10's argument `old` has no successor and is left out.
"""

from typing import Dict, Iterator, NamedTuple, Tuple, Union


class Rename(NamedTuple):
    """A line of the table."""

    name: str
    sources: Dict[str, str]
    constants: Dict[str, Union[int, str]]
    dropped: Tuple[str, ...]


_LINES = """
gimp-image-width gimp-image-get-width
gimp-image-height gimp-image-get-height
gimp-image-base-type gimp-image-get-base-type
gimp-image-list gimp-get-images
gimp-image-is-valid gimp-image-id-is-valid image-id:image
gimp-image-active-drawable gimp-image-get-selected-drawables
gimp-image-get-active-drawable gimp-image-get-selected-drawables
gimp-image-get-active-layer gimp-image-get-selected-layers
gimp-image-get-active-channel gimp-image-get-selected-channels
gimp-image-get-active-vectors gimp-image-get-selected-paths
gimp-image-floating-selection gimp-image-get-floating-sel
gimp-color-balance gimp-drawable-color-balance
gimp-image-set-active-layer gimp-image-set-selected-layers layers:active-layer
gimp-image-set-active-channel gimp-image-set-selected-channels channels:active-channel
gimp-image-set-active-vectors gimp-image-set-selected-paths paths:active-vectors
gimp-image-add-channel gimp-image-insert-channel
gimp-image-add-layer gimp-image-insert-layer
gimp-image-add-vectors gimp-image-insert-path
gimp-image-insert-vectors gimp-image-insert-path
gimp-image-remove-vectors gimp-image-remove-path
gimp-image-add-layer-mask gimp-layer-add-mask -image
gimp-image-remove-layer-mask gimp-layer-remove-mask -image
gimp-image-freeze-vectors gimp-image-freeze-paths
gimp-image-thaw-vectors gimp-image-thaw-paths
gimp-image-get-layer-position gimp-image-get-item-position
gimp-image-get-channel-position gimp-image-get-item-position
gimp-image-get-vectors-position gimp-image-get-item-position
gimp-image-get-vectors gimp-image-get-paths
gimp-image-get-vectors-by-name gimp-image-get-path-by-name
gimp-image-get-vectors-by-tattoo gimp-image-get-path-by-tattoo
gimp-image-lower-channel gimp-image-lower-item
gimp-image-lower-layer gimp-image-lower-item
gimp-image-lower-layer-to-bottom gimp-image-lower-item-to-bottom
gimp-image-lower-vectors gimp-image-lower-item
gimp-image-lower-vectors-to-bottom gimp-image-lower-item-to-bottom
gimp-image-raise-channel gimp-image-raise-item
gimp-image-raise-layer gimp-image-raise-item
gimp-image-raise-layer-to-top gimp-image-raise-item-to-top
gimp-image-raise-vectors gimp-image-raise-item
gimp-image-raise-vectors-to-top gimp-image-raise-item-to-top
gimp-image-parasite-attach gimp-image-attach-parasite
gimp-image-parasite-detach gimp-image-detach-parasite
gimp-image-parasite-find gimp-image-get-parasite
gimp-image-parasite-list gimp-image-get-parasite-list
gimp-image-merge-layer-group gimp-group-layer-merge group-layer:layer-group -image
gimp-image-set-color-profile-from-file gimp-image-set-color-profile-from-file file:uri
gimp-image-convert-color-profile-from-file gimp-image-convert-color-profile-from-file file:uri
gimp-convert-grayscale gimp-image-convert-grayscale
gimp-convert-rgb gimp-image-convert-rgb
gimp-crop gimp-image-crop
gimp-channel-ops-duplicate gimp-image-duplicate
gimp-undo-push-group-start gimp-image-undo-group-start
gimp-undo-push-group-end gimp-image-undo-group-end
gimp-color-picker gimp-image-pick-color
gimp-layer-mask gimp-layer-get-mask
gimp-layer-translate gimp-item-transform-translate item:layer off-x:offx off-y:offy
gimp-drawable-bpp gimp-drawable-get-bpp
gimp-drawable-bytes gimp-drawable-get-bpp
gimp-drawable-width gimp-drawable-get-width
gimp-drawable-height gimp-drawable-get-height
gimp-drawable-offsets gimp-drawable-get-offsets
gimp-drawable-get-image gimp-item-get-image
gimp-vectors-get-image gimp-item-get-image
gimp-edit-clear gimp-drawable-edit-clear
gimp-edit-fill gimp-drawable-edit-fill
gimp-edit-stroke gimp-drawable-edit-stroke-selection
gimp-edit-stroke-vectors gimp-drawable-edit-stroke-item item:vectors
gimp-edit-named-paste-as-new gimp-edit-named-paste-as-new-image
gimp-edit-paste-as-new gimp-edit-paste-as-new-image
gimp-display-is-valid gimp-display-id-is-valid display-id:display
gimp-desaturate gimp-drawable-desaturate desaturate-mode=0
gimp-desaturate-full gimp-drawable-desaturate
gimp-invert gimp-drawable-invert linear=0
gimp-posterize gimp-drawable-posterize
gimp-selection-clear gimp-selection-none
gimp-context-get-dynamics gimp-context-get-dynamics-name
gimp-context-set-dynamics gimp-context-set-dynamics-name
gimp-dynamics-get-list gimp-dynamics-get-name-list
gimp-buffers-get-list gimp-buffers-get-name-list
gimp-brushes-list gimp-brushes-get-list
gimp-patterns-list gimp-patterns-get-list
gimp-brushes-set-brush gimp-context-set-brush brush:name
gimp-patterns-set-pattern gimp-context-set-pattern pattern:name
gimp-gradients-set-gradient gimp-context-set-gradient gradient:name
gimp-gradients-set-active gimp-context-set-gradient gradient:name
gimp-gradients-get-gradient gimp-context-get-gradient
gimp-gradients-get-active gimp-context-get-gradient
gimp-palettes-set-palette gimp-context-set-palette palette:name
gimp-brushes-get-opacity gimp-context-get-opacity
gimp-brushes-set-opacity gimp-context-set-opacity
gimp-brushes-get-paint-mode gimp-context-get-paint-mode
gimp-brushes-set-paint-mode gimp-context-set-paint-mode
gimp-palette-get-background gimp-context-get-background
gimp-palette-get-foreground gimp-context-get-foreground
gimp-palette-set-background gimp-context-set-background
gimp-palette-set-foreground gimp-context-set-foreground
gimp-palette-set-default-colors gimp-context-set-default-colors
gimp-palette-swap-colors gimp-context-swap-colors
gimp-palette-refresh gimp-palettes-refresh
gimp-palette-get-info gimp-palette-get-color-count palette:name
gimp-palette-entry-get-color gimp-palette-get-entry-color palette:name
gimp-palette-entry-get-name gimp-palette-get-entry-name palette:name
gimp-palette-entry-set-color gimp-palette-set-entry-color palette:name
gimp-palette-entry-set-name gimp-palette-set-entry-name palette:name
gimp-parasite-attach gimp-attach-parasite
gimp-parasite-detach gimp-detach-parasite
gimp-parasite-find gimp-get-parasite
gimp-parasite-list gimp-get-parasite-list
gimp-text-layer-new gimp-text-layer-new font:fontname
gimp-temp-name gimp-temp-file
gimp-vectors-new gimp-path-new
gimp-vectors-copy gimp-path-copy path:vectors
gimp-vectors-get-strokes gimp-path-get-strokes path:vectors
gimp-vectors-new-from-text-layer gimp-path-new-from-text-layer
gimp-vectors-remove-stroke gimp-path-remove-stroke path:vectors
gimp-vectors-export-to-file gimp-image-export-path-to-file path:vectors file:filename
gimp-vectors-export-to-string gimp-image-export-path-to-string path:vectors
gimp-vectors-import-from-file gimp-image-import-paths-from-file file:filename
gimp-vectors-import-from-string gimp-image-import-paths-from-string
gimp-file-save-thumbnail gimp-file-create-thumbnail
gimp-xcf-load gimp-xcf-load run-mode=1 -dummy-param
file-load-rgbe file-rgbe-load
file-pdf-load2 file-pdf-load password:pdf-password
gimp-get-color-configuration gimp-gimprc-query token=color-management
plug-in-nlfilt plug-in-nl-filter image:img drawables:drw
file-svg-load file-svg-load -resolution
file-wmf-load file-wmf-load -resolution
gimp-layer-get-preserve-trans gimp-layer-get-lock-alpha
gimp-layer-set-preserve-trans gimp-layer-set-lock-alpha lock-alpha:preserve-trans
plug-in-decompose-registered plug-in-decompose
plug-in-sel2path-advanced plug-in-sel2path
plug-in-warp plug-in-warp grad-map:grad-map vector-map:vector-map
plug-in-grid plug-in-grid -hopacity -vopacity -iopacity
plug-in-gfig plug-in-gfig -dummy
plug-in-mail-image plug-in-mail-image -encapsulation
gimp-brushes-popup gimp-brushes-popup -opacity -spacing -paint-mode
gimp-brushes-set-popup gimp-brushes-set-popup -opacity -spacing -paint-mode
gimp-gradients-popup gimp-gradients-popup -sample-size
file-dds-load file-dds-load -decode-images
plug-in-align-layers plug-in-align-layers use-bottom-layer:use-bottom -link-after-alignment
plug-in-film plug-in-film images:image-ids
plug-in-lighting plug-in-lighting LIGHTS
plug-in-screenshot plug-in-screenshot -window-id
plug-in-script-fu-eval plug-in-script-fu-eval script:code
"""

# GIMP 3's effect has six lights; 2.10's procedure reached the first.
_LIGHTS = " ".join(
    ["light-type-1:lighttype", "light-color-1:lightcolor"]
    + [
        "light-%s-%s-1:light%s-%s" % (what, axis, what, axis)
        for what in ("position", "direction")
        for axis in "xyz"
    ]
)

# 2.10 offered what items can do under the name of each kind of item.
_KINDS = ("drawable", "layer", "channel", "vectors")
_OF_ITEMS = {
    **{name: name for name in ("get-name", "set-name", "get-visible", "set-visible")},
    **{name: name for name in ("get-tattoo", "set-tattoo", "delete")},
    "parasite-attach": "attach-parasite",
    "parasite-detach": "detach-parasite",
    "parasite-find": "get-parasite",
    "parasite-list": "get-parasite-list",
}
_TESTS = ("channel", "drawable", "layer", "layer-mask", "selection", "text-layer", "valid")
_STROKES = """bezier-stroke-conicto bezier-stroke-cubicto bezier-stroke-lineto
bezier-stroke-new-ellipse bezier-stroke-new-moveto stroke-close stroke-flip stroke-flip-free
stroke-get-length stroke-get-point-at-dist stroke-get-points stroke-interpolate
stroke-new-from-points stroke-rotate stroke-scale stroke-translate"""


def _lines() -> Iterator[str]:
    yield from filter(None, _LINES.replace("LIGHTS", _LIGHTS).splitlines())
    for kind in _KINDS:
        for old, new in _OF_ITEMS.items():
            # Attaching data was there for two of the kinds only.
            known = ("drawable", "vectors") if old.startswith("parasite") else _KINDS
            if kind in known and (kind, old) != ("vectors", "delete"):
                yield "gimp-%s-%s gimp-item-%s" % (kind, old, new)
    for test in _TESTS:
        yield "gimp-item-is-%s gimp-item-id-is-%s item-id:item" % (test, test)
        if test not in ("drawable", "selection"):
            yield "gimp-drawable-is-%s gimp-item-id-is-%s item-id:item" % (test, test)
    yield "gimp-item-is-vectors gimp-item-id-is-path item-id:item"
    yield "gimp-vectors-is-valid gimp-item-id-is-valid item-id:item"
    for stroke in _STROKES.split():
        yield "gimp-vectors-%s gimp-path-%s path:vectors" % (stroke, stroke)


def _parsed(line: str) -> Tuple[str, Rename]:
    old, new, *rest = line.split()
    sources: Dict[str, str] = {}
    constants: Dict[str, Union[int, str]] = {}
    dropped = []
    for word in rest:
        if word.startswith("-"):
            dropped.append(word[1:])
        elif "=" in word:
            key, value = word.split("=", 1)
            constants[key] = int(value) if value.isdigit() else value
        else:
            key, source = word.split(":", 1)
            sources[key] = source
    return old, Rename(new, sources, constants, tuple(dropped))


#: By the name in 2.10.
RENAMES: Dict[str, Rename] = dict(_parsed(line) for line in _lines())
