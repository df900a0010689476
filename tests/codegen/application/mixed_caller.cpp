/* SPDX-License-Identifier: Apache-2.0 */
#include "mixed.hpp"

extern sconnx::mixed::Arena arena;
int main()
{
    sconnx::mixed::Model model;
    int8_t q8[MIXED_OUTPUT_Q8_BYTES];
    float t0[MIXED_OUTPUT_T0_0_BYTES / sizeof(float)];
    int64_t t3[MIXED_OUTPUT_T3_0_BYTES / sizeof(int64_t)];
    float fixed[2];
    if (model.init(arena) != SX_OK) {
        return 1;
    }
    for (float &value : model.input_x0()) {
        value = 0.5f;
    }
    if (model.run(q8, t0, t3, fixed) != SX_OK) {
        return 2;
    }
    return t0[0] > fixed[0] && q8[0] > 0 && t3[0] > 0 ? 0 : 3;
}
