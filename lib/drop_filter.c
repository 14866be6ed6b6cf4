#include "drop_filter.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "drop_calls.h"
#include "drop_kernel.h"
#include "drop_sandbox.h"

#define INSTRUCTIONS_MAX 1024

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* On x86-64, numbers from here on are those of x32: other calls, to us. */
#define X32 0x40000000U

/* What a tracer puts in the place of a call that is not to happen. */
#define NO_CALL UINT32_MAX

/* Both processors have the lower half of an argument first. */
#define AT(field) ((uint32_t)offsetof(struct drop_bpf_input, field))
#define AT_ARG(n) (AT(args) + (n) * (uint32_t)sizeof(uint64_t))

struct filter {
	struct drop_bpf list[INSTRUCTIONS_MAX];
	size_t count;
};

/* One too many is counted, not written. */
static void
put(struct filter *f, struct drop_bpf instruction)
{
	if (f->count < INSTRUCTIONS_MAX)
		f->list[f->count] = instruction;
	f->count++;
}

static void
put_load(struct filter *f, uint32_t at)
{
	put(f, (struct drop_bpf){.code = DROP_BPF_LOAD, .k = at});
}

static void
put_return(struct filter *f, uint32_t answer)
{
	put(f, (struct drop_bpf){.code = DROP_BPF_RETURN, .k = answer});
}

/* Answer so if what was loaded is k. */
static void
put_answer(struct filter *f, uint32_t k, uint32_t answer)
{
	put(f, (struct drop_bpf){.code = DROP_BPF_JEQ, .no = 1, .k = k});
	put_return(f, answer);
}

static uint32_t
error(int number)
{
	return SECCOMP_RET_ERRNO | (uint32_t)number;
}

/* With the number of the call loaded, before and after. */
static void
put_tested(struct filter *f, const struct drop_calls_row *row)
{
	const struct drop_calls_test *test = &row->test;
	size_t count = test->count ? test->count : 1;
	/* Over all that is put here. */
	uint8_t over = (uint8_t)(3 + 2 * count);

	put(f,
	    (struct drop_bpf){.code = DROP_BPF_JEQ, .no = over, .k = row->nr});
	put_load(f, AT_ARG(test->arg));
	put(f, (struct drop_bpf){.code = DROP_BPF_AND, .k = test->mask});
	for (size_t i = 0; i < count; i++)
		put_answer(f,
		    test->count ? test->values[i] : (uint32_t)getpid(),
		    SECCOMP_RET_ALLOW);
	put_load(f, AT(nr));
}

static void
put_row(struct filter *f, const struct drop_calls_row *row)
{
	static const uint32_t answers[] = {
	    [DROP_CALLS_PASS] = SECCOMP_RET_ALLOW,
	    [DROP_CALLS_UNKNOWN] = SECCOMP_RET_ERRNO | ENOSYS,
	    [DROP_CALLS_DEATH] = SECCOMP_RET_KILL_PROCESS,
	};

	if (row->test.mask)
		put_tested(f, row);
	else
		put_answer(f, row->nr, answers[row->answer]);
}

/* Calls of another kind have other numbers: they are not looked at. */
static void
put_architecture(struct filter *f)
{
	put_load(f, AT(arch));
	put(f,
	    (struct drop_bpf){
		.code = DROP_BPF_JEQ, .yes = 1, .k = ARCHITECTURE});
	put_return(f, SECCOMP_RET_KILL_PROCESS);
	put_load(f, AT(nr));
	put_answer(f, NO_CALL, SECCOMP_RET_ALLOW);
	put(f, (struct drop_bpf){.code = DROP_BPF_JGT, .no = 1, .k = X32 - 1});
	put_return(f, SECCOMP_RET_KILL_PROCESS);
}

static unsigned
needs(const struct drop_sandbox *s)
{
	unsigned all = 0;

	if (s->read >= 0 || s->files != NULL)
		all |= DROP_CALLS_READ;
	if (s->write != NULL)
		all |= DROP_CALLS_WRITE;
	if (s->resolve)
		all |= DROP_CALLS_RESOLVE;
	if (s->bind)
		all |= DROP_CALLS_BIND;
	if (s->syslog || getenv("NOTIFY_SOCKET") != NULL)
		all |= DROP_CALLS_LOCAL;
	return all;
}

static void
put_all(struct filter *f, unsigned wanted, const struct drop_calls_row *rows,
    size_t count)
{
	put_architecture(f);
	for (size_t i = 0; i < count; i++)
		if (rows[i].needs == 0 || (rows[i].needs & wanted) != 0)
			put_row(f, &rows[i]);
	put(f,
	    (struct drop_bpf){
		.code = DROP_BPF_JGT, .no = 1, .k = DROP_CALLS_LAST});
	put_return(f, error(ENOSYS));
	put_return(f, error(EPERM));
}

static bool
is_sanitized(void)
{
#ifdef DROP_SANITIZED
	return true;
#else
	return false;
#endif
}

/*
 * No code of others runs in this process, from which something would have to be
 * kept by slowing down speculation: SPEC_ALLOW.
 */
int
drop_filter(const struct drop_sandbox *s)
{
	struct filter filter = {.count = 0};
	struct drop_bpf_program program = {.list = filter.list};
	size_t count;
	const struct drop_calls_row *rows = drop_calls(&count);

	if (is_sanitized() && s->mode != DROP_SANDBOX_REQUIRE)
		return 0;
	if (is_sanitized() || count == 0) {
		errno = ENOTSUP;
		return -1;
	}
	put_all(&filter, needs(s), rows, count);
	if (filter.count > INSTRUCTIONS_MAX) {
		errno = E2BIG;
		return -1;
	}
	program.count = (unsigned short)filter.count;
	return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
	    SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
}
