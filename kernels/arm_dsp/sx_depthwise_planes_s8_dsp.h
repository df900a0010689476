/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_DEPTHWISE_PLANES_S8_DSP_H
#define SX_DEPTHWISE_PLANES_S8_DSP_H

#include <stdint.h>

#include "sx_halves_dsp.h"
#include "sx_port.h"

/*
 * What depthwise kernels multiply: pairs of int16, transposed from pixels to planes of one channel, so that SMLAD takes two
 * products of one channel at a time. Four channels are transposed together, as a word of four bytes per pixel.
 *
 * A half is an input less the zero point, -255..255; padding is 0. Words are read in the byte order of the core, which is
 * little-endian.
 */

/** Words of a plane: the most columns of a block. A constant, so that the planes are at immediate offsets. */
#define SX_PLANE_COLUMNS 16

/** The zero point negated, in both halves. */
static inline uint32_t sx_zero_offset(int32_t zero_point)
{
    return ((uint32_t)-zero_point & 0xFFFFu) * 0x10001u;
}

/** Bytes 0 and 2 of four, extended to halves, plus the halves of `offset`: SXTAB16. */
static inline uint32_t sx_offset_even(uint32_t offset, uint32_t four)
{
#if SX_HAS_DSP
    uint32_t halves;
    __asm__("sxtab16 %0, %1, %2" : "=r"(halves) : "r"(offset), "r"(four));
    return halves;
#else
    const uint32_t low = (uint32_t)(int8_t)(four & 0xFFu) + offset;
    const uint32_t high = (uint32_t)(int8_t)(four >> 16 & 0xFFu) + (offset >> 16);
    return (low & 0xFFFFu) | high << 16;
#endif
}

/** Bytes 1 and 3 likewise: SXTAB16 with a rotation. */
static inline uint32_t sx_offset_odd(uint32_t offset, uint32_t four)
{
#if SX_HAS_DSP
    uint32_t halves;
    __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(halves) : "r"(offset), "r"(four));
    return halves;
#else
    return sx_offset_even(offset, four >> 8);
#endif
}

/** The first bytes of a pixel, as many as there are up to four; the others are 0. */
static inline uint32_t sx_load_channels(const int8_t *x, int32_t channels)
{
    if (channels >= 4) {
        return sx_load_four(x);
    }
    uint32_t four = (uint32_t)(uint8_t)x[0];
    for (int32_t c = 1; c < channels; ++c) {
        four |= (uint32_t)(uint8_t)x[c] << 8 * c;
    }
    return four;
}

/** The pairs (a, b) of four channels, each into its plane, the column that `plane` points to. */
static inline void sx_store_pairs(uint32_t *plane, uint32_t a, uint32_t b, uint32_t offset)
{
    const uint32_t lower = (a & 0xFFFFu) | b << 16;
    const uint32_t upper = a >> 16 | (b & 0xFFFF0000u);
    plane[0] = sx_offset_even(offset, lower);
    plane[SX_PLANE_COLUMNS] = sx_offset_odd(offset, lower);
    plane[2 * SX_PLANE_COLUMNS] = sx_offset_even(offset, upper);
    plane[3 * SX_PLANE_COLUMNS] = sx_offset_odd(offset, upper);
}

/** Columns of padding in each of some planes. */
static SX_NOINLINE void sx_clear_columns(uint32_t *plane, int32_t planes, int32_t first, int32_t end)
{
    for (int32_t column = first; column < end; ++column) {
        for (int32_t i = 0; i < planes; ++i) {
            plane[i * SX_PLANE_COLUMNS + column] = 0;
        }
    }
}

#endif
