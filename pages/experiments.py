from chorus.ui import experiment, reads
from chorus.ui.frame import sheet

with sheet("Experiments"):
    experiment.masthead()
    experiment_id = experiment.choose(reads.experiments())
    if experiment_id:
        experiment.show(reads.outcome(experiment_id))
