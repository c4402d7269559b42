"""What Streamlit says goes where all goes that we say: rendered as ours, and without secrets."""

import logging

from streamlit import logger as streamlits

from chorus.errors import ConfigError
from chorus.logs import set_up
from chorus.settings import load_config


def keep_one_log() -> None:
    """Log as every other part of Chorus does, for the whole process; with broken settings the pages say so."""
    streamlits.setup_formatter = _hand_over
    streamlits.update_formatter()
    try:
        set_up(load_config(), foreground=False)
    except ConfigError:
        logging.getLogger(__name__).warning("The settings are broken; every page says what is wrong.")


def _hand_over(logger: logging.Logger) -> None:
    """Take a logger's own handler away, as Streamlit would give it one; called for each logger it makes."""
    own = getattr(logger, "streamlit_console_handler", None)
    if own:
        logger.removeHandler(own)
    logger.propagate = True
