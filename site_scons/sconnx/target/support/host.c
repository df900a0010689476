/* SPDX-License-Identifier: Apache-2.0 */
/* sx_io.h over the C library, for target=host. */
#include "sx_io.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

/* Windows translates line ends unless told that the stream is binary. */
static void make_binary(FILE *stream) {
#ifdef _WIN32
    (void)_setmode(_fileno(stream), _O_BINARY);
#else
    (void)stream;
#endif
}

size_t sx_io_read(void *to, size_t size_bytes) {
    make_binary(stdin);
    return fread(to, 1, size_bytes, stdin);
}

void sx_io_write(const void *from, size_t size_bytes) {
    make_binary(stdout);
    if (fwrite(from, 1, size_bytes, stdout) != size_bytes) {
        sx_io_exit(SX_IO_STATUS_WRITE_FAILED);
    }
}

_Noreturn void sx_io_exit(int status) { exit(status); }
