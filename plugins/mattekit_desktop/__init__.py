"""File managers: *Remove Background* on selected pictures.

============  ==============================================================================
module        what it does
============  ==============================================================================
`actions`     what can be done with selected pictures: the one declaration
`managers`    the files by which each file manager offers that
`uca`         Thunar's file of custom actions, which is the user's
`verbs`       Explorer's verbs in the registry
`installing`  each file manager as a host
`__main__`    what a file manager runs: ``python -m mattekit_desktop ACTION FILE...``
`host`        announces them
============  ==============================================================================
"""
