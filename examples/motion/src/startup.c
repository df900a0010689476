/* SPDX-License-Identifier: Apache-2.0 */
/* Vector table, start, and text to the debugger or emulator (Arm semihosting). */
#include "startup.h"

#include <stddef.h>
#include <stdint.h>

#define CPACR ((volatile uint32_t *)0xE000ED88u)
#define CPACR_FPU (0xFu << 20)
#define SYS_WRITE0 0x04u
#define SYS_EXIT_EXTENDED 0x20u
#define STOPPED_BY_APPLICATION 0x20026u

extern uint32_t stack_top[];
extern uint32_t data_load[];
extern uint32_t data_start[];
extern uint32_t data_end[];
extern uint32_t bss_start[];
extern uint32_t bss_end[];

int main(void);
_Noreturn void Reset_Handler(void);

static void semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void print(const char *text) { semihosting(SYS_WRITE0, text); }

static _Noreturn void stop(int status)
{
    const uint32_t arguments[] = {STOPPED_BY_APPLICATION, (uint32_t)status};
    semihosting(SYS_EXIT_EXTENDED, arguments);
    for (;;) {
    }
}

static void fault(void) { stop(2); }

_Noreturn void Reset_Handler(void)
{
    *CPACR |= CPACR_FPU;
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    const size_t words = ((uintptr_t)data_end - (uintptr_t)data_start) / sizeof(uint32_t);
    for (size_t i = 0; i < words; i++) {
        data_start[i] = data_load[i];
    }
    for (uintptr_t at = (uintptr_t)bss_start; at != (uintptr_t)bss_end; at += sizeof(uint32_t)) {
        *(uint32_t *)at = 0;
    }
    stop(main());
}

typedef struct {
    uint32_t *initial_stack;
    void (*handlers[15])(void);
} vector_table;

__attribute__((section(".isr_vector"), used)) static const vector_table vectors = {
    stack_top,
    {Reset_Handler, fault, fault, fault, fault, fault, 0, 0, 0, 0, fault, fault, 0, fault, fault},
};
