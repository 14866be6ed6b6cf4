# nshare: what it serves, in HTTP and in the seed's form (naputils(7), PEERS).

load nshare

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

@test "a download may take longer than the head before it" {
	truncate -s 30M share/large
	spawn_nshare
	exec 9<>"/dev/tcp/${SHARE%:*}/${SHARE##*:}"
	printf 'GET /large HTTP/1.1\r\nHost: a\r\n' >&9
	sleep 0.1
	printf 'Connection: close\r\n\r\n' >&9
	sleep 11 # a head must be complete in ten seconds
	run bash -c 'tr -d "\r" <&9 | sed "1,/^$/d" | wc -c'
	assert_output $((30 << 20))
	exec 9<&-
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
	listing / | sort >listed
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
	run cat got
	assert_line 'Transfer-Encoding: chunked'
	refute_line --partial 'Content-Length'
	run body <got
	assert_output $'00000010\na\nd\nd%20d/b%3Cc\n\n0'
	run listing /d%20d/
	assert_output 'd%20d/b%3Cc'
	get / 'Accept: text/html,*/*;q=0.8' >got
	run cat got
	assert_line 'Content-Type: text/html; charset=utf-8'
	assert_line --partial '<a href="/d%20d/">d d/</a>'
	run get /d%20d/ 'Accept: text/html'
	assert_line --partial '>b&lt;c</a>'
	get /none/ | has_status 404
	get /a/ | has_status 404
	raw 'GET / HTTP/1.0\r\nAccept: text/html\r\n\r\n' >got
	run cat got
	assert_line 'Connection: close'
	refute_line --partial 'Transfer-Encoding'
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
	run bash -c 'sed "1,/^\r$/d" got | wc -c'
	assert_output "$(find share -type f -printf '%P\n' | wc -c)"
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
