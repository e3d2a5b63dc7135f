"""Why PACA cannot start, in one line for the person at the keyboard."""


class StartError(Exception):
    """Something on this machine keeps PACA from starting; the message is one line and says what to do."""
