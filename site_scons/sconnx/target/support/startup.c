/* SPDX-License-Identifier: Apache-2.0 */
/* Vector table and reset code for any Cortex-M; the sx_* symbols come from the linker script. */
#include "sx_io.h"

#include <stdint.h>

#define CPACR ((volatile uint32_t *)0xE000ED88u)
#define CPACR_CP10_CP11_FULL (0xFu << 20)
#define CCR ((volatile uint32_t *)0xE000ED14u)
#define CCR_LOB (1u << 19) /* Armv8.1-M: the cache of low-overhead loops, off at reset */

extern uint32_t sx_stack_top[];
extern uint32_t sx_bss_start[];
extern uint32_t sx_bss_end[];

/* Initial values in flash, and where they belong. */
typedef struct {
    const uint32_t *from;
    uint32_t *to;
    size_t size_bytes;
} initial_values;

extern const initial_values sx_copies_start[];
extern const initial_values sx_copies_end[];

int main(void);
_Noreturn void Reset_Handler(void);

typedef struct {
    uint32_t *initial_stack;
    void (*handlers[15])(void);
} vector_table;

static void fault(void) { sx_io_exit(SX_IO_STATUS_FAULT); }

_Noreturn void Reset_Handler(void) {
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *CPACR |= CPACR_CP10_CP11_FULL;
#if defined(__ARM_FEATURE_MVE)
    *CCR |= CCR_LOB;
#endif
    __asm__ volatile("dsb\n\tisb" ::: "memory");
#endif
    /* Addresses are compared as numbers: to a compiler the symbols are of arrays that never meet. */
    for (uintptr_t at = (uintptr_t)sx_copies_start; at != (uintptr_t)sx_copies_end; at += sizeof(initial_values)) {
        const initial_values *const copy = (const initial_values *)at;
        for (size_t i = 0; i < copy->size_bytes / sizeof(uint32_t); i++) {
            copy->to[i] = copy->from[i];
        }
    }
    for (uintptr_t at = (uintptr_t)sx_bss_start; at != (uintptr_t)sx_bss_end; at += sizeof(uint32_t)) {
        *(uint32_t *)at = 0;
    }
    sx_io_exit(main());
}

/* Reset, NMI, HardFault, MemManage, BusFault, UsageFault, SecureFault, 3 reserved, SVCall, DebugMonitor, reserved,
 * PendSV, SysTick: nothing but reset is expected to happen. */
extern const vector_table sx_vectors;
__attribute__((section(".isr_vector"), used)) const vector_table sx_vectors = {
    sx_stack_top,
    {Reset_Handler, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault},
};
