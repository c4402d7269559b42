from tests.integration.pipeline.conftest import studio_at

__all__ = ["studio_at"]
