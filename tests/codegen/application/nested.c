/* SPDX-License-Identifier: Apache-2.0 */
/* In the middle of an inference, as from an interrupt, another one of the same model, with a ctx and an arena of its own. */
#include "sx_io.h"
#include "tiny.h"

static TINY_DEFINE_ARENA(arena);
static TINY_DEFINE_ARENA(other_arena);
static tiny_ctx ctx;
static tiny_ctx other;
static int8_t input[TINY_INPUT_X_BYTES];
static int is_inside;

int main(void);
void layer_done(int step);

static void write_outputs(const tiny_ctx *of)
{
    sx_io_write(tiny_output_t6(of), TINY_OUTPUT_T6_BYTES);
    sx_io_write(tiny_output_t4(of), TINY_OUTPUT_T4_BYTES);
}

void layer_done(int step)
{
    (void)step;
    if (is_inside) {
        return;
    }
    is_inside = 1;
    for (size_t i = 0; i < sizeof input; ++i) {
        tiny_input_x(&other)[i] = input[i];
    }
    if (tiny_run(&other) != SX_OK) {
        sx_io_exit(3);
    }
    write_outputs(&other);
    is_inside = 0;
}

int main(void)
{
    if (tiny_init(&ctx, arena, sizeof arena) != SX_OK || tiny_init(&other, other_arena, sizeof other_arena) != SX_OK) {
        return 1;
    }
    (void)sx_io_read(input, sizeof input);
    (void)sx_io_read(tiny_input_x(&ctx), TINY_INPUT_X_BYTES);
    if (tiny_run(&ctx) != SX_OK) {
        return 2;
    }
    write_outputs(&ctx);
    return 0;
}
