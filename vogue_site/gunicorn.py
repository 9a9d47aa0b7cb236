"""The web server's settings: `gunicorn --config python:vogue_site.gunicorn vogue_site.wsgi`."""

from __future__ import annotations

import os
from typing import Any

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
worker_class = "gthread"
#: Without Redis a shopper's photo is held in one process's memory, so there is one, with as many threads as two have.
DEFAULT_WORKERS = 2 if os.environ.get("REDIS_URL") else 1
workers = int(os.environ.get("WEB_CONCURRENCY") or DEFAULT_WORKERS)
threads = 4 if workers > 1 else 8
# One thread per matrix product: requests run side by side already, and threads of one that wait for each other double
# the time of all on a busy machine.
raw_env = [f"OPENBLAS_NUM_THREADS={os.environ.get('OPENBLAS_NUM_THREADS') or '1'}"]
# Never True: a network loaded before the fork hangs every child.
preload_app = False
timeout = 60
# Less than the time `manage.py demo` waits before it kills.
graceful_timeout = 10
keepalive = 5
accesslog = "-"
access_log_format = '%(h)s "%(r)s" %(s)s %(b)s bytes %(M)s ms'
# A heartbeat file on a slow disk would stall workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
# One socket per home folder, whichever shop: of no use to two on one machine.
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    """Take a finished process out of the gauges that count living ones."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess  # noqa: PLC0415 (it reads the folder when imported)

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
