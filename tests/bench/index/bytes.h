#ifndef NAP_BENCH_BYTES_H
#define NAP_BENCH_BYTES_H

#include <stddef.h>

/* Bytes that grow. Zeroed, they are none; bytes_free makes them none again. */
struct bytes {
	char *at;
	size_t len;
	size_t room;
};

/* Append; end the program when there is no memory. */
void bytes_put(struct bytes *b, const char *from, size_t len);
void bytes_put_text(struct bytes *b, const char *text);
__attribute__((format(printf, 2, 3))) void bytes_printf(
    struct bytes *b, const char *format, ...);

void bytes_free(struct bytes *b);

#endif
