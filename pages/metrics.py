from chorus.ui import figures, reads, saved_views
from chorus.ui.frame import sheet
from chorus.ui.ledger_wish import KEYS, wish

with sheet("Metrics"):
    figures.masthead()
    wanted = wish(reads.titles(), reads.choices())
    saved_views.offer("metrics", KEYS)
    figures.show(reads.ledger(wanted.wanted, wanted.by), wanted)
