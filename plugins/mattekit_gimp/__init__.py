"""GIMP's menu entries, written once against gimpfu, and what puts them into GIMP.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`plugin`       what runs inside GIMP: standard library, gimpfu and the bridge only, Python 3.8
`installing`   the files of a plug-in folder: what is written, checked and taken out
`probe`        starting GIMP to learn whether it knows the plug-in
`_vendor`      gimpfu, which finds GIMPs and their profiles, and its modules
`host`         announces GIMP to `mattekit hosts`
=============  =====================================================================================
"""
