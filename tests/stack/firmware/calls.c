/* SPDX-License-Identifier: Apache-2.0 */
/* Functions in assembly, whose use of the stack is written down beside them; `deep` is C. */
#include "sx_io.h"

#include <stdint.h>

#define NAKED __attribute__((naked, noinline, used)) void

NAKED leaf(void);
NAKED fixed(void);
NAKED tail(void);
NAKED if_then(void);
NAKED written_back(void);
NAKED floats(void);
NAKED rounded(void);
NAKED by_literal(void);
NAKED by_register(void);
NAKED recursive(void);
NAKED endless(void);
NAKED table(void);
NAKED two_ways(void);
uint32_t deep(uint32_t n);
int main(void);

NAKED leaf(void) { __asm volatile("bx lr"); } /* 0 */

NAKED fixed(void) /* 20 + 12, and nothing of leaf's */
{
    __asm volatile("push {r4-r7, lr}\n sub sp, #12\n bl leaf\n add sp, #12\n pop {r4-r7, pc}");
}

NAKED tail(void) { __asm volatile("push {r4, lr}\n pop {r4, lr}\n b fixed"); } /* 32: its own 8 are gone */

NAKED if_then(void) /* 8 + 16 + 32: the pop of the block returns only where r0 is 0 */
{
    __asm volatile("push {r4, lr}\n cmp r0, #0\n it eq\n popeq {r4, pc}\n sub sp, #16\n bl fixed\n add sp, #16\n pop {r4, pc}");
}

NAKED written_back(void) /* 4 + 8 + 12 */
{
    __asm volatile("str lr, [sp, #-4]!\n strd r4, r5, [sp, #-8]!\n stmdb sp!, {r6, r7, r8}\n"
                   "ldmia sp!, {r6, r7, r8}\n ldrd r4, r5, [sp], #8\n ldr pc, [sp], #4");
}

NAKED floats(void) { __asm volatile("push {r4, lr}\n vpush {d8-d11}\n bl leaf\n vpop {d8-d11}\n pop {r4, pc}"); } /* 40 */

NAKED rounded(void) /* 16 + 64, and up to 31 that rounding takes */
{
    __asm volatile("push {r4, r6, r7, lr}\n mov r7, sp\n sub r4, sp, #64\n bic r4, r4, #15\n mov sp, r4\n bl leaf\n"
                   "mov sp, r7\n pop {r4, r6, r7, pc}");
}

NAKED by_literal(void) /* 8 + 32 */
{
    __asm volatile("push {r4, lr}\n ldr r3, 1f\n blx r3\n pop {r4, pc}\n .balign 4\n 1: .word fixed");
}

NAKED by_register(void) { __asm volatile("push {r4, lr}\n blx r0\n pop {r4, pc}"); }

NAKED recursive(void) { __asm volatile("push {r4, lr}\n bl recursive\n pop {r4, pc}"); }

NAKED endless(void) { __asm volatile("1: push {r4}\n b 1b"); }

NAKED table(void) /* 8 + 32 by the second case */
{
    __asm volatile("push {r4, lr}\n cmp r0, #1\n bhi 3f\n tbb [pc, r0]\n 1: .byte (2f - 1b) / 2\n .byte (4f - 1b) / 2\n"
                   "2: nop\n 3: pop {r4, pc}\n 4: bl fixed\n pop {r4, pc}");
}

NAKED two_ways(void) /* 4 + 40 + 32: one way takes 40 more, and both meet */
{
    __asm volatile("push {lr}\n cbz r0, 1f\n sub sp, #40\n bl fixed\n add sp, #40\n 1: pop {pc}");
}

__attribute__((noinline)) uint32_t deep(uint32_t n)
{
    volatile uint8_t buffer[200];
    for (uint32_t i = 0; i < sizeof buffer; ++i) {
        buffer[i] = (uint8_t)(n + i);
    }
    fixed();
    return buffer[n % sizeof buffer];
}

/* Read once, so that the linker keeps all of them. */
static void (*const volatile kept[])(void) = {leaf, fixed, tail, if_then, written_back, floats, rounded, by_literal,
                                              by_register, recursive, endless, table, two_ways};

int main(void)
{
    (void)kept[0];
    const uint32_t value = deep(3);
    sx_io_write(&value, sizeof value);
    return 0;
}
