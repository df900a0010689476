/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MIXED_H
#define SX_MIXED_H

#include <stdint.h>

/** Parameters of all elementwise kernels of the lib. */
typedef struct {
    int32_t size; /* elements */
} sx_mixed;

/** y = a + b, float32; the output may be one of the inputs. */
void sx_mixed_add(const sx_mixed *p, const int8_t *const rows[], int8_t *out);

/** int64 y = x toward 0. */
void sx_mixed_lengthen(const sx_mixed *p, const int8_t *const rows[], int8_t *out);

/** bool y = a > b. */
void sx_mixed_greater(const sx_mixed *p, const int8_t *const rows[], int8_t *out);

#endif
