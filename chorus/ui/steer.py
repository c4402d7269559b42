"""The buttons that steer a run: pause, go on, cancel. Each one enqueues or asks; none of them works."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import streamlit as st

from chorus.domain.run import Run, RunStatus
from chorus.errors import Conflict
from chorus.studio import Studio
from chorus.ui import reads
from chorus.ui.backend import backend
from chorus.ui.standstill import may_go_on

type Command = Callable[[Studio], Awaitable[object]]


def steer(run: Run, *, asked: bool) -> None:
    """Show the buttons that make sense for a run as it stands, and do what is pressed."""
    told = st.session_state.pop(_told_key(run.id), None)
    if told:
        st.toast(told, icon=":material/info:", duration="long")
    if run.status.is_over:
        return
    if run.requested is None and may_go_on(run):
        label = "Approve and go on" if asked else "Go on"
        if st.button(label, type="primary", icon=":material/play_arrow:", key="go-on"):
            _order(run, lambda studio: studio.dispatch(run.id))
    elif run.requested is None and st.button("Pause", icon=":material/pause:", key="pause"):
        _order(run, lambda studio: studio.pause(run.id))
    if run.status is not RunStatus.FAILED and run.requested is not RunStatus.CANCELLED:
        _cancel(run)


def _cancel(run: Run) -> None:
    with st.popover("Cancel", icon=":material/close:", key="cancel"):
        st.write("End this run for good? What is written so far stays and can be read; the run cannot go on later.")
        if st.button("Yes, cancel this run", type="primary", key="cancel-yes"):
            _order(run, lambda studio: studio.cancel(run.id))


def _order(run: Run, command: Command) -> None:
    """Give a command and draw the page anew; if there is nothing to do any more, say so once."""
    try:
        backend().run(command)
    except Conflict as conflict:
        st.session_state[_told_key(run.id)] = str(conflict)
    reads.progress.clear(run.story_id)
    reads.shelf.clear()
    st.rerun()


def _told_key(run_id: UUID) -> str:
    return f"told-{run_id}"
