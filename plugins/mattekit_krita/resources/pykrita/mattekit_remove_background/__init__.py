"""What Krita loads: registers the menu entries and the docker."""

from mattekit_krita.inside import extension

extension.register()
