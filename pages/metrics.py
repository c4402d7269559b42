from chorus.ui import figures, reads, saved_views
from chorus.ui.frame import sheet
from chorus.ui.ledger_wish import wish

with sheet("Metrics"):
    figures.masthead()
    wanted = wish(reads.library(), reads.choices())
    saved_views.offer("metrics")
    figures.show(reads.ledger(wanted.wanted, wanted.by), wanted)
