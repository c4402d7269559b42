from chorus.ui import reads, recall
from chorus.ui.frame import sheet

with sheet("Memory"):
    recall.masthead()
    question = recall.ask(reads.library())
    if question:
        recall.answer(reads.hits(question.query, question.story_id, question.k, question.as_of))
