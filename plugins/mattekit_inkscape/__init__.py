"""Inkscape: *Extensions > Images > Remove Background of Image*.

============  ==============================================================================
module        what it does
============  ==============================================================================
`host`        announces Inkscape
`installing`  the files in its folder of extensions
`plugin`      what runs in Inkscape's Python; nothing else of this package does
============  ==============================================================================
"""
