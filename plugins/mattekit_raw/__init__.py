"""Raw developers: masks of the subject where darktable and ART look for them.

============  ==============================================================================
module        what it does
============  ==============================================================================
`sensor`      darktable's history for a picture as the sensor has it, and how that is turned
`exporting`   the command lines that develop a picture
`masks`       develop, cut out, turn back, write
`installing`  darktable and ART as hosts
`__main__`    what they run: ``python -m mattekit_raw darktable|art … FILE...``
`host`        announces them
`resources`   the Lua script that runs in darktable
============  ==============================================================================
"""
