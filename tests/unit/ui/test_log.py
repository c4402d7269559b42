import subprocess
import sys

from tests.conftest import ROOT

KEY = "sk-canary-4711-abcdef"
SPEAK = f"""
import os
os.environ["OPENAI_API_KEY"] = "{KEY}"
import streamlit.runtime.app_session
from streamlit.logger import get_logger
from chorus.ui.log import keep_one_log
keep_one_log()
get_logger("streamlit.runtime.app_session").error("The key was {KEY}.")
import streamlit
get_logger("streamlit.made.later").warning("So it was: {KEY}")
try:
    raise ValueError("{KEY}")
except ValueError:
    get_logger("streamlit.error_util").exception("Uncaught app execution")
"""


def test_streamlit_logs_no_secret() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SPEAK], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    ).stderr
    assert KEY not in said
    assert said.count("***") >= 3
    assert '"logger": "streamlit.made.later"' in said
    assert "Uncaught app execution" in said
