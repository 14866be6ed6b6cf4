#ifndef NAP_BENCH_SPENT_H
#define NAP_BENCH_SPENT_H

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/*
 * Nanoseconds of processor time that a running process has spent, all its
 * threads together; ends the program when there is no such process.
 */
int64_t spent_ns(pid_t pid);

/* The same of what wait4 or getrusage tell. */
int64_t spent_ns_of(const struct rusage *usage);

#endif
