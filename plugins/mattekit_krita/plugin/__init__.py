"""What runs inside Krita: standard library, PyQt and the bridge only, Python 3.8 and later.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`loading`      loading in whatever Krita this is, or saying why not
`qt`           Qt by the Krita that runs
`requests`     what is to be done, as a user or a script says it
`planes`       arithmetic on pixels as bytes
`colorspaces`  pixels between color spaces, by Krita itself
`layers`       reading layers, and putting results beside or into them
`jobs`         what is done, step by step, to one layer after another
`hints`        what is kept and removed, and how it lies in a document
`masks`        the mask that is corrected, and what is known of it
`corrections`  what can be corrected, as buttons and menus offer it
`correcting`   hints, edges and subjects of a mask that is there
`live`         a mask that follows each stroke
`running`      who runs a job: a script that waits, or a timer that keeps the window alive
`undo`         what Krita's own undo leaves out
`controller`   the one running job, and the remembered values
`previewing`   a small picture of what would come of it
`forms`        widgets out of the declared options
`correctionbox`  buttons that correct a mask
`panel`        the widget that the dialog and the docker show
`extension`    menu entries, dialog and docker
`scripting`    the function for scripts
=============  =====================================================================================
"""
