#include "hash.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

struct sip {
	uint64_t a, b, c, d;
};

static inline uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(struct sip *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

static inline void
sip_word(struct sip *s, uint64_t word)
{
	s->d ^= word;
	sip_round(s);
	s->a ^= word;
}

int
hash_key_new(struct hash_key *key)
{
	ssize_t n;

	do
		n = getrandom(key, sizeof *key, 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof *key ? 0 : -1;
}

uint64_t
hash_bytes(const struct hash_key *key, const void *data, size_t len)
{
	struct sip s = {
	    key->word[0] ^ 0x736f6d6570736575,
	    key->word[1] ^ 0x646f72616e646f6d,
	    key->word[0] ^ 0x6c7967656e657261,
	    key->word[1] ^ 0x7465646279746573,
	};
	const char *at = data;
	uint64_t word, last = (uint64_t)len << 56;

	for (; len >= sizeof word; at += sizeof word, len -= sizeof word) {
		memcpy(&word, at, sizeof word);
		sip_word(&s, word);
	}
	word = 0;
	if (len > 0)
		memcpy(&word, at, len);
	sip_word(&s, last ^ word);
	s.c ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}
