"""Names of the OpenTelemetry conventions for generative AI, and ours beside them; nowhere else are they spelt out.

Source: open-telemetry/semantic-conventions-genai, docs/gen-ai (spans, agent spans, metrics), as of autumn 2026.
"""

SERVICE_NAME = "service.name"
SERVICE_VERSION = "service.version"
SERVER_ADDRESS = "server.address"
SERVER_PORT = "server.port"
ERROR_TYPE = "error.type"

OPERATION_NAME = "gen_ai.operation.name"
PROVIDER_NAME = "gen_ai.provider.name"
AGENT_NAME = "gen_ai.agent.name"
CONVERSATION_ID = "gen_ai.conversation.id"
OUTPUT_TYPE = "gen_ai.output.type"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_TEMPERATURE = "gen_ai.request.temperature"
REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens"
REQUEST_STREAM = "gen_ai.request.stream"
RESPONSE_TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
USAGE_CACHED_TOKENS = "gen_ai.usage.cache_read.input_tokens"
USAGE_REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens"
WORKFLOW_NAME = "gen_ai.workflow.name"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - of a language model

METRIC_TOKEN_USAGE = "gen_ai.client.token.usage"  # noqa: S105
METRIC_OPERATION_DURATION = "gen_ai.client.operation.duration"
METRIC_TIME_TO_FIRST_CHUNK = "gen_ai.client.operation.time_to_first_chunk"
METRIC_AGENT_DURATION = "gen_ai.invoke_agent.duration"
METRIC_WORKFLOW_DURATION = "gen_ai.workflow.duration"

CHAT = "chat"
INVOKE_AGENT = "invoke_agent"
INVOKE_WORKFLOW = "invoke_workflow"
OPENAI = "openai"
"""Whoever answers speaks this protocol; who it is, the server's address says."""

WORKFLOW = "chorus"
TEXT, JSON = "text", "json"
"""What an answer is asked to be."""

RUN_ID = "chorus.run.id"
CALL_ID = "chorus.call.id"
NODE = "chorus.node"
NODE_PATH = "chorus.node.path"
SCENE_NUMBER = "chorus.scene.number"
PROMPT_VERSION = "chorus.prompt.version"
OUTCOME = "chorus.outcome"
ATTEMPT = "chorus.attempt"
TAKE = "chorus.take"
COST_USD = "chorus.cost_usd"
ESTIMATED = "chorus.usage.estimated"
WAITED_MS = "chorus.waited_ms"
"""Followed by what held the call back."""
