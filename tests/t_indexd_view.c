#include "indexd/store.h"

#include <stdint.h>

#include "tap.h"

/*
 * Whom a view shows, and where. One peer shares one file; a client asks for it.
 */
static struct addr
at(const char *ip, uint16_t port)
{
	struct addr a = {.port = port};

	addr_parse_ip(slice_str(ip), &a);
	return a;
}

#define V4 1
#define HIDE 2
#define LOCAL 4

static const struct {
	const char *peer;
	uint16_t port;
	const char *client;
	uint16_t client_port;
	const char *via;
	unsigned flags;
	const char *shown; /* NULL: not at all */
	const char *sentence;
} facts[] = {
    {"192.0.2.7", 9000, "192.0.2.1", 0, "192.0.2.9", 0, "192.0.2.7:9000",
	"a peer is shown where it connected from"},
    {"2001:db8::7", 9000, "192.0.2.1", 0, "192.0.2.9", 0, "[2001:db8::7]:9000",
	"over IPv6 too"},
    {"2001:db8::7", 9000, "192.0.2.1", 0, "192.0.2.9", V4, NULL,
	"which who wants IPv4 alone does not see"},
    {"192.0.2.7", 9000, "192.0.2.1", 0, "192.0.2.9", V4, "192.0.2.7:9000",
	"but IPv4 he sees"},
    {"127.0.0.1", 9000, "192.0.2.1", 0, "192.0.2.9", 0, "192.0.2.9:9000",
	"a peer on loopback is shown where the client reached the index"},
    {"::1", 9000, "192.0.2.1", 0, "192.0.2.9", 0, "192.0.2.9:9000",
	"so is one on ::1"},
    {"127.3.2.1", 9000, "2001:db8::1", 0, "2001:db8::9", 0,
	"[2001:db8::9]:9000", "and over IPv6"},
    {"127.0.0.1", 9000, "2001:db8::1", 0, "2001:db8::9", V4, NULL,
	"but not to a client of IPv4 alone"},
    {"127.0.0.1", 9000, "127.0.0.1", 0, "127.0.0.1", 0, "127.0.0.1:9000",
	"on loopback it is shown on loopback"},
    {"127.0.0.1", 9000, "::1", 0, "::1", 0, "[::1]:9000",
	"at the address that the client used"},
    {"::1", 9000, "::1", 0, "::1", V4, "127.0.0.1:9000",
	"or at that of IPv4, when he wants IPv4 alone"},
    {"127.0.0.1", 9000, "::1", 0, "::1", V4, "127.0.0.1:9000",
	"whichever the peer used"},
    {"127.0.0.1", 9000, "192.0.2.1", 0, "192.0.2.9", LOCAL, NULL,
	"who serves on loopback alone is not shown elsewhere"},
    {"127.0.0.1", 9000, "::1", 0, "::1", LOCAL, "127.0.0.1:9000",
	"but on loopback, at its own address"},
    {"::1", 9000, "127.0.0.1", 0, "127.0.0.1", LOCAL, "[::1]:9000",
	"be it that of IPv6"},
    {"::1", 9000, "127.0.0.1", 0, "127.0.0.1", LOCAL | V4, NULL,
	"which a client of IPv4 alone cannot use"},
    {"192.0.2.7", 0, "192.0.2.1", 0, "192.0.2.9", 0, NULL,
	"port 0 is never shown"},
    {"127.0.0.1", 0, "127.0.0.1", 0, "127.0.0.1", 0, NULL,
	"not on loopback either"},
    {"fe80::7", 9000, "fe80::1", 0, "fe80::9", 0, NULL,
	"a link-local address is never shown"},
    {"127.0.0.1", 9000, "fe80::1", 0, "fe80::9", 0, NULL,
	"not even the index's own"},
    {"192.0.2.7", 9000, "192.0.2.7", 9000, "192.0.2.9", 0, "192.0.2.7:9000",
	"a client sees itself"},
    {"192.0.2.7", 9000, "192.0.2.7", 9000, "192.0.2.9", HIDE, NULL,
	"unless it does not want to"},
    {"192.0.2.7", 9001, "192.0.2.7", 9000, "192.0.2.9", HIDE, "192.0.2.7:9001",
	"another port of its host is not itself"},
    {"192.0.2.7", 9000, "192.0.2.7", 0, "192.0.2.9", HIDE, "192.0.2.7:9000",
	"nor is anybody who serves when it does not"},
    {"127.0.0.1", 9000, "127.0.0.1", 9000, "127.0.0.1", HIDE, NULL,
	"on loopback it hides too"},
    {"127.0.0.1", 9000, "192.0.2.9", 9000, "192.0.2.9", HIDE, NULL,
	"and where a peer is shown counts, not where it came from"},
};

static const struct slice path = {"a/file", 6};

/* What one of the three questions answers, as text. */
static const char *
ask(struct store *s, int question, const struct store_view *view,
    char text[ADDR_TEXT])
{
	static const struct digest digest = {.bytes = {1}, .known = true};
	struct store_query query = {
	    .words = SLICE("file"), .under = UINT64_MAX, .limit = 5};
	struct store_hits hits = {0};
	const char *answer = NULL;
	int result;

	if (question == 0)
		result = store_exact(s, path, view, &hits);
	else if (question == 1)
		result = store_find(s, &query, view, &hits);
	else
		result = store_hash(s, &digest, 5, view, &hits);
	if (result < 0 || hits.count > 1 || hits.matches != hits.count)
		answer = "no answer";
	else if (hits.count == 1)
		answer = addr_text(&hits.list[0].at, text);
	store_hits_free(&hits);
	return answer;
}

static void
test_fact(size_t i)
{
	struct store_change file = {
	    .add = true, .path = path, .digest = {.bytes = {1}, .known = true}};
	struct store_peer_spec spec = {.at = at(facts[i].peer, facts[i].port),
	    .local_only = facts[i].flags & LOCAL,
	    .max_files = 9};
	struct store_view view = {
	    .client = at(facts[i].client, facts[i].client_port),
	    .via = at(facts[i].via, 8080),
	    .v4_only = facts[i].flags & V4,
	    .hide_self = facts[i].flags & HIDE};
	struct store *s = store_new(2);
	struct store_peer *peer = store_join(s, 1, &spec);
	const char *want = facts[i].shown ? facts[i].shown : "(none)";
	const char *got;
	char text[ADDR_TEXT];
	unsigned wrong = store_apply(peer, &file, 1) != 0;

	for (int question = 0; question < 3; question++) {
		got = ask(s, question, &view, text);
		wrong += strcmp(got ? got : "(none)", want) != 0;
	}
	if (!tap_ok(wrong == 0, "%s", facts[i].sentence))
		tap_note("%u of 3 answers are not %s", wrong, want);
	store_leave(peer);
	store_free(s);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		test_fact(i);
	return tap_done();
}
