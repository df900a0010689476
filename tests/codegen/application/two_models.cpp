/* SPDX-License-Identifier: Apache-2.0 */
/* The same in C++17. */
#include "tiny.hpp"
#include "wide.hpp"

/* Of sx_io.h, which is C. */
extern "C" size_t sx_io_read(void *to, size_t size_bytes);
extern "C" void sx_io_write(const void *from, size_t size_bytes);

namespace {

template <typename Values>
bool read(Values values)
{
    return sx_io_read(values.data(), values.size() * sizeof values[0]) == values.size() * sizeof values[0];
}

template <typename Values>
void write(Values values)
{
    sx_io_write(values.data(), values.size() * sizeof values[0]);
}

} // namespace

union Memory {
    sconnx::tiny::Arena tiny;
    sconnx::wide::Arena wide;
};
Memory shared;

#if defined(__clang__) && !__STDC_HOSTED__
/* To clang the main of a freestanding program is a function like any other. */
extern "C" int main();
#endif

int main()
{
    sconnx::tiny::Model tiny;
    sconnx::wide::Model wide;
    if (tiny.init(shared.tiny) != SX_OK || wide.init(shared.wide) != SX_OK) {
        return 1;
    }
    if (tiny_model_hash[16] != '\0' || wide_model_hash[16] != '\0') {
        return 2;
    }
    for (;;) {
        if (!read(tiny.input_x())) {
            return 0;
        }
        if (tiny.run() != SX_OK) {
            return 3;
        }
        write(tiny.output_t6());
        write(tiny.output_t4());
        if (!read(wide.input_image())) {
            return 0;
        }
        if (wide.run() != SX_OK) {
            return 4;
        }
        write(wide.output_s());
    }
}
