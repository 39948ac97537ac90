"""Tiles may mark what was accepted.

No table changes. But a program that does not know the mark (core.classes.ACCEPTED) would take such pixels for no class
at all, so it must not open the file.
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing that is stored so far holds a mark."""
