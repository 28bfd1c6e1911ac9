"""Folders, hot folders and object stores full of pictures, on one machine or on many.

>>> import mattekit_batch
>>> for result in mattekit_batch.run("photos", "cutouts", {"crop": True}):  # doctest: +SKIP
...     print(result.status, result.source, result.output)

========================  ==================================================================
module                    what it does
========================  ==================================================================
`engine`                  a batch from beginning to end: `run`, `Batch`
`storage`                 folders, and anything that fsspec reaches
`scanning`, `naming`      which pictures there are, what has to be made, how it is called
`resolver`                options of each folder, and when a result is out of date
`manifest`                what is to be done and what is done, in one SQLite file
`worker`, `stages`        what one process does with pictures: stages of threads
`processes`, `cluster`    several processes; the workers of a Dask cluster
`quarantine`              pictures during which processes end
`watching`                a hot folder
`masks`                   a folder of masks beside the pictures: which is whose
`results`                 what travels between these parts
`report`, `estimation`    what was done; what it would take
`commands`                `mattekit batch` and `mattekit watch`
`plugin`                  announces them
========================  ==================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mattekit.lazy import lazy_names

if TYPE_CHECKING:
    from mattekit_batch.engine import Batch, run
    from mattekit_batch.results import Failure, Result
    from mattekit_batch.scanning import Policy

__all__ = ["Batch", "Failure", "Policy", "Result", "run"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Batch": "engine",
        "Failure": "results",
        "Policy": "scanning",
        "Result": "results",
        "run": "engine",
    },
)
