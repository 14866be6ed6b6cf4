#include "lib/drop_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <syslog.h>
#include <unistd.h>

#include "cell.h"
#include "lib/drop_caps.h"
#include "lib/drop_kernel.h"
#include "lib/net.h"
#include "tap.h"

/* Doors: 0, or the errno that stands in them. */

/* What a line of /proc/self/status says, opened before the doors shut. */
static int status;

static bool
status_says(const char *line)
{
	char text[8192];
	ssize_t n = pread(status, text, sizeof text - 1, 0);

	if (n <= 0)
		return false;
	text[n] = '\0';
	return strstr(text, line) != NULL;
}

static int
enter_watched(const struct drop_sandbox *s)
{
	status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	return drop_sandbox_enter(s);
}

static int
gain_privileges(void)
{
	return status_says("\nNoNewPrivs:\t1\n") ? EPERM : 0;
}

static int
use_capabilities(void)
{
	static const char *const sets[] = {"\nCapInh:\t0000000000000000\n",
	    "\nCapPrm:\t0000000000000000\n", "\nCapEff:\t0000000000000000\n",
	    "\nCapAmb:\t0000000000000000\n"};

	status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
		if (!status_says(sets[i]))
			return 0;
	return EPERM;
}

static int
bequeath_capabilities(void)
{
	status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	return status_says("\nCapBnd:\t0000000000000000\n") ? EPERM : 0;
}

/* As libc would, for a process of one thread. */
static int
be_another(void)
{
	return cell_met(syscall(__NR_setuid, 65534));
}

static int
change_root(void)
{
	return cell_met(chroot("/"));
}

static int
open_hosts(void)
{
	return cell_met_fd(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
}

static void *
run_door(void *door)
{
	return (void *)(intptr_t)(*(int (**)(void))door)();
}

static int
open_hosts_in_thread(void)
{
	int (*door)(void) = open_hosts;
	pthread_t thread;
	void *met;

	if (pthread_create(&thread, NULL, run_door, &door) != 0)
		abort();
	pthread_join(thread, &met);
	return (int)(intptr_t)met;
}

static int
look_up(void)
{
	struct net_addrs addrs;
	const char *why;

	if (net_resolve("localhost", 80, NET_V4, &addrs, &why) == -1)
		return ENOENT;
	net_addrs_free(&addrs);
	return 0;
}

/* Nobody may listen there: what counts is to come back. */
static int
talk_to_syslog(void)
{
	openlog("t_drop_sandbox", LOG_PID, LOG_DAEMON);
	syslog(LOG_DEBUG, "a confined process has said this");
	return 0;
}

static void
test_modes(void)
{
	enum drop_sandbox_mode mode;

	tap_ok(drop_sandbox_mode("off", &mode) == 0 && mode == DROP_SANDBOX_OFF,
	    "a sandbox may be off");
	tap_ok(drop_sandbox_mode("try", &mode) == 0 && mode == DROP_SANDBOX_TRY,
	    "or tried");
	tap_ok(drop_sandbox_mode("require", &mode) == 0 &&
		mode == DROP_SANDBOX_REQUIRE,
	    "or required");
	tap_ok(drop_sandbox_mode("", &mode) == -1 &&
		drop_sandbox_mode("Try", &mode) == -1 &&
		drop_sandbox_mode("requires", &mode) == -1,
	    "and nothing else");
}

static void
test_off(void)
{
	const struct cell c = {
	    enter_watched, {.mode = DROP_SANDBOX_OFF, .read = -1}};

	tap_is_num(cell_try(&c, gain_privileges), 0,
	    "where there is none, privileges may be gained");
	tap_is_num(cell_try(&c, open_hosts), 0, "and files opened");
}

static void
test_caps(void)
{
	const struct cell c = {drop_caps, {.read = -1}};

	tap_is_num(cell_try(&c, use_capabilities), EPERM,
	    "no capability is left in any set");
	if (geteuid() != 0) {
		tap_ok(true, "capabilities are lost # SKIP not root");
		return;
	}
	tap_is_num(cell_try(&c, bequeath_capabilities), EPERM,
	    "nor for what would be executed");
	tap_is_num(cell_try(&c, be_another), EPERM,
	    "who was root becomes nobody else");
	tap_is_num(cell_try(&c, change_root), EPERM, "and changes no root");
}

static void
test_all(void)
{
	const struct cell c = {
	    enter_watched, {.mode = DROP_SANDBOX_TRY, .read = -1}};
	const struct cell talks = {drop_sandbox_enter,
	    {.mode = DROP_SANDBOX_TRY, .read = -1, .syslog = true}};
	const struct cell names = {drop_sandbox_enter,
	    {.mode = DROP_SANDBOX_TRY, .read = -1, .resolve = true}};
	const struct cell all = {
	    drop_sandbox_enter, {.mode = DROP_SANDBOX_REQUIRE, .read = -1}};
	int shut = cell_try(&c, open_hosts);

	tap_is_num(cell_try(&c, gain_privileges), EPERM,
	    "in a sandbox no privileges are gained");
	tap_ok(shut != CELL_NONE, "what cannot be had is done without");
	tap_is_num(cell_try(&c, open_hosts_in_thread), shut,
	    "threads are confined as their process is");
	tap_is_num(
	    cell_try(&talks, talk_to_syslog), 0, "syslog can be talked to");
	tap_is_num(
	    cell_try(&names, look_up), 0, "names can be looked up if need be");
	if (syscall(__NR_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) < 1) {
		tap_is_num(cell_try(&all, open_hosts), CELL_NONE,
		    "what is required and missing is an error");
		return;
	}
	tap_ok(shut == EACCES || shut == EPERM, "no file is opened");
#ifdef DROP_SANITIZED
	tap_is_num(cell_try(&all, open_hosts), CELL_NONE,
	    "what is required and missing is an error");
#endif
}

int
main(void)
{
	alarm(60);
	test_modes();
	test_off();
	test_caps();
	test_all();
	return tap_done();
}
