"""The garbage collector of a web process: what start-up made stays for good, and is not looked through again.

A full collection goes over everything that was ever imported, some hundred thousand objects; every few requests one of
them waited 120 ms longer for it (docs/performance.md).
"""

import gc

from django.urls import get_resolver


def heap_settle() -> None:
    """Load what the first request would load, and take it out of the collector's sight."""
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
