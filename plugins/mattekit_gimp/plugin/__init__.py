"""What runs inside GIMP: standard library, gimpfu and the bridge only, Python 3.8 and later.

=================  =================================================================================
module             what it does
=================  =================================================================================
`stub`             what GIMP finds in its folder of plug-ins
`entries`          the menu entries and procedures
`forms`            dialogs out of the declared options, and their values as the worker wants them
`targets`          the layer that is meant, and what is wanted of it
`actions`          what is done to one layer
`previewing`       a small picture of what would come of it
`correcting`       the mask of a layer, and the selection, made right by what is selected
`subject_layers`   each subject in a layer of its own
`mask_parasite`    what a layer remembers of its mask
`pixels`           pixels of a layer as the worker wants them, and back
=================  =================================================================================
"""
