"""The menu entries and procedures: what they are called, what they ask for, what they say."""

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import gimp
import gimpfu

from mattekit_bridge.settings import SUBJECTS, Settings, model_choices, read_settings
from mattekit_gimp.plugin.forms import Form

__all__ = ["CORRECTIONS", "ENTRIES", "main"]

_MENU = "<Image>/Filters/Remove Background"
_EVERYWHERE = ("type", "refine", "model")
_FOUND = ("zoom", "subjects")
_SHAPE = ("edge_shift", "edge_soften", "specks", "holes")
_EDGES = ("semitransparency", "specks", "holes", "enclosed", *_FOUND, "edge_shift", "edge_soften")
_COLORS = ("decontaminate", "shadow_type", "shadow_opacity")
#: What *In All Open Images* can make, with the words of its dialog; of *Replace Background* what
#: needs no layer of each image.
_RESULTS = {
    "mask": "Layer mask",
    "layer": "New layer",
    "background": "On a colour",
    "selection": "Selection",
    "channel": "Channel",
    "crop": "Crop",
}


class Entry(NamedTuple):
    """A menu entry and the procedure behind it.

    Attributes
    ----------
    action : str
        Which of `actions.ACTIONS`; the procedure is ``plug-in-mattekit-`` and this.
    label : str
        In the menu.
    blurb : str
        One sentence.
    options : tuple of str
        The declared options that it asks for.
    """

    action: str
    label: str
    blurb: str
    options: Tuple[str, ...]


# GIMP sorts them by label: what most people want comes first.
ENTRIES: Sequence[Entry] = (
    Entry(
        "mask",
        "As Layer _Mask...",
        "Hide the background of the layer behind a layer mask, which can still be painted on.",
        (*_EVERYWHERE, *_EDGES),
    ),
    Entry(
        "layer",
        "As New _Layer...",
        "Put the subject into a new layer, its edges free of the old background's colours.",
        (*_EVERYWHERE, *_EDGES, *_COLORS),
    ),
    Entry(
        "background",
        "_Replace Background...",
        "Put a colour or another layer behind the subject.",
        (*_EVERYWHERE, *_EDGES, *_COLORS),
    ),
    Entry(
        "each-subject",
        "_Each Subject as a Layer...",
        "Put each subject of the layer into a layer of its own.",
        (*_EVERYWHERE, "semitransparency", "specks", "zoom", "decontaminate"),
    ),
    Entry(
        "selection",
        "To _Selection...",
        "Select the subject of the layer, soft edges included.",
        (*_EVERYWHERE, *_EDGES),
    ),
    Entry(
        "channel",
        "To _Channel...",
        "Keep the subject's transparency as a channel.",
        (*_EVERYWHERE, *_EDGES),
    ),
    Entry(
        "crop",
        "Cr_op to Subject...",
        "Crop the image to the subject of the layer.",
        ("crop_margin", *_EVERYWHERE, "specks", *_FOUND),
    ),
)

#: Corrections: the selection says where, and the layer remembers what was asked for.
CORRECTIONS: Sequence[Entry] = (
    Entry(
        "keep-selected",
        "_Keep Selected",
        "Make what is selected part of the subject: the mask of the layer is corrected there.",
        (),
    ),
    Entry(
        "remove-selected",
        "_Remove Selected",
        "Make what is selected part of the background: the mask of the layer is corrected there.",
        (),
    ),
    Entry(
        "refine-mask",
        "Refine Layer Mas_k...",
        "Find the edge of the layer's mask in the picture: hair, fur and the true outline.",
        ("refine", *_SHAPE),
    ),
    Entry(
        "refine-selection",
        "Re_fine Selection...",
        "Find the edge of the selection in the picture: hair, fur and the true outline.",
        ("refine", *_SHAPE),
    ),
)

#: What an action takes, by its name.
_OPTIONS = {entry.action: entry.options for entry in (*ENTRIES, *CORRECTIONS)}

_ALL = Entry(
    "all-images",
    "In _All Open Images...",
    "Remove the background of the active layer of every open image.",
    # Every option of every result, each once, in the order in which they come.
    tuple(dict.fromkeys(name for action in _RESULTS for name in _OPTIONS[action])),
)

_SELECTED = (gimpfu.PF_TOGGLE, "inside-selection", "Look only inside the selection", True)


