"""The machines of a Dask cluster.

``plugin``
    What a person writes: which cluster.
``clusters``
    A cluster that is there is joined; one of a batch system or of this machine is started.
``crew``
    Tasks go to workers, one at a time to each; what a lost machine was at is done elsewhere.
``queue``
    Tasks that wait: which worker gets which, and how many travel together.
``announced``
    What a worker may give a task: cores, memory, GPUs.
``seats``
    On a worker: one process of its own for tasks, which can be ended without the worker.
``upkeep``
    What Dask measures of itself by the clock; while a run uses it, seldom.
"""

from plugins.engines.dask.plugin import Dask

plugins = [Dask]
