#include "lib/inherit.h"
#include "lib/log.h"
#include "options.h"
#include "share.h"

int
main(int argc, char *argv[])
{
	struct options options;
	int status;

	inherit_standard();
	log_open("nshare", LOG_LEVEL_INFO);
	options_take(&options, argc, argv);
	log_open("nshare", options.level);
	status = share_run(&options.share);
	options_free(&options);
	return status;
}
