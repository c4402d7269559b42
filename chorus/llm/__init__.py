"""The gateway to language models: one door, one ledger, one place that retries."""

from chorus.llm.answer import Answer, Structured
from chorus.llm.gateway import Gateway
from chorus.llm.ledger import Ledger, MemoryLedger
from chorus.llm.prompt import CallSite, Prompt

__all__ = ["Answer", "CallSite", "Gateway", "Ledger", "MemoryLedger", "Prompt", "Structured"]
