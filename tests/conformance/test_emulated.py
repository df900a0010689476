# SPDX-License-Identifier: Apache-2.0
"""A sample of the cases on an emulated Cortex-M7: the same generated code and kernels, as firmware with a linker script."""

from __future__ import annotations

import pytest

from tests.conformance.cases import load_cases
from tests.conformance.lists import read_executed
from tests.conformance.outcome import PASS, run_cases

SAMPLE = (
    *("basic_conv_with_padding", "convtranspose", "gemm_default_vector_bias", "matmul_4d", "stft_with_window"),
    *("averagepool_2d_pads", "maxpool_2d_dilations", "batchnorm_example", "softmax_axis_2", "lstm_defaults"),
    *("layer_normalization_3d_axis1_epsilon", "tanh", "gelu_tanh_1", "pow", "mod_mixed_sign_int64", "add_bcast"),
    *("greater_int16", "where_example", "reduce_sum_keepdims_random", "argmax_keepdims_example", "top_k", "slice"),
    *("concat_3d_axis_1", "gather_1", "resize_upsample_scales_linear", "quantizelinear", "gridsample_bicubic"),
)
CONVOLUTIONS = ("Conv1d_dilated", "Conv2d_depthwise_with_multiplier", "Conv3d_groups")
NAMES = [f"node/test_{name}" for name in SAMPLE] + [f"pytorch-converted/test_{name}" for name in CONVOLUTIONS]


@pytest.mark.slow
def test_sample_on_a_cortex_m7() -> None:
    cases = load_cases()
    by_name = {case.name: case for case in cases.cases}
    assert set(NAMES) <= read_executed()
    outcomes = run_cases(cases, [by_name[name] for name in NAMES], "CORTEX_M7")
    failed = [outcome for outcome in outcomes if outcome.kind != PASS]
    assert not failed, "\n".join(f"{outcome.name}: {outcome.kind}: {'; '.join(outcome.why)}" for outcome in failed)
