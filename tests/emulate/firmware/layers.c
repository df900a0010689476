/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in for a generated model: kws_run calls steps one after another on an arena. Input and output: 64 bytes. */
#include "sx_io.h"

#include <stdint.h>

#define COUNT 64
#define NOINLINE __attribute__((noinline))

#ifndef REPEATS
#define REPEATS 1
#endif

int8_t kws_arena[2 * COUNT];
static int8_t *const kws_input = kws_arena;
static int8_t *const kws_result = kws_arena + COUNT;

void kws_step_0(void);
void kws_step_1(void);
void kws_step_2(void);
void kws_run(void);
int32_t multiply_high(int32_t value, int32_t multiplier);
int main(void);

NOINLINE int32_t multiply_high(int32_t value, int32_t multiplier) {
    return (int32_t)(((int64_t)value * multiplier + (INT64_C(1) << 30)) >> 31);
}

/* Loops with data-dependent branches, predicated code and a callee. */
NOINLINE void kws_step_0(void) {
    for (int32_t repeat = 0; repeat < REPEATS; repeat++) {
        for (int32_t i = 0; i < COUNT; i++) {
            int32_t sum = 0;
            for (int32_t k = 0; k < COUNT; k++) {
                sum += kws_input[k] * kws_input[(i * 7 + k) % COUNT];
            }
            sum = multiply_high(sum, 1 << 26);
            kws_result[i] = (int8_t)(sum > 127 ? 127 : sum < -128 ? -128 : sum);
        }
    }
}

NOINLINE void kws_step_1(void) {
    for (int32_t i = 0; i < COUNT; i++) {
        int32_t value = kws_result[i];
        while (value > 10) {
            value = value * 2 / 3 - 1;
        }
        kws_result[i] = (int8_t)value;
    }
}

/* Floating point where there is hardware for it. */
NOINLINE void kws_step_2(void) {
    for (int32_t i = 0; i < COUNT; i++) {
#if defined(__ARM_FP) && (__ARM_FP & 8)
        kws_result[i] = (int8_t)((double)kws_result[i] * 0.75);
#elif defined(__ARM_FP)
        kws_result[i] = (int8_t)((float)kws_result[i] * 0.75f);
#else
        kws_result[i] = (int8_t)(kws_result[i] * 3 / 4);
#endif
    }
}

NOINLINE void kws_run(void) {
    kws_step_0();
    kws_step_1();
    kws_step_2();
}

int main(void) {
    while (sx_io_read(kws_input, COUNT) == COUNT) {
        kws_run();
        sx_io_write(kws_result, COUNT);
    }
    return 0;
}
