"""The dashboard's front door: ``streamlit run app.py``."""

import streamlit as st
from streamlit import runtime

from chorus.api.serve import Beside
from chorus.ui import frame, log

if runtime.exists():
    frame.show()
else:
    # ``streamlit run`` imports this file once before it serves anybody, because of the ``st.App`` below
    log.keep_one_log()
    frame.announce()
    api = Beside()
    app = st.App(__file__, routes=api.routes(), middleware=api.guards(), lifespan=api.lifespan)
