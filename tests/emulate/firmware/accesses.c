/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores of every size, some across the edge of a page of the emulator. */
#include "sx_io.h"

#include <stdalign.h>
#include <stdint.h>

#define PAGE_BYTES 4096u

int main(void);
void touch(void);
extern uint8_t page[2 * PAGE_BYTES];
alignas(PAGE_BYTES) uint8_t page[2 * PAGE_BYTES];

/* r0 is the address. Of sizes 1, 2 and 4 first a store, then a load. */
__attribute__((naked, noinline, used)) void touch(void) {
    __asm__("strb r1, [r0]\n\t"
            "ldrb r1, [r0]\n\t"
            "strh r1, [r0]\n\t"
            "ldrh r1, [r0]\n\t"
            "str r1, [r0]\n\t"
            "ldr r1, [r0]\n\t"
            "bx lr");
}

#define TOUCH(at) \
    __asm__ volatile("mov r0, %0\n\tbl touch" ::"r"(at) : "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory")

int main(void) {
    TOUCH(&page[8]);
    TOUCH(&page[13]);
    TOUCH(&page[PAGE_BYTES - 1u]);
    return 0;
}
