from __future__ import annotations

from hosts import install

#: At will, as it takes seven minutes to install: python tests/hosts/install.py darktable
collect_ignore = [] if install.folder(install.DARKTABLE).exists() else ["test_in_darktable.py"]
