/*
 * nget - fetch files from the peers that share them.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "lib/inherit.h"
#include "lib/log.h"
#include "list.h"
#include "options.h"
#include "run.h"

/* A failed write is told where it happens, with its reason. */
static void
ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct options options;
	enum status status;

	inherit_standard();
	log_open("nget", LOG_LEVEL_INFO);
	options_read(argc, argv, &options);
	ignore_signals();
	if (options.list)
		status = list_run(&options.settings, &options.host);
	else
		status = run(&options.settings, &options.operands);
	options_free(&options);
	return status;
}
