#include "bytes.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What bytes_printf writes at once. */
#define PRINTED_BYTES 256

void
bytes_put(struct bytes *b, const char *from, size_t len)
{
	if (b->room - b->len < len) {
		b->room += b->room / 2 + len;
		b->at = realloc(b->at, b->room);
		if (!b->at)
			err(1, NULL);
	}
	memcpy(b->at + b->len, from, len);
	b->len += len;
}

void
bytes_put_text(struct bytes *b, const char *text)
{
	bytes_put(b, text, strlen(text));
}

void
bytes_printf(struct bytes *b, const char *format, ...)
{
	char text[PRINTED_BYTES];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	bytes_put_text(b, text);
}

void
bytes_free(struct bytes *b)
{
	free(b->at);
	*b = (struct bytes){.at = NULL};
}
