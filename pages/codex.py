from chorus.ui import address, codex
from chorus.ui.choose import choose_story
from chorus.ui.frame import sheet

with sheet("Codex"):
    story_id = address.story_id() or choose_story("codex", "Whose world would you like to see?")
    codex.show(story_id)
