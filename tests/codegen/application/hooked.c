/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the number of each step that the hook is told. */
#include "sx_io.h"
#include "tiny.h"

static TINY_DEFINE_ARENA(arena);

int main(void);
void layer_done(int step);

void layer_done(int step)
{
    const unsigned char number = (unsigned char)step;
    sx_io_write(&number, 1);
}

int main(void)
{
    tiny_ctx ctx;
    if (tiny_init(&ctx, arena, sizeof arena) != SX_OK) {
        return 1;
    }
    (void)sx_io_read(tiny_input_x(&ctx), TINY_INPUT_X_BYTES);
    return (int)tiny_run(&ctx);
}
