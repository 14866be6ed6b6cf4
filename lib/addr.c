#include "addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>

#include "num.h"

static const uint8_t v4_prefix[12] = {[10] = 0xff, [11] = 0xff};

bool
addr_is_v4(const struct addr *a)
{
	return !memcmp(a->ip, v4_prefix, sizeof v4_prefix);
}

bool
addr_is_loopback(const struct addr *a)
{
	static const uint8_t v6_loopback[16] = {[15] = 1};

	if (addr_is_v4(a))
		return a->ip[12] == 127;
	return !memcmp(a->ip, v6_loopback, sizeof v6_loopback);
}

bool
addr_is_link_local(const struct addr *a)
{
	return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool
addr_is_unicast(const struct addr *a)
{
	static const uint8_t v6_any[16];

	if (addr_is_v4(a))
		return a->ip[12] > 0 && a->ip[12] < 224;
	return a->ip[0] != 0xff && memcmp(a->ip, v6_any, sizeof v6_any) != 0;
}

bool
addr_same_host(const struct addr *a, const struct addr *b)
{
	if (memcmp(a->ip, b->ip, sizeof a->ip))
		return false;
	return !addr_is_link_local(a) || a->scope == b->scope;
}

bool
addr_eq(const struct addr *a, const struct addr *b)
{
	return a->port == b->port && addr_same_host(a, b);
}

static int
invalid(void)
{
	errno = EINVAL;
	return -1;
}

/* s as a string; false when it does not fit or holds a NUL. */
static bool
copy_text(struct slice s, char *text, size_t size)
{
	if (s.len >= size || slice_find(s, '\0') >= 0)
		return false;
	if (s.len)
		memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	return true;
}

static int
parse_bare_ip(struct slice text, uint8_t ip[16])
{
	char string[INET6_ADDRSTRLEN];

	if (!copy_text(text, string, sizeof string))
		return invalid();
	if (inet_pton(AF_INET, string, ip + 12) == 1) {
		memcpy(ip, v4_prefix, sizeof v4_prefix);
		return 0;
	}
	return inet_pton(AF_INET6, string, ip) == 1 ? 0 : invalid();
}

/* A scope is the number or the name of an interface. */
static int
parse_scope(struct slice text, uint32_t *scope)
{
	char name[IF_NAMESIZE];
	uint64_t number;

	if (num_parse(text, 1, UINT32_MAX, &number) == 0) {
		*scope = (uint32_t)number;
		return 0;
	}
	if (!copy_text(text, name, sizeof name))
		return invalid();
	*scope = if_nametoindex(name);
	return *scope ? 0 : invalid();
}

int
addr_parse_ip(struct slice text, struct addr *a)
{
	struct addr parsed = {0};
	struct slice ip, scope;
	bool scoped = slice_cut(text, '%', &ip, &scope);

	if (parse_bare_ip(ip, parsed.ip) < 0)
		return -1;
	if (scoped && !addr_is_link_local(&parsed))
		return invalid();
	if (scoped && parse_scope(scope, &parsed.scope) < 0)
		return -1;
	memcpy(a->ip, parsed.ip, sizeof a->ip);
	a->scope = parsed.scope;
	return 0;
}

const char *
addr_ip_text(const struct addr *a, char text[ADDR_TEXT])
{
	size_t len;

	if (addr_is_v4(a)) {
		inet_ntop(AF_INET, a->ip + 12, text, ADDR_TEXT);
		return text;
	}
	inet_ntop(AF_INET6, a->ip, text, ADDR_TEXT);
	len = strlen(text);
	if (addr_is_link_local(a) && a->scope)
		snprintf(text + len, ADDR_TEXT - len, "%%%u", a->scope);
	return text;
}

const char *
addr_text(const struct addr *a, char text[ADDR_TEXT])
{
	bool v4 = addr_is_v4(a);
	char ip[ADDR_TEXT];

	addr_ip_text(a, ip);
	snprintf(text, ADDR_TEXT, v4 ? "%.50s:%u" : "[%.50s]:%u", ip, a->port);
	return text;
}

int
addr_block_parse(struct slice text, struct addr_block *block)
{
	struct addr_block parsed = {.bits = 128};
	struct slice ip, length;
	bool has_length = slice_cut(text, '/', &ip, &length);
	unsigned first = slice_find(ip, ':') < 0 ? 96 : 0;
	uint64_t bits;

	if (parse_bare_ip(ip, parsed.ip) < 0)
		return -1;
	if (has_length) {
		if (num_parse(length, 0, 128 - first, &bits) < 0)
			return invalid();
		parsed.bits = first + (unsigned)bits;
	}
	*block = parsed;
	return 0;
}

bool
addr_block_has(const struct addr_block *block, const struct addr *a)
{
	unsigned bytes = block->bits / 8, bits = block->bits % 8;

	if (memcmp(block->ip, a->ip, bytes))
		return false;
	return bits == 0 ||
	    (block->ip[bytes] ^ a->ip[bytes]) >> (8 - bits) == 0;
}
