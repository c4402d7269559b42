from chorus.ui import address, experiment, reads
from chorus.ui.experiment_form import ask_for_experiment
from chorus.ui.frame import sheet
from chorus.ui.visitor import may_edit

with sheet("Experiments"):
    experiment.masthead()
    if may_edit():
        begun = ask_for_experiment(expanded=not reads.experiments())
        if begun:
            reads.experiments.clear()
            address.keep(experiment_id=begun)
    experiment_id = experiment.choose(reads.experiments(address.some_id("experiment_id")))
    if experiment_id:
        experiment.show(reads.outcome(experiment_id))
