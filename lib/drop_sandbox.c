#include "drop_sandbox.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "drop_caps.h"
#include "drop_filter.h"
#include "drop_kernel.h"
#include "drop_landlock.h"
#include "log.h"

int
drop_sandbox_mode(const char *text, enum drop_sandbox_mode *mode)
{
	static const char *const names[] = {
	    [DROP_SANDBOX_OFF] = "off",
	    [DROP_SANDBOX_TRY] = "try",
	    [DROP_SANDBOX_REQUIRE] = "require",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*mode = (enum drop_sandbox_mode)i;
			return 0;
		}
	return -1;
}

static int
refuse_privileges(const struct drop_sandbox *s)
{
	(void)s;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* In their order: what comes later shuts out the calls of what came before. */
static const struct {
	const char *name;
	int (*enter)(const struct drop_sandbox *s);
} parts[] = {
    {"a ban on new privileges", refuse_privileges},
    {"Landlock", drop_landlock},
    {"the loss of capabilities", drop_caps},
    {"a filter of system calls", drop_filter},
};

int
drop_sandbox_enter(const struct drop_sandbox *s)
{
	if (s->mode == DROP_SANDBOX_OFF)
		return 0;
	/* Local time is wanted by syslog, and reads a file the first time. */
	tzset();
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i].enter(s) == 0)
			continue;
		if (s->mode == DROP_SANDBOX_REQUIRE) {
			log_warn("not confined by %s", parts[i].name);
			return -1;
		}
		log_info(
		    "not confined by %s: %s", parts[i].name, strerror(errno));
	}
	return 0;
}