def main(folder: str) -> None:
    """Register everything and hand control to GIMP.

    Parameters
    ----------
    folder : str
        Where the plug-in lies.
    """
    settings = read_settings(folder)
    for entry in ENTRIES:
        _register_entry(entry, settings)
    for entry in CORRECTIONS:
        _register_correction(entry, settings)
    _register_all(settings)
    gimpfu.main()


def _register_entry(entry: Entry, settings: Settings) -> None:
    form = _form(entry, settings)
    own: List[Tuple[Any, ...]] = []
    if entry.action == "background":
        own = [
            (gimpfu.PF_RADIO, "with", "New background:", "color",
             (("Colour", "color"), ("Layer", "layer"))),
            (gimpfu.PF_COLOR, "color", "Colour:", (1.0, 1.0, 1.0)),
            (gimpfu.PF_LAYER, "layer", "Layer:", None),
        ]  # fmt: skip

    def run(image: Any, drawable: Any, *values: Any) -> None:
        extra = dict(zip((each[1] for each in own), values))
        selected, *given = values[len(own) :]
        targets = [(image, each) for each in _chosen(image, drawable)]
        _run(entry.action, targets, settings, form, given, bool(selected), extra)

    def preview(image: Any, drawable: Any, *values: Any) -> Tuple[int, int, bytes]:
        extra = dict(zip((each[1] for each in own), values))
        selected, *given = values[len(own) :]
        return _preview((image, drawable), settings, form, given, bool(selected), extra)

    _register(
        entry,
        "RGB*, GRAY*, INDEXED*",
        [
            (gimpfu.PF_IMAGE, "image", "Image", None),
            (gimpfu.PF_DRAWABLE, "drawable", "Layer", None),
            *own,
            _SELECTED,
            *form.parameters(),
        ],
        run,
        preview,
    )


def _register_correction(entry: Entry, settings: Settings) -> None:
    form = _form(entry, settings)

    def run(image: Any, drawable: Any, *given: Any) -> None:
        # The selection is what is said here, and no limit of where to look.
        _run(entry.action, [(image, drawable)], settings, form, given, selected=False, extra={})

    picture = [
        (gimpfu.PF_IMAGE, "image", "Image", None),
        (gimpfu.PF_DRAWABLE, "drawable", "Layer", None),
    ]
    _register(entry, "RGB*, GRAY*, INDEXED*", [*picture, *form.parameters()], run)


def _form(entry: Entry, settings: Settings) -> Form:
    offered = {"model": model_choices(settings), "subjects": SUBJECTS}
    return Form.of(settings.options, entry.options, offered)


def _register_all(settings: Settings) -> None:
    form = _form(_ALL, settings)
    choices = tuple((label, name) for name, label in _RESULTS.items())

    def run(action: str, color: Any, *values: Any) -> None:
        if action not in _RESULTS:
            gimpfu.fail("%r is none of %s." % (action, ", ".join(_RESULTS)))
        selected, *given = values
        extra = {"with": "color", "color": color}
        targets = [(image, image.active_drawable) for image in reversed(gimp.image_list())]
        if not targets:
            gimpfu.fail("No image is open.")
        _run(action, targets, settings, form, given, bool(selected), extra)

    result = (gimpfu.PF_RADIO, "result", "Result:", "mask", choices)
    color = (gimpfu.PF_COLOR, "color", "Colour:", (1.0, 1.0, 1.0))
    _register(_ALL, "", [result, color, _SELECTED, *form.parameters()], run)


def _register(
    entry: Entry,
    types: str,
    parameters: List[Tuple[Any, ...]],
    run: Callable[..., None],
    preview: Optional[Callable[..., Tuple[int, int, bytes]]] = None,
) -> None:
    gimpfu.register(
        "plug-in-mattekit-" + entry.action,
        entry.blurb,
        entry.blurb + " mattekit works on this machine; nothing is sent anywhere.",
        "The mattekit developers",
        "The mattekit developers",
        "2026",
        entry.label,
        types,
        parameters,
        [],
        run,
        menu=_MENU,
        preview=preview,
    )


def _chosen(image: Any, drawable: Any) -> List[Any]:
    """Return the layers that are meant: all that are selected if this is one of them (GIMP 3)."""
    if "gimp-image-get-selected-layers" not in gimp.pdb:
        return [drawable]
    _, numbers = gimp.pdb.gimp_image_get_selected_layers(image)
    if drawable is None or drawable.ID not in numbers:
        return [drawable]
    return [gimp.Item.from_id(number) for number in numbers]


