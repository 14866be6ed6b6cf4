# nshare: what it shares, serves and refuses, and what it tells indexes
# (PROTOCOL.md §1, §3 and §4, nshare(1)).

bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	start_indexd
	mkdir share
}

# spawn_nshare [OPTION...]: of share, waiting for no index; SHARE is its address
# and NSHARE its process.
spawn_nshare() {
	spawn nshare nshare -v -p 0 --no-hash "$@" share
	NSHARE=$PID
	wait_for_line nshare.err 'listening on port [0-9]+' || return
	SHARE=127.0.0.1:${MATCH##* }
}

# get TARGET [FIELD...]: the answer to a request that ends its connection.
get() {
	http GET "$@"
}

# http METHOD TARGET [FIELD...]
http() {
	printf '%s\r\n' "$1 $2 HTTP/1.1" 'Host: test' 'Connection: close' \
		"${@:3}" '' | say "$SHARE" | tr -d '\r'
}

# body: of the answer on standard input.
body() {
	sed '1,/^$/d'
}

# raw TEXT: send what printf makes of it; the whole answer, CRs dropped. The
# other side must end the conversation.
raw() {
	printf "$1" | say "$SHARE" -w | tr -d '\r'
}

# has_status STATUS: whether the answer on standard input begins with it.
has_status() {
	local line

	read -r line
	[[ $line == "HTTP/1.1 $1 "* ]] || fail "wanted $1, got: $line"
}

encode() {
	local LC_ALL=C text=$1 c i

	for ((i = 0; i < ${#text}; i++)); do
		c=${text:i:1}
		case $c in
		[A-Za-z0-9._~/-]) printf '%s' "$c" ;;
		*) printf '%%%02X' "'$c" | sed -E 's/%F+(..)$/%\1/' ;;
		esac
	done
}

### What is shared

@test "the ready line tells how many files, of what, and where" {
	mkdir share/d
	touch share/a share/d/b
	spawn nshare nshare -p 0 share
	wait_for_line nshare.err 'sharing'
	assert_regex "$MATCH" '^nshare: sharing 2 files of share at 127\.0\.0\.1:[0-9]+$'
}

@test "quiet says nothing when all is well" {
	touch share/a
	spawn nshare nshare -q -p 0 share
	wait_until found a
	run cat nshare.err
	refute_output
}

found() {
	printf 'SEARCH %s\n' "$1" | say "$INDEX" | grep -q :
}

@test "a search finds every shared file below the directory, and nothing else" {
	mkdir -p share/d/e share/.h
	touch share/a share/d/e/b share/.c share/.h/d share/x.part share/x.part.from
	ln -s a share/link
	mkfifo share/fifo
	start_nshare share
	run bash -c "echo 'STAT' | talk ${INDEX%:*} ${INDEX##*:}"
	assert_line 'listings 2'
	found a
	found d/e/b
}

@test "excluded files are neither registered nor served" {
	mkdir -p share/tmp share/d
	echo x | tee share/a.bak share/d/b.bak share/tmp/c share/d/only share/keep
	start_nshare share --exclude '*.bak' --exclude tmp --exclude 'd/o*'
	run get /
	assert_line keep
	run bash -c 'wc -l <<<"$1"' - "$(get / | body)"
	assert_output 1
	for path in a.bak d/b.bak tmp/c d/only; do
		get "/$path" | has_status 404
		run say "$SHARE" <<<"GET $path"
		refute_output
	done
	get /keep | has_status 200
}

@test "dotfiles are shared when asked for" {
	echo x >share/.a
	start_nshare share --hidden
	get /.a | has_status 200
	found .a
}

@test "a name with control bytes is warned of, and does no harm" {
	touch share/$'line\nfeed' share/$'\e[2J' share/ok
	start_nshare share
	assert_regex "$MATCH" 'sharing 1 files'
	run cat nshare.err
	assert_line 'nshare: not shared, its name is too long or holds control bytes: line\x0afeed'
	assert_line 'nshare: not shared, its name is too long or holds control bytes: \x1b[2J'
}

@test "many names that cannot be shared are warned of for a while only" {
	for i in {1..60}; do
		touch share/$'\t'$i
	done
	start_nshare share
	run grep -c 'not shared' nshare.err
	assert_output 20
	run grep 'in all, 60 files' nshare.err
	assert_success
}

### Serving

@test "a file comes as it is" {
	head -c 3000000 /dev/urandom >share/big
	head -c 4096 /dev/urandom >share/small
	: >share/empty
	start_nshare share
	for file in big small empty; do
		printf 'GET /%s HTTP/1.0\r\n\r\n' $file | say "$SHARE" >got
		head -c "$(($(stat -c %s got) - $(stat -c %s share/$file)))" got >head
		tail -c "$(stat -c %s share/$file)" got | cmp - share/$file
		has_status 200 <head
		run tr -d '\r' <head
		assert_line "Content-Length: $(stat -c %s share/$file)"
		assert_line 'Accept-Ranges: bytes'
		assert_line 'X-Content-Type-Options: nosniff'
	done
}

@test "HEAD is answered as GET is, without the bytes" {
	echo hello >share/a.txt
	start_nshare share
	http HEAD /a.txt | grep -v ^Date >got
	get /a.txt | grep -v -e ^Date -e hello >want
	run diff got want
	assert_success
}

@test "requests in one piece, and in pieces of a byte, are answered in order" {
	echo one >share/1
	echo two >share/2
	head -c 200000 /dev/zero | tr '\0' x >share/3
	start_nshare share
	printf 'GET /%s HTTP/1.1\r\nHost: a\r\n\r\n' 1 2 3 none 1 >requests
	printf 'HEAD /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >>requests
	say "$SHARE" <requests | tr -d '\r' >whole
	say "$SHARE" -s 1 <requests | tr -d '\r' >pieces
	run bash -c 'grep -oE "HTTP/1.1 (200|404) " whole | wc -l'
	assert_output 6
	run grep -c one whole
	assert_output 2
	run diff <(grep -v ^Date whole) <(grep -v ^Date pieces)
	assert_success
}

@test "hundreds of requests sent before any answer is read are all answered" {
	head -c 10000 /dev/zero | tr '\0' x >share/a
	start_nshare share
	for i in {1..500}; do
		printf 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'
	done >requests
	say "$SHARE" <requests >got
	run bash -c 'grep -o "HTTP/1.1 200 " got | wc -l'
	assert_output 500
}

@test "a part of a file is sent to who asks for it" {
	printf 0123456789 >share/a
	start_nshare share
	get /a 'Range: bytes=2-4' >got
	has_status 206 <got
	run body <got
	assert_output 234
	run cat got
	assert_line 'Content-Range: bytes 2-4/10'
	run bash -c 'sed "1,/^$/d"' < <(get /a 'Range: bytes=-3')
	assert_output 789
	get /a 'Range: bytes=10-' >got
	has_status 416 <got
	run cat got
	assert_line 'Content-Range: bytes */10'
	get /a 'Range: bytes=0-0,5-5' | has_status 200
}

@test "what has not changed is not sent again, and what has is not mixed" {
	printf 0123456789 >share/a
	start_nshare share
	etag=$(get /a | sed -n 's/^ETag: //p')
	get /a "If-None-Match: $etag" | has_status 304
	get /a "If-Match: $etag" | has_status 200
	get /a "If-Match: \"other\"" | has_status 412
	get /a 'Range: bytes=0-1' "If-Range: $etag" | has_status 206
	date=$(get /a | sed -n 's/^Last-Modified: //p')
	get /a "If-Modified-Since: $date" | has_status 304
	printf abcdefghij >share/a
	get /a 'Range: bytes=0-1' "If-Range: $etag" | has_status 200
	get /a "If-Match: $etag" | has_status 412
}

@test "Last-Modified is never after Date" {
	touch -d '2030-01-01' share/a
	start_nshare share
	get /a >got
	run sed -n 's/^Last-Modified: //p' got
	assert_output "$(sed -n 's/^Date: //p' got)"
}

@test "names with any bytes are found, listed and served" {
	names=('two  blanks' ' lead' 'trail ' "it's \"quoted\"" '100%' '%41' '#?&' \
		'back\slash' -rf 'é 日本語' $'\xff\xfe' "$(printf 'n%.0s' {1..255})" \
		'a<b>&c' '+' ':80' 'http:')
	for name in "${names[@]}"; do
		printf 'content of %s' "$name" >"share/$name"
	done
	start_nshare share
	get / | body | sort >listed
	for name in "${names[@]}"; do
		found "$name" || fail "not found: $name"
		run body < <(get "/$(encode "$name")")
		assert_output "content of $name"
		run say "$SHARE" < <(printf 'GET %s\n' "$name")
		assert_output "content of $name"
		encode "$name"
		echo
	done >encoded
	run diff listed <(sort encoded)
	assert_success
}

@test "a listing is text, a path a line, and HTML for who prefers that" {
	mkdir -p 'share/d d'
	touch share/a 'share/d d/b<c' share/d
	start_nshare share
	get / >got
	has_status 200 <got
	run body <got
	assert_output $'a\nd\nd%20d/b%3Cc'
	run cat got
	assert_line 'Content-Length: 16'
	run body < <(get /d%20d/)
	assert_output 'd%20d/b%3Cc'
	get / 'Accept: text/html,*/*;q=0.8' >got
	run cat got
	assert_line 'Content-Type: text/html; charset=utf-8'
	assert_line --partial '<a href="/d%20d/">d d/</a>'
	run get /d%20d/ 'Accept: text/html'
	assert_line --partial '>b&lt;c</a>'
	get /none/ | has_status 404
	get /a/ | has_status 404
	raw 'GET / HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\n\r\n' >got
	run cat got
	assert_line 'Connection: close'
	refute_line --partial 'Content-Length'
	assert_line --index -1 '</ul>'
	http HEAD / >got
	run body <got
	refute_output
}

@test "a long listing comes whole to a reader that takes its time" {
	name=$(printf 'a%.0s' {1..200})
	for i in {1..40}; do
		mkdir share/$i
		(cd share/$i && touch $name-{1..400})
	done
	start_nshare share
	printf 'GET / HTTP/1.0\r\n\r\n' | say "$SHARE" |
		{ head -c 1000; sleep 0.5; cat; } >got
	length=$(tr -d '\r' <got | sed -n 's/^Content-Length: //p')
	run bash -c 'sed "1,/^\r$/d" got | wc -c'
	assert_output "$length"
	run bash -c 'sed "1,/^\r$/d" got | wc -l'
	assert_output 16000
}

@test "files are served on IPv6 at the same port" {
	grep -q . /proc/net/if_inet6 || skip 'no IPv6 here'
	echo hello >share/a
	start_nshare share
	SHARE=[::1]:${SHARE##*:}
	run get /a
	assert_line hello
}

@test "with -l, files are served on that address alone" {
	echo hello >share/a
	start_nshare share -l 127.0.0.1
	run get /a
	assert_line hello
	run talk 127.0.0.2 "${SHARE##*:}"
	assert_failure 1
}

@test "a file that comes later is served, too" {
	start_nshare share
	get /late | has_status 404
	echo x >share/late
	get /late | has_status 200
}

### Asked again and again

# dial: descriptor 9 is a connection, which one worker serves for life.
dial() {
	exec 9<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
}

# ask TARGET [FIELD...]: on that connection; STATUS, ETAG and BODY are of the
# answer.
ask() {
	local line length=0

	printf '%s\r\n' "GET $1 HTTP/1.1" 'Host: test' "${@:2}" '' >&9
	read -r _ STATUS _ <&9
	ETAG=
	while read -r line <&9 && [[ ${line%$'\r'} ]]; do
		line=${line%$'\r'}
		case $line in
		Content-Length:*) length=${line##* } ;;
		ETag:*) ETAG=${line##* } ;;
		esac
	done
	BODY=$(head -c "$length" <&9)
}

# asked_and_holds FILE: whether nshare, once asked for it, will use it again. Of
# one that has changed within two seconds it does not.
asked_and_holds() {
	((EPOCHSECONDS >= $(stat -c %Z "$1") + 2)) || return 1
	ask "/${1#share/}"
	holds "$1"
}

holds() {
	find "/proc/$NSHARE/fd" -lname "$(pwd -P)/$1*" 2>/dev/null | grep -q .
}

# answers TARGET STATUS [BODY]: on that connection, now.
answers() {
	ask "$1"
	assert_equal "$1: $STATUS" "$1: $2"
	[[ $2 != 200 ]] || assert_equal "$BODY" "$3"
}

@test "who asks for a file again and again learns of every change at once" {
	mkdir share/d
	for file in rewritten cut grown replaced moved deleted linked; do
		echo one >share/d/$file
	done
	start_nshare share
	dial
	for file in share/d/*; do
		wait_until asked_and_holds $file
		answers "/${file#share/}" 200 one
		before=$ETAG
		case ${file##*/} in
		rewritten) echo two >$file ;;
		cut) truncate -s 2 $file ;;
		grown) echo more >>$file ;;
		replaced) echo two >new && mv new $file ;;
		moved) mv $file share/here ;;
		deleted) rm $file ;;
		linked) ln -sf "$PWD/share/here" $file ;;
		esac
		case ${file##*/} in
		rewritten | replaced) answers "/${file#share/}" 200 two ;;
		cut) answers "/${file#share/}" 200 on ;;
		grown) answers "/${file#share/}" 200 $'one\nmore' ;;
		*) answers "/${file#share/}" 404 ;;
		esac
		assert_not_equal "$ETAG" "$before"
	done
	answers /here 200 one
}

