"""What goes wrong through no fault of the harness; each message stands alone and is shown without a traceback."""


class HarnessError(Exception):
    """The base of all of them."""


class SettingError(HarnessError, ValueError):
    """A value that no setting can have; the message names it and lists what is legal."""


class DataError(HarnessError):
    """Data that are missing, damaged, or of the wrong shape or type; the message gives the remedy."""


class UnfitDataError(DataError):
    """Data that do not allow what a claim asks of them, such as its number of examples: the claim is skipped."""


class UndecidableError(HarnessError):
    """Nothing is wrong but the claim cannot be judged, as when a run diverged: it ends undecided, saying why."""


class BlindError(HarnessError):
    """A test that holds also of what was broken on purpose, so that its verdict says nothing."""


class StoreError(HarnessError, OSError):
    """A store of runs that cannot be read or written."""


class NotCompiledError(HarnessError):
    """A net whose steps torch.compile cannot make, here and now; the message says why."""
