/* SPDX-License-Identifier: Apache-2.0 */
/* Reads digits from a camera that gives one row of pixels after the other: no image is ever in RAM as a whole. */
#include "digits.h"
#include "images.h"
#include "startup.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static _Alignas(DIGITS_ARENA_ALIGN) int8_t arena[DIGITS_ARENA_BYTES];

/* Stands for the camera: writes the next row where the network wants it. */
static void read_row(int8_t *row, const int8_t *image, uint32_t number)
{
    memcpy(row, image + number * DIGITS_INPUT_IMAGE_ROW_BYTES, DIGITS_INPUT_IMAGE_ROW_BYTES);
}

static size_t largest(const int8_t *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++) {
        best = values[i] > values[best] ? i : best;
    }
    return best;
}

int main(void)
{
    digits_ctx digits;
    if (digits_init(&digits, arena, sizeof arena) != SX_OK) {
        return 1;
    }
    /* The first image is empty. */
    for (size_t i = 1; i < IMAGE_COUNT; i++) {
        for (uint32_t row = 0; row < DIGITS_INPUT_IMAGE_ROWS; row++) {
            read_row(digits_input_image_row(&digits), images[i], row);
            /* Computes what this row allows, while the camera exposes the next one. */
            if (digits_push_row(&digits) != SX_OK) {
                return 2;
            }
        }
        if (digits_run(&digits) != SX_OK) {
            return 3;
        }
        const char text[] = {(char)('0' + largest(digits_output_logits(&digits), DIGITS_OUTPUT_LOGITS_BYTES)), '\n', '\0'};
        print(text);
    }
    return 0;
}
