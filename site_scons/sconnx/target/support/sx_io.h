/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three things that a firmware made by sconnx needs from the outside world. semihosting.c provides them for an
 * emulator or a debugger, standalone.c for a board without, host.c for a process of the build machine.
 */
#ifndef SX_IO_H
#define SX_IO_H

#include <stddef.h>

/* Reads from standard input until `size_bytes` bytes are there or the input ends; returns the number of bytes read. */
size_t sx_io_read(void *to, size_t size_bytes);

/* Writes all bytes to standard output; ends the program with status 98 when that fails. */
void sx_io_write(const void *from, size_t size_bytes);

/* Ends the program; 0 is success. */
_Noreturn void sx_io_exit(int status);

/* Exit statuses of the support code itself. */
#define SX_IO_STATUS_WRITE_FAILED 98
#define SX_IO_STATUS_FAULT 99

#endif
