/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_PORT_H
#define SX_PORT_H

/* Keeps a function a symbol of its own name, so that the instructions of a layer can be told apart. */
#if defined(__GNUC__) && !defined(__clang__)
#define SX_NOINLINE __attribute__((noipa))
#elif defined(__GNUC__)
#define SX_NOINLINE __attribute__((noinline))
#else
#define SX_NOINLINE
#endif

/* A function of a header of which a file has one copy, where it is called at all: small instead of inlined at each call. */
#if defined(__GNUC__)
#define SX_SHARED __attribute__((noinline, unused))
#else
#define SX_SHARED
#endif

/*
 * A function whose time is spent in loops of assembly that it calls: small instead of fast. GCC has no attribute for that but `cold`,
 * whose branches it takes for unlikely ones; it is of no matter here.
 */
#if defined(__clang__)
#define SX_SMALL __attribute__((minsize))
#elif defined(__GNUC__)
#define SX_SMALL __attribute__((cold))
#else
#define SX_SMALL
#endif

/* A function that is hardly ever called: small instead of fast. */
#if defined(__clang__)
#define SX_RARE __attribute__((noinline, cold, minsize))
#elif defined(__GNUC__)
#define SX_RARE __attribute__((noinline, cold))
#else
#define SX_RARE
#endif

/* Puts a constant into a section that the linker script knows. */
#if defined(__GNUC__)
#define SX_SECTION(name) __attribute__((section(name)))
#else
#define SX_SECTION(name)
#endif

/* Float32 constants that have no literal. */
#if defined(__GNUC__)
#define SX_INFINITY (__builtin_inff())
#define SX_NAN (__builtin_nanf(""))
#else
#include <math.h>
#define SX_INFINITY INFINITY
#define SX_NAN NAN
#endif

/* Called by the generated code after each step; define it on the command line to observe the layers. */
#if defined(SX_TRACE_FUNCTION)
void SX_TRACE_FUNCTION(int step);
#define SX_TRACE_STEP(step) SX_TRACE_FUNCTION(step)
#else
#define SX_TRACE_STEP(step) ((void)0)
#endif

#endif
