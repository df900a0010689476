/* SPDX-License-Identifier: Apache-2.0 */
/* Answers records {function, to, from or value, size} with the 192 bytes of a buffer that the function worked on. */
#include "sx_io.h"

#include <stdint.h>

int main(void);
void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void *memmove(void *to, const void *from, size_t size_bytes);
void *memset(void *to, int value, size_t size_bytes);
int memcmp(const void *left, const void *right, size_t size_bytes);
void __aeabi_memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void __aeabi_memmove(void *to, const void *from, size_t size_bytes);
void __aeabi_memset(void *to, size_t size_bytes, int value);
void __aeabi_memclr(void *to, size_t size_bytes);

static _Alignas(8) uint8_t buffer[192];

int main(void) {
    uint8_t record[4];
    while (sx_io_read(record, sizeof record) == sizeof record) {
        uint8_t *const to = buffer + record[1];
        uint8_t *const from = buffer + record[2];
        const size_t size_bytes = record[3];
        for (uint32_t i = 0; i < sizeof buffer; i++) {
            buffer[i] = (uint8_t)(i * 7u);
        }
        switch (record[0]) {
        case 0: buffer[0] = memcpy(to, from, size_bytes) == to ? buffer[0] : 1u; break;
        case 1: buffer[0] = memmove(to, from, size_bytes) == to ? buffer[0] : 1u; break;
        case 2: buffer[0] = memset(to, record[2], size_bytes) == to ? buffer[0] : 1u; break;
        case 3: {
            const int order = memcmp(to, from, size_bytes);
            buffer[0] = order < 0 ? 1u : order > 0 ? 2u : 3u;
            break;
        }
        case 4: __aeabi_memcpy(to, from, size_bytes); break;
        case 5: __aeabi_memmove(to, from, size_bytes); break;
        case 6: __aeabi_memset(to, size_bytes, record[2]); break;
        case 7: __aeabi_memclr(to, size_bytes); break;
        default: break;
        }
        sx_io_write(buffer, sizeof buffer);
    }
    return 0;
}
