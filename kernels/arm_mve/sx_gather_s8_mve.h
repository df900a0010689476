/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_GATHER_S8_MVE_H
#define SX_GATHER_S8_MVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sx_columns.h"
#include "sx_dot_s8_mve.h"
#include "sx_port.h"

/** Where the inputs of one output pixel lie in its rows. */
typedef struct {
    int32_t zero_point; /* what padding reads as */
    int32_t in_width;
    int32_t in_channels;
    int32_t kernel_height, kernel_width, dilation_width;
    int32_t groups, group_channels; /* in_channels = groups * group_channels */
} sx_gather_s8_mve;

/** The inputs of one kernel row in one group: those of padding, and runs of adjoining bytes; returns the end in `to`. */
static inline int8_t *sx_gather_row_s8_mve(const sx_gather_s8_mve *p, const int8_t *x, sx_columns columns, int8_t *to)
{
    const int32_t step = p->dilation_width * p->in_channels;
    const int32_t width = columns.last - columns.first;
    to = sx_fill_s8_mve(to, p->zero_point, columns.first * p->group_channels);
    if (step == p->group_channels) {
        to = sx_copy_s8_mve(to, x, width * step);
    } else {
        SX_SMALL_LOOP
        for (int32_t i = 0; i < width; ++i) {
            to = sx_copy_s8_mve(to, x, p->group_channels);
            x += step;
        }
    }
    return sx_fill_s8_mve(to, p->zero_point, (p->kernel_width - columns.last) * p->group_channels);
}

/** Whether the inputs of every kernel row adjoin, and no row is padding. */
static inline bool sx_runs_adjoin_s8_mve(const sx_gather_s8_mve *p, const int8_t *const rows[])
{
    bool adjoin = p->dilation_width == 1 && p->groups == 1;
    SX_SMALL_LOOP
    for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
        adjoin = adjoin && rows[ky] != NULL;
    }
    return adjoin;
}

/** The same for a window that lies inside its rows, each of which gives one run of adjoining bytes. */
static inline void sx_gather_inside_s8_mve(const int8_t *const rows[], int32_t height, int32_t offset, int32_t run, int8_t *to)
{
    SX_SMALL_LOOP
    for (int32_t ky = 0; ky < height; ++ky) {
        to = sx_copy_s8_mve(to, rows[ky] + offset, run);
    }
}

/** Copy the window whose first kernel column is input column `column` to [groups][kernel_height][kernel_width][group_channels]. */
SX_NOINLINE static void sx_gather_window_s8_mve(const sx_gather_s8_mve *p, const int8_t *const rows[], int32_t column, int8_t *to)
{
    const sx_columns inside = sx_columns_inside(column, p->kernel_width, p->dilation_width, p->in_width);
    const sx_columns none = {p->kernel_width, p->kernel_width};
    int32_t offset = (column + inside.first * p->dilation_width) * p->in_channels;
    SX_SMALL_LOOP
    for (int32_t group = 0; group < p->groups; ++group) {
        SX_SMALL_LOOP
        for (int32_t ky = 0; ky < p->kernel_height; ++ky) {
            const bool is_padding = rows[ky] == NULL || inside.first == inside.last;
            to = sx_gather_row_s8_mve(p, is_padding ? NULL : rows[ky] + offset, is_padding ? none : inside, to);
        }
        offset += p->group_channels;
    }
}

#endif
