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

/*
 * Stands once in the code of each model. Models share the kernels in a link, so those must be of one version: linkers take an
 * absolute symbol any number of times if its value is the same, and call another value a multiple definition of sx_kernels_abi.
 */
#if defined(__GNUC__) && defined(__ELF__)
#define SX_TEXT_OF(text) #text
#define SX_TEXT(macro) SX_TEXT_OF(macro)
#define SX_ONE_ABI() __asm__(".globl sx_kernels_abi\n.set sx_kernels_abi, " SX_TEXT(SX_ABI))
#else
#define SX_ONE_ABI() typedef int sx_no_kernels_abi
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

/*
 * A hook that the generated code calls after each step of a run, with the step's number from 0 on: -DSX_TRACE_FUNCTION=name for
 * the model's C file, which says in a comment what a step computes. Without it there is no call. Rows that an application
 * pushes are computed before the first step.
 */
#if defined(SX_TRACE_FUNCTION)
void SX_TRACE_FUNCTION(int step);
#define SX_TRACE_STEP(step) SX_TRACE_FUNCTION(step)
#else
#define SX_TRACE_STEP(step) ((void)0)
#endif

#endif
