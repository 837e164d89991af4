"""The one error that a user of the launcher sees."""


class LauncherError(Exception):
    """Something the caller can act on. The message says what happened and what to do."""
