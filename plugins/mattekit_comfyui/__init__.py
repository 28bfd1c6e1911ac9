"""ComfyUI: nodes that cut out, refine a mask, and follow hints.

============  ==============================================================================
module        what it does
============  ==============================================================================
`host`        announces ComfyUI
`installing`  the files in its folder of custom nodes
`plugin`      what runs in ComfyUI's Python; nothing else of this package does
============  ==============================================================================
"""
