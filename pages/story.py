from chorus.ui import address, board, reads
from chorus.ui.backend import waking
from chorus.ui.choose import choose_story
from chorus.ui.frame import sheet

with sheet("Story"):
    story_id = address.story_id() or choose_story("story", "Which story would you like to look at?")
    with waking():
        progress = reads.progress(story_id)
    board.show(progress)
