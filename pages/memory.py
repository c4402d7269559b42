from chorus.ui import reads, recall, recalled
from chorus.ui.frame import sheet

with sheet("Memory"):
    recall.masthead()
    question = recall.ask(reads.titles())
    if question:
        recall.answer(recalled.hits(question), question, recalled.usual_ranks(question))
