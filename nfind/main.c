/*
 * nfind - ask one or several indexes for files, and print where they are.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/inherit.h"
#include "lib/log.h"
#include "lib/opt.h"
#include "options.h"
#include "run.h"

int
main(int argc, char **argv)
{
	struct run_options options;
	struct request request;
	const char *why;
	int status;

	inherit_standard();
	log_open("nfind", LOG_LEVEL_INFO);
	options_read(argc, argv, &options);
	if (request_make(&options.want, &request, &why) < 0)
		opt_usage("%s", why);
	signal(SIGPIPE, SIG_IGN);
	status = run(&options, &request);
	request_free(&request);
	indexes_free(&options.indexes);
	return status;
}
