#include "indexes.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "opt.h"

static int
refuse(int error, const char **why, const char *text)
{
	*why = text;
	errno = error;
	return -1;
}

static bool
has(const struct indexes *list, const struct locator_host *host)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->list[i].port == host->port &&
		    slice_eq_nocase(
			slice_str(list->list[i].name), slice_str(host->name)))
			return true;
	return false;
}

static int
append(struct indexes *list, const struct locator_host *host, const char **why)
{
	struct locator_host *grown;

	if (has(list, host))
		return 0;
	if (list->count == INDEXES_MAX)
		return refuse(EINVAL, why, "more than 64 indexes");
	grown = realloc(list->list, (list->count + 1) * sizeof *grown);
	if (!grown)
		return refuse(ENOMEM, why, "out of memory");
	list->list = grown;
	list->list[list->count++] = *host;
	return 0;
}

static int
parse_one(struct slice text, struct locator_host *host, const char **why)
{
	if (locator_host_parse(text, INDEXES_PORT, false, host) < 0)
		return refuse(EINVAL, why,
		    errno == ERANGE ? "its port is not between 1 and 65535"
				    : "it is no host[:port]");
	if (!strcmp(host->name, "*"))
		return refuse(EINVAL, why, "* is no host to connect to");
	return 0;
}

int
indexes_parse(struct slice text, struct indexes *list, const char **why)
{
	size_t before = list->count;
	struct locator_host host;
	struct slice one;

	while (slice_token(&text, " \t\r\n,", &one))
		if (parse_one(one, &host, why) < 0 ||
		    append(list, &host, why) < 0) {
			list->count = before;
			return -1;
		}
	return 0;
}

int
indexes_default(struct indexes *list, const char *environment, const char **why)
{
	struct indexes named = {0};

	if (environment &&
	    indexes_parse(slice_str(environment), &named, why) < 0) {
		indexes_free(&named);
		return -1;
	}
	if (named.count) {
		indexes_free(list);
		*list = named;
	}
	if (list->count)
		return 0;
	return indexes_parse(SLICE(INDEXES_DEFAULT), list, why);
}

int
indexes_take(struct indexes *list, int *source, struct opt *given)
{
	const char *why = "it names no index";

	if (opt_replaces(given, source))
		indexes_free(list);
	if (indexes_parse(slice_str(given->text), list, &why) == 0 &&
	    list->count > 0)
		return 0;
	return opt_refuse(given, "--index '%.200s': %s", given->text, why);
}

void
indexes_free(struct indexes *list)
{
	free(list->list);
	*list = (struct indexes){0};
}
