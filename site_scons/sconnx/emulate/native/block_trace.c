/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unicorn UC_HOOK_BLOCK callback in C: how often each block of code followed each other one, apart for each context, which
 * block_trace.py sets when functions begin and end; and how often a simple branch predictor missed that.
 */
#include <stddef.h>
#include <stdint.h>

#define HISTORIES 16u

/* All structures are mirrored field by field in block_trace.py. */

/* `to` ran after `from`; the addresses are of first instructions, `from` is 0 where a context begins. */
typedef struct {
    uint32_t context; /* 0: this entry is free */
    uint32_t from;
    uint32_t from_bytes;
    uint32_t to;
    uint32_t to_bytes;
    uint32_t padding;
    uint64_t count;
    uint64_t mispredicted;
} block_edge;

/* Of one block: whether its last four ends fell through, and for each such history what comes next, with a counter of 2 bits. */
typedef struct {
    uint32_t target[HISTORIES];
    uint8_t confidence[HISTORIES];
    uint32_t history;
} branch_history;

typedef struct {
    block_edge *edges; /* a hash table */
    uint64_t capacity; /* a power of 2 */
    uint64_t used;     /* at most half of them; what comes then is lost, and counted here all the same */
    branch_history *branches;
    uint64_t base; /* of the code: a branch history for each halfword */
    uint64_t size_bytes;
    uint32_t context;
    /* The block that runs, and the one before. */
    uint32_t from;
    uint32_t from_bytes;
    uint32_t to;
    uint32_t to_bytes;
    uint32_t is_mispredicted;
} block_trace;

#if defined(_WIN32)
__declspec(dllexport)
#endif
void trace_block(void *engine, uint64_t address, uint32_t size_bytes, void *user);

static block_edge *find(block_trace *trace) {
    uint64_t hash = trace->context;
    hash = (hash * 31u + trace->from) * 31u + trace->from_bytes;
    hash = ((hash * 31u + trace->to) * 31u + trace->to_bytes) * 0x9E3779B97F4A7C15u;
    for (uint64_t at = hash >> 32;; at++) {
        block_edge *edge = &trace->edges[at & (trace->capacity - 1u)];
        if (edge->context == trace->context && edge->from == trace->from && edge->from_bytes == trace->from_bytes &&
            edge->to == trace->to && edge->to_bytes == trace->to_bytes) {
            return edge;
        }
        if (edge->context == 0u) {
            trace->used++;
            if (2u * trace->used > trace->capacity) {
                return NULL;
            }
            edge->context = trace->context;
            edge->from = trace->from;
            edge->from_bytes = trace->from_bytes;
            edge->to = trace->to;
            edge->to_bytes = trace->to_bytes;
            return edge;
        }
    }
}

/* Whether the end of `from` was predicted to lead elsewhere than to `to`. Nobody counts the first time. */
static uint32_t misses(block_trace *trace) {
    const uint64_t offset = trace->from - trace->base;
    if (offset >= trace->size_bytes) {
        return 0u;
    }
    branch_history *branch = &trace->branches[offset >> 1];
    const uint32_t history = branch->history;
    uint32_t *target = &branch->target[history];
    uint8_t *confidence = &branch->confidence[history];
    uint32_t is_missed = 0u;
    branch->history = (history << 1 | (trace->to == trace->from + trace->from_bytes)) % HISTORIES;
    if (*target == trace->to) {
        *confidence = *confidence < 3u ? (uint8_t)(*confidence + 1u) : 3u;
    } else if (*target != 0u && *confidence > 0u) {
        is_missed = 1u;
        *confidence = (uint8_t)(*confidence - 1u);
    } else {
        is_missed = *target != 0u;
        *target = trace->to;
        *confidence = 1u;
    }
    return is_missed;
}

/* The context of a block is known when it has run: the first instruction of a function sets it, and that of the block after a call. */
void trace_block(void *engine, uint64_t address, uint32_t size_bytes, void *user) {
    block_trace *trace = user;
    (void)engine;
    if (trace->context != 0u) {
        block_edge *edge = find(trace);
        if (edge != NULL) {
            edge->count++;
            edge->mispredicted += trace->is_mispredicted;
        }
    }
    trace->from = trace->to;
    trace->from_bytes = trace->to_bytes;
    trace->to = (uint32_t)address;
    trace->to_bytes = size_bytes;
    trace->is_mispredicted = misses(trace);
}
