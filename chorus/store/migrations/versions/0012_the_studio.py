"""What the pages keep: notes and saved views."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""


def downgrade() -> None:
    """Step back."""
