/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What compilers call behind the programmer's back, so that a firmware links with -nostdlib: memory functions (a struct
 * copy is a memcpy), and the integer operations that ARMv6-M (Cortex-M0+) has no instruction for. Names, argument order
 * and results: Arm, "Run-time ABI for the Arm Architecture", sections 4.2 and 4.3.4. What the linked program does not
 * call, the linker drops. Floating point is in float32.c; there is no 64-bit division, which generated code does not use.
 */
#include <stddef.h>
#include <stdint.h>

/* Both stop the compiler from recognising what the code computes, and replacing it by a call of the very function that
 * it implements: a loop, or an expression by hiding where a value comes from. */
#define KEEP_LOOP() __asm__ volatile("" ::: "memory")
#define HIDE(value) __asm__("" : "+r"(value))

#define SAME_AS(function) __attribute__((alias(#function)))

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void *memmove(void *to, const void *from, size_t size_bytes);
void *memset(void *to, int value, size_t size_bytes);
int memcmp(const void *left, const void *right, size_t size_bytes);
void *__aeabi_memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
void *__aeabi_memcpy4(void *restrict to, const void *restrict from, size_t size_bytes);
void *__aeabi_memcpy8(void *restrict to, const void *restrict from, size_t size_bytes);
void *__aeabi_memmove(void *to, const void *from, size_t size_bytes);
void *__aeabi_memmove4(void *to, const void *from, size_t size_bytes);
void *__aeabi_memmove8(void *to, const void *from, size_t size_bytes);
void __aeabi_memset(void *to, size_t size_bytes, int value);
void __aeabi_memset4(void *to, size_t size_bytes, int value);
void __aeabi_memset8(void *to, size_t size_bytes, int value);
void __aeabi_memclr(void *to, size_t size_bytes);
void __aeabi_memclr4(void *to, size_t size_bytes);
void __aeabi_memclr8(void *to, size_t size_bytes);
uint32_t __aeabi_uidiv(uint32_t numerator, uint32_t denominator);
int32_t __aeabi_idiv(int32_t numerator, int32_t denominator);
uint64_t __aeabi_uidivmod(uint32_t numerator, uint32_t denominator);
uint64_t __aeabi_idivmod(int32_t numerator, int32_t denominator);
uint64_t __aeabi_lmul(uint64_t left, uint64_t right);
uint64_t __aeabi_llsl(uint64_t value, int shift);
uint64_t __aeabi_llsr(uint64_t value, int shift);
int64_t __aeabi_lasr(int64_t value, int shift);
int __aeabi_lcmp(int64_t left, int64_t right);
int __aeabi_ulcmp(uint64_t left, uint64_t right);
int __clzsi2(uint32_t value);
int __clzdi2(uint64_t value);
int __ctzsi2(uint32_t value);
int __popcountsi2(uint32_t value);

/* ---- memory ---- */

