/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unicorn UC_HOOK_BLOCK callback in C: the sum of the instructions of all blocks entered. instruction_count.py
 * compiles nothing; it loads this file as a shared object when it is given one, and counts in Python otherwise.
 */
#include <stddef.h>
#include <stdint.h>

/* Mirrored field by field in instruction_count.py. */
typedef struct {
    uint64_t total;   /* instructions of all blocks entered, the running one included */
    uint64_t current; /* instructions of the running block */
    uint64_t base;    /* the code range that `known` covers */
    uint64_t size_bytes;
    uint32_t *known; /* per halfword of code: block size in bytes << 16 | instructions; 0: not decoded yet */
    int (*read)(void *engine, uint64_t address, void *to, uint64_t size_bytes); /* uc_mem_read */
} block_counter;

#if defined(_WIN32)
__declspec(dllexport)
#endif
void count_block(void *engine, uint64_t address, uint32_t size_bytes, void *user);

/* A Thumb instruction has two halfwords when the top five bits are 0b11101, 0b11110 or 0b11111. */
static uint32_t decode(const block_counter *counter, void *engine, uint64_t address, uint32_t size_bytes) {
    uint32_t instructions = 0;
    uint16_t half = 0;
    for (uint32_t at = 0; at < size_bytes; at += half >= 0xE800u ? 4u : 2u) {
        if (counter->read(engine, address + at, &half, sizeof half) != 0) {
            break;
        }
        instructions++;
    }
    return instructions;
}

void count_block(void *engine, uint64_t address, uint32_t size_bytes, void *user) {
    block_counter *counter = user;
    const uint64_t offset = address - counter->base;
    if (offset < counter->size_bytes) {
        uint32_t *known = &counter->known[offset >> 1];
        if (*known >> 16 != size_bytes) {
            *known = size_bytes << 16 | decode(counter, engine, address, size_bytes);
        }
        counter->current = *known & 0xFFFFu;
    } else {
        counter->current = decode(counter, engine, address, size_bytes);
    }
    counter->total += counter->current;
}
