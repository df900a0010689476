/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Float32 arithmetic for cores without an FPU, as compilers call it: IEEE 754, rounded to the nearest, halves to even, with
 * subnormals, infinities and NaN. Names, argument order and results: Arm, "Run-time ABI for the Arm Architecture", section
 * 4.1.2. Numbers are passed as their bits, which lie in the same registers as floats do where there is no FPU; no function
 * computes with a float, so none calls itself. What the linked program does not call, the linker drops.
 */
#include <stdbool.h>
#include <stdint.h>

#define SIGN 0x80000000u
#define INFINITE 0x7F800000u
#define QUIET_NAN 0x7FC00000u
#define LEADING 0x00800000u
#define FRACTION 0x007FFFFFu
#define BIAS 127

uint32_t __aeabi_fadd(uint32_t a, uint32_t b);
uint32_t __aeabi_fsub(uint32_t a, uint32_t b);
uint32_t __aeabi_frsub(uint32_t a, uint32_t b);
uint32_t __aeabi_fmul(uint32_t a, uint32_t b);
uint32_t __aeabi_fdiv(uint32_t a, uint32_t b);
int __aeabi_fcmpeq(uint32_t a, uint32_t b);
int __aeabi_fcmplt(uint32_t a, uint32_t b);
int __aeabi_fcmple(uint32_t a, uint32_t b);
int __aeabi_fcmpge(uint32_t a, uint32_t b);
int __aeabi_fcmpgt(uint32_t a, uint32_t b);
int __aeabi_fcmpun(uint32_t a, uint32_t b);
uint32_t __aeabi_i2f(int32_t value);
uint32_t __aeabi_ui2f(uint32_t value);
uint32_t __aeabi_l2f(int64_t value);
uint32_t __aeabi_ul2f(uint64_t value);
int32_t __aeabi_f2iz(uint32_t a);
uint32_t __aeabi_f2uiz(uint32_t a);
int64_t __aeabi_f2lz(uint32_t a);
uint64_t __aeabi_f2ulz(uint32_t a);

static bool is_nan(uint32_t a) { return (a & ~SIGN) > INFINITE; }

static bool is_infinite(uint32_t a) { return (a & ~SIGN) == INFINITE; }

static bool is_zero(uint32_t a) { return (a & ~SIGN) == 0u; }

/** A finite number is significand * 2^(exponent - BIAS - 23). */
typedef struct {
    int32_t exponent;
    uint32_t significand;
} parts;

/** Of a finite number other than 0; bit 23 of the significand is set, also of what was subnormal. */
static parts normal_parts(uint32_t a) {
    parts p = {(int32_t)((a >> 23) & 0xFFu), a & FRACTION};
    if (p.exponent != 0) {
        p.significand |= LEADING;
        return p;
    }
    for (p.exponent = 1; (p.significand & LEADING) == 0u; --p.exponent) {
        p.significand <<= 1;
    }
    return p;
}

/** Shifted to the right; bit 0 is also set when anything that was shifted out was not 0. */
static uint32_t shifted(uint32_t m, int32_t distance) {
    if (distance > 31) {
        return (m != 0u) ? 1u : 0u;
    }
    return (distance <= 0) ? m : (m >> distance) | ((m << (32 - distance)) != 0u ? 1u : 0u);
}

/** m * 2^(exponent - BIAS - 31), rounded; bit 0 of m also stands for everything below it. */
static uint32_t rounded(uint32_t sign, int32_t exponent, uint32_t m) {
    if (m == 0u) {
        return sign;
    }
    for (; (m & SIGN) == 0u; --exponent) {
        m <<= 1;
    }
    if (exponent <= 0) {
        m = shifted(m, 1 - exponent);
        exponent = 1;
    }
    const uint32_t rest = m & 0xFFu;
    const uint32_t up = (rest > 0x80u || (rest == 0x80u && (m & 0x100u) != 0u)) ? 1u : 0u;
    /* The leading one, and a carry out of the significand, increment the exponent. */
    const uint32_t magnitude = (((uint32_t)exponent - 1u) << 23) + (m >> 8) + up;
    return sign | ((exponent > 254 || magnitude > INFINITE) ? INFINITE : magnitude);
}

uint32_t __aeabi_fadd(uint32_t a, uint32_t b) {
    const bool a_is_larger = (a & ~SIGN) >= (b & ~SIGN);
    const uint32_t large = a_is_larger ? a : b;
    const uint32_t small = a_is_larger ? b : a;
    const bool differ = ((a ^ b) & SIGN) != 0u;
    if (is_nan(large) || (is_infinite(small) && differ)) {
        return QUIET_NAN;
    }
    if (is_zero(small)) {
        return is_zero(large) ? (a & b) : large;
    }
    if (is_infinite(large)) {
        return large;
    }
    /* Leading ones in bit 30 leave room for a carry, the seven bits below keep what rounding needs. */
    const parts l = normal_parts(large);
    const parts s = normal_parts(small);
    const uint32_t m = l.significand << 7;
    const uint32_t addend = shifted(s.significand << 7, l.exponent - s.exponent);
    const uint32_t sum = differ ? m - addend : m + addend;
    return (sum == 0u) ? 0u : rounded(large & SIGN, l.exponent + 1, sum);
}

uint32_t __aeabi_fsub(uint32_t a, uint32_t b) { return __aeabi_fadd(a, b ^ SIGN); }

uint32_t __aeabi_frsub(uint32_t a, uint32_t b) { return __aeabi_fadd(b, a ^ SIGN); }

