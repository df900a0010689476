/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plugin for QEMU that counts instructions: the number in each translation block is added whenever the block is entered.
 * qemu_machine.py passes the number of a file descriptor, whose first 8 bytes are the count, and reads them when the machine
 * stands still. Of the interface (QEMU's include/qemu/qemu-plugin.h) only what is used is declared here; it is the same in
 * all versions since 0.
 *
 * These functions are QEMU's and exist only there. unicorn loads the same shared object, so all of them are weak.
 */
#if defined(__ELF__)
#include <stddef.h>
#include <stdint.h>

#define OF_QEMU __attribute__((weak))

enum { QEMU_PLUGIN_CB_NO_REGS = 0 };
enum { PROT_READ_WRITE = 3, MAP_SHARED = 1 };

typedef uint64_t qemu_plugin_id_t;
typedef struct qemu_plugin_tb qemu_plugin_tb;
typedef void (*on_translation)(qemu_plugin_id_t id, qemu_plugin_tb *block);
typedef void (*on_execution)(unsigned int processor, void *user);

OF_QEMU void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, on_translation callback);
OF_QEMU void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb *block, on_execution callback, int flags, void *user);
OF_QEMU void qemu_plugin_register_vcpu_tb_exec_inline(qemu_plugin_tb *block, int operation, void *at, uint64_t operand);
OF_QEMU size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb *block);
OF_QEMU void *mmap(void *at, size_t size_bytes, int protection, int flags, int file, long offset);

extern int qemu_plugin_version;
int qemu_plugin_version = 2;
int qemu_plugin_install(qemu_plugin_id_t id, const void *machine, int argument_count, char **arguments);

/* QEMU 9.0 takes plugins of version 2 and more; those before it none of them, and have this function, which 9.0 has not. */
__attribute__((constructor)) static void choose_version(void) {
    if (qemu_plugin_register_vcpu_tb_exec_inline != NULL) {
        qemu_plugin_version = 1;
    }
}

static uint64_t *total;

static void add_block(unsigned int processor, void *instructions) {
    (void)processor;
    *total += (uintptr_t)instructions;
}

static void count_block_of_qemu(qemu_plugin_id_t id, qemu_plugin_tb *block) {
    (void)id;
    void *instructions = (void *)(uintptr_t)qemu_plugin_tb_n_insns(block);
    qemu_plugin_register_vcpu_tb_exec_cb(block, add_block, QEMU_PLUGIN_CB_NO_REGS, instructions);
}

/* The only argument is `total=NUMBER`; any result but 0 ends QEMU. */
int qemu_plugin_install(qemu_plugin_id_t id, const void *machine, int argument_count, char **arguments) {
    static const char key[] = "total=";
    int file = 0;
    (void)machine;
    if (argument_count != 1) {
        return 1;
    }
    for (const char *digit = arguments[0] + sizeof key - 1u; *digit != '\0'; digit++) {
        file = 10 * file + (*digit - '0');
    }
    total = mmap(NULL, sizeof *total, PROT_READ_WRITE, MAP_SHARED, file, 0);
    if (total == (void *)-1) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, count_block_of_qemu);
    return 0;
}
#endif
