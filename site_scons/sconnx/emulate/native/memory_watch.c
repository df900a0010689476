/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unicorn UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE callback in C: holds every load and store against tables of ranges, stops at
 * the first that is in none, and keeps who wrote each byte last, so that a load also tells whose value it gets.
 * memory_watch.py sets the tables whenever another function runs.
 */
#include <stddef.h>
#include <stdint.h>

/* unicorn.h: uc_mem_type */
#define UC_MEM_WRITE 17

/* All structures are mirrored field by field in memory_watch.py. */

/* Bytes [first, end) that may be touched. */
typedef struct {
    uint64_t first;
    uint64_t end;
    uint32_t *owners; /* who wrote each of the bytes last; NULL where nobody asks */
    uint32_t owner;   /* a load must find it there, a store puts it there */
    uint32_t padding;
} memory_range;

typedef struct {
    const memory_range *ranges;
    uint64_t count;
} memory_table;

typedef struct {
    memory_table may_load;
    memory_table may_store;
    uint64_t loads; /* while the watch is on */
    uint64_t stores;
    uint32_t is_on;
    int32_t counter_register; /* unicorn's number of the program counter */
    int (*read_register)(void *engine, int32_t number, void *value); /* uc_reg_read */
    int (*stop)(void *engine);                                       /* uc_emu_stop */
    /* The first access that was not allowed; size_bytes is 0 while there is none. */
    uint64_t address;
    uint64_t first_wrong; /* of its bytes */
    uint32_t size_bytes;
    uint32_t is_store;
    uint32_t is_in_range; /* a range has the wrong byte, but another owner wrote it, */
    uint32_t found_owner; /* this one, 0 being nobody */
    uint32_t counter;
    uint32_t padding;
} memory_watch;

#if defined(_WIN32)
__declspec(dllexport)
#endif
void watch_memory(void *engine, int32_t type, uint64_t address, int32_t size_bytes, int64_t value, void *user);

/* Whether a byte may be stored, by the first range that has it, whose owner has it from then on. */
static int may_store(const memory_watch *watch, uint64_t at) {
    for (uint64_t i = 0; i < watch->may_store.count; i++) {
        const memory_range *range = &watch->may_store.ranges[i];
        if (at - range->first < range->end - range->first) {
            if (range->owners != NULL) {
                range->owners[at - range->first] = range->owner;
            }
            return 1;
        }
    }
    return 0;
}

/* Whether a byte may be loaded: it is in a range, and belongs to the owners of all ranges that it is in. */
static int may_load(memory_watch *watch, uint64_t at) {
    int is_in_range = 0;
    for (uint64_t i = 0; i < watch->may_load.count; i++) {
        const memory_range *range = &watch->may_load.ranges[i];
        if (at - range->first < range->end - range->first) {
            is_in_range = 1;
            if (range->owners != NULL && range->owners[at - range->first] != range->owner) {
                watch->is_in_range = 1;
                watch->found_owner = range->owners[at - range->first];
                return 0;
            }
        }
    }
    return is_in_range;
}

void watch_memory(void *engine, int32_t type, uint64_t address, int32_t size_bytes, int64_t value, void *user) {
    memory_watch *watch = user;
    const uint32_t is_store = type == UC_MEM_WRITE;
    (void)value;
    if (!watch->is_on || watch->size_bytes != 0) {
        return;
    }
    watch->loads += !is_store;
    watch->stores += is_store;
    for (uint64_t at = address; at < address + (uint32_t)size_bytes; at++) {
        if (is_store ? !may_store(watch, at) : !may_load(watch, at)) {
            watch->address = address;
            watch->first_wrong = at;
            watch->size_bytes = (uint32_t)size_bytes;
            watch->is_store = is_store;
            watch->read_register(engine, watch->counter_register, &watch->counter);
            watch->stop(engine);
            return;
        }
    }
}
