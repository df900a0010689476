/* SPDX-License-Identifier: Apache-2.0 */
/* C functions below each other, each with a part of the stack that it writes. */
#include "sx_io.h"

#include <stdint.h>

uint32_t inner(const uint8_t *x, uint32_t n);
uint32_t outer(uint32_t n);
int main(void);

__attribute__((noinline)) uint32_t inner(const uint8_t *x, uint32_t n)
{
    volatile uint32_t sums[16];
    for (uint32_t i = 0; i < 16u; ++i) {
        sums[i] = 0;
        for (uint32_t j = 0; j < n; ++j) {
            sums[i] += x[j] * i;
        }
    }
    return sums[n & 15u] + sums[0];
}

__attribute__((noinline)) uint32_t outer(uint32_t n)
{
    uint8_t buffer[64];
    for (uint32_t i = 0; i < sizeof buffer; ++i) {
        buffer[i] = (uint8_t)(n * i);
    }
    return inner(buffer, n) + inner(buffer, n / 2u);
}

int main(void)
{
    const uint32_t value = outer(40);
    sx_io_write(&value, sizeof value);
    return 0;
}
