import streamlit as st

from chorus.ui import library, reads
from chorus.ui.backend import backend
from chorus.ui.bring_in import bring_in
from chorus.ui.frame import sheet
from chorus.ui.new_story import ask_for_story
from chorus.ui.orders import say
from chorus.ui.places import go_to
from chorus.ui.visitor import may_edit

with sheet("Stories"):
    say()
    whole = reads.shelf("", None, 1)
    library.masthead(whole.stories, whole.words)
    if may_edit():
        order = ask_for_story(expanded=not whole.stories)
        if order:
            with st.spinner("Opening a new manuscript…"):
                story_id = backend().run(order.place)
            go_to("story", story_id=story_id)
        bring_in()
    wanted = library.wish(whole)
    library.shelves(reads.shelf(wanted.words, wanted.status, wanted.page, tried=wanted.tried), wanted)
