#include "lib/locator.h"

#include <errno.h>

#include "lib/addr.h"
#include "lib/http.h"
#include "nget/request.h"
#include "tests/fuzz/fuzz.h"

/*
 * The text is taken for a locator, for a host, for an address, and for a path
 * that is encoded or is to be.
 */
#define TEXT_BYTES (4 * LOCATOR_PATH_BYTES)

/* What a locator never holds, so that shells leave it alone. */
static bool
is_safe(struct slice text)
{
	static const char unsafe[] = " \"'\\?*$`;&|<>(){}";

	for (size_t i = 0; i < sizeof unsafe - 1; i++)
		if (slice_find(text, unsafe[i]) >= 0)
			return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' ||
		    (unsigned char)text.ptr[i] >= 0x7f)
			return false;
	return text.len > 0 && text.ptr[0] != '-';
}

/* What nget asks for it is what nshare understands. */
static void
check_request(const struct locator *l, uint64_t from)
{
	static char decoded[LOCATOR_PATH_BYTES];
	struct request request = {
	    .locator = l, .from = from, .etag = SLICE("\"a\"")};
	struct http_request r;
	struct buf head;

	buf_init(&head, HTTP_HEAD_BYTES);
	FUZZ_ASSERT(request_add(&head, &request) == 0);
	FUZZ_ASSERT(http_request_parse(buf_slice(&head), &r) ==
	    (ssize_t)buf_len(&head));
	FUZZ_ASSERT(r.method == HTTP_GET && !r.keep_alive && !r.has_body);
	FUZZ_ASSERT((from > 0) == (r.range.len > 0));
	FUZZ_ASSERT((from > 0) == (r.if_range.len > 0));
	FUZZ_ASSERT(locator_decode(slice_skip(r.path, 1), decoded,
			sizeof decoded) == (ssize_t)l->path_len);
	FUZZ_ASSERT(!memcmp(decoded, l->path, l->path_len));
	buf_free(&head);
}

static void
check_locator(struct slice text)
{
	static struct locator l, again;
	const char *why = NULL;
	struct buf out;

	if (locator_parse(text, &l, &why) < 0) {
		FUZZ_ASSERT(errno == EINVAL && why && why[0]);
		return;
	}
	FUZZ_ASSERT(l.host.port > 0 && l.path_len <= LOCATOR_PATH_BYTES);
	buf_init(&out, TEXT_BYTES);
	FUZZ_ASSERT(locator_add(&out, &l, true) == 0);
	FUZZ_ASSERT(is_safe(buf_slice(&out)));
	FUZZ_ASSERT(locator_parse(buf_slice(&out), &again, &why) == 0);
	FUZZ_ASSERT(locator_same_file(&l, &again));
	FUZZ_ASSERT(again.digest.known == l.digest.known);
	FUZZ_ASSERT(!l.digest.known || digest_eq(&l.digest, &again.digest));
	buf_free(&out);
	check_request(&l, 0);
	check_request(&l, text.len);
	buf_init(&out, text.len / 2);
	if (locator_add(&out, &l, true) < 0)
		FUZZ_ASSERT(buf_len(&out) == 0);
	buf_free(&out);
}

static void
check_host(struct slice text, uint16_t default_port, bool zero_port)
{
	struct locator_host host, again;
	struct buf out;

	if (locator_host_parse(text, default_port, zero_port, &host) < 0) {
		FUZZ_ASSERT(errno == EINVAL || errno == ERANGE);
		return;
	}
	FUZZ_ASSERT(host.port > 0 || zero_port);
	FUZZ_ASSERT(memchr(host.name, '\0', sizeof host.name) != NULL);
	buf_init(&out, LOCATOR_HOST_BYTES + 8);
	FUZZ_ASSERT(locator_host_add(&out, &host) == 0);
	FUZZ_ASSERT(
	    locator_host_parse(buf_slice(&out), 0, zero_port, &again) == 0);
	FUZZ_ASSERT(!strcmp(host.name, again.name) && host.port == again.port);
	buf_free(&out);
}

static void
check_encoding(struct slice raw)
{
	char *decoded = malloc(raw.len + 1);
	struct buf out;

	if (!decoded)
		abort();
	buf_init(&out, 3 * raw.len);
	FUZZ_ASSERT(locator_encode(&out, raw) == 0);
	FUZZ_ASSERT(
	    raw.len == 0 || raw.ptr[0] == '-' || is_safe(buf_slice(&out)));
	FUZZ_ASSERT(locator_decode(buf_slice(&out), decoded, raw.len) ==
	    (ssize_t)raw.len);
	FUZZ_ASSERT(slice_eq(raw, slice_of(decoded, raw.len)));
	if (raw.len > 0)
		FUZZ_ASSERT(
		    locator_decode(buf_slice(&out), decoded, raw.len - 1) < 0 &&
		    errno == EMSGSIZE);
	if (locator_decode(raw, decoded, raw.len) < 0)
		FUZZ_ASSERT(errno == EINVAL);
	buf_free(&out);
	free(decoded);
}

static void
check_address(struct slice text)
{
	struct addr a = {.port = 7}, again = {0};
	struct addr_block block;
	char shown[ADDR_TEXT];

	if (addr_parse_ip(text, &a) == 0) {
		addr_ip_text(&a, shown);
		FUZZ_ASSERT(a.port == 7);
		FUZZ_ASSERT(addr_parse_ip(slice_str(shown), &again) == 0);
		FUZZ_ASSERT(addr_same_host(&a, &again));
		addr_text(&a, shown);
		check_host(slice_str(shown), 0, false);
	}
	if (addr_block_parse(text, &block) == 0) {
		memcpy(a.ip, block.ip, sizeof a.ip);
		FUZZ_ASSERT(block.bits <= 128 && addr_block_has(&block, &a));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_input(data, size);

	check_locator(text);
	check_host(text, 0, false);
	check_host(text, 9000, true);
	check_encoding(text);
	check_address(text);
	return 0;
}
