"""Choosing one of the texts of a scene; the URL keeps the choice."""

import streamlit as st

from chorus.domain.story import Revision
from chorus.ui import address
from chorus.ui.markup import label
from chorus.ui.reads import SceneFile
from chorus.ui.words import CAUSE, ago, count


def choose_revision(file: SceneFile, name: str, title: str, default: Revision) -> Revision:
    """Offer the texts of the scene, the newest first; the URL keeps the choice by its number."""
    by_number = {revision.number: revision for revision in reversed(file.revisions)}
    given = address.whole(name, 1, 100_000)
    chosen = given if given in by_number else default.number
    options = list(by_number)
    number = st.selectbox(
        title,
        options,
        options.index(chosen),
        format_func=lambda number: named(file, by_number[number]),
        key=f"{name}-{file.scene.id}",
    )
    address.keep(**{name: None if number == default.number else number})
    return by_number[number]


def named(file: SceneFile, revision: Revision) -> str:
    """Tell a text by its number, its cause, its age and its length."""
    now = ", in the book" if revision.id == file.scene.revision_id else ""
    note = f" “{label(revision.note, 40)}”" if revision.note else ""
    cause = CAUSE[revision.cause][1].lower()
    words = count(revision.words, "word")
    return f"Text {revision.number}: {cause}{note}, {ago(revision.created_at)}, {words}{now}"
