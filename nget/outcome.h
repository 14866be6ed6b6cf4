#ifndef NAP_NGET_OUTCOME_H
#define NAP_NGET_OUTCOME_H

/* The exit statuses of nget. */
enum status {
	STATUS_OK,
	STATUS_NOT_FOUND,
	STATUS_USAGE,
	STATUS_NO_CONNECTION, /* or a time-out, or a transfer cut short */
	STATUS_MISMATCH,
	STATUS_LOCAL, /* the file exists, no space, no permission */
	STATUS_REFUSED /* by the peer, or what it says is not believed */
};

#define OUTCOME_TEXT 256

/* How something ended, and in one line why. */
struct outcome {
	enum status status;
	char text[OUTCOME_TEXT];
};

/* Always returns -1, for guards to return. */
int outcome_fail(struct outcome *o, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
