/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_view.hpp"

namespace {

constexpr sconnx::Quantization half{0.5f, -3};

static_assert(half.real(-3) == 0.0f && half.real(127) == 65.0f && half.real(-128) == -62.5f);
static_assert(half.nearest<int8_t>(0.0f) == -3 && half.nearest<int8_t>(65.0f) == 127);
static_assert(half.nearest<int8_t>(65.2f) == 127 && half.nearest<int8_t>(1e30f) == 127);
static_assert(half.nearest<int8_t>(-62.5f) == -128 && half.nearest<int8_t>(-1e30f) == -128);
static_assert(half.nearest<int8_t>(-62.26f) == -128 && half.nearest<int8_t>(-62.24f) == -127);
static_assert(half.nearest<int8_t>(0.24f) == -3 && half.nearest<int8_t>(1.75f) == 1 && half.nearest<int8_t>(1.25f) == -1);
static_assert(half.nearest<uint8_t>(-9.0f) == 0 && half.nearest<uint8_t>(1e9f) == 255 && half.nearest<uint8_t>(2.0f) == 1);
static_assert(half.nearest<int16_t>(1e9f) == 32767 && half.nearest<int16_t>(-1e9f) == -32768);
static_assert(half.nearest<int8_t>(__builtin_nanf("")) == -128);

constexpr int8_t numbers[3] = {1, 2, 3};
constexpr sconnx::View<const int8_t, 3> view(numbers);

constexpr int sum()
{
    int total = 0;
    for (const int8_t &number : view) {
        total += number;
    }
    return total;
}

static_assert(view.size() == 3 && view[2] == 3 && view.end() - view.begin() == 3 && view.data() == numbers && sum() == 6);

} // namespace
