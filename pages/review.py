from chorus.ui import reads, review
from chorus.ui.frame import sheet

with sheet("Review"):
    review.masthead()
    wanted = review.choose(reads.titles())
    review.show(reads.questions(wanted.story_id, wanted.status, wanted.page), wanted)
