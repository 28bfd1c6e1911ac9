from __future__ import annotations

import sys
from pathlib import Path

# The recipe is no part of the installed package: it is imported from the repository's root.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