@test "a file that may no longer be read is gone at once" {
	[[ $EUID != 0 ]] || skip 'root may read everything'
	echo one >share/a
	start_nshare share
	dial
	wait_until asked_and_holds share/a
	chmod 0 share/a
	answers /a 404
}

@test "a directory that becomes a link is no way out for longer than a second" {
	mkdir share/d other
	echo inside >share/d/f
	echo outside >other/f
	start_nshare share
	dial
	wait_until asked_and_holds share/d/f
	mv share/d away
	ln -s ../other share/d
	wait_until answers_nothing_outside
}

# Until it is noticed, the file is what it was, and never another one.
answers_nothing_outside() {
	ask /d/f
	[[ $STATUS == 404 || $BODY == inside ]] || fail "got: $STATUS $BODY"
	[[ $STATUS == 404 ]]
}

@test "who is asked no more holds no file" {
	echo one >share/a
	start_nshare share
	dial
	wait_until asked_and_holds share/a
	wait_until holds_nothing
	answers /a 200 one
}

holds_nothing() {
	! holds share/
}

@test "an open file is answered in parts, in one go, and not when it is known" {
	printf 0123456789 >share/a
	seq 300000 >share/big
	start_nshare share
	dial
	wait_until asked_and_holds share/a
	ask /a 'Range: bytes=2-4'
	assert_equal "$STATUS $BODY" '206 234'
	ask /a 'Range: bytes=-2'
	assert_equal "$STATUS $BODY" '206 89'
	ask /a 'Range: bytes=10-'
	assert_equal "$STATUS" 416
	ask /a "If-None-Match: $(get /a | sed -n 's/^ETag: //p')"
	assert_equal "$STATUS" 304
	printf 'GET /a HTTP/1.1\r\nHost: a\r\nRange: bytes=%d-%d\r\n\r\n' \
		0 1 2 3 4 5 6 7 8 9 >&9
	for part in 01 23 45 67 89; do
		read -r _ STATUS _ <&9
		assert_equal "$STATUS" 206
		while read -r line <&9 && [[ ${line%$'\r'} ]]; do :; done
		assert_equal "$(head -c 2 <&9)" $part
	done
	for first in 0 1000 20000 1900000; do
		ask /big "Range: bytes=$first-"
		[[ $BODY == "$(tail -c +$((first + 1)) share/big)" ]]
	done
}

