"""What a person reads for a status, a number, a duration or a moment: plain English, one place."""

from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil

from chorus.domain.canon import FindingCategory, MemoryKind, Severity
from chorus.domain.context import ItemKind
from chorus.domain.edit import Verdict
from chorus.domain.run import ReviewKind, RunStatus, Stage
from chorus.domain.story import CharacterRole, RevisionCause, SceneStatus, WorldElementKind
from chorus.domain.value import now
from chorus.inspection import Condition

WORDS_PER_MINUTE = 230
PRUNED_TEXT = "The wording of this call was removed to save room; its figures are kept."

# (icon, word, css class): never a colour alone
SCENE_STATUS: dict[SceneStatus, tuple[str, str, str]] = {
    SceneStatus.QUEUED: ("○", "Waiting", "waiting"),
    SceneStatus.DRAFTING: ("✎", "Being written", "busy"),
    SceneStatus.IN_REVIEW: ("◐", "In review", "review"),
    SceneStatus.REJECTED: ("✕", "Rejected", "bad"),
    SceneStatus.APPROVED: ("✓", "Done", "good"),
}
BEGUN = ("✎", "Begun", "waiting")  # being written, in a run that stands still
RUN_STATUS: dict[RunStatus, tuple[str, str, str]] = {
    RunStatus.QUEUED: ("○", "About to start", "waiting"),
    RunStatus.RUNNING: ("✎", "Being written", "busy"),
    RunStatus.PAUSED: ("❙❙", "Paused", "review"),
    RunStatus.COMPLETE: ("✓", "Complete", "good"),
    RunStatus.FAILED: ("✕", "Stopped by an error", "bad"),
    RunStatus.CANCELLED: ("■", "Cancelled", "waiting"),
}
IMPORTED = ("↧", "Imported", "good")
# what an event looks like: (icon, css class); its words are its own
EVENTS: dict[str, tuple[str, str]] = {
    "stage": ("▸", "busy"),
    "concept_selected": ("✦", "good"),
    "cast_named": ("✦", "good"),
    "world_ready": ("✦", "good"),
    "cast_ready": ("✦", "good"),
    "outline_ready": ("✦", "good"),
    "outline_doubt": ("≠", "review"),
    "outline_repaired": ("✎", "good"),
    "outline_edited": ("✎", "good"),
    "scene_edited": ("✎", "good"),
    "scene_restored": ("↶", "good"),
    "fact_edited": ("✎", "good"),
    "character_edited": ("✎", "good"),
    "tie_edited": ("✎", "good"),
    "canon_settled": ("✓", "good"),
    "look_again": ("≠", "waiting"),
    "check_missed": ("≠", "review"),
    "trouble": ("≠", "waiting"),
    "answer_reused": ("↺", "waiting"),
    "scene_started": ("✎", "busy"),
    "revision": ("✎", "busy"),
    "finding": ("≠", "review"),
    "finding_dropped": ("≠", "waiting"),
    "scene_committed": ("✓", "good"),
    "scene_approved": ("✓", "good"),
    "chapter_ready": ("✓", "good"),
    "story_validated": ("✓", "good"),
    "recall_missed": ("≠", "waiting"),
    "catalogued": ("✦", "good"),
    "catalogue_put_off": ("○", "waiting"),
    "catalogue_later": ("○", "waiting"),
    "catalogue_again": ("✦", "busy"),
    "catalogue_ended": ("✓", "good"),
    "embedding_put_off": ("○", "waiting"),
    "rolled_back": ("↶", "review"),
    "review": ("?", "review"),
    "run_queued": ("○", "waiting"),
    "run_started": ("▸", "busy"),
    "run_paused": ("❙❙", "review"),
    "run_complete": ("✓", "good"),
    "run_failed": ("✕", "bad"),
    "run_cancelled": ("■", "waiting"),
}
STAGES: dict[Stage, tuple[str, str]] = {
    Stage.CONCEPT: ("Concept", "finding the idea worth telling"),
    Stage.WORLD: ("World", "building the world and its people"),
    Stage.OUTLINE: ("Outline", "planning chapters and scenes"),
    Stage.SCENES: ("Scenes", "writing scene by scene"),
    Stage.INTEGRATION: ("Integration", "joining scenes into chapters"),
    Stage.FINISHED: ("Finished", "ready to read"),
}
CONDITION: dict[Condition, tuple[str, str, str]] = {
    Condition.OK: ("●", "well", "good"),
    Condition.WARNING: ("▲", "warning", "review"),
    Condition.PROBLEM: ("✕", "problem", "bad"),
    Condition.OFF: ("○", "off", "waiting"),
}
MEMORY_KIND: dict[MemoryKind, str] = {
    MemoryKind.SCENE_SUMMARY: "Summary",
    MemoryKind.FACT: "Fact",
    MemoryKind.PASSAGE: "Passage",
    MemoryKind.LORE: "Lore",
    MemoryKind.CHARACTER_STATE: "Character",
}
CAUSE: dict[RevisionCause, tuple[str, str, str]] = {
    RevisionCause.DRAFT: ("✎", "First draft", "busy"),
    RevisionCause.REVISION: ("↻", "Revised", "review"),
    RevisionCause.EDIT: ("✍", "Edited by a person", "good"),
    RevisionCause.IMPORT: ("↧", "Imported", "good"),
    RevisionCause.RESTORE: ("↶", "Restored", "waiting"),
}
TOLD: dict[ItemKind, str] = {
    ItemKind.CHARACTER: "Character",
    ItemKind.WORLD: "World",
    ItemKind.SUMMARY: "Summary",
    ItemKind.MEMORY: "Memory",
    ItemKind.STATE: "State",
    ItemKind.QUESTION: "Open question",
    ItemKind.ENDING: "Ending before",
    ItemKind.PLAN: "Plan",
    ItemKind.ENTRY: "How it begins",
}
ROLE: dict[CharacterRole, str] = {
    CharacterRole.PROTAGONIST: "Protagonist",
    CharacterRole.ANTAGONIST: "Antagonist",
    CharacterRole.ALLY: "Ally",
    CharacterRole.MENTOR: "Mentor",
    CharacterRole.MINOR: "Minor part",
}
WORLD_KIND: dict[WorldElementKind, str] = {
    WorldElementKind.SETTING: "Setting",
    WorldElementKind.PLACE: "Places",
    WorldElementKind.RULE: "Rules",
    WorldElementKind.OBJECT: "Objects",
    WorldElementKind.CULTURE: "Culture",
    WorldElementKind.HISTORY: "History",
}
CATEGORY: dict[FindingCategory, str] = {
    FindingCategory.TIMELINE: "Timeline and plot",
    FindingCategory.CHARACTER: "Character",
    FindingCategory.WORLD: "World",
    FindingCategory.DETAIL: "Facts and details",
    FindingCategory.STYLE: "Narration and style",
}
SEVERITY: dict[Severity, tuple[str, str]] = {Severity.MAJOR: ("Major", "bad"), Severity.MINOR: ("Minor", "review")}
VERDICT: dict[Verdict, tuple[str, str, str]] = {
    Verdict.KEPT: ("=", "Kept", "waiting"),
    Verdict.RESTATED: ("≠", "Says something else", "review"),
    Verdict.RETRACTED: ("−", "No longer holds", "bad"),
    Verdict.ADDED: ("+", "New", "good"),
    Verdict.AT_STAKE: ("?", "At stake", "review"),
}
REVIEW: dict[ReviewKind, tuple[str, str]] = {
    ReviewKind.CONCEPT: ("✦", "Concept"),
    ReviewKind.OUTLINE: ("☰", "Outline"),
    ReviewKind.SCENE: ("✎", "Scene"),
    ReviewKind.FINDING: ("≠", "Contradiction"),
    ReviewKind.BUDGET: ("$", "Budget"),
    ReviewKind.FAILURE: ("✕", "Trouble"),
}
STEPS = {
    "draft_scene": "drafted it",
    "revise_scene": "revised it",
    "redo_scene": "wrote it again",
    "normalise_scene": "brought it to length",
}
PARTS: dict[str, tuple[str, str]] = {
    "vector": ("Meaning", "How near it is to the question by what it says."),
    "lexical": ("Words", "How many of the question’s words it has, the rare ones first."),
    "story": ("Story", "How well the whole story fits; of use when all stories are asked."),
    "recency": ("Recency", "How near it is to the scene asked about, or to the end."),
    "importance": ("Importance", "How much it was thought to matter when it was noted."),
    "entities": ("People", "Whether it is about the people the question names."),
}
AGENTS = {
    "story_architect": "Story Architect",
    "scene_generator": "Scene Generator",
    "continuity_editor": "Continuity Editor",
}


