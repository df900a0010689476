/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sx_io.h over Arm semihosting: BKPT 0xAB with the operation in r0 and its parameter in r1. Operation numbers, parameter
 * blocks and results: Arm, "Semihosting for AArch32 and AArch64", release 2.0. The same ELF runs in unicorn, in QEMU and
 * under a debugger.
 */
#include "sx_io.h"

#include <stdint.h>

#define SYS_OPEN 0x01u
#define SYS_WRITE 0x05u
#define SYS_READ 0x06u
#define SYS_EXIT 0x18u
#define SYS_EXIT_EXTENDED 0x20u

#define MODE_READ 0u
#define MODE_WRITE 4u
#define APPLICATION_EXIT 0x20026u
#define RUN_TIME_ERROR 0x20023u

static uintptr_t semihosting(uintptr_t operation, uintptr_t parameter) {
    register uintptr_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = parameter;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* The console's handle for a mode; a handle is opened once, `*handle_plus_1` is 0 before that. */
static uintptr_t console(uintptr_t *handle_plus_1, uintptr_t mode) {
    static const char name[] = ":tt";
    if (*handle_plus_1 == 0u) {
        const uintptr_t block[3] = {(uintptr_t)name, mode, sizeof(name) - 1u};
        *handle_plus_1 = semihosting(SYS_OPEN, (uintptr_t)block) + 1u;
    }
    return *handle_plus_1 - 1u;
}

size_t sx_io_read(void *to, size_t size_bytes) {
    static uintptr_t input;
    const uintptr_t handle = console(&input, MODE_READ);
    size_t done = 0;
    while (done < size_bytes) {
        const size_t wanted = size_bytes - done;
        const uintptr_t block[3] = {handle, (uintptr_t)to + done, wanted};
        /* The result is the number of bytes NOT read: all of them at the end of the input, more than that on error. */
        const size_t missing = semihosting(SYS_READ, (uintptr_t)block);
        if (missing >= wanted) {
            break;
        }
        done = size_bytes - missing;
    }
    return done;
}

void sx_io_write(const void *from, size_t size_bytes) {
    static uintptr_t output;
    const uintptr_t handle = console(&output, MODE_WRITE);
    size_t left = size_bytes;
    while (left != 0u) {
        const uintptr_t block[3] = {handle, (uintptr_t)from + (size_bytes - left), left};
        const size_t missing = semihosting(SYS_WRITE, (uintptr_t)block);
        if (missing >= left) {
            sx_io_exit(SX_IO_STATUS_WRITE_FAILED);
        }
        left = missing;
    }
}

_Noreturn void sx_io_exit(int status) {
    const uintptr_t block[2] = {APPLICATION_EXIT, (uintptr_t)status};
    semihosting(SYS_EXIT_EXTENDED, (uintptr_t)block);
    /* Only reached when the debugger does not know the extended call, which alone carries a status. */
    semihosting(SYS_EXIT, status == 0 ? APPLICATION_EXIT : RUN_TIME_ERROR);
    for (;;) {
    }
}
