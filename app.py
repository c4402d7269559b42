"""The dashboard's front door: ``streamlit run app.py``."""

import streamlit as st
from streamlit import runtime

from chorus.ui import frame

if runtime.exists():
    frame.show()
else:
    # ``streamlit run`` imports this file once before it serves anybody, because of the ``st.App`` below
    frame.announce()
    app = st.App(__file__)
