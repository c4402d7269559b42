from chorus.ui import figures, reads
from chorus.ui.frame import sheet
from chorus.ui.ledger_wish import wish

with sheet("Metrics"):
    figures.masthead()
    wanted = wish(reads.library(), reads.choices())
    figures.show(reads.ledger(wanted.wanted, wanted.by), wanted)
