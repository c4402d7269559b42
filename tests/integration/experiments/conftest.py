from tests.integration.pipeline.conftest import studio_at
from tests.integration.worker.conftest import hire

__all__ = ["hire", "studio_at"]
