"""What answers about a story's past look like; the same story about a lamp as in ``examples``."""

from chorus.api.bodies import QuotedFinding, ReviewDetail, ReviewRow
from chorus.api.examples import OTHER_ID, QUESTIONS, SCENES, STORY_ID, SUMMARY, WHEN
from chorus.api.past_bodies import AnsweredReview, Effects, FindingRow, Forked, RevisionDetail, RevisionRow
from chorus.domain.canon import Fact, FactStatus, Finding, FindingCategory, Severity
from chorus.domain.diff import diff_prose
from chorus.domain.edit import CanonChange, CanonSubject, EditEffects, FactChange, SceneUse, Verdict
from chorus.domain.run import ReviewStatus
from chorus.domain.story import Revision, RevisionCause

_BEFORE, _AFTER = "Ilan held a silver key.", "Ilan held an iron key."
_REVISION = Revision(
    id=OTHER_ID,
    story_id=STORY_ID,
    scene_id=OTHER_ID,
    number=2,
    parent_id=OTHER_ID,
    cause=RevisionCause.EDIT,
    text=_AFTER,
    words=5,
    created_at=WHEN,
)
_FACT = Fact(
    id=OTHER_ID,
    story_id=STORY_ID,
    scene_id=OTHER_ID,
    revision_id=OTHER_ID,
    number=1,
    subject="the key",
    statement="The key is made of silver.",
    evidence=_BEFORE,
    span_start=0,
    span_end=len(_BEFORE),
    valid_from=3,
    known_by=("Ilan",),
    status=FactStatus.ESTABLISHED,
)
_RESTATED = FactChange(
    verdict=Verdict.RESTATED,
    reason=f"its passage now reads “{_AFTER}”",
    before=_FACT,
    after=_FACT.model_copy(
        update={"statement": "The key is made of iron.", "evidence": _AFTER, "span_end": len(_AFTER)}
    ),
)
_EFFECTS = EditEffects(
    story_id=STORY_ID,
    scene_number=3,
    base_revision_id=OTHER_ID,
    pieces=diff_prose(_BEFORE, _AFTER),
    facts=(_RESTATED,),
    uses=(
        SceneUse(
            scene_number=7, title="The door", locked=False, reasons=("It was told: “The key is made of silver.”",)
        ),
    ),
    words_before=5,
    words_after=5,
)

REVISIONS = [RevisionRow.from_revision(_REVISION)]
REVISION = RevisionDetail.from_revision(_REVISION)
DIFF = list(diff_prose(_BEFORE, _AFTER))
FORESEEN = Effects.from_effects(_EFFECTS)
EFFECTS = Effects.from_effects(_EFFECTS.model_copy(update={"revision": _REVISION}))
FACT_EFFECTS = Effects.from_effects(_EFFECTS.model_copy(update={"pieces": (), "words_before": 0, "words_after": 0}))
LOCKED = SCENES[0].model_copy(update={"locked": True})
FORKED = Forked(story_id=OTHER_ID, title="The Lamp", forked_after=6, run=SUMMARY)
FACTS = [_FACT]
PLANNED_FACTS = [
    Fact(
        id=OTHER_ID,
        story_id=STORY_ID,
        scene_id=OTHER_ID,
        subject="The lamp",
        statement="Ines has lit the lamp with the last of the oil.",
        valid_from=7,
        status=FactStatus.PLANNED,
    )
]
CHANGES = [
    CanonChange(
        id=OTHER_ID,
        story_id=STORY_ID,
        subject=CanonSubject.FACT,
        subject_id=OTHER_ID,
        number=1,
        before=_FACT.model_dump(mode="json"),
        after={**_FACT.model_dump(mode="json"), "statement": "The key is made of iron."},
        note="Silver would be too soft.",
        created_at=WHEN,
    )
]
FINDINGS = [
    FindingRow.from_finding(
        Finding(
            id=OTHER_ID,
            story_id=STORY_ID,
            scene_id=OTHER_ID,
            revision_id=OTHER_ID,
            category=FindingCategory.DETAIL,
            severity=Severity.MAJOR,
            description="The key was made of silver.",
            quote="an iron key",
            other_quote="a silver key",
            other_scene=1,
            created_at=WHEN,
        ),
        3,
    )
]
_ANSWER = {"decision": "accept", "by": "person"}
ANSWERED = AnsweredReview(
    item=ReviewRow.model_validate(
        {**dict(QUESTIONS[0]), "status": ReviewStatus.RESOLVED, "resolution": _ANSWER, "resolved_at": WHEN}
    ),
    run=SUMMARY,
)
QUESTION = ReviewDetail.of(
    {
        **dict(QUESTIONS[0]),
        "scene_number": 3,
        "revision_id": OTHER_ID,
        "text": _AFTER,
        "findings": (
            QuotedFinding(
                category="fact",
                severity="major",
                description="The key was made of silver.",
                quote="an iron key",
                before="Ilan held ",
                after=".",
                other_quote="a silver key",
                other_scene=1,
            ),
        ),
    }
)
