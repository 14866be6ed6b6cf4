#include "lib/http.h"
#include "nget/answer.h"
#include "nget/outcome.h"
#include "tap.h"

#define PART(fields) "HTTP/1.1 206 Rest\r\n" fields "\r\n"

/* What the head means to one who asked from byte 4 of the ten of "v1". */
static const struct {
	const char *head;
	enum answer_kind kind;
	enum status status; /* for FAILED */
	const char *sentence;
} rests[] = {
    {PART("Content-Length: 6\r\nContent-Range: bytes 4-9/10\r\n"), ANSWER_REST,
	STATUS_OK, "the rest is taken"},
    {PART("Content-Range: bytes 4-9/*\r\nETag: \"v1\"\r\n"), ANSWER_REST,
	STATUS_OK, "without a total as well"},
    {PART("Content-Range: bytes 4-7/10\r\n"), ANSWER_REST, STATUS_OK,
	"so is a piece of the rest"},
    {PART("Content-Length: 6\r\n"), ANSWER_FAILED, STATUS_REFUSED,
	"a 206 that does not say which part is refused"},
    {PART("Content-Range: bytes 3-9/10\r\n"), ANSWER_FAILED, STATUS_REFUSED,
	"one that starts before is refused"},
    {PART("Content-Range: bytes 5-9/10\r\n"), ANSWER_FAILED, STATUS_REFUSED,
	"one that starts behind is refused"},
    {PART("Content-Range: bytes 4-9/11\r\n"), ANSWER_ANEW, STATUS_OK,
	"one of a file of another size wants all of it"},
    {PART("Content-Range: bytes 4-10/*\r\n"), ANSWER_ANEW, STATUS_OK,
	"so does one that ends behind the file"},
    {PART("Content-Range: bytes 4-18446744073709551615/*\r\n"), ANSWER_FAILED,
	STATUS_REFUSED, "one without a bound is refused"},
    {PART("Content-Length: 5\r\nContent-Range: bytes 4-9/10\r\n"),
	ANSWER_FAILED, STATUS_REFUSED,
	"a length that contradicts the range is refused"},
    {PART("ETag: \"v2\"\r\nContent-Range: bytes 4-9/10\r\n"), ANSWER_ANEW,
	STATUS_OK, "another ETag wants all of it"},
    {PART("ETag: \"v2\"\r\nContent-Range: bytes 3-9/10\r\n"), ANSWER_FAILED,
	STATUS_REFUSED, "but not in a part that starts elsewhere"},
    {PART("Content-Encoding: gzip\r\nContent-Range: bytes 4-9/10\r\n"),
	ANSWER_FAILED, STATUS_REFUSED, "a part of an encoded form is refused"},
    {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", ANSWER_FAILED,
	STATUS_REFUSED, "so is the whole of one"},
    {"HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\n\r\n", ANSWER_WHOLE,
	STATUS_OK, "identity is no encoded form"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", ANSWER_WHOLE, STATUS_OK,
	"200 is the whole file"},
    {"HTTP/1.1 416 No\r\nContent-Range: bytes */10\r\n\r\n", ANSWER_ANEW,
	STATUS_OK, "416 where there should be more wants all of it"},
    {"HTTP/1.1 416 No\r\nContent-Range: bytes */4\r\n\r\n", ANSWER_ANEW,
	STATUS_OK, "416 of a file that has become shorter, too"},
    {"HTTP/1.1 416 No\r\n\r\n", ANSWER_ANEW, STATUS_OK,
	"and 416 that says nothing"},
    {"HTTP/1.1 503 Busy\r\n\r\n", ANSWER_LATER, STATUS_OK, "503 is later"},
    {"HTTP/1.1 429 Busy\r\n\r\n", ANSWER_LATER, STATUS_OK, "so is 429"},
    {"HTTP/1.1 404 No\r\n\r\n", ANSWER_FAILED, STATUS_NOT_FOUND,
	"404 is not found"},
    {"HTTP/1.1 410 No\r\n\r\n", ANSWER_FAILED, STATUS_NOT_FOUND,
	"410 is not found"},
    {"HTTP/1.1 403 No\r\n\r\n", ANSWER_FAILED, STATUS_REFUSED,
	"403 is refused"},
    {"HTTP/1.1 301 No\r\nLocation: /x\r\n\r\n", ANSWER_FAILED, STATUS_REFUSED,
	"a redirect is refused"},
    {"HTTP/1.1 204 No\r\n\r\n", ANSWER_FAILED, STATUS_REFUSED,
	"an answer without content is refused"},
    {"HTTP/1.1 500 No\r\n\r\n", ANSWER_FAILED, STATUS_REFUSED,
	"a failure there is refused"},
    {"HTTP/1.1 999 No\r\n\r\n", ANSWER_FAILED, STATUS_REFUSED,
	"an unknown status is refused"},
};

