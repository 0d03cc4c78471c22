"""The tie between an archive and the runtime image that it was made for.

`package` writes the image's tag beside the code it packs; the image carries its own tag in
`SLIPWAY_IMAGE_TAG`. A server started by hand sets no tag and loads any archive.
"""

import os
from pathlib import Path

FILE_NAME = "BUILT_FOR"
VARIABLE = "SLIPWAY_IMAGE_TAG"


class WrongImage(Exception):
    """An archive met an image that it was not made for."""


def check(folder: Path) -> None:
    """Compare `folder/BUILT_FOR` with this image's tag.

    Raises:
        WrongImage: They differ.
    """
    mine = os.environ.get(VARIABLE)
    if not mine:
        return
    path = folder / FILE_NAME
    wanted = path.read_text(encoding="utf-8").strip() if path.is_file() else "no image"
    if wanted != mine:
        raise WrongImage(
            f"{path}: made for image tag {wanted}, this server is {mine} ({VARIABLE});"
            " build the artifact again or deploy the image it was made for"
        )
