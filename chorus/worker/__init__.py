"""The process that works on runs which were handed to the workers: takes jobs, looks after what others left behind.

A run is worked on as anywhere else, by ``studio.work_on``; which run is whose, its row says.
"""

from chorus.worker.process import WorkerProcess

__all__ = ["WorkerProcess"]
