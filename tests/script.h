#ifndef NAP_TESTS_SCRIPT_H
#define NAP_TESTS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

/* What puppet does in one conversation; puppet.c says what it may be. */
struct script {
	struct step *steps;
	size_t n_steps;
};

/*
 * Take a script's text apart; the script keeps pieces of it. Exits with 2 and
 * a message when it is none.
 */
struct script script_parse(char *text);
void script_free(struct script *script);

/*
 * Play the script to the connection fd, which is closed at its end. Whether
 * all lines came as expected; if not, standard error has said why.
 */
bool script_play(const struct script *script, int fd);

#endif
