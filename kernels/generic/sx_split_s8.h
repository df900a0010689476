/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_SPLIT_S8_H
#define SX_SPLIT_S8_H

#include <stdint.h>

/** Parameters of one split. Input and outputs share one quantization. */
typedef struct {
    const int32_t *part_bytes; /* [parts], of one run of each output, >= 1 */
    int32_t parts;             /* number of outputs, >= 1 */
    int32_t runs;              /* what lies before the axis: 1 when the outputs are whole parts of the input, >= 1 */
    int32_t run_bytes;         /* sum of part_bytes */
} sx_split_s8;

/**
 * Of each run of the input, the first part_bytes[0] bytes go to output 0, the next part_bytes[1] bytes to output 1, and
 * so on.
 *
 * @param rows  rows[0] is the input [runs][run_bytes]
 * @param out   output 0 [runs][part_bytes[0]]; must not overlap the input
 * @param ...   the other outputs, `parts` - 1 pointers to int8_t, under the same conditions
 */
void sx_split_s8_exact(const sx_split_s8 *p, const int8_t *const rows[], int8_t *out, ...);

#endif
