#ifndef NAP_DROP_FILTER_H
#define NAP_DROP_FILTER_H

struct drop_sandbox;

/*
 * Let through the system calls that s needs (drop_calls.h) and no others. Those
 * fail with EPERM: a libc may try one that we have not thought of, and mostly
 * can do without, where a process that is killed would be an index or a peer
 * that is gone. What is newer than our list fails with ENOSYS, upon which every
 * libc takes the call that it took before. What only an intruder would try
 * kills the process.
 *
 * 0, or -1 with errno: ENOSYS or EINVAL where the kernel has no filters,
 * ENOTSUP where we have no list for the processor. A sanitizer would trip over
 * a filter: what is built with one does without, which is an error (ENOTSUP)
 * with DROP_SANDBOX_REQUIRE alone.
 */
int drop_filter(const struct drop_sandbox *s);

#endif
