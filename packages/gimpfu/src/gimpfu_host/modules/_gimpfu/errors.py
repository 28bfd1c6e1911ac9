"""The exceptions that plug-ins catch."""


class error(RuntimeError):
    """Something that GIMP refused; `gimp.error` and `gimpfu.error`."""


class CancelError(RuntimeError):
    """The user gave up; a plug-in may raise it too, to end without a message."""


class NoProcedure(error, AttributeError):
    """GIMP has no such procedure: an AttributeError too, so that `hasattr(pdb, …)` answers."""
