/* SPDX-License-Identifier: Apache-2.0 */
/* Tells which exercise a wrist makes: what the sensors measure goes into a window, and each full window to the network. */
#include "motion.hpp"
#include "startup.h"
#include "windows.h"

#include <stddef.h>
#include <stdint.h>

namespace {

constexpr size_t AXES = 6;

sconnx::motion::Arena arena;
sconnx::motion::Model model;

/* Stands for the sensors' interrupt: one sample of acceleration and rotation, 50 times a second. */
void sample(size_t at, const int8_t (&values)[AXES])
{
    const auto window = model.input_motion();
    for (size_t axis = 0; axis < AXES; axis++) {
        window[at * AXES + axis] = values[axis];
    }
}

const char *recognise()
{
    if (model.run() != SX_OK) {
        return "?";
    }
    const auto scores = model.output_scores();
    size_t best = 0;
    for (size_t i = 1; i < scores.size(); i++) {
        best = scores[i] > scores[best] ? i : best;
    }
    return exercises[best];
}

} // namespace

int main()
{
    if (model.init(arena) != SX_OK) {
        return 1;
    }
    for (const auto &window : windows) {
        size_t at = 0;
        for (const auto &values : window) {
            sample(at++, values);
        }
        print(recognise());
        print("\n");
    }
    return 0;
}
