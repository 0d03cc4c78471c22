"""The error of a step that will not go on."""


class Refused(Exception):
    """A step will not go on; the message says what, why and the remedy."""
