/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SX_MVE_H
#define SX_MVE_H

/** Whether the core has MVE, integer and float; where not, the kernels are plain C with the same results. */
#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 3) == 3
#define SX_HAS_MVE 1
#include <arm_mve.h>
#else
#define SX_HAS_MVE 0
#endif

#endif