# -- at work -----------------------------------------------------------------------------------


class _Progress:
    """GIMP's progress bar over one or several layers."""

    def __init__(self, count: int) -> None:
        self.count, self.done, self.shown = count, 0, ""
        self.name = ""

    def begin(self, name: str) -> None:
        self.name = name

    def __call__(self, share: float, what: str) -> None:
        text = what
        if self.count > 1:
            text = "%s (%d of %d: %s)" % (what, self.done + 1, self.count, self.name)
        if text != self.shown:
            gimp.progress_init(text)
            self.shown = text
        gimp.progress_update(min(1.0, (self.done + share) / self.count))


def _run(
    action: str,
    targets: Sequence[Tuple[Any, Any]],
    settings: Settings,
    form: Form,
    given: Sequence[Any],
    selected: bool,
    extra: Dict[str, Any],
) -> None:
    """Do it for every layer; one that fails does not stop the others."""
    import mattekit_bridge as bridge
    from mattekit_gimp.plugin import actions, correcting, subject_layers
    from mattekit_gimp.plugin import targets as layers

    known = {**actions.ACTIONS, **correcting.ACTIONS, "each-subject": subject_layers.each_subject}
    progress = _Progress(len(targets))
    # A form may ask for more than the action takes, as that for all images does.
    request = _request(settings, form, given, _OPTIONS[action], selected, extra, progress)
    failures = []
    succeeded = 0
    for image, drawable in targets:
        name = image.name
        try:
            target = layers.target_of(image, drawable)
            name = "%s, %s" % (image.name, target.layer.name)
            progress.begin(name)
            known[action](target, request)
            succeeded += 1
        except bridge.Canceled:
            raise gimpfu.CancelError() from None
        except (bridge.BridgeError, layers.Refusal, gimp.error) as error:
            failures.append((name, str(error)))
            if isinstance(error, bridge.WorkerGone):
                break  # the others would fare no better
        progress.done += 1
    gimp.progress_update(1.0)
    gimp.displays_flush()
    if failures:
        gimpfu.fail(_summary(failures, succeeded, len(targets)))


def _preview(
    where: Tuple[Any, Any],
    settings: Settings,
    form: Form,
    given: Sequence[Any],
    selected: bool,
    extra: Dict[str, Any],
) -> Tuple[int, int, bytes]:
    """Return a small picture of what would come of a layer."""
    import mattekit_bridge as bridge
    from mattekit_gimp.plugin import previewing
    from mattekit_gimp.plugin import targets as layers

    names = [option["name"] for option in form.options]
    request = _request(settings, form, given, names, selected, extra, _Progress(1))
    try:
        found = previewing.preview(layers.target_of(*where), request)
    except (bridge.BridgeError, layers.Refusal) as error:
        gimpfu.fail(str(error))
    gimp.progress_update(1.0)
    return found


def _request(
    settings: Settings,
    form: Form,
    given: Sequence[Any],
    names: Sequence[str],
    selected: bool,
    extra: Dict[str, Any],
    progress: _Progress,
) -> Any:
    """Return what is wanted, and of which worker; starts that where there is none."""
    import mattekit_bridge as bridge
    from mattekit_gimp.plugin import targets as layers

    try:
        values = form.values(given)
        progress(0.0, "Starting mattekit")
        found = bridge.connect(settings, _alive, host="GIMP")
    except (bridge.BridgeError, ValueError) as error:
        gimpfu.fail(str(error))
    _tell_once(bridge.explain_versions(found, settings, host="GIMP"))
    return layers.Request(found, {name: values[name] for name in names}, selected, extra, progress)


def _summary(failures: Sequence[Tuple[str, str]], succeeded: int, count: int) -> str:
    if count == 1:
        return failures[0][1]
    lines = ["%s: %s" % failure for failure in failures]
    return "%d of %d layers were not done.\n%s" % (count - succeeded, count, "\n".join(lines))


def _alive() -> bool:
    """Move the progress bar, so that nobody thinks that GIMP hangs."""
    gimp.pdb.gimp_progress_pulse()
    return True


def _tell_once(text: str) -> None:
    """Show a message the first time in a session of GIMP."""
    if text and _said() != text:
        gimp.message(text)
        gimp.set_data("mattekit-said", text)


def _said() -> Optional[str]:
    try:
        return str(gimp.get_data("mattekit-said"))
    except gimp.error:
        return None
