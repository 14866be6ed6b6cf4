#ifndef NAP_ADDR_H
#define NAP_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/*
 * An IP address and a port. IPv4 is kept as IPv4-mapped IPv6, so that one
 * machine has one form; scope is the interface of a link-local address.
 */
struct addr {
	uint8_t ip[16];
	uint16_t port;
	uint32_t scope;
};

/* "[v6%scope]:port" and its NUL. */
#define ADDR_TEXT 64

bool addr_is_v4(const struct addr *a);
bool addr_is_loopback(const struct addr *a);

/* fe80::/10, which means something on one link alone. */
bool addr_is_link_local(const struct addr *a);

/* One machine may have it: it is not every address, a group, or broadcast. */
bool addr_is_unicast(const struct addr *a);

/* The same machine (and, for addr_eq, the same port). */
bool addr_same_host(const struct addr *a, const struct addr *b);
bool addr_eq(const struct addr *a, const struct addr *b);

/*
 * Numeric IPv4 or IPv6, without brackets, a link-local one perhaps with
 * "%interface" (number or name); port untouched. 0, or -1 EINVAL.
 */
int addr_parse_ip(struct slice text, struct addr *a);

/* "1.2.3.4:80" or "[2001:db8::7]:80"; returns text. */
const char *addr_text(const struct addr *a, char text[ADDR_TEXT]);

/* The address alone, unbracketed; returns text. */
const char *addr_ip_text(const struct addr *a, char text[ADDR_TEXT]);

/* Addresses that share their first bits bits. */
struct addr_block {
	uint8_t ip[16];
	unsigned bits;
};

/* "192.0.2.0/24", "2001:db8::/32", or a single address. 0, or -1 EINVAL. */
int addr_block_parse(struct slice text, struct addr_block *block);

bool addr_block_has(const struct addr_block *block, const struct addr *a);

#endif
