"""The page for people, at ``/`` of the server, and what it asks the server for.

=============  =====================================================================================
module         what it does
=============  =====================================================================================
`files`        the page's own files, each at an address that names its content
`guard`        who may call: the page itself, in a window of the one who opened it
`visitors`     what each visitor has in memory, within limits, for an hour
`edits`        options and marks, as the page sends them
`rendering`    previews, pieces at full size, results
`endpoints`    the routes
`windows`      which windows are open, so that `mattekit app` ends with the last
=============  =====================================================================================
"""

from __future__ import annotations
