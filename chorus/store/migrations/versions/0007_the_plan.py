"""What the plan needs: gates, locks and versions of the outline."""

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""


def downgrade() -> None:
    """Step back."""
