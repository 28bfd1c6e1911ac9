from __future__ import annotations

import os

collect_ignore = ["menu.py"]
if not os.environ.get("MATTEKIT_TOOLS"):
    #: At will, as the programs take minutes to install: scripts/test tools
    collect_ignore.append("test_in_managers.py")
