#include "lib/indexes.h"

#include <errno.h>

#include "tests/fuzz/fuzz.h"

/* Lines: each what an -I says, the last one what NAP_INDEX does. */

static bool
has(const struct indexes *list, size_t count, const struct locator_host *host)
{
	for (size_t i = 0; i < count; i++)
		if (list->list[i].port == host->port &&
		    !strcasecmp(list->list[i].name, host->name))
			return true;
	return false;
}

/* Each named once, where a client can connect to, and none but once. */
static void
check_list(const struct indexes *list)
{
	FUZZ_ASSERT(list->count <= INDEXES_MAX);
	for (size_t i = 0; i < list->count; i++) {
		const struct locator_host *host = &list->list[i];

		FUZZ_ASSERT(host->port > 0 && host->name[0]);
		FUZZ_ASSERT(strcmp(host->name, "*") != 0);
		FUZZ_ASSERT(!has(list, i, host));
	}
}

/* The list, written down and read again, is the list. */
static void
check_again(const struct indexes *list)
{
	struct indexes again = {0};
	const char *why;
	struct buf text;

	buf_init(&text, INDEXES_MAX * (LOCATOR_HOST_BYTES + 16));
	for (size_t i = 0; i < list->count; i++) {
		FUZZ_ASSERT(locator_host_add(&text, &list->list[i]) == 0);
		buf_add_str(&text, i % 2 ? ", " : "\n");
	}
	FUZZ_ASSERT(indexes_parse(buf_slice(&text), &again, &why) == 0);
	FUZZ_ASSERT(again.count == list->count);
	for (size_t i = 0; i < list->count; i++)
		FUZZ_ASSERT(has(list, list->count, &again.list[i]));
	indexes_free(&again);
	buf_free(&text);
}

static void
take(struct indexes *list, struct slice text)
{
	size_t before = list->count, after;
	const char *why = NULL;

	if (indexes_parse(text, list, &why) < 0) {
		FUZZ_ASSERT(errno == EINVAL && why && why[0]);
		FUZZ_ASSERT(list->count == before);
		return;
	}
	after = list->count;
	FUZZ_ASSERT(after >= before);
	FUZZ_ASSERT(indexes_parse(text, list, &why) == 0);
	FUZZ_ASSERT(list->count == after);
}

static void
take_default(struct indexes *list, struct slice text)
{
	char *environment = fuzz_string(text);
	size_t before = list->count;
	const char *why = NULL;

	if (indexes_default(list, environment, &why) == 0)
		FUZZ_ASSERT(list->count > 0);
	else
		FUZZ_ASSERT(
		    errno == EINVAL && why && list->count == before);
	free(environment);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = fuzz_input(data, size), line;
	struct indexes list = {0};

	for (line = fuzz_line(&in); in.len > 0; line = fuzz_line(&in)) {
		take(&list, line);
		check_list(&list);
	}
	take_default(&list, line);
	check_list(&list);
	check_again(&list);
	indexes_free(&list);
	return 0;
}