static struct answer
judge(const char *head, const struct answer_asked *asked, struct outcome *why)
{
	struct http_response r;

	if (http_response_parse(slice_str(head), &r) <= 0)
		tap_ok(false, "%s: %s", head, r.error);
	return answer_judge(&r, asked, why);
}

static void
test_rests(void)
{
	const struct answer_asked asked = {
	    true, 4, true, 10, SLICE("\"v1\""), true};

	for (size_t i = 0; i < sizeof rests / sizeof *rests; i++) {
		struct outcome why = {.status = STATUS_OK};
		struct answer a = judge(rests[i].head, &asked, &why);

		tap_ok(a.kind == rests[i].kind, "%s", rests[i].sentence);
		if (a.kind != ANSWER_FAILED)
			continue;
		tap_ok(why.status == rests[i].status && *why.text,
		    "with its status and a reason");
	}
}

static void
test_proof(void)
{
	struct answer_asked asked = {true, 4, true, 10, SLICE("\"v1\""), false};
	struct outcome why;

	tap_ok(judge("HTTP/1.1 206 x\r\nContent-Range: bytes 4-9/10\r\n\r\n",
		   &asked, &why)
		    .kind == ANSWER_ANEW,
	    "a part without the ETag that was asked for proves nothing");
	tap_ok(judge("HTTP/1.1 206 x\r\nETag: \"v1\"\r\n"
		     "Content-Range: bytes 4-9/10\r\n\r\n",
		   &asked, &why)
		    .kind == ANSWER_REST,
	    "with it, it does");
}

static void
test_bounds(void)
{
	struct answer_asked asked = {.ranged = true, .from = 4};
	struct outcome why;
	struct answer a;

	a = judge(PART("Content-Range: bytes 4-7/10\r\n"), &asked, &why);
	tap_ok(a.bounded && a.end == 8, "a part ends where it says");
	tap_ok(a.sized && a.size == 10, "its total is the size of the file");
	a = judge(PART("Content-Range: bytes 4-7/*\r\n"), &asked, &why);
	tap_ok(a.kind == ANSWER_ANEW,
	    "where nobody says how long the file is, a part may not end it");
	a = judge("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", &asked, &why);
	tap_ok(a.bounded && a.end == 3 && a.sized && a.size == 3,
	    "a length bounds the whole");
	a = judge("HTTP/1.1 200 OK\r\n\r\n", &asked, &why);
	tap_ok(!a.bounded && !a.sized, "without a length there is no bound");
	a = judge("HTTP/1.1 416 No\r\nContent-Range: bytes */4\r\n\r\n", &asked,
	    &why);
	tap_ok(a.kind == ANSWER_COMPLETE, "416 at the end is complete");
	asked.ranged = false;
	a = judge(PART("Content-Range: bytes 0-9/10\r\n"), &asked, &why);
	tap_ok(a.kind == ANSWER_FAILED, "206 that nobody asked for is refused");
	a = judge("HTTP/1.1 416 No\r\nContent-Range: bytes */0\r\n\r\n", &asked,
	    &why);
	tap_ok(a.kind == ANSWER_FAILED, "and so is 416");
}

static void
test_waits(void)
{
	const time_t now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */

	tap_is_num(answer_wait(SLICE("7"), now), 7000, "seconds are waited");
	tap_is_num(answer_wait(SLICE("Sun, 06 Nov 1994 08:49:40 GMT"), now),
	    3000, "a date is waited for");
	tap_is_num(answer_wait(SLICE("Sun, 06 Nov 1994 08:49:30 GMT"), now), 0,
	    "one that is past is not");
	tap_is_num(answer_wait(SLICE("soon"), now), 0, "nor what is none");
	tap_is_num(answer_wait((struct slice){0}, now), 0, "nor nothing");
	tap_ok(answer_wait(SLICE("99999999999999999999999"), now) >
		1000 * INT64_C(86400),
	    "a huge number is a long time");
	tap_ok(answer_wait(SLICE("Fri, 31 Dec 9999 23:59:59 GMT"), now) >
		1000 * INT64_C(86400),
	    "so is a far date");
}

int
main(void)
{
	test_rests();
	test_proof();
	test_bounds();
	test_waits();
	return tap_done();
}
