#include "cell.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

_Noreturn static void
live(const struct cell *c, int (*door)(void))
{
	const struct rlimit no_core = {0};

	setrlimit(RLIMIT_CORE, &no_core);
	alarm(30);
	if (c->enter(&c->sandbox) == -1)
		_exit(CELL_NONE);
	_exit(door());
}

int
cell_try(const struct cell *c, int (*door)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0)
		live(c, door);
	while (waitpid(child, &status, 0) == -1)
		if (errno != EINTR)
			return CELL_NONE;
	return WIFSIGNALED(status) ? CELL_DEATH | WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int
cell_met(long result)
{
	return result == -1 ? errno : 0;
}

int
cell_met_fd(int fd)
{
	if (fd == -1)
		return errno;
	close(fd);
	return 0;
}
