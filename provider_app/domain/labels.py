"""Labels and annotations, as clients send them."""

import re
from collections.abc import Mapping

from faasd.base.errors import InvalidInput
from provider_app.domain.fields import Json, read_map

MAX_LABEL = 253
MAX_LABELS_SIZE = 256 * 1024
_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?")


def read_labels(body: Json, key: str) -> Mapping[str, str]:
    """Return a map of labels or annotations, empty where it is null or absent.

    Raises:
        InvalidInput: it is something else, too large, or a name is malformed.
    """
    labels = read_map(body, key)
    for name in labels:
        if len(name) > MAX_LABEL or not _LABEL_NAME.fullmatch(name):
            raise InvalidInput(
                f"{key}: {name[:80]!r} must be 1 to {MAX_LABEL} letters, digits and - _ . /, "
                "beginning and ending with a letter or digit",
                field=key,
            )
    if sum(len(name) + len(value) for name, value in labels.items()) > MAX_LABELS_SIZE:
        raise InvalidInput(f"{key} are larger than {MAX_LABELS_SIZE} characters", field=key)
    return labels