### Refusals

@test "what is no regular file is 404, at once" {
	mkdir share/dir share/.hidden
	echo x | tee share/.dot share/a.part share/a.part.from share/.hidden/x
	ln -s /etc/passwd share/out
	ln -s . share/self
	ln -s dir share/indir
	echo x >share/dir/x
	mkfifo share/fifo
	start_nshare share
	for path in none dir fifo out indir self/dir/x indir/x .dot a.part \
		a.part.from .hidden/x dir/x/y share/dir/x; do
		get "/$path" | has_status 404
		run say "$SHARE" <<<"GET $path"
		assert_success
		refute_output
	done
	get /dir/x | has_status 200
}

@test "nothing outside is served, whatever happens to the directory" {
	mkdir -p share/d secret
	echo inside >share/d/f
	echo outside | tee secret/f secret/g
	ln -s share link
	start_nshare link
	run get /d/f
	assert_line inside
	mv share/d share/d2
	ln -s ../secret share/d
	get /d/f | has_status 404
	mv share moved
	ln -s secret share
	run get /d2/f
	assert_line inside
	get /f | has_status 404
	get /g | has_status 404
}

@test "what cannot be a path is refused with 400, and the connection closed" {
	start_nshare share
	for path in /.. /a/../b /%2e%2e/x /a%2f..%2fb /%00 /a%00b /a%2 /a%zz; do
		raw "GET ${path//%/%%} HTTP/1.1\r\nHost: a\r\n\r\n" >got
		has_status 400 <got
		run cat got
		assert_line 'Connection: close'
	done
}

