"""The dashboard's front door: ``streamlit run app.py``.

Streamlit takes a folder named ``pages`` for an app of its first kind until a script has called ``st.navigation``, so on
a fresh server a deep link would show its page without this frame. Declaring an ``st.App`` makes ``streamlit run``
import this file once before it serves anybody, and that calls ``st.navigation`` early enough.
"""

import streamlit as st
from streamlit import runtime

from chorus.ui import frame
from chorus.ui.places import contents

page = st.navigation(contents())

if runtime.exists():
    frame.show(page)
else:
    app = st.App(__file__)
