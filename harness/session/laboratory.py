"""The store, the data and the device of a session, as its options say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memorization_claims.session import overrides, stash

if TYPE_CHECKING:
    import torch

    from memorization_claims.lab.laboratory import Laboratory


def laboratory_of(config: pytest.Config, device: torch.device | None = None) -> Laboratory:
    """The place where a worker's runs are trained; nothing is opened or loaded before it is needed.

    Args:
        config: of the session.
        device: in the place of the session's, which is not even asked for.

    Raises:
        SettingError: where the device is a GPU that this torch cannot use.
    """
    from memorization_claims.data.reading import Reading
    from memorization_claims.lab.laboratory import Laboratory
    from memorization_claims.session.compute import device_of
    from memorization_claims.store.key import key

    options, mutant = config.stash[stash.OPTIONS], overrides.of(config).mutant
    return Laboratory(
        options.store,
        options.data_root,
        device or device_of(config),
        options.download,
        patched=key(mutant=mutant.name, code=mutant.code()) if mutant and mutant.spoils != "nothing" else "",
        retrains=not mutant or mutant.spoils == "runs",
        arithmetic=options.arithmetic,
        readings={options.dataset: Reading(options.pixel_range, options.layout)} if options.dataset else {},
    )