def titled(title: str) -> str:
    """A story's title; before it has found one, what to call it."""
    return title.strip() or "Untitled story"


def number(value: float) -> str:
    """Write a number with thin thousands."""
    return f"{value:,.0f}"


def count(value: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: 1 scene, 2 scenes."""
    return f"{number(value)} {noun if value == 1 else plural or noun + 's'}"


def minutes(words: int) -> str:
    """Tell how long a text takes to read."""
    return f"{max(1, ceil(words / WORDS_PER_MINUTE))} min"


def duration(seconds: float) -> str:
    """Tell how long something took: 42 s, 3 min 5 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def roughly(seconds: float) -> str:
    """Tell how long something may take: to five seconds, and from two minutes on to the minute."""
    if seconds < 120:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes_left = round(seconds / 60)
    return f"{minutes_left} min" if minutes_left < 120 else f"{round(minutes_left / 60)} h"


def cost(usd: Decimal | None) -> str:
    """Write a price; a price that nobody knows is not zero."""
    if usd is None:
        return "not known"
    return f"${usd:,.2f}" if usd >= 1 or not usd else f"${usd:.4f}"


def cost_of(usd: float) -> str:
    """Write an estimated price."""
    return cost(Decimal(str(usd)))


def latency(milliseconds: float | None) -> str:
    """Tell how long a call took."""
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def ago(moment: datetime, at: datetime | None = None) -> str:
    """Tell how long ago a moment was, as people say it."""
    passed = (at or now()) - moment
    if passed < timedelta(minutes=1):
        return "just now"
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        units = int(passed.total_seconds() // length)
        if units > 30 and unit == "day":
            break
        if units:
            return f"{count(units, unit)} ago"
    return moment.strftime("%-d %B %Y")
