from chorus.ui import system
from chorus.ui.frame import sheet

with sheet("System"):
    system.masthead()
    system.show_staff()
    system.show_parts()
    system.show_how_to_connect()
