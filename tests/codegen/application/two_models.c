/* SPDX-License-Identifier: Apache-2.0 */
/* An application with two models that share an arena: reads inputs, tiny's and wide's in turn, and writes their outputs. */
#include "sx_io.h"
#include "tiny.h"
#include "wide.h"

union memory {
    TINY_DEFINE_ARENA(tiny);
    WIDE_DEFINE_ARENA(wide);
};
extern union memory shared;
union memory shared;

int main(void);

static int run_tiny(tiny_ctx *ctx)
{
    if (sx_io_read(tiny_input_x(ctx), TINY_INPUT_X_BYTES) != TINY_INPUT_X_BYTES) {
        return 0;
    }
    if (tiny_run(ctx) != SX_OK) {
        sx_io_exit(3);
    }
    sx_io_write(tiny_output_t6(ctx), TINY_OUTPUT_T6_BYTES);
    sx_io_write(tiny_output_t4(ctx), TINY_OUTPUT_T4_BYTES);
    return 1;
}

static int run_wide(wide_ctx *ctx)
{
    if (sx_io_read(wide_input_image(ctx), WIDE_INPUT_IMAGE_BYTES) != WIDE_INPUT_IMAGE_BYTES) {
        return 0;
    }
    if (wide_run(ctx) != SX_OK) {
        sx_io_exit(4);
    }
    sx_io_write(wide_output_s(ctx), WIDE_OUTPUT_S_BYTES);
    return 1;
}

int main(void)
{
    tiny_ctx tiny;
    wide_ctx wide;
    if (tiny_init(&tiny, shared.tiny, sizeof shared.tiny) != SX_OK || wide_init(&wide, shared.wide, sizeof shared.wide) != SX_OK) {
        return 1;
    }
    if (tiny_model_hash[16] != '\0' || wide_model_hash[16] != '\0') {
        return 2;
    }
    while (run_tiny(&tiny) && run_wide(&wide)) {
    }
    return 0;
}
