"""mattekit's menu entries; `mattekit hosts install gimp` has put this file here."""

import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "lib"))

from mattekit_gimp.plugin.entries import main  # noqa: E402

main(FOLDER)
