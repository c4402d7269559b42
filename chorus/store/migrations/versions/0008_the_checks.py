"""What checking needs to keep."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""


def downgrade() -> None:
    """Step back."""
