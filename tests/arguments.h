#ifndef NAP_ARGUMENTS_H
#define NAP_ARGUMENTS_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ARGUMENTS_MAX 8

/*
 * The words of text, which is cut up for them, as main gets its arguments.
 * Returns how many there are.
 */
static inline int
arguments_of(char *text, char *argv[ARGUMENTS_MAX + 1])
{
	char *rest = NULL, *word = strtok_r(text, " ", &rest);
	int argc = 0;

	for (; word; word = strtok_r(NULL, " ", &rest)) {
		if (argc == ARGUMENTS_MAX)
			abort();
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return argc;
}

#endif
