"""GIMP's menu entries, written once against gimpfu, and what puts them into GIMP.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`inside`       what runs inside GIMP: standard library, gimpfu and the bridge only, Python 3.8
`profiles`     where GIMP keeps its plug-ins, by version, system and packaging
`installing`   the files of a plug-in folder: what is written, checked and taken out
`asking`       asking GIMP itself whether it knows the plug-in
`shim`         where the gimpfu modules lie
`plugin`       announces GIMP to `mattekit hosts`
=============  =====================================================================================
"""
