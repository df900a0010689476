/* SPDX-License-Identifier: Apache-2.0 */
/* Answers records {operation, unused, a, b} with a 64-bit result each: operators on float32 as the compiler implements them. */
#include "sx_io.h"

#include <stdint.h>

typedef struct {
    uint32_t operation;
    uint32_t unused;
    uint64_t a;
    uint64_t b;
} record;

typedef union {
    uint32_t bits;
    float value;
} number;

int main(void);

static uint64_t bits_of(float value) {
    const number n = {.value = value};
    return n.bits;
}

static float of_bits(uint64_t bits) {
    const number n = {.bits = (uint32_t)bits};
    return n.value;
}

static uint64_t compute(uint32_t operation, uint64_t a, uint64_t b) {
    const float x = of_bits(a);
    const float y = of_bits(b);
    switch (operation) {
    case 0: return bits_of(x + y);
    case 1: return bits_of(x - y);
    case 2: return bits_of(x * y);
    case 3: return bits_of(x / y);
    case 4: return x == y;
    case 5: return x != y;
    case 6: return x < y;
    case 7: return x <= y;
    case 8: return x > y;
    case 9: return x >= y;
    case 10: return __builtin_isunordered(x, y) ? 1u : 0u;
    case 11: return bits_of((float)(int32_t)(uint32_t)a);
    case 12: return bits_of((float)(uint32_t)a);
    case 13: return bits_of((float)(int64_t)a);
    case 14: return bits_of((float)a);
    case 15: return (uint32_t)(int32_t)x;
    case 16: return (uint32_t)x;
    case 17: return (uint64_t)(int64_t)x;
    case 18: return (uint64_t)x;
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
