"""`python -m portal_embed`: the same commands as the `portal-embed` console script."""

from __future__ import annotations

import sys

from portal_embed.cli import main

if __name__ == "__main__":
    sys.exit(main())
