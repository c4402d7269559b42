from chorus.ui import address, book, reads, scene_desk
from chorus.ui.choose import choose_story
from chorus.ui.frame import sheet

with sheet("Read"):
    story_id = address.story_id() or choose_story("read", "Which story would you like to read?")
    scene = address.whole("scene", 1, 10_000)
    view = scene_desk.wanted_view()
    if scene and view:
        scene_desk.show(reads.scene_file(story_id, scene), view)
    else:
        book.show(reads.manuscript(story_id), scene=scene, at=address.whole("at", 0, 10_000_000))
