/* SPDX-License-Identifier: Apache-2.0 */
/* Functions with countable instructions. */
#include "sx_io.h"

int main(void);
void outer(void);
void tail(void);
void recursive(void);
void looping(void);

/* 2 instructions, then those of tail. */
__attribute__((naked, noinline)) void outer(void) { __asm__("nop\n\tb tail"); }

__attribute__((naked, noinline, used)) void tail(void) { __asm__("nop\n\tnop\n\tbx lr"); }

/* r0 is the depth. 5 instructions in the innermost call; 6 more for each call around it. */
__attribute__((naked, noinline, used)) void recursive(void) {
    __asm__("push {r4, lr}\n\t"
            "subs r0, #1\n\t"
            "cmp r0, #0\n\t"
            "ble 1f\n\t"
            "bl recursive\n"
            "1:\n\t"
            "pop {r4, pc}");
}

/* r0 is the number of rounds. 3 instructions for each, and the return. */
__attribute__((naked, noinline, used)) void looping(void) {
    __asm__("subs r0, #1\n\t"
            "cmp r0, #0\n\t"
            "bne looping\n\t"
            "bx lr");
}

int main(void) {
    outer();
    outer();
    __asm__ volatile("movs r0, #3\n\tbl recursive" ::: "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory");
    __asm__ volatile("movs r0, #3\n\tbl looping" ::: "r0", "r1", "r2", "r3", "r12", "lr", "cc", "memory");
    return 0;
}
