"""A table of a page as a file to take away."""

import pandas as pd
import streamlit as st

from chorus.export.spreadsheet import harmless


def offer_table(frame: pd.DataFrame, name: str) -> None:
    """Offer a table as CSV; no cell of it is a formula."""

    def content() -> bytes:
        words = frame.select_dtypes(["object", "str"]).columns
        meek = frame.assign(**{str(column): frame[column].map(harmless) for column in words})
        return meek.to_csv(index=False).encode()

    st.download_button(
        "CSV",
        content,
        file_name=f"chorus-{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        key=f"csv-{name}",
        on_click="ignore",
    )
