"""The remove.bg-compatible HTTP API; the same application is the editors' local worker.

================  ===============================================================================
module            what it does
================  ===============================================================================
*a request*
`application`     routes, errors, what every answer has in common
`requests`        reading one: its caller, its body, the pictures that it names
`sharing`         memory that a host lends for one: pictures in it, the answer into it
`bodies`          a body of any of the three types becomes fields, within limits
`parameters`      fields become a source and checked options
`marks`           marks as JSON has them
`fetching`        ``image_url`` without becoming the client's way in
`responses`       successes in the API's words
`problems`        errors in the API's words
`access`          the access log
*its work*
`execution`       in a thread of the pool: counted, timed, ended
`engine`          bytes in, bytes out: what such a thread does with one picture
`pool`            a few pictures at once, a short queue, a deadline
`batching`        threads that share runs of a network
`processors`      how many processors a network gets
`heap`            memory that one picture gave back serves the next
`metrics`         what is counted
*its price*
`charging`        taken from rate and credits, kept or given back
`prices`          what a call costs, and what is paid for once
`keys`            keys and credits in a file
`postgres`        keys, credits and users in PostgreSQL
`database`        which of the two it is
`addresses`       where keys are: the path of a file, or an address
`presence`        which processes still live, as a shared file tells
`private`         files that are their owner's alone
`rates`           how often a caller may come
`reports`         what keys were used for
*what is served*
`removal`         ``/v1.0/removebg``
`improvement`     ``/v1.0/improve``
`editors`         ``/editors``: pictures that stay while somebody corrects them
`sessions`        networks for other programs of this user, see `mattekit_client.remote`
`openapi`         the documentation, made from the declared options
`page`            the page for people, a package
`login`           ``/login``: authorization code with PKCE, sessions
`accounts`        ``/account``: what a user who has logged in sees and does
*who comes*
`authentication`  with an access token, a key of their own making, or a session
`identity`        what an operator says about an issuer outside
`issuer`          that issuer, as far as it is needed
`certificates`    whom connections to it believe
`tokens`          access tokens and ID tokens of it
`users`           whom it knows, their keys and sessions
*running it*
`settings`        everything that can be set
`service`         what all requests of a process share
`serving`         processes, signals, sockets
`protocol`        uvicorn's, whose refusals are answers of this API
`app`             `mattekit app`: the page, for one person
`worker`          one private server per user for editors and scripts
`commands`        `app`, `serve`, `keys` and `worker`
`oidc_flags`      the flags of `serve` that concern an issuer
`plugin`          what this package adds to mattekit
================  ===============================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mattekit.lazy import lazy_names

if TYPE_CHECKING:
    from mattekit_server.application import create_app
    from mattekit_server.settings import Settings

__all__ = ["Settings", "create_app"]

__getattr__, __dir__ = lazy_names(__name__, {"Settings": "settings", "create_app": "application"})
