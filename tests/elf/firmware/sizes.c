/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of known sizes in every kind of section. */
#include "sx_io.h"

#include <stdint.h>

extern const uint8_t constant_table[1000];
extern int32_t initialised_words[20];
extern uint8_t zeroed_bytes[300];
extern uint8_t model_arena[777];
int main(void);

const uint8_t constant_table[1000] = {1, 2, 3};
int32_t initialised_words[20] = {1, 2, 3};
uint8_t zeroed_bytes[300];
uint8_t model_arena[777];

int main(void) {
    sx_io_write(constant_table, sizeof constant_table);
    sx_io_write(initialised_words, sizeof initialised_words);
    sx_io_write(zeroed_bytes, sizeof zeroed_bytes);
    sx_io_write(model_arena, sizeof model_arena);
    (void)sx_io_read(initialised_words, sizeof initialised_words);
    (void)sx_io_read(zeroed_bytes, sizeof zeroed_bytes);
    (void)sx_io_read(model_arena, sizeof model_arena);
    return 0;
}
