/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_HALVES_DSP_H
#define SX_HALVES_DSP_H

#include <stdint.h>

#include "sx_port.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
#define SX_HAS_DSP 1
#else
#define SX_HAS_DSP 0
#endif

/* A function whose body is assembly from the first instruction to the last, after the procedure call standard (AAPCS). Not
 * every file that includes it calls it. */
#define SX_ASSEMBLY __attribute__((naked, unused)) SX_NOINLINE

/** Four bytes at any address, the first one lowest. Compilers make it one load: CCR.UNALIGN_TRP is clear, as after a reset. */
static inline uint32_t sx_load_four(const int8_t *x)
{
    return (uint32_t)(uint8_t)x[0] | (uint32_t)(uint8_t)x[1] << 8 | (uint32_t)(uint8_t)x[2] << 16
           | (uint32_t)(uint8_t)x[3] << 24;
}

/** Bytes 0 and 2 as int16 halves: SXTB16. */
static inline uint32_t sx_even_bytes(uint32_t four)
{
#if SX_HAS_DSP
    uint32_t halves;
    __asm__("sxtb16 %0, %1" : "=r"(halves) : "r"(four));
    return halves;
#else
    const uint32_t low = (uint32_t)(int32_t)(int8_t)(four & 0xFFu);
    const uint32_t high = (uint32_t)(int32_t)(int8_t)(four >> 16 & 0xFFu);
    return (low & 0xFFFFu) | high << 16;
#endif
}

/** Bytes 1 and 3 as int16 halves: SXTB16 with a rotation. */
static inline uint32_t sx_odd_bytes(uint32_t four)
{
#if SX_HAS_DSP
    uint32_t halves;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(four));
    return halves;
#else
    return sx_even_bytes(four >> 8);
#endif
}

/** sum + the products of both halves, modulo 2^32: SMLAD. */
static inline int32_t sx_multiply_halves(uint32_t x, uint32_t w, int32_t sum)
{
#if SX_HAS_DSP
    __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(w));
    return sum;
#else
    const int32_t low = (int16_t)(x & 0xFFFFu) * (int16_t)(w & 0xFFFFu);
    const int32_t high = (int16_t)(x >> 16) * (int16_t)(w >> 16);
    return (int32_t)((uint32_t)sum + (uint32_t)low + (uint32_t)high);
#endif
}

#endif
