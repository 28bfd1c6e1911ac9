"""What to say of procedures that have no successor."""

from typing import Dict

_NEW = "GIMP 3 has gimp-%s instead"
#: What to tell somebody who calls one of these.
ADVICE: Dict[str, str] = {
    "file-gbr-save-internal": "use file-gbr-save",
    "file-gih-save-internal": "use file-gih-save",
    "file-pat-save-internal": "use file-pat-save",
    "file-pdf-save-multi": "GIMP 3 has file-pdf-export-multi instead",
    "file-pdf-save-multi-transparent": "GIMP 3 has file-pdf-export-multi instead",
    "file-png-get-defaults": "GIMP 3 keeps last values; give file-png-save2 its arguments",
    "file-png-set-defaults": "GIMP 3 keeps last values; give file-png-save2 its arguments",
    "file-raw-get-defaults": "GIMP 3 keeps last values; give file-raw-save2 its arguments",
    "file-raw-set-defaults": "GIMP 3 keeps last values; give file-raw-save2 its arguments",
    "file-ps-load-setargs": "GIMP 3's own file-ps-load takes these as arguments",
    "file-svg-load-thumb": "use gimp-file-load-thumbnail",
    "gimp-drawable-set-image": "2.10 could not do it either; use gimp-layer-new-from-drawable",
    "gimp-image-get-metadata": "use Gimp.Image.get_metadata of GIMP 3's own Python",
    "gimp-image-set-metadata": "use Gimp.Image.set_metadata of GIMP 3's own Python",
    "gimp-online-wiki": "GIMP 3 has gimp-online-main-web-site and gimp-online-docs-web-site",
    "gimp-path-get-points": _NEW % "path-stroke-get-points",
    "gimp-path-set-points": _NEW % "path-stroke-new-from-points",
    "gimp-path-get-point-at-dist": _NEW % "path-stroke-get-point-at-dist",
    "gimp-plugins-query": _NEW % "plug-ins-query",
    "gimp-progress-install": "GIMP 3 shows the progress of procedures itself",
    "gimp-progress-uninstall": "GIMP 3 shows the progress of procedures itself",
    "gimp-get-icon-theme-dir": "GIMP 3 has no procedure for it",
    "gimp-get-theme-dir": "GIMP 3 has no procedure for it",
    "plug-in-filter-pack": "GIMP 3 has its filters in the menu Colors",
    "plug-in-goat-exercise": "GIMP 3 has plug-in-goat-exercise-c and plug-in-goat-exercise-python",
}
