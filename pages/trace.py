from chorus.ui import reads, waterfall
from chorus.ui.frame import sheet
from chorus.ui.states import empty

with sheet("Trace"):
    waterfall.masthead()
    run_id, beside = waterfall.choose(reads.runs())
    if run_id is None:
        empty("∅", "There is no run yet", "The first one begins with a story.")
    else:
        view = waterfall.choose_view()
        call_id = waterfall.chosen_call()
        if call_id:
            waterfall.show_call(reads.call(call_id))
        waterfall.show([reads.trace(each) for each in (run_id, beside) if each], view)
