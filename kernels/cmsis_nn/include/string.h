/* SPDX-License-Identifier: Apache-2.0 */
/* What CMSIS-NN needs of string.h, for targets without a C library; the board support defines it. */
#ifndef SX_CMSIS_STRING_H
#define SX_CMSIS_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void *memmove(void *to, const void *from, size_t size_bytes);
void *memset(void *to, int value, size_t size_bytes);
int memcmp(const void *left, const void *right, size_t size_bytes);

/* A freestanding compiler does not know these names as its own. CMSIS-NN reads words by memcpy: as calls they would cost
 * most of the time. */
#define memcpy(to, from, size_bytes) __builtin_memcpy((to), (from), (size_bytes))
#define memmove(to, from, size_bytes) __builtin_memmove((to), (from), (size_bytes))
#define memset(to, value, size_bytes) __builtin_memset((to), (value), (size_bytes))

#endif
