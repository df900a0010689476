# SPDX-License-Identifier: Apache-2.0
"""When two results of one operator are the same."""

from __future__ import annotations

import numpy as np

from tests.operators.case import Array


def assert_equal_or_near(result: Array, wanted: Array, message: str) -> None:
    """Integers and conditions are equal. float32 is near, for sums may be added up in another order."""
    assert result.dtype == wanted.dtype, message
    if wanted.dtype != np.float32:
        np.testing.assert_array_equal(result, wanted, err_msg=message)
        return
    finite = wanted[np.isfinite(wanted)]
    largest = float(np.abs(finite).max()) if finite.size else 0.0
    np.testing.assert_allclose(result, wanted, rtol=1e-4, atol=1e-6 + 1e-5 * largest, err_msg=message)