@test "a refusal of HEAD has no text" {
	start_nshare share
	for request in '/%%zz HTTP/1.1\r\nHost: a' '/%%2e%%2e/x HTTP/1.1\r\nHost: a' \
		'/a HTTP/1.1\r\nX : y'; do
		raw "HEAD $request\r\n\r\n" >got
		has_status 400 <got
		run cat got
		assert_line 'Connection: close'
		run body <got
		refute_output
	done
}

# refuses STATUS REQUEST: refused so, in one line of text, and closed.
refuses() {
	raw "$2" >got
	has_status "$1" <got || fail "to: $2"
	grep -qx 'Connection: close' got || fail "kept open: $2"
	[[ $(body <got | wc -l) == 1 ]] || fail "no line of text: $2"
}

@test "malformed heads are refused with 400" {
	start_nshare share
	refuses 400 'GET /a HTTP/1.1\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a b\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'
	refuses 400 'GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'
	refuses 400 'GET a HTTP/1.1\r\nHost: a\r\n\r\n'
	refuses 400 'nonsense\n'
}

@test "heads that are too long are refused with 414 and 431" {
	start_nshare share
	long=$(printf 'x%.0s' {1..15000})
	refuses 414 "GET /$long HTTP/1.1\r\nHost: a\r\n\r\n"
	refuses 414 "GET /$long$long"
	refuses 431 "GET /a HTTP/1.1\r\nHost: a\r\nX: $long\r\nY: $long\r\nZ: $long\r\n\r\n"
}

