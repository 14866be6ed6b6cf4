#ifndef NFIND_PRINT_H
#define NFIND_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/slice.h"

struct row;

enum print_form {
	PRINT_LOCATORS,
	PRINT_LONG,
	PRINT_JSON,
	PRINT_URLS,
	PRINT_PEERS,
	PRINT_COUNT,
	PRINT_STATS,
	PRINT_NOTHING
};

/* Whether #sha256=… follows a locator whose digest is known. */
enum print_digest {
	PRINT_DIGEST_AUTO, /* for programs, in the plain form */
	PRINT_DIGEST_ALWAYS,
	PRINT_DIGEST_NEVER
};

struct print_style {
	enum print_form form;
	enum print_digest digest;
	bool nul; /* what ends an entry, in place of LF */
	bool terminal; /* people read it */
};

/* Standard output, gathered into few writes. */
struct print {
	struct print_style style;
	struct buf out;
	int error; /* of the first write that failed; nothing is written then */
};

void print_init(struct print *p, const struct print_style *style);

/*
 * Append the row in the form of the style (counts, statistics and nothing are
 * no forms of a row), and what ends it. Returns false when there is nobody to
 * print for any more.
 */
bool print_row(struct print *p, const struct row *row);

/* Append a number (a fact, made visible, behind the name of its index and a
 * blank unless that is empty), and what ends an entry. */
bool print_number(struct print *p, uint64_t number);
bool print_fact(struct print *p, struct slice index, struct slice fact);

/*
 * Write what is left and give the memory back. 0, also when the reader has
 * left, which is his good right; -1 with errno when the output is incomplete.
 */
int print_end(struct print *p);

#endif
