"""The gateway to language models: one door, one ledger, one place that retries."""

from chorus.llm.answer import Answer, Structured
from chorus.llm.dialect import Dialect
from chorus.llm.embeddings import EndpointEmbedder
from chorus.llm.endpoint import ConfiguredEndpoints, Endpoint, FixedEndpoint, SettingNames, configured_endpoint
from chorus.llm.fleet import Fleet, LoneProcess
from chorus.llm.gateway import Gateway
from chorus.llm.ledger import Ledger, MemoryLedger
from chorus.llm.opening import open_embedder, open_gateway
from chorus.llm.prices import PriceList
from chorus.llm.probe import Probe, probe
from chorus.llm.prompt import CallSite, Prompt, Reused
from chorus.llm.resilience import Patience
from chorus.llm.scripted import ScriptedWire, scripted_gateway
from chorus.llm.wire import ChatReply, ChatRequest

__all__ = [
    "Answer",
    "CallSite",
    "ChatReply",
    "ChatRequest",
    "ConfiguredEndpoints",
    "Dialect",
    "Endpoint",
    "EndpointEmbedder",
    "FixedEndpoint",
    "Fleet",
    "Gateway",
    "Ledger",
    "LoneProcess",
    "MemoryLedger",
    "Patience",
    "PriceList",
    "Probe",
    "Prompt",
    "Reused",
    "ScriptedWire",
    "SettingNames",
    "Structured",
    "configured_endpoint",
    "open_embedder",
    "open_gateway",
    "probe",
    "scripted_gateway",
]
