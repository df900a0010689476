/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_STATUS_H
#define SX_STATUS_H

/**
 * Number of the interface between generated code and the kernels. It changes whenever a parameter structure or a
 * prototype changes; generated code compares it with the number that it was written for.
 */
#define SX_ABI 3

/** An aligned array of bytes, in C and in C++; storage class and attributes stand before it. */
#ifdef __cplusplus
#define SX_ALIGNED_BYTES(array, align, count) int8_t array alignas(align)[count]
#else
#define SX_ALIGNED_BYTES(array, align, count) _Alignas(align) int8_t array[count]
#endif

/** What the functions of a generated model return. */
typedef enum {
    SX_OK = 0,                 /* done */
    SX_ERROR_NULL,             /* a pointer argument is NULL */
    SX_ERROR_ARENA_SIZE,       /* the arena is smaller than the model's ..._ARENA_BYTES */
    SX_ERROR_ARENA_ALIGNMENT,  /* the arena's address is not a multiple of the model's ..._ARENA_ALIGN */
    SX_ERROR_ROWS              /* more rows of the input were pushed than it has, or fewer at the run */
} sx_status;

#endif
