"""Who looks at a page, and what the studio lets them do."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from chorus.access import COOKIE, configured_access, is_near, role_of_session
from chorus.errors import NotAllowed
from chorus.settings import AccessConfig, Role
from chorus.studio import Studio
from chorus.ui.markup import draw, safe

_NOBODY = "You have not signed in, or too long ago: load the page anew."


@st.cache_resource(show_spinner=False)
def _access() -> AccessConfig:
    return configured_access()


def role_here() -> Role | None:
    """The role of who looks at this page; None: they have not signed in.

    Outside of a page a file is made that somebody let in has asked for: that only reads.
    """
    access = _access()
    if get_script_run_ctx(suppress_warning=True) is None:
        return Role.VIEWER
    if access.tokens:
        return role_of_session(access, st.context.cookies.get(COOKIE, ""))
    headers = {name.casefold(): "" for name in st.context.headers}
    return Role.ADMIN if is_near(st.context.ip_address, headers) else None


def require(needed: Role) -> None:
    """Go on only with this role; raises NotAllowed."""
    role = role_here()
    if role is None:
        raise NotAllowed(_NOBODY)
    if not role.may(needed):
        raise NotAllowed(f"You have signed in as {role.value}, and this needs the role {needed.value}.")


def may_edit() -> bool:
    """Whether who looks may change stories; pages show others no controls, and the studio would refuse them."""
    return _may(Role.EDITOR)


def may_govern() -> bool:
    """Whether who looks may do what cannot be undone."""
    return _may(Role.ADMIN)


def _may(needed: Role) -> bool:
    role = role_here()
    return role is not None and role.may(needed)


def as_allowed(studio: Studio, role: Role | None) -> Studio:
    """The studio as far as a role may use it; raises NotAllowed for who has none."""
    if role is None:
        raise NotAllowed(_NOBODY)
    return studio if role.may(Role.EDITOR) else studio.for_reading()


def badge() -> None:
    """Say as whom somebody has signed in, and let them sign out; on this machine nobody has to."""
    role = role_here()
    if _access().tokens and role:
        reads = "" if role.may(Role.EDITOR) else ", who reads and changes nothing"
        with st.sidebar:
            draw(
                f'<p class="ch-facts">Signed in as {safe(role.value)}{reads}'
                ' · <a href="sign-out" target="_self">Sign out</a></p>'
            )
