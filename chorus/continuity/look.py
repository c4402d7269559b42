"""All the checks of code over one text, the gravest faults first."""

from chorus.continuity.echoes import Echoes
from chorus.continuity.leaks import leaks
from chorus.continuity.length import length
from chorus.continuity.names import strangers
from chorus.continuity.presence import out_of_place
from chorus.continuity.refrains import refrains
from chorus.continuity.repetition import repetitions
from chorus.continuity.seams import seams
from chorus.continuity.subject import Fault, Subject
from chorus.continuity.tense import tense
from chorus.continuity.tongue import foreign
from chorus.domain.canon import Severity

MOST = 8


def look_over(subject: Subject, echoes: Echoes, number: int) -> list[Fault]:
    """Look for every fault that code can see in the text of scene ``number``; at most ``MOST``, and its length."""
    found = [
        *leaks(subject),
        *foreign(subject),
        *tense(subject),
        *out_of_place(subject),
        *strangers(subject, echoes, number),
        *(repetitions(subject, echoes, number) or refrains(subject, echoes, number)),
        *seams(subject, number),
    ]
    return [*sorted(found, key=lambda fault: fault.severity is not Severity.MAJOR)[:MOST], *length(subject)]