@test "a request with a body is refused with 413" {
	touch share/a
	start_nshare share
	refuses 413 'GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'
	refuses 413 'GET /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
	get /a 'Content-Length: 0' | has_status 200
}

@test "other methods are refused with 405 or 501, other versions with 505" {
	touch share/a
	start_nshare share
	for method in POST PUT DELETE OPTIONS TRACE; do
		http $method /a >got
		has_status 405 <got
		run cat got
		assert_line 'Allow: GET, HEAD'
	done
	http BREW /a | has_status 501
	refuses 505 'GET /a HTTP/2.0\r\nHost: a\r\n\r\n'
}

@test "a refusal that ends in order lets the connection go on" {
	echo hello >share/a
	start_nshare share
	raw 'GET /none HTTP/1.1\r\nHost: a\r\n\r\nPOST /a HTTP/1.1\r\nHost: a\r\n\r\nGET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >got
	run grep ^HTTP got
	assert_output 'HTTP/1.1 404 Not Found
HTTP/1.1 405 Method Not Allowed
HTTP/1.1 200 OK'
}

@test "a head that does not end is given up" {
	start_nshare share
	run say "$SHARE" -w -t 25 < <(printf 'GET /a HTTP/1.1\r\nHost: a\r\n')
	assert_success
	refute_output
}

# hold TARGET: a download that is never read, until descriptor 8 is closed.
hold() {
	exec 8<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	printf 'GET %s HTTP/1.1\r\nHost: a\r\n\r\n' "$1" >&8
	wait_until busy
}

busy() {
	get /small | has_status 503 2>/dev/null
}

