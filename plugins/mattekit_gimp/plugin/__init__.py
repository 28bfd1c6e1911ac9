"""What runs inside GIMP: standard library, gimpfu and the bridge only, Python 3.8 and later.

============  ======================================================================================
module        what it does
============  ======================================================================================
`forms`       dialogs out of the declared options, and their values as the worker wants them
`pixels`      pixels of a layer as the worker wants them, and back
`actions`     what is done to one layer
`entries`     the menu entries and procedures
============  ======================================================================================
"""
