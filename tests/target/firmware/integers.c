/* SPDX-License-Identifier: Apache-2.0 */
/* Answers records {operation, unused, a, b} with a 64-bit result each: operators as the compiler implements them, and
 * the run-time functions called by name. */
#include "sx_io.h"

#include <stdint.h>

typedef struct {
    uint32_t operation;
    uint32_t unused;
    uint64_t a;
    uint64_t b;
} record;

int main(void);
uint64_t __aeabi_uidivmod(uint32_t numerator, uint32_t denominator);
uint64_t __aeabi_idivmod(int32_t numerator, int32_t denominator);
uint64_t __aeabi_lmul(uint64_t left, uint64_t right);
uint64_t __aeabi_llsl(uint64_t value, int shift);
uint64_t __aeabi_llsr(uint64_t value, int shift);
int64_t __aeabi_lasr(int64_t value, int shift);
int __aeabi_lcmp(int64_t left, int64_t right);
int __aeabi_ulcmp(uint64_t left, uint64_t right);
int __clzsi2(uint32_t value);
int __clzdi2(uint64_t value);
int __ctzsi2(uint32_t value);
int __popcountsi2(uint32_t value);

static uint64_t compute(uint32_t operation, uint64_t a, uint64_t b) {
    const uint32_t a32 = (uint32_t)a;
    const uint32_t b32 = (uint32_t)b;
    switch (operation) {
    case 0: return a32 / b32;
    case 1: return a32 % b32;
    case 2: return (uint64_t)((int32_t)a32 / (int32_t)b32);
    case 3: return (uint64_t)((int32_t)a32 % (int32_t)b32);
    case 4: return a * b;
    case 5: return (uint64_t)((int64_t)(int32_t)a32 * (int32_t)b32);
    case 6: return a << (b & 63u);
    case 7: return a >> (b & 63u);
    case 8: return (uint64_t)((int64_t)a >> (b & 63u));
    case 9: return (int64_t)a < (int64_t)b ? 1u : 0u;
    case 10: return a < b ? 1u : 0u;
    case 11: return a32 == 0u ? 32u : (uint64_t)__builtin_clz(a32);
    case 12: return a32 == 0u ? 32u : (uint64_t)__builtin_ctz(a32);
    case 20: return __aeabi_uidivmod(a32, b32);
    case 21: return __aeabi_idivmod((int32_t)a32, (int32_t)b32);
    case 22: return __aeabi_lmul(a, b);
    case 23: return __aeabi_llsl(a, (int)(b & 63u));
    case 24: return __aeabi_llsr(a, (int)(b & 63u));
    case 25: return (uint64_t)__aeabi_lasr((int64_t)a, (int)(b & 63u));
    case 26: return (uint64_t)(int64_t)__aeabi_lcmp((int64_t)a, (int64_t)b);
    case 27: return (uint64_t)(int64_t)__aeabi_ulcmp(a, b);
    case 28: return (uint64_t)__clzsi2(a32);
    case 29: return (uint64_t)__clzdi2(a);
    case 30: return a32 == 0u ? 32u : (uint64_t)__ctzsi2(a32);
    case 31: return (uint64_t)__popcountsi2(a32);
    default: return 0;
    }
}

int main(void) {
    static record records[512];
    static uint64_t results[512];
    size_t count = 0;
    while ((count = sx_io_read(records, sizeof records) / sizeof(record)) != 0u) {
        for (size_t i = 0; i < count; i++) {
            results[i] = compute(records[i].operation, records[i].a, records[i].b);
        }
        sx_io_write(results, count * sizeof(uint64_t));
    }
    return 0;
}
