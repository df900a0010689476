/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MAX_POOLING2D_FOLD_S8_H
#define SX_MAX_POOLING2D_FOLD_S8_H

#include <stdint.h>

#include "sx_max_pooling2d_s8.h"

/**
 * What sx_max_pooling2d_s8_exact computes, for windows that reach over the whole height: kernel_height is the number of
 * input rows, no row is padding. One call per row, top first.
 *
 * @param rows     rows[0] is the input row [in_width][channels]; rows[1] is NULL at the first call, else scratch
 * @param out      output row [out_width][channels] at the last call, else NULL; it is written after the input row was
 *                 read, which it may overlap; it must not overlap scratch
 * @param scratch  maxima [out_width][channels]; the first call does not read it, the later ones find what the one
 *                 before has left there
 */
void sx_max_pooling2d_fold_s8_exact(const sx_max_pooling2d_s8 *p, const int8_t *const rows[], int8_t *out,
                                    int8_t *scratch);

#endif
