/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_ELEMENTS_H
#define SX_ELEMENTS_H

#include <stdint.h>

/*
 * Elements of other types than int8, as they lie in an arena.
 *
 * Kernels get addresses of bytes, whatever the dtype, and an arena is one array of bytes, in which the same bytes are a float32
 * now and an int8 later. C lets an object be accessed by its own type or as characters only (C11 6.5p7): with a plain
 * `const float *` a compiler may assume that a store to an int8 leaves all floats alone, and move it across the load of one.
 * Types that may alias say that it must not:
 *
 *     const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
 *     sx_f32 *y = (sx_f32 *)(void *)out;
 *
 * The address of a tensor, and of each row of one, is a multiple of its element's size; a scratch buffer's is one of 4.
 * int8 needs no type of its own: int8_t and uint8_t are characters. A bool is one byte, 0 or 1: uint8_t.
 */
#if defined(__GNUC__)
#define SX_MAY_ALIAS __attribute__((may_alias))
#else
#define SX_MAY_ALIAS
#endif

typedef float SX_MAY_ALIAS sx_f32;
typedef int16_t SX_MAY_ALIAS sx_s16;
typedef uint16_t SX_MAY_ALIAS sx_u16;
typedef int32_t SX_MAY_ALIAS sx_s32;
typedef uint32_t SX_MAY_ALIAS sx_u32;
typedef int64_t SX_MAY_ALIAS sx_s64;
typedef uint64_t SX_MAY_ALIAS sx_u64;

#endif
