from chorus.ui import figures, reads
from chorus.ui.frame import sheet

with sheet("Metrics"):
    figures.masthead()
    story_id = figures.choose(reads.library())
    figures.show(reads.ledger(story_id))
