/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_svdf_f32.h"

#include <stddef.h>

#include "sx_affine_f32.h"
#include "sx_elements.h"

void sx_svdf_f32(const sx_svdf_f32_params *p, const int8_t *const rows[], int8_t *out, int8_t *next, int8_t *scratch)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    const sx_f32 *state = (const sx_f32 *)(const void *)rows[1];
    sx_f32 *to = (sx_f32 *)(void *)out;
    sx_f32 *kept = (sx_f32 *)(void *)next;
    sx_f32 *latest = (sx_f32 *)(void *)scratch;
    const sx_runs_f32 all = {1, p->memory, 0};
    for (int32_t item = 0; item < p->batch; ++item) {
        for (int32_t filter = 0; filter < p->filters; ++filter) {
            latest[filter] = 0.0f;
        }
        sx_affine_f32(latest, p->filters, x, p->features, p->inputs);
        for (int32_t unit = 0; unit < p->filters / p->rank; ++unit) {
            float sum = (p->bias != NULL) ? p->bias[unit] : 0.0f;
            for (int32_t filter = unit * p->rank; filter < (unit + 1) * p->rank; ++filter) {
                for (int32_t m = 1; m < p->memory; ++m) {
                    kept[m - 1] = state[m];
                }
                kept[p->memory - 1] = latest[filter];
                sum = sx_dot1_f32(sum, kept, p->time + filter * p->memory, &all);
                kept += p->memory;
                state += p->memory;
            }
            *to++ = sx_clamp_f32(sum, &p->limits);
        }
        x += p->inputs;
    }
}
