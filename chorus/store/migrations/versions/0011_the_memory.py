"""What search at size needs."""

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step forward."""


def downgrade() -> None:
    """Step back."""
