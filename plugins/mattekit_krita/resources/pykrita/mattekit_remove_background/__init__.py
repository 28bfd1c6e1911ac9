"""What Krita loads: registers the menu entries and the docker."""

from mattekit_krita.plugin import loading

loading.load()
