"""A table of a page as a file to take away."""

import pandas as pd
import streamlit as st

from chorus.export.spreadsheet import harmless


def offer_table(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as CSV; no cell of it is a formula."""
    words = frame.select_dtypes(["object", "str"]).columns
    st.download_button(
        "CSV",
        frame.assign(**{str(column): frame[column].map(harmless) for column in words}).to_csv(index=False).encode(),
        file_name=f"chorus-{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"csv-{name}",
        on_click="ignore",
    )
