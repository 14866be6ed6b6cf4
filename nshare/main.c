#include <malloc.h>

#include "config.h"
#include "lib/inherit.h"
#include "lib/log.h"
#include "options.h"
#include "share.h"

/* Above that, memory goes back as soon as it is not used: crowds pass. */
#define MMAP_BYTES (64 * 1024)

int
main(int argc, char *argv[])
{
	struct options options;
	int status;

	inherit_standard();
	mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	mallopt(M_ARENA_MAX, 1);
	log_open("nshare", LOG_LEVEL_INFO);
	options_take(&options, argc, argv);
	log_open("nshare", options.level);
	status = share_run(&options.share);
	options_free(&options);
	return status;
}