uint32_t __aeabi_fmul(uint32_t a, uint32_t b) {
    const uint32_t sign = (a ^ b) & SIGN;
    if (is_nan(a) || is_nan(b) || (is_infinite(a) && is_zero(b)) || (is_zero(a) && is_infinite(b))) {
        return QUIET_NAN;
    }
    if (is_infinite(a) || is_infinite(b)) {
        return sign | INFINITE;
    }
    if (is_zero(a) || is_zero(b)) {
        return sign;
    }
    /* Of the 48 bits of the product the 32 leading ones, in products that every core has. */
    const parts p = normal_parts(a);
    const parts q = normal_parts(b);
    const uint32_t p_low = p.significand & 0xFFFFu, p_high = p.significand >> 16;
    const uint32_t q_low = q.significand & 0xFFFFu, q_high = q.significand >> 16;
    const uint32_t low = p_low * q_low;
    const uint32_t top = ((p_high * q_high) << 16) + p_high * q_low + p_low * q_high + (low >> 16);
    return rounded(sign, p.exponent + q.exponent - 126, top | ((low & 0xFFFFu) != 0u ? 1u : 0u));
}

uint32_t __aeabi_fdiv(uint32_t a, uint32_t b) {
    const uint32_t sign = (a ^ b) & SIGN;
    if (is_nan(a) || is_nan(b) || (is_infinite(a) && is_infinite(b)) || (is_zero(a) && is_zero(b))) {
        return QUIET_NAN;
    }
    if (is_infinite(a) || is_zero(b)) {
        return sign | INFINITE;
    }
    if (is_zero(a) || is_infinite(b)) {
        return sign;
    }
    const parts p = normal_parts(a);
    const parts q = normal_parts(b);
    uint32_t rest = p.significand;
    uint32_t quotient = 0u;
    /* 27 bits: at least 26 are significant, i.e. 24, the one that decides the rounding, and one to spare. */
    for (int32_t i = 0; i < 27; ++i) {
        quotient <<= 1;
        if (rest >= q.significand) {
            rest -= q.significand;
            quotient |= 1u;
        }
        rest <<= 1;
    }
    return rounded(sign, p.exponent - q.exponent + BIAS, (quotient << 5) | (rest != 0u ? 1u : 0u));
}

/** Integers in the order of the numbers, both zeros being 0. */
static int32_t order(uint32_t a) { return (a & SIGN) != 0u ? -(int32_t)(a & ~SIGN) : (int32_t)a; }

int __aeabi_fcmpun(uint32_t a, uint32_t b) { return is_nan(a) || is_nan(b); }

int __aeabi_fcmpeq(uint32_t a, uint32_t b) { return !__aeabi_fcmpun(a, b) && order(a) == order(b); }

int __aeabi_fcmplt(uint32_t a, uint32_t b) { return !__aeabi_fcmpun(a, b) && order(a) < order(b); }

int __aeabi_fcmple(uint32_t a, uint32_t b) { return !__aeabi_fcmpun(a, b) && order(a) <= order(b); }

int __aeabi_fcmpge(uint32_t a, uint32_t b) { return __aeabi_fcmple(b, a); }

int __aeabi_fcmpgt(uint32_t a, uint32_t b) { return __aeabi_fcmplt(b, a); }

uint32_t __aeabi_ui2f(uint32_t value) { return rounded(0u, BIAS + 31, value); }

uint32_t __aeabi_i2f(int32_t value) {
    const uint32_t bits = (uint32_t)value;
    return (value < 0) ? rounded(SIGN, BIAS + 31, 0u - bits) : rounded(0u, BIAS + 31, bits);
}

/** As rounded, of 64 bits. */
static uint32_t rounded_long(uint32_t sign, uint64_t value) {
    int32_t exponent = BIAS + 31;
    uint32_t high = (uint32_t)(value >> 32);
    uint32_t low = (uint32_t)value;
    for (; high != 0u; ++exponent) {
        low = (low >> 1) | (low & 1u) | (high << 31);
        high >>= 1;
    }
    return rounded(sign, exponent, low);
}

uint32_t __aeabi_ul2f(uint64_t value) { return rounded_long(0u, value); }

uint32_t __aeabi_l2f(int64_t value) {
    const uint64_t bits = (uint64_t)value;
    return (value < 0) ? rounded_long(SIGN, 0u - bits) : rounded_long(0u, bits);
}

/** The magnitude of a number towards 0, at most `limit`, as the FPU's conversions saturate; of NaN 0. */
static uint64_t truncated(uint32_t a, uint64_t limit) {
    const int32_t exponent = (int32_t)((a >> 23) & 0xFFu) - BIAS;
    if (is_nan(a) || exponent < 0) {
        return 0u;
    }
    if (exponent > 63) {
        return limit;
    }
    uint64_t magnitude = (a & FRACTION) | LEADING;
    for (int32_t i = exponent; i < 23; ++i) {
        magnitude >>= 1;
    }
    for (int32_t i = 23; i < exponent; ++i) {
        magnitude <<= 1;
    }
    return (magnitude > limit) ? limit : magnitude;
}

static bool is_negative(uint32_t a) { return (a & SIGN) != 0u; }

int32_t __aeabi_f2iz(uint32_t a) {
    const uint32_t magnitude = (uint32_t)truncated(a, is_negative(a) ? 0x80000000u : 0x7FFFFFFFu);
    return (int32_t)(is_negative(a) ? 0u - magnitude : magnitude);
}

uint32_t __aeabi_f2uiz(uint32_t a) { return is_negative(a) ? 0u : (uint32_t)truncated(a, 0xFFFFFFFFu); }

int64_t __aeabi_f2lz(uint32_t a) {
    const uint64_t magnitude = truncated(a, is_negative(a) ? (1ull << 63) : (1ull << 63) - 1u);
    return (int64_t)(is_negative(a) ? 0u - magnitude : magnitude);
}

uint64_t __aeabi_f2ulz(uint32_t a) { return is_negative(a) ? 0u : truncated(a, ~0ull); }
