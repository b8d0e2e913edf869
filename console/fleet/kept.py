"""A time as it is kept on the disk, and read again."""

from datetime import datetime
from typing import Annotated

import msgspec

KeptTime = Annotated[datetime, msgspec.Meta(tz=True)]
"""One without a zone is not ours: what was kept is believed only as far as it can be reckoned with."""
