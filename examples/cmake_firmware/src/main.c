/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the digit in each of some images. */
#include "digits.h"
#include "images.h"
#include "startup.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static _Alignas(DIGITS_ARENA_ALIGN) int8_t arena[DIGITS_ARENA_BYTES];

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
        memcpy(digits_input_image(&digits), images[i], DIGITS_INPUT_IMAGE_BYTES);
        if (digits_run(&digits) != SX_OK) {
            return 2;
        }
        const char text[] = {(char)('0' + largest(digits_output_logits(&digits), DIGITS_OUTPUT_LOGITS_BYTES)), '\n', '\0'};
        print(text);
    }
    return 0;
}