@test "over the slots, HTTP is told to come back and the seed's form waits" {
	truncate -s 100M share/big
	echo hello >share/small
	start_nshare share --slots 1
	get /small | has_status 200
	hold /big
	run get /small
	assert_line --regexp '^Retry-After: [0-9]+$'
	http HEAD /small | has_status 200
	get / | has_status 200
	say "$SHARE" -t 30 <<<'GET small' >waited 8>&- &
	waiter=$!
	get /small | has_status 503
	run cat waited
	refute_output
	exec 8<&- 8>&-
	wait $waiter
	run cat waited
	assert_output hello
}

@test "over the connections, HTTP is told to come back, the seed is reset" {
	echo hello >share/a
	ulimit -n 80
	start_nshare share --slots 1
	for i in {1..48}; do
		exec {held}<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	done
	wait_until full
	get /a >got || :
	run cat got
	assert_line --index 0 'HTTP/1.1 503 Service Unavailable'
	assert_line 'Connection: close'
	assert_line 'Content-Length: 0'
	assert_line --regexp '^Retry-After: [0-9]+$'
	# What was sent before it is taken is seen before it is answered.
	kill -STOP "$NSHARE"
	wait_until stopped
	exec {seed}<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	echo 'GET a' >&$seed
	kill -CONT "$NSHARE"
	run cat <&$seed
	assert_failure
	assert_output --regexp '^cat: .*reset by peer$'
}

# stopped: whether every thread of nshare is.
stopped() {
	! ps -L -o stat= -p "$NSHARE" | grep -qv '^T'
}

full() {
	get /a 2>/dev/null | grep -q '^HTTP/1.1 503'
}

@test "a file that shrinks while it is sent ends in a reset" {
	for request in 'GET big' 'GET /big HTTP/1.0'$'\r\n\r'; do
		truncate -s 100M share/big
		[[ -n ${SHARE:-} ]] || start_nshare share
		mkfifo pipe
		say "$SHARE" <<<"$request" >pipe 2>/dev/null &
		talker=$!
		exec 7<pipe
		head -c 1000 <&7 >/dev/null
		truncate -s 1000 share/big
		cat <&7 >/dev/null
		exec 7<&-
		status=0
		wait $talker || status=$?
		assert_equal $status 3
		rm pipe
	done
}

@test "downloads share the rate" {
	head -c 200000 /dev/zero >share/a
	start_nshare share --rate 100K
	before=$(date +%s%N)
	say "$SHARE" <<<'GET a' >got1 &
	say "$SHARE" <<<'GET a' >got2
	wait $!
	cmp got1 share/a
	cmp got2 share/a
	(($(date +%s%N) - before > 3000000000))
}

### The seed's form

@test "seed: bytes then a close; a close alone for what is missing" {
	printf 'a\0b' >share/x.bin
	: >share/empty
	start_nshare share
	say "$SHARE" -w <<<'GET x.bin' | cmp - share/x.bin
	for name in none empty /x.bin x.bin/ ../share/x.bin '' 'x.bin '; do
		say "$SHARE" -w < <(printf 'GET %s\n' "$name") >got
		run cat got
		refute_output
	done
}

@test "seed: a name is raw, however its line ends" {
	printf one >'share/a%20b'
	printf two >'share/a b'
	start_nshare share
	run raw 'GET a%%20b\n'
	assert_output one
	run raw 'GET a b\r\n'
	assert_output two
	run say "$SHARE" < <(printf 'GET a b')
	assert_output two
	run say "$SHARE" -s 1 <<<'GET a b'
	assert_output two
}

@test "seed: what comes after the name is not looked at" {
	printf one >share/a
	start_nshare share
	run raw 'GET a\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n'
	assert_output one
}

### Indexes

@test "an index is told the files, its load and that is all" {
	mkdir share/d
	printf 12345 >share/a
	touch -d @1234567890 share/a
	printf x >'share/d/b c'
	touch -d @1 'share/d/b c'
	start_puppet -n 1 'line
		send OK 192.0.2.1:9000\n
		expect LOAD 0 256
		expect ADD 5 1234567890 - a
		expect ADD 1 1 - d/b c
		expect SYNC
		send OK 2 0\n
		send PING\n
		expect PONG
		wait-close'
	puppet=$PID
	NAP_INDEX=$PUPPET start_nshare share
	assert_equal "$SHARE" 192.0.2.1:9000
	wait_for_line puppet.out 'got: HELLO [1-9][0-9]* nap/2$'
	end "$NSHARE"
	wait $puppet
}

