/* SPDX-License-Identifier: Apache-2.0 */
/* A small network looks whether there is anything to see; only then the large one reads it. */
#include "digits.h"
#include "edges.h"
#include "images.h"
#include "startup.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The two never run at the same time, so that they share their memory. */
static union {
    _Alignas(EDGES_ARENA_ALIGN) int8_t edges[EDGES_ARENA_BYTES];
    _Alignas(DIGITS_ARENA_ALIGN) int8_t digits[DIGITS_ARENA_BYTES];
} arena;

static edges_ctx edges;
static digits_ctx digits;

static size_t largest(const int8_t *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = values[i] > values[best] ? i : best;
    }
    return best;
}

/* The digit in an image, or -1 when there is none. */
static int read_digit(const int8_t *image)
{
    memcpy(edges_input_image(&edges), image, EDGES_INPUT_IMAGE_BYTES);
    if (edges_run(&edges) != 0 || largest(edges_output_scores(&edges), EDGES_OUTPUT_SCORES_BYTES) == 0) {
        return -1;
    }
    memcpy(digits_input_image(&digits), image, DIGITS_INPUT_IMAGE_BYTES);
    if (digits_run(&digits) != 0) {
        return -1;
    }
    return (int)largest(digits_output_logits(&digits), DIGITS_OUTPUT_LOGITS_BYTES);
}

int main(void)
{
    if (edges_init(&edges, arena.edges, sizeof arena.edges) != 0 ||
        digits_init(&digits, arena.digits, sizeof arena.digits) != 0) {
        return 1;
    }
    for (size_t i = 0; i < IMAGE_COUNT; i++) {
        const int digit = read_digit(images[i]);
        const char text[] = {(char)('0' + digit), '\n', '\0'};
        print(digit < 0 ? "nothing\n" : text);
    }
    return 0;
}
