"""What runs inside Krita: standard library, PyQt and the bridge only, Python 3.8 and later.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`qt`           Qt by the Krita that runs
`requests`     what is to be done, as a user or a script says it
`planes`       arithmetic on pixels as bytes
`colorspaces`  pixels between color spaces, by Krita itself
`layers`       reading layers, and putting results beside or into them
`jobs`         what is done, step by step, to one layer after another
`running`      who runs a job: a script that waits, or a timer that keeps the window alive
`undo`         what Krita's own undo leaves out
`controller`   the one running job, and the remembered values
`forms`        widgets out of the declared options
`panel`        the widget that the dialog and the docker show
`extension`    menu entries, dialog and docker
`scripting`    the function for scripts
=============  =====================================================================================
"""
