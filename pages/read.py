from chorus.ui import address, book, reads
from chorus.ui.choose import choose_story
from chorus.ui.frame import sheet

with sheet("Read"):
    story_id = address.story_id() or choose_story("read", "Which story would you like to read?")
    book.show(reads.manuscript(story_id), scene=address.whole("scene", 1, 10_000))