@test "downloads change the load that an index is told" {
	truncate -s 100M share/big
	start_puppet 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send OK 1 0\n
		lines-until LOAD 1 256
		lines-until LOAD 0 256
		wait-close'
	NAP_INDEX=$PUPPET spawn_nshare
	wait_for_line nshare.err sharing
	exec 8<>"/dev/tcp/127.0.0.1/${SHARE##*:}"
	printf 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n' >&8
	wait_for_line puppet.out 'got: LOAD 1 256'
	exec 8<&- 8>&-
	eventually 30 grep -c 'got: LOAD 0 256' puppet.out
}

@test "serving on loopback alone is said to the index" {
	start_puppet -n 1 'line
		send OK 127.0.0.1:9000\n
		lines-until SYNC
		send OK 0 0\n
		wait-close'
	NAP_INDEX=$PUPPET start_nshare share -l 127.0.0.1
	wait_for_line puppet.out 'HELLO [0-9]+ nap/2 host=127\.0\.0\.1$'
}

@test "an index that cannot connect to us is warned of" {
	start_puppet 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send OK 0 0\nNOTE unreachable\n
		wait-close'
	NAP_INDEX=$PUPPET start_nshare share
	wait_for_line nshare.err "index $PUPPET: it cannot connect to 192.0.2.1:9000"
}

@test "an index that repeats itself is listened to once" {
	notes=$(printf 'NOTE %s\\n' unreachable{,,,,,,,} hi{,,,,,,,})
	start_puppet "line
		send OK 192.0.2.1:9000\\n
		lines-until SYNC
		send OK 0 0\\n${notes}PING\\n
		lines-until PONG
		wait-close"
	NAP_INDEX=$PUPPET start_nshare share
	wait_for_line puppet.out 'got: PONG'
	run grep -c 'cannot connect to' nshare.err
	assert_output 1
	run grep -c ': hi$' nshare.err
	assert_output 1
}

@test "what follows an error of an index is not believed" {
	touch share/a
	start_puppet 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send ERR busy now\nOK 1 0\nERR busy later\n
		wait-close'
	NAP_INDEX=$PUPPET spawn_nshare
	wait_for_line nshare.err 'it refuses: busy now; trying again'
	wait_for_line nshare.err 'again in [0-9]+ ms'
	run grep -E 'sharing|has every file|later' nshare.err
	refute_output
}

