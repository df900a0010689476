/* SPDX-License-Identifier: Apache-2.0 */
#include "sx_grid_sample_f32.h"

#include "sx_elements.h"

#define FARTHEST 1048576.0f
#define MOST_TAPS 64 /* 4 along each of 3 dimensions */

/** The taps along one dimension: elements, and their weights. */
typedef struct {
    int32_t element[4];
    float weight[4];
} taps;

static int32_t floor_of(float x)
{
    const int32_t whole = (int32_t)x;
    return ((float)whole > x) ? whole - 1 : whole;
}

static int32_t nearest_to(float x)
{
    const int32_t below = floor_of(x);
    const float rest = x - (float)below;
    return (rest > 0.5f || (rest == 0.5f && below % 2 != 0)) ? below + 1 : below;
}

static float clamped(float x, float low, float high)
{
    return (x > high) ? high : ((x > low) ? x : low);
}

/** x mirrored at low and at high until it is between them. */
static float mirrored(float x, float low, float high)
{
    const float length = high - low;
    if (x >= low && x <= high) {
        return x;
    }
    if (length <= 0.0f) {
        return low;
    }
    const float distance = (x < low) ? low - x : x - high;
    const int32_t times = (int32_t)(distance / length);
    const float rest = distance - (float)times * length;
    const bool from_low = (x < low) == (times % 2 == 0);
    return from_low ? low + rest : high - rest;
}

/** The weight of an element at a distance from 0 to 1, of four taps. */
static float cubic_near(float d)
{
    return (1.25f * d - 2.25f) * d * d + 1.0f;
}

/** The same from 1 to 2. */
static float cubic_far(float d)
{
    return ((-0.75f * d + 3.75f) * d - 6.0f) * d + 3.0f;
}

static void set_weights(int32_t count, float part, float *weight)
{
    if (count == 1) {
        weight[0] = 1.0f;
    } else if (count == 2) {
        weight[0] = 1.0f - part;
        weight[1] = part;
    } else {
        weight[0] = cubic_far(part + 1.0f);
        weight[1] = cubic_near(part);
        weight[2] = cubic_near(1.0f - part);
        weight[3] = cubic_far(2.0f - part);
    }
}

/** The taps around the place `named`, -1 to 1 inside, of a dimension. */
static taps taps_around(const sx_grid_sample_f32 *p, float named, int32_t size)
{
    const float length = (float)size;
    const float low = p->align_corners ? 0.0f : -0.5f;
    const float high = p->align_corners ? length - 1.0f : length - 0.5f;
    float x = p->align_corners ? (named + 1.0f) / 2.0f * (length - 1.0f) : ((named + 1.0f) * length - 1.0f) / 2.0f;
    taps found;
    x = clamped(x, -FARTHEST, FARTHEST);
    if (p->taps == 1) {
        x = (float)nearest_to(x);
    }
    if (p->is_mirrored) {
        x = mirrored(x, low, high);
    } else if (!p->is_zero_outside && (x < low || x > high)) {
        x = clamped(x, 0.0f, length - 1.0f);
    }
    const int32_t below = floor_of(x);
    set_weights(p->taps, x - (float)below, found.weight);
    for (int32_t tap = 0; tap < p->taps; ++tap) {
        int32_t element = below + tap - ((p->taps == 4) ? 1 : 0);
        if (p->is_mirrored) {
            element = (int32_t)mirrored((float)element, low, high);
        }
        if (element < 0 || element >= size) {
            found.weight[tap] = p->is_zero_outside ? 0.0f : found.weight[tap];
            element = (element < 0) ? 0 : size - 1;
        }
        found.element[tap] = element;
    }
    return found;
}

void sx_grid_sample_f32_whole(const sx_grid_sample_f32 *p, const int8_t *const rows[], int8_t *out)
{
    const sx_f32 *x = (const sx_f32 *)(const void *)rows[0];
    const sx_f32 *grid = (const sx_f32 *)(const void *)rows[1];
    sx_f32 *y = (sx_f32 *)(void *)out;
    int32_t elements = 1;
    for (int32_t axis = 0; axis < p->rank; ++axis) {
        elements *= p->sizes[axis];
    }
    for (int32_t image = 0; image < p->images; ++image) {
        for (int32_t place = 0; place < p->places; ++place) {
            int32_t at[MOST_TAPS] = {0};
            float weight[MOST_TAPS] = {1.0f};
            int32_t count = 1;
            for (int32_t axis = 0; axis < p->rank; ++axis) {
                const taps along = taps_around(p, grid[p->rank - 1 - axis], p->sizes[axis]);
                /* From the last, so that what is read was not yet written. */
                for (int32_t i = count * p->taps - 1; i >= 0; --i) {
                    const int32_t tap = i % p->taps;
                    at[i] = at[i / p->taps] * p->sizes[axis] + along.element[tap];
                    weight[i] = weight[i / p->taps] * along.weight[tap];
                }
                count *= p->taps;
            }
            for (int32_t c = 0; c < p->channels; ++c) {
                float sum = 0.0f;
                for (int32_t i = 0; i < count; ++i) {
                    sum += weight[i] * x[at[i] * p->channels + c];
                }
                *y++ = sum;
            }
            grid += p->rank;
        }
        x += elements * p->channels;
    }
}
