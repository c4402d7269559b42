"""How a story stands, as its page tells it."""

from chorus.domain.report import ArcReport, LengthReport, StoryReport, ThreadReport
from chorus.ui.standing import standing

REPORT = StoryReport(
    scenes=3,
    scenes_planned=4,
    book=LengthReport(scene=None, words=700, target=900),
    lengths=(LengthReport(scene=1, words=300, target=300), LengthReport(scene=2, words=100, target=300)),
    threads=(ThreadReport(question="Who lit <it>?", opened=1, answered=None),),
    questions=((2, "Where is Bo?"),),
    arcs=(ArcReport(name="Ann", scenes=(1, 3), first_goal="rest", last_condition="tired"),),
    findings={"detail": 2},
)


def test_what_is_open_is_told_and_what_is_well_is_not() -> None:
    shown = standing(REPORT)
    assert "0 of 1 threads paid off" in shown
    assert "Who lit &lt;it&gt;?" in shown
    assert "nowhere" in shown
    assert "Where is Bo?" in shown
    assert "2 scenes, 1 to 3" in shown
    assert "100 of 300" in shown
    assert "300 of 300" not in shown
    assert shown.count("<table") == 5
    assert standing(StoryReport.model_validate({**dict(REPORT), "arcs": (), "findings": {}})).count("<table") == 3
