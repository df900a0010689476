/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_scatter_elements.h"

#include "sx_scatter_elements_body.h"

void sx_scatter_elements_bytes(const sx_scatter_elements *p, const int8_t *const rows[], int8_t *out)
{
    const int8_t *x = rows[0];
    const int8_t *updates = rows[2];
    for (int32_t i = 0; i < p->elements * p->element_bytes; ++i) {
        out[i] = x[i];
    }
    for (int32_t k = 0; k < p->updates; ++k) {
        const int32_t place = sx_scatter_place(p, rows[1], k);
        for (int32_t i = 0; i < p->element_bytes && place >= 0; ++i) {
            out[place * p->element_bytes + i] = updates[k * p->element_bytes + i];
        }
    }
}
