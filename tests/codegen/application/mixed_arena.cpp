/* SPDX-License-Identifier: Apache-2.0 */
#include "mixed.hpp"

extern sconnx::mixed::Arena arena;
int main()
{
    sconnx::mixed::Model model;
    if (model.init(arena) != SX_OK) {
        return 1;
    }
    for (float &value : model.input_x0()) {
        value = 0.5f;
    }
    if (model.run() != SX_OK) {
        return 2;
    }
    float sum = sconnx::mixed::Model::output_q8_quantization.real(model.output_q8()[0]);
    for (const float &value : model.output_t0_0()) {
        sum += value;
    }
    for (const int64_t &value : model.output_t3_0()) {
        sum += static_cast<float>(value);
    }
    return sum + model.output_fixed()[1] > 0.0f ? 0 : 3;
}
