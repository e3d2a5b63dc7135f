"""What can go wrong in the core; every message says what, where, what is allowed and what was given."""


class CoreError(Exception):
    """Base of every error the core raises on purpose."""


class DecodeError(CoreError):
    """A source cannot be opened or has stopped giving frames."""


class MaskingError(CoreError):
    """A frame cannot be masked with certainty; the frame is withheld."""


class WeightsError(CoreError):
    """Weights are missing, do not match their manifest, or do not fit the network."""


class RecordingError(CoreError):
    """A segment or clip cannot be written or read."""


class DetectionError(CoreError):
    """A detector gave something that is not a score, or cannot be built."""


class VaultError(CoreError):
    """Unmasked video cannot be sealed, or what is sealed cannot be opened or is not whole."""
