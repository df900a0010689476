/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STARTUP_H
#define STARTUP_H

#ifdef __cplusplus
extern "C" {
#endif

void print(const char *text);

#ifdef __cplusplus
}
#endif

#endif
