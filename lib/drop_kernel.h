#ifndef NAP_DROP_KERNEL_H
#define NAP_DROP_KERNEL_H

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/*
 * What Linux says in headers that a libc need not come with (musl has none of
 * them), or that are older than the kernel that runs. Constants have the
 * kernel's names.
 */

/* prctl(2) */
#ifndef PR_CAPBSET_DROP
#define PR_CAPBSET_DROP 24
#endif
#ifndef PR_SET_NO_NEW_PRIVS
#define PR_SET_NO_NEW_PRIVS 38
#endif
#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif

/* capabilities(7) */
#ifndef _LINUX_CAPABILITY_VERSION_3
#define _LINUX_CAPABILITY_VERSION_3 0x20080522
#endif

struct drop_cap_header {
	uint32_t version;
	int pid; /* 0: this thread */
};

/* The lower 32 capabilities, and then the same of the upper. */
struct drop_cap_data {
	uint32_t effective;
	uint32_t permitted;
	uint32_t inheritable;
};

/* landlock(7) */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif
#ifndef LANDLOCK_CREATE_RULESET_VERSION
#define LANDLOCK_CREATE_RULESET_VERSION (1U << 0)
#endif
#ifndef LANDLOCK_RULE_PATH_BENEATH
#define LANDLOCK_RULE_PATH_BENEATH 1
#define LANDLOCK_RULE_NET_PORT 2
#endif
#ifndef LANDLOCK_ACCESS_FS_EXECUTE
#define LANDLOCK_ACCESS_FS_EXECUTE (1ULL << 0)
#define LANDLOCK_ACCESS_FS_WRITE_FILE (1ULL << 1)
#define LANDLOCK_ACCESS_FS_READ_FILE (1ULL << 2)
#define LANDLOCK_ACCESS_FS_READ_DIR (1ULL << 3)
#define LANDLOCK_ACCESS_FS_REMOVE_FILE (1ULL << 5)
#define LANDLOCK_ACCESS_FS_MAKE_REG (1ULL << 8)
#define LANDLOCK_ACCESS_FS_MAKE_SYM (1ULL << 12)
#endif
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

/* A kernel that knows fewer fields takes the others when they are 0. */
struct drop_ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

struct drop_path_rule {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

struct drop_port_rule {
	uint64_t allowed_access;
	uint64_t port;
};

/* seccomp(2), and the classic BPF that it takes */
#ifndef SECCOMP_SET_MODE_FILTER
#define SECCOMP_SET_MODE_FILTER 1
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#define SECCOMP_RET_ERRNO 0x00050000U
#define SECCOMP_RET_ALLOW 0x7fff0000U
#endif
#ifndef AUDIT_ARCH_X86_64
#define AUDIT_ARCH_X86_64 0xc000003eU
#define AUDIT_ARCH_AARCH64 0xc00000b7U
#endif

/* The instructions that we use. */
#define DROP_BPF_LOAD 0x20 /* the word at k of what the filter is given */
#define DROP_BPF_AND 0x54
#define DROP_BPF_JEQ 0x15 /* skip yes instructions, or no */
#define DROP_BPF_JGT 0x25
#define DROP_BPF_RETURN 0x06

struct drop_bpf {
	uint16_t code;
	uint8_t yes;
	uint8_t no;
	uint32_t k;
};

struct drop_bpf_program {
	unsigned short count;
	const struct drop_bpf *list;
};

/* What the filter is given. */
struct drop_bpf_input {
	uint32_t nr;
	uint32_t arch;
	uint64_t instruction;
	uint64_t args[6];
};

/* Newer than some headers: the same numbers on every processor. */
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_close_range
#define __NR_close_range 436
#endif
#ifndef __NR_openat2
#define __NR_openat2 437
#endif
#ifndef __NR_faccessat2
#define __NR_faccessat2 439
#endif
#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2 441
#endif

/* Sanitizers look around in their process, and make calls of their own. */
#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DROP_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DROP_SANITIZED
#endif

#endif
