# nshare: what it refuses, and how much it takes on (naputils(7), PEERS).

load nshare

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

@test "over the slots, HTTP is told to come back and the seed's form waits" {
	truncate -s 100M share/big
	echo hello >share/small
	start_nshare share --slots 1 --rate 100K
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

@test "a reader that takes little keeps its slot" {
	truncate -s 1G share/big
	echo hello >share/small
	start_nshare share --slots 1
	hold /big
	for i in {1..30}; do
		head -c 500000 <&8 >/dev/null
		busy || fail "free after $i"
		sleep 0.2
	done
	exec 8<&- 8>&-
}

@test "one that has lost its slot waits for another like all" {
	truncate -s 1G share/big
	echo hello >share/small
	start_nshare share --slots 1
	hold /big
	exec 9<&8 8<&- 8>&-
	wait_until free
	hold /big
	while head -c 500000 >/dev/null && sleep 0.1; do
		continue
	done <&8 3>&- &
	other=$!
	exec 8<&- 8>&-
	# The piece that it has is its own, and no more.
	run bash -c 'timeout 5 head -c 60M <&9 | wc -c'
	((output < 60 * 1024 * 1024))
	kill $other
	run bash -c 'head -c 60M <&9 | wc -c'
	assert_output $((60 * 1024 * 1024))
	exec 9<&- 9>&-
}

@test "a reader that takes nothing keeps its slot no longer, and gets the rest" {
	head -c 30M /dev/urandom >share/big
	echo hello >share/small
	start_nshare share --slots 1
	hold /big
	wait_until free
	get /small | has_status 200
	printf 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&8
	sed '1,/^\r$/d' <&8 | head -c 30M >got
	run cmp got share/big
	assert_success
	exec 8<&- 8>&-
	get /small | has_status 200
}

free() {
	! busy
}

@test "a reader that takes nothing is cut off in time, and has its slot no longer" {
	truncate -s 1G share/big
	echo hello >share/small
	spawn_nshare --slots 1 --stall-timeout 1
	exec 8<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	printf 'GET /big HTTP/1.1\r\nHost: a\r\n\r\n' >&8
	wait_for_line nshare.err '^nshare: 127\.0\.0\.1:[0-9]+: Connection timed out$'
	get /small | has_status 200
	run bash -c 'cat <&8 >/dev/null'
	assert_failure
	assert_output --partial 'reset by peer'
	exec 8<&- 8>&-
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

# seed_download NAME: of /large, in the background; NAME.status is talk's at last.
seed_download() {
	{
		printf 'GET large\n' | say "$SHARE" -w -t 60 >"$1" || echo $? >"$1.status"
	} 3>&- &
	PROCESSES+=("$!")
	wait_until test -s "$1"
}

@test "a download that cannot go on ends in a reset, in the seed's form too" {
	truncate -s 20M share/large
	spawn_nshare --rate 1M
	seed_download changed
	printf x | dd of=share/large conv=notrunc status=none
	wait_until test -s changed.status
	assert_equal "$(cat changed.status)" 3
	seed_download ended
	kill "$NSHARE"
	wait_until test -s ended.status
	assert_equal "$(cat ended.status)" 3
}
