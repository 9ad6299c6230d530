"""Reading a file's content: text, control block and content_id, within limits.

`read_within` is the product's way in: bytes and a name in, a `Reading` out, never an exception for
a bad file. No macro runs, no link is followed, no entity is expanded.
"""

from sync.reading.limits import Limits
from sync.reading.pool import close_readers, read_within

__all__ = ["Limits", "close_readers", "read_within"]
