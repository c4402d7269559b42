from chorus.ui import address, board, plan_desk, reads
from chorus.ui.backend import waking
from chorus.ui.choose import choose_story
from chorus.ui.frame import sheet

with sheet("Story"):
    story_id = address.story_id() or choose_story("story", "Which story would you like to look at?")
    if plan_desk.is_wanted():
        plan_desk.show(story_id)
    else:
        with waking():
            progress = reads.progress(story_id)
        board.show(progress)
