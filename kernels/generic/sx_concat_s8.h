/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_CONCAT_S8_H
#define SX_CONCAT_S8_H

#include <stdint.h>

/** Parameters of one concatenation. Inputs and output share one quantization. */
typedef struct {
    const int32_t *part_bytes; /* [parts], of one run of each input, >= 1 */
    int32_t parts;             /* number of inputs, >= 1 */
    int32_t runs;              /* what lies before the axis: 1 when whole inputs follow each other, >= 1 */
} sx_concat_s8;

/**
 * Of each run, part_bytes[0] bytes of rows[0], then part_bytes[1] bytes of rows[1], and so on; then comes the next run.
 *
 * @param rows  `parts` inputs, rows[i] is [runs][part_bytes[i]]; several may be the same tensor
 * @param out   output [runs][sum of part_bytes]; must not overlap any of `rows`
 */
void sx_concat_s8_exact(const sx_concat_s8 *p, const int8_t *const rows[], int8_t *out);

#endif
