/* SPDX-License-Identifier: Apache-2.0 */
/* Recurses as deep as the first input byte says, then reports the lowest stack address that it wrote. */
#include "sx_io.h"

#include <stdint.h>

int main(void);
uint32_t recurse(uint32_t depth);

/* Leaves one word at its own stack pointer, the lowest that this program ever reaches. */
__attribute__((noinline)) uint32_t recurse(uint32_t depth) {
    volatile uint32_t frame[40];
    frame[0] = depth;
    uint32_t lowest = (uint32_t)(uintptr_t)frame;
    if (depth != 0u) {
        const uint32_t below = recurse(depth - 1u);
        lowest = below < lowest ? below : lowest;
    } else {
        uint32_t pointer = 0;
        __asm__ volatile("mov %0, sp\n\tstr %0, [sp]" : "=l"(pointer) : : "memory");
        lowest = pointer;
    }
    frame[1] = frame[0];
    return lowest;
}

int main(void) {
    uint8_t depth = 0;
    (void)sx_io_read(&depth, 1);
    const uint32_t lowest = recurse(depth);
    sx_io_write(&lowest, sizeof lowest);
    return 0;
}
