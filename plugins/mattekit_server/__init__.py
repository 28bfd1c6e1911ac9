"""The remove.bg-compatible HTTP API; the same application is the editors' local worker.

===================  ===============================================================================
module               what it does
===================  ===============================================================================
`application`        routes, errors, what every answer has in common
`bodies`             a body of any of the three types becomes fields, within limits
`parameters`         fields become a source and checked options
`removal`            ``/v1.0/removebg``, one step after the other
`editors`            ``/editors``: a picture that stays while somebody corrects it
`improvement`        ``/v1.0/improve``
`fetching`           ``image_url`` without becoming the client's way in
`engine`             bytes in, bytes out: what a thread of the pool does with one picture
`pool`               a few pictures at once, a short queue, a deadline
`batching`           threads that share runs of a network
`keys`, `rates`      who may call, what it costs, how often
`users`, `login`, …  who calls, as an issuer outside knows them
`problems`           errors in the API's words
`answers`            successes in the API's words
`openapi`            the documentation, made from the declared options
`settings`           everything that can be set about one server
`service`            what all requests of a process share
`serving`            processes and signals
`page`               the page for people
`app`                `mattekit app`: that page, for one person
`sessions`           networks for other programs of this user, see `mattekit_client.remote`
`worker`             one private server per user for editors and scripts
===================  ===============================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mattekit.lazy import lazy_names

if TYPE_CHECKING:
    from mattekit_server.application import create_app
    from mattekit_server.settings import Settings

__all__ = ["Settings", "create_app"]

__getattr__, __dir__ = lazy_names(__name__, {"Settings": "settings", "create_app": "application"})
