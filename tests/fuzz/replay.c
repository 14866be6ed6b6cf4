/*
 * What stands in for libFuzzer in make check: the harness that it is linked
 * with is given one file after the other.
 *
 *	replay [FILE-OR-DIRECTORY]...
 *
 * Without operands, those of the harness in the corpus that NAP_SOURCE leads to.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

static const char prefix[] = "fuzz_";

static const char *
last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void
give_up(const char *path)
{
	perror(path);
	exit(EXIT_FAILURE);
}

/* All that is in a file, in memory of its own and no more. */
static uint8_t *
load(const char *path, size_t size)
{
	uint8_t *bytes = malloc(size ? size : 1);
	FILE *file = fopen(path, "rb");

	if (!bytes || !file || fread(bytes, 1, size, file) != size)
		give_up(path);
	fclose(file);
	return bytes;
}

/* A promise that is broken ends the program: what is replayed is told before. */
static void
replay_file(const char *path, size_t size)
{
	uint8_t *bytes = load(path, size);

	tap_note("%s", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	tap_ok(true, "it keeps its promises with %s", last_of(path));
}

static int
is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(const char *path);

static void
replay_directory(const char *path)
{
	struct dirent **list;
	int count = scandir(path, &list, is_shown, alphasort);
	char *name;

	if (count < 0)
		give_up(path);
	for (int i = 0; i < count; i++) {
		if (asprintf(&name, "%s/%s", path, list[i]->d_name) < 0)
			give_up(path);
		replay(name);
		free(name);
		free(list[i]);
	}
	free(list);
}

static void
replay(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		give_up(path);
	if (S_ISDIR(st.st_mode))
		replay_directory(path);
	else
		replay_file(path, (size_t)st.st_size);
}

static void
replay_corpus(const char *program)
{
	const char *source = getenv("NAP_SOURCE"), *name = last_of(program);
	char *path;

	if (strncmp(name, prefix, sizeof prefix - 1) == 0)
		name += sizeof prefix - 1;
	if (asprintf(&path, "%s/tests/fuzz/corpus/%s", source ? source : ".",
		name) < 0)
		give_up(program);
	replay(path);
	free(path);
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		replay_corpus(argv[0]);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return tap_done();
}
