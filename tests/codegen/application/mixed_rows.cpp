/* SPDX-License-Identifier: Apache-2.0 */
#include "mixed.hpp"

extern sconnx::mixed::Arena arena;
int main()
{
    sconnx::mixed::Model model;
    if (model.init(arena) != SX_OK) {
        return 1;
    }
    for (size_t row = 0; row < sconnx::mixed::Model::rows; ++row) {
        for (float &value : model.input_x0_row()) {
            value = 0.5f;
        }
        if (model.push_row() != SX_OK) {
            return 2;
        }
    }
    return model.run() == SX_OK && model.output_q8()[0] > 0 ? 0 : 3;
}
