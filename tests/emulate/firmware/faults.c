/* SPDX-License-Identifier: Apache-2.0 */
/* Does one forbidden thing, chosen by the first byte of the input. */
#include "sx_io.h"

#include <stdint.h>

#define NOINLINE __attribute__((noinline))

int main(void);
void write_flash(void);
void write_nowhere(void);
void read_nowhere(void);
void jump_nowhere(void);
void recurse(volatile uint32_t *above);
void undefined_instruction(void);
void other_breakpoint(void);
void never_return(void);
void read_unaligned(void);
void write_unaligned(void);
void store(volatile uint32_t *to);
void run_out_of_ram(void);

static volatile uint32_t nowhere = 0x70000000u;
static volatile uint32_t words[2] = {0x03020100u, 0x07060504u};

NOINLINE void write_flash(void) { *(volatile uint32_t *)((uintptr_t)write_flash & ~(uintptr_t)3u) = 3; }
NOINLINE void write_nowhere(void) { *(volatile uint32_t *)(uintptr_t)nowhere = 3; }
NOINLINE void read_nowhere(void) { words[0] = *(volatile uint32_t *)(uintptr_t)nowhere; }

NOINLINE void jump_nowhere(void) {
    void (*const target)(void) = (void (*)(void))(uintptr_t)(nowhere | 1u);
    target();
    words[0] = 0;
}

NOINLINE void recurse(volatile uint32_t *above) {
    volatile uint32_t frame[64];
    frame[0] = above[0] + 1u;
    if (frame[0] != 0u) {
        recurse(frame);
    }
    words[0] = frame[0];
}

NOINLINE void undefined_instruction(void) { __asm__ volatile("udf #0"); }
NOINLINE void other_breakpoint(void) { __asm__ volatile("bkpt 0x01"); }

NOINLINE void never_return(void) {
    for (;;) {
        words[0]++;
    }
}

/* In assembly, because a compiler that sees the address splits the access. */
NOINLINE void read_unaligned(void) {
    uint32_t value = 0;
    __asm__ volatile("ldr %0, [%1]" : "=l"(value) : "l"((uintptr_t)words + 2u));
    words[1] = value;
}

NOINLINE void write_unaligned(void) {
    __asm__ volatile("strh %0, [%1]" : : "l"(0), "l"((uintptr_t)words + 1u) : "memory");
}

NOINLINE void store(volatile uint32_t *to) { *to = 3; }

/* The emulator has chained these blocks long before the fault. */
NOINLINE void run_out_of_ram(void) {
    for (uintptr_t at = (uintptr_t)words & ~(uintptr_t)4095u;; at += 4096u) {
        store((volatile uint32_t *)(at + 4092u));
    }
}

int main(void) {
    uint8_t choice = 0;
    volatile uint32_t start[1] = {1};
    (void)sx_io_read(&choice, 1);
    switch (choice) {
    case 'f': write_flash(); break;
    case 'w': write_nowhere(); break;
    case 'r': read_nowhere(); break;
    case 'j': jump_nowhere(); break;
    case 's': recurse(start); break;
    case 'u': undefined_instruction(); break;
    case 'b': other_breakpoint(); break;
    case 'n': never_return(); break;
    case 'a': read_unaligned(); break;
    case 'h': write_unaligned(); break;
    case 'o': run_out_of_ram(); break;
    default: break;
    }
    return 7;
}
