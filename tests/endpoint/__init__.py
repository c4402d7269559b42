"""An OpenAI-compatible endpoint for tests, over real HTTP, with made-up answers and scripted faults."""

from tests.endpoint.faults import Fault, Kind, mixed_faults
from tests.endpoint.limits import Limits
from tests.endpoint.server import Call, EndpointServer, idle_share, most_in_any

__all__ = ["Call", "EndpointServer", "Fault", "Kind", "Limits", "idle_share", "mixed_faults", "most_in_any"]
