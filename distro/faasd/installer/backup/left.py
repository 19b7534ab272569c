"""What a restore left that did not come to its end: settled before a program opens its files."""

from faasd.base.errors import InUse
from faasd.installer.backup.contents import DATABASE_FILE
from faasd.installer.backup.database import no_provider
from faasd.installer.backup.staging import alone
from faasd.installer.backup.swap import JOURNAL, is_cut_off, settle
from faasd.installer.paths import Machine


def settle_left(machine: Machine) -> str:
    """Put back what was changed in part, forget what was before where all was; say which.

    One that goes on is left alone where its files may be used.

    Raises:
        InUse: one goes on and has changed a part, or a provider uses what must be put back.
    """
    journal = machine.at(JOURNAL)
    if not journal.is_file():
        return "no restore left anything"
    try:
        with alone(machine):
            if not is_cut_off(journal):
                settle(journal)
                return "what was before the last restore was removed"
            with no_provider(machine.at(DATABASE_FILE)):
                settle(journal)
            return "a restore was cut off: all is as it was before it"
    except InUse:
        if is_cut_off(journal):
            raise
        return "a restore is at work, and has changed all it will"
