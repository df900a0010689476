/* SPDX-License-Identifier: Apache-2.0 */
/* Copies standard input to standard output in pieces of 100 bytes; exits with the number of pieces. */
#include "sx_io.h"

#include <stdint.h>

int main(void);
static uint8_t piece[100];
static volatile int32_t initialised[3] = {11, -22, 33};
static volatile int32_t cleared[3];

int main(void) {
    size_t got = 0;
    int pieces = 0;
    if (initialised[0] != 11 || initialised[1] != -22 || initialised[2] != 33 || cleared[0] != 0 || cleared[2] != 0) {
        return 97;
    }
    while ((got = sx_io_read(piece, sizeof piece)) != 0u) {
        sx_io_write(piece, got);
        pieces++;
    }
    return pieces;
}
