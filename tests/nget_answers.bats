# nget: what it believes of an answer (naputils(7), PEERS), and what it asks of
# a peer that speaks the original protocol.

load nget

# --- HTTP ---------------------------------------------------------------------

@test "what the peer's status means" {
	local answer

	for answer in '404 Not Found:1' '410 Gone:1' '403 Forbidden:6' \
		'500 Broken:6' '204 No Content:6' '304 Not Modified:6' \
		'206 Partial Content:6' '416 No:6' '200000 X:6'; do
		peer "$(status "${answer%:*}")"
		get "$PUPPET/song"
		assert_failure "${answer##*:}"
		assert_equal "${#stderr_lines[@]}" 1
		nothing_left
	done
}

@test "redirects are told and not followed" {
	peer "$(status '302 Found' 'Location: http://127.0.0.1:1/x\r\n')"
	get "$PUPPET/song"
	assert_failure 6
	assert_equal "$stderr" "nget: $PUPPET/song: the peer redirects to 'http://127.0.0.1:1/x' (302), which is not followed"
}

@test "answers that can be understood in two ways are refused" {
	local fields

	for fields in 'Content-Length: 2\r\nContent-Length: 3' \
		'Content-Length: 2\r\nTransfer-Encoding: chunked' \
		'Content-Length: -2' 'Content-Length: 2x' \
		'Transfer-Encoding: gzip' ' Content-Length: 2' 'No colon'; do
		peer "head
			send HTTP/1.1 200 OK\\r\\n$fields\\r\\n\\r\\nla
			wait-close"
		get "$PUPPET/song"
		assert_failure 6
		nothing_left
	done
}

@test "an encoded form is not taken for the file" {
	peer "$(whole la 'Content-Encoding: gzip\r\n')"
	get "$PUPPET/song"
	assert_failure 6
	nothing_left
	get --list "$PUPPET"
	assert_failure 6
	peer "$(whole la 'Content-Encoding: identity\r\n')"
	get "$PUPPET/song"
	assert_success
}

@test "answers without a status line are refused" {
	local answer

	for answer in 'la la\n' 'ICY 200 OK\r\n\r\nla' 'HTTP/2.0 200 OK\r\n\r\nla' \
		'\0\0\0' '\x1b[31mHTTP/1.1 200 OK\r\n\r\nla'; do
		peer "head
			send $answer
			wait-close"
		get "$PUPPET/song"
		assert_failure 6
		refute_regex "$stderr" $'\e'
		nothing_left
	done
}

@test "a head without an end is given up" {
	peer 'head
		send HTTP/1.1 200 OK\r\nX:
		fill 10000000'
	get "$PUPPET/song"
	assert_failure 6
}

@test "interim answers are passed over, though not without end" {
	peer "head
		send HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\nHTTP/1.1 100 Continue\\r\\n\\r\\n
		send HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nla
		wait-close"
	get "$PUPPET/song"
	assert_success
	local interims='HTTP/1.1 100 Continue\r\n\r\n'
	interims+=$interims$interims$interims$interims
	peer "head
		send $interims$interims$interims$interims
		wait-close"
	get "$PUPPET/other"
	assert_failure 6
}

@test "chunked bodies and those that end with the connection are read" {
	peer 'head
		send HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n
		send 2;x=y\r\nla\r\n3\r\n la\r\n
		send 0\r\nTrailer: x\r\n\r\n
		wait-close'
	get "$PUPPET/chunked"
	assert_success
	assert_equal "$(cat chunked)" 'la la'
	peer 'head
		send HTTP/1.0 200 OK\r\n\r\nla
		send  la
		close'
	get "$PUPPET/close"
	assert_success
	assert_equal "$(cat close)" 'la la'
	peer 'head
		send HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n
		send zz\r\n
		wait-close'
	get "$PUPPET/bad"
	assert_failure 6
	nothing_left
}

@test "what comes behind the announced length is not taken" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nlalala
		wait-close'
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" la
}

@test "a busy peer is asked again when it says so" {
	scripted "$(status '503 Busy' 'Retry-After: 0\r\n')" "$(whole la)"
	get "$PUPPET/song"
	assert_success
	assert_regex "$stderr" 'busy \(503\); trying again'
	played
	scripted "$(status '503 Busy' 'Retry-After: 3600\r\n')"
	get "$PUPPET/other"
	assert_failure 6
	played
	peer "$(status '503 Busy')"
	get -q "$PUPPET/other"
	assert_failure 6
	assert_equal "$stderr" "nget: $PUPPET/other: the peer is busy (503)"
}

@test "no connection and no answer" {
	get "$DEAD/song"
	assert_failure 3
	assert_equal "$stderr" "nget: $DEAD/song: no connection: Connection refused"
	get "no-such-host.invalid:9000/song"
	assert_failure 3
	peer 'wait-close'
	get -q --timeout 1 "$PUPPET/song"
	assert_failure 3
	assert_equal "$stderr" "nget: $PUPPET/song: no byte for too long"
	nothing_left
}

# --- peers that speak the original protocol ------------------------------------------

@test "a peer that hangs up on HTTP is asked with a plain GET" {
	scripted 'expect GET /My%20Song.mp3 HTTP/1.1
		head
		close' 'expect GET My Song.mp3
		send la\nla
		close'
	get "$PUPPET/My%20Song.mp3"
	assert_success
	assert_output 'My Song.mp3'
	assert_equal "$stderr" "nget: $PUPPET/My%20Song.mp3: the peer does not speak HTTP; asking with a plain GET"
	assert_equal "$(cat 'My Song.mp3')" $'la\nla'
	nothing_left
	played
}

@test "so is one whose close cuts the request off" {
	scripted 'expect GET /song HTTP/1.1
		close' 'expect GET song
		send la
		close'
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" la
	played
}

@test "an empty answer to a plain GET means not found" {
	scripted 'head
		close' 'expect GET song
		close'
	get -q "$PUPPET/song"
	assert_failure 1
	assert_equal "$stderr" "nget: $PUPPET/song: not found (the peer sent nothing)"
	nothing_left
	played
}

@test "what a plain GET brings is held to the digest" {
	peer 'head
		close' 'expect GET song
		send lo
		close'
	get -q "$PUPPET/song#sha256=$(sha256 la)"
	assert_failure 4
	nothing_left
}

@test "what a plain GET brings is never gone on from" {
	interrupted TERM "$ETAG" 'lines-until Range: bytes=4-
		head
		close' 'expect GET song
		send lo
		pause 300
		reset' 'expect GET song
		send lolo
		close'
	get "$PUPPET/song"
	# A peer that was cut off in HTTP before still is one that never spoke it.
	assert_success
	assert_equal "$(cat song)" lolo
}

@test "names that a plain GET cannot carry are not sent in one" {
	peer 'head
		close' 'line
		close'
	for name in /song ' song' 'song '; do
		get -q "$PUPPET" "$name"
		assert_failure 6
	done
	peer 'head
		close' 'line
		close'
	get -q -o x "$PUPPET/a%0aGET%20b"
	assert_failure 6
	run cat puppet.out
	refute_output --partial got:
}
