"""What must be shared between requests and workers: used links, ended sessions, operations under way, counters, locks.

The shape of a store is `Store`; the one that comes with the package is `MemoryStore`, right for a single process.
"""

from portal_embed.config.contracts import Store
from portal_embed.store.memory import MemoryStore

__all__ = ["MemoryStore", "Store"]
