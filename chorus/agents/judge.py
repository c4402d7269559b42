"""The judge of experiments: reads finished stories, gives marks, and prefers one of two, not knowing whose they are."""

from chorus.agents.answers import MarksAnswer, PreferenceAnswer
from chorus.agents.prompts import judge as ask
from chorus.domain.experiment import RESPECTS, Marks
from chorus.llm import CallSite, Gateway

LOWEST, HIGHEST = 1, 5
TOKENS_OF_A_WORD = 1.5


class Judge:
    """Asks the ContinuityEditor's model, or the one that the call site names; ``room`` is in tokens, for all texts."""

    def __init__(self, gateway: Gateway, room: int) -> None:
        self._gateway = gateway
        self._words = int(room / TOKENS_OF_A_WORD)

    async def mark(self, premise: str, text: str, site: CallSite) -> Marks:
        """The marks of a story, from 1 to 5, for plot, people, coherence, prose and ending."""
        answer = await self._gateway.complete_as(ask.mark(premise, shorten(text, self._words)), site, MarksAnswer)
        given = {respect: min(max(getattr(answer.value, respect), LOWEST), HIGHEST) for respect in RESPECTS}
        return Marks(**given, reason=answer.value.reason)

    async def prefer(self, premise: str, first: str, second: str, site: CallSite) -> tuple[str, str]:
        """Which of two stories is better, ``first``, ``second`` or ``neither``, and why in a sentence."""
        texts = [shorten(text, self._words // 2) for text in (first, second)]
        answer = await self._gateway.complete_as(ask.prefer(premise, *texts), site, PreferenceAnswer)
        return answer.value.better, answer.value.reason


def shorten(text: str, words: int) -> str:
    """A text of at most about so many words: what is too long loses its middle, whole paragraphs at a time."""
    paragraphs = text.split("\n\n")
    lengths = [len(paragraph.split()) for paragraph in paragraphs]
    if sum(lengths) <= words:
        return text
    head, tail, left = 0, len(paragraphs), words
    while head < tail:
        at = head if head <= len(paragraphs) - tail else tail - 1
        left -= lengths[at]
        if left < 0:
            break
        head, tail = (head + 1, tail) if at == head else (head, tail - 1)
    return "\n\n".join([*paragraphs[:head], ask.LEFT_OUT, *paragraphs[tail:]])