@test "what an index refuses is told with its name, and made visible" {
	start_puppet 'line
		send ERR limit go \x1b[2J away\n
		wait-close'
	NAP_INDEX=$PUPPET spawn nshare nshare -p 0 share
	wait_for_line nshare.err "index $PUPPET: it refuses: limit go"
	assert_regex "$MATCH" 'limit go \\x1b\[2J away'
}

@test "an index that hangs up on version 2 is told in the seed's form" {
	touch share/a 'share/b c' share/$'\xff'
	start_puppet -n 2 'line
		close' 'line
		expect FILE a
		expect FILE b c
		expect SEARCH b c
		send 127.0.0.1:1\nEND\n
		wait-close'
	puppet=$PID
	NAP_INDEX=$PUPPET start_nshare share
	run cat puppet.out
	assert_line --regexp 'got: HELLO [0-9]+ nap/2'
	assert_line --regexp 'got: HELLO [0-9]+$'
	run grep -c 'cannot be told of 1 files' nshare.err
	assert_output 1
	run get /a
	assert_line --index 0 'HTTP/1.1 200 OK'
	end "$NSHARE"
	wait $puppet
}

@test "without an index it says so, serves meanwhile, and registers later" {
	echo hello >share/a
	end "$INDEXD"
	spawn_nshare
	wait_for_line nshare.err "index $INDEX: Connection refused; trying again"
	run get /a
	assert_line hello
	start_indexd -l "$INDEX"
	wait_for_line nshare.err 'sharing 1 files'
	found a
	run grep -c 'trying again' nshare.err
	assert_output 1
}

@test "an index that comes back is told everything again" {
	touch share/a
	start_nshare share
	end "$INDEXD"
	start_indexd -l "$INDEX"
	wait_until found a
	run grep -c sharing nshare.err
	assert_output 1
}

@test "a share that ends is forgotten" {
	touch share/a
	start_nshare share
	found a
	end "$NSHARE"
	wait_until lost a
}

lost() {
	! found "$1"
}

@test "every index is told, and the line waits for all of them" {
	touch share/a
	first=$INDEX
	spawn second indexd -l 127.0.0.1:0
	wait_for_line second.err 'listening on'
	second=${MATCH##* }
	NAP_INDEX="$first, $second" start_nshare share
	found a
	INDEX=$second
	found a
	spawn third nshare -p 0 -I "$first" -I 127.0.0.1:1 share
	wait_for_line third.err 'index 127.0.0.1:1: .*; trying again'
	run grep sharing third.err
	refute_output
}

### The process

@test "SIGTERM and SIGINT end it with 0, in the middle of downloads" {
	truncate -s 100M share/big
	echo x >share/small
	for signal in TERM INT; do
		start_nshare share --slots 1
		hold /big
		say "$SHARE" <<<'GET big' >/dev/null 2>&1 &
		kill -$signal "$NSHARE"
		wait "$NSHARE"
		exec 8<&- 8>&-
		wait $! || :
	done
}

# daemon: the process that detached, which names its directory.
daemon() {
	ps -eo pid=,args= | awk -v dir="$PWD/share" \
		'$2 ~ /nshare$/ && $NF == dir { print $1 }'
}

@test "-d returns 0 once searches find the files, and goes on" {
	touch share/a
	run timeout 30 nshare -d -p 0 "$PWD/share"
	PROCESSES+=($(daemon))
	assert_success
	assert_output --regexp '^nshare: sharing 1 files of .* at 127\.0\.0\.1:[0-9]+$'
	found a
	SHARE=${output##* }
	get /a | has_status 200
	assert_equal "$(daemon | wc -l)" 1
}

@test "-d without an index is status 3 after a while, and leaves nothing" {
	run timeout 30 nshare -d -p 0 -I 127.0.0.1:1 --timeout 1 "$PWD/share"
	assert_failure 3
	assert_line 'nshare: not registered within 1 seconds'
	assert_equal "$(daemon)" ''
}

@test "a taken default port is replaced, one that was asked for is not" {
	touch share/a
	NAME=one spawn one nshare share
	wait_for_line one.err sharing
	one=${MATCH##*:}
	spawn two nshare share
	wait_for_line two.err sharing
	assert_not_equal "${MATCH##*:}" "$one"
	run nshare -p "$one" share
	assert_failure 1
	assert_output --regexp "^nshare: listen on every address port $one: "
}

@test "a directory that is none is status 1" {
	touch file
	run nshare -p 0 none
	assert_failure 1
	assert_output 'nshare: none: No such file or directory'
	run nshare -p 0 file
	assert_failure 1
	assert_output 'nshare: file: Not a directory'
}

@test "bad usage is one line and status 2" {
	for arguments in '' 'a b' '-p x share' '-p 65536 share' '-I :x share' \
		'--slots 0 share' '--rate fast share' '--timeout 0 share' \
		'-I , share' '-l a:9 share' '-l [::1]:9 share' '-l :: share -l -x'; do
		run nshare $arguments
		assert_failure 2
		assert_equal "${#lines[@]}" 1
	done
	run nshare --nonsense
	assert_failure 2
	run nshare -l '' share
	assert_failure 2
	run nshare -I '' share
	assert_failure 2
	NAP_INDEX=a:b:c run nshare share
	assert_failure 2
}

@test "help and version go to standard output" {
	run --separate-stderr nshare --help
	assert_success
	assert_line --index 0 --partial 'Usage: nshare'
	assert_equal "$stderr" ''
	run --separate-stderr nshare -V
	assert_success
	assert_output --regexp '^nshare \(naputils\) [0-9]'
}
