"""What putting mattekit into another program takes; every host stands on it.

==============  ============================================================================
module          what it does
==============  ============================================================================
`programs`      where a program is on this machine, told without starting it
`files`         our files in a program's folders: written, renewed, taken out again
`declarations`  the options, as plain data that a dialog inside a program reads
`file_host`     a host that takes files and perhaps one entry in its settings: most are declared so
`announcing`    announces such hosts without importing them
`lines`         a line of ours in a text file that is the user's
`entries`       an entry of ours in one of JSON
`undo`          what such a file was before, so that it is just that again
`userfolders`   where programs keep settings and data
`pictures`      files in, cut-outs beside them, for tools that know only names
`desktop`       a message, and what starts us
`sandbox`       programs that cannot start others: Flatpak and Snap
==============  ============================================================================

A host announces itself with the hook `mattekit_hosts`, and puts files into the program that talk to
mattekit's worker through `mattekit_bridge`. `mattekit_krita` is one to learn from.
"""