void *memcpy(void *restrict to, const void *restrict from, size_t size_bytes) {
    uint8_t *target = to;
    const uint8_t *source = from;
    if ((((uintptr_t)target | (uintptr_t)source) & 3u) == 0u) {
        for (; size_bytes >= 16u; size_bytes -= 16u, target += 16, source += 16) {
            const word *in = (const word *)(const void *)source;
            word *out = (word *)(void *)target;
            const word a = in[0], b = in[1], c = in[2], d = in[3];
            out[0] = a, out[1] = b, out[2] = c, out[3] = d;
            KEEP_LOOP();
        }
        for (; size_bytes >= 4u; size_bytes -= 4u, target += 4, source += 4) {
            *(word *)(void *)target = *(const word *)(const void *)source;
            KEEP_LOOP();
        }
    }
    for (; size_bytes != 0u; size_bytes--) {
        *target++ = *source++;
        KEEP_LOOP();
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size_bytes) {
    uint8_t *target = to;
    const uint8_t *source = from;
    /* Copying upwards destroys nothing unread, unless the target starts inside the source. */
    if ((uintptr_t)target - (uintptr_t)source >= size_bytes) {
        if ((uintptr_t)source - (uintptr_t)target >= 16u) {
            return memcpy(to, from, size_bytes);
        }
        for (; size_bytes != 0u; size_bytes--) {
            *target++ = *source++;
            KEEP_LOOP();
        }
        return to;
    }
    while (size_bytes != 0u) {
        size_bytes--;
        target[size_bytes] = source[size_bytes];
        KEEP_LOOP();
    }
    return to;
}

void *memset(void *to, int value, size_t size_bytes) {
    uint8_t *target = to;
    const word four = (uint8_t)value * 0x01010101u;
    for (; size_bytes != 0u && ((uintptr_t)target & 3u) != 0u; size_bytes--) {
        *target++ = (uint8_t)value;
        KEEP_LOOP();
    }
    for (; size_bytes >= 4u; size_bytes -= 4u, target += 4) {
        *(word *)(void *)target = four;
        KEEP_LOOP();
    }
    for (; size_bytes != 0u; size_bytes--) {
        *target++ = (uint8_t)value;
        KEEP_LOOP();
    }
    return to;
}

int memcmp(const void *left, const void *right, size_t size_bytes) {
    const uint8_t *a = left;
    const uint8_t *b = right;
    for (; size_bytes != 0u; size_bytes--, a++, b++) {
        if (*a != *b) {
            return *a - *b;
        }
        KEEP_LOOP();
    }
    return 0;
}

SAME_AS(memcpy) void *__aeabi_memcpy(void *restrict to, const void *restrict from, size_t size_bytes);
SAME_AS(memcpy) void *__aeabi_memcpy4(void *restrict to, const void *restrict from, size_t size_bytes);
SAME_AS(memcpy) void *__aeabi_memcpy8(void *restrict to, const void *restrict from, size_t size_bytes);
SAME_AS(memmove) void *__aeabi_memmove(void *to, const void *from, size_t size_bytes);
SAME_AS(memmove) void *__aeabi_memmove4(void *to, const void *from, size_t size_bytes);
SAME_AS(memmove) void *__aeabi_memmove8(void *to, const void *from, size_t size_bytes);

void __aeabi_memset(void *to, size_t size_bytes, int value) { memset(to, value, size_bytes); }
SAME_AS(__aeabi_memset) void __aeabi_memset4(void *to, size_t size_bytes, int value);
SAME_AS(__aeabi_memset) void __aeabi_memset8(void *to, size_t size_bytes, int value);

void __aeabi_memclr(void *to, size_t size_bytes) { memset(to, 0, size_bytes); }
SAME_AS(__aeabi_memclr) void __aeabi_memclr4(void *to, size_t size_bytes);
SAME_AS(__aeabi_memclr) void __aeabi_memclr8(void *to, size_t size_bytes);

/* ---- 32-bit division ---- */

static uint32_t magnitude(int32_t value) { return value < 0 ? 0u - (uint32_t)value : (uint32_t)value; }

/* r0 holds the low word of the result, the quotient; r1 the high word, the remainder. */
static uint64_t quotient_and_remainder(uint32_t quotient, uint32_t remainder) {
    return ((uint64_t)remainder << 32) | quotient;
}

/* Schoolbook binary division. x / 0 gives 0 and the remainder x, as the SDIV and UDIV instructions do. */
uint64_t __aeabi_uidivmod(uint32_t numerator, uint32_t denominator) {
    uint32_t quotient = 0;
    uint32_t remainder = numerator;
    uint32_t bit = 1;
    if (denominator == 0u) {
        return quotient_and_remainder(0u, numerator);
    }
    while (denominator < remainder && (denominator >> 31) == 0u) {
        denominator <<= 1;
        bit <<= 1;
    }
    for (; bit != 0u; bit >>= 1, denominator >>= 1) {
        if (remainder >= denominator) {
            remainder -= denominator;
            quotient |= bit;
        }
    }
    return quotient_and_remainder(quotient, remainder);
}

uint64_t __aeabi_idivmod(int32_t numerator, int32_t denominator) {
    const uint64_t both = __aeabi_uidivmod(magnitude(numerator), magnitude(denominator));
    const uint32_t quotient = (uint32_t)both;
    const uint32_t remainder = (uint32_t)(both >> 32);
    return quotient_and_remainder((numerator < 0) != (denominator < 0) ? 0u - quotient : quotient,
                                  numerator < 0 ? 0u - remainder : remainder);
}

uint32_t __aeabi_uidiv(uint32_t numerator, uint32_t denominator) {
    return (uint32_t)__aeabi_uidivmod(numerator, denominator);
}

int32_t __aeabi_idiv(int32_t numerator, int32_t denominator) {
    return (int32_t)(uint32_t)__aeabi_idivmod(numerator, denominator);
}

/* ---- 64-bit multiplication, shifts and comparison, from 32-bit operations only ---- */

static uint64_t join(uint32_t high, uint32_t low) { return ((uint64_t)high << 32) | low; }

/* (a_h 2^32 + a_l)(b_h 2^32 + b_l) mod 2^64; a_l b_l in full from four 16 x 16 products: a product of
 * two 16-bit numbers and one more 16-bit number never overflow 32 bits. */
uint64_t __aeabi_lmul(uint64_t left, uint64_t right) {
    const uint32_t a = (uint32_t)left;
    const uint32_t b = (uint32_t)right;
    uint32_t a_high = a >> 16;
    uint32_t a_low = a & 0xFFFFu;
    HIDE(a_high);
    HIDE(a_low);
    const uint32_t b_high = b >> 16;
    const uint32_t b_low = b & 0xFFFFu;
    const uint32_t low_low = a_low * b_low;
    const uint32_t high_low = a_high * b_low + (low_low >> 16);
    const uint32_t low_high = a_low * b_high + (high_low & 0xFFFFu);
    const uint32_t high = a_high * b_high + (high_low >> 16) + (low_high >> 16);
    const uint32_t cross = a * (uint32_t)(right >> 32) + b * (uint32_t)(left >> 32);
    return join(high + cross, (low_high << 16) | (low_low & 0xFFFFu));
}

/* In each shift, the two steps `>> 1 >> (31 - n)` make a shift by 32 - n that is defined for n = 0 too. */
uint64_t __aeabi_llsl(uint64_t value, int shift) {
    const uint32_t low = (uint32_t)value;
    const uint32_t high = (uint32_t)(value >> 32);
    const uint32_t n = (uint32_t)shift & 31u;
    return ((uint32_t)shift & 32u) != 0u ? join(low << n, 0u) : join((high << n) | (low >> 1 >> (31u - n)), low << n);
}

uint64_t __aeabi_llsr(uint64_t value, int shift) {
    const uint32_t low = (uint32_t)value;
    const uint32_t high = (uint32_t)(value >> 32);
    const uint32_t n = (uint32_t)shift & 31u;
    return ((uint32_t)shift & 32u) != 0u ? join(0u, high >> n) : join(high >> n, (low >> n) | (high << 1 << (31u - n)));
}

/* Shifting the complement of a negative number brings in the zeros that become its sign bits. */
int64_t __aeabi_lasr(int64_t value, int shift) {
    const uint64_t bits = (uint64_t)value;
    return (int64_t)(value < 0 ? ~__aeabi_llsr(~bits, shift) : __aeabi_llsr(bits, shift));
}

int __aeabi_lcmp(int64_t left, int64_t right) { return (left > right) - (left < right); }

int __aeabi_ulcmp(uint64_t left, uint64_t right) { return (left > right) - (left < right); }

/* ---- bits ---- */

int __clzsi2(uint32_t value) {
    int zeros = 32;
    for (uint32_t half = 16; half != 0u; half >>= 1) {
        if ((value >> half) != 0u) {
            value >>= half;
            zeros -= (int)half;
        }
    }
    return zeros - (int)value;
}

int __clzdi2(uint64_t value) {
    const uint32_t high = (uint32_t)(value >> 32);
    return high != 0u ? __clzsi2(high) : 32 + __clzsi2((uint32_t)value);
}

int __ctzsi2(uint32_t value) { return 31 - __clzsi2(value & (0u - value)); }

int __popcountsi2(uint32_t value) {
    value -= (value >> 1) & 0x55555555u;
    value = (value & 0x33333333u) + ((value >> 2) & 0x33333333u);
    value = (value + (value >> 4)) & 0x0F0F0F0Fu;
    return (int)((value * 0x01010101u) >> 24);
}
