# nget: what vouches for bytes that have arrived, and how it goes on from them.

load nget

@test "a transfer that is cut goes on where it stopped" {
	scripted "$(cut_short lala 10 "$ETAG")" 'expect GET /song HTTP/1.1
		lines-until Range: bytes=4-
		expect If-Range: "v1"
		'"$(rest 'la' 4 10 "$ETAG" | sed 's/wait-close/close/')" \
		'lines-until Range: bytes=6-
		'"$(rest 'lala' 6 10 "$ETAG")"
	get "$PUPPET/song#sha256=$(sha256 lalalalala)"
	assert_success
	assert_output song
	assert_equal "$(cat song)" lalalalala
	assert_regex "$stderr" 'closed the connection; trying again in 0.5 s'
	nothing_left
	played
}

@test "a reset and a stall are gone on from as well" {
	scripted 'head
		send HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 6\r\n\r\nla
		pause 300
		reset' 'lines-until Range: bytes=2-
		head
		send HTTP/1.1 206 Rest\r\nETag: "v1"\r\nContent-Range: bytes 2-5/6\r\n\r\nla
		wait-close' 'lines-until Range: bytes=4-
		'"$(rest 'la' 4 6 "$ETAG")"
	get --timeout 1 "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lalala
	played
}

@test "on standard output, too" {
	scripted "$(cut_short lala 6 "$ETAG")" 'lines-until Range: bytes=4-
		'"$(rest la 4 6 "$ETAG")"
	get -o - "$PUPPET/song#sha256=$(sha256 lalala)"
	assert_success
	assert_output lalala
	played
}

@test "what was written to standard output is not written again" {
	peer "$(cut_short lala 6)"
	get -o - "$PUPPET/song"
	assert_failure 3
	assert_output lala
}

@test "a transfer that stays cut fails, and its part stays" {
	peer "$(cut_short lala 10 "$ETAG")" \
		'head
		send HTTP/1.1 206 Rest\r\nETag: "v1"\r\nContent-Range: bytes 4-9/10\r\n\r\n
		close'
	get "$PUPPET/song"
	assert_failure 3
	assert_file_not_exists song
	assert_equal "$(cat song.part)" lala
	assert_equal "$(cat song.part.from)" "naputils part 1
locator $PUPPET/song
etag \"v1\"
size 10
have 4"
}

@test "without anything that vouches for it a transfer starts again" {
	scripted "$(cut_short lala 6)" "$(whole lololo)"
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lololo
	played
}

@test "an interrupted transfer is gone on from by the next nget" {
	local signal

	for signal in TERM KILL; do
		interrupted $signal "$ETAG" 'lines-until Range: bytes=4-
			expect If-Range: "v1"
			'"$(rest lalala 4 10)"
		assert_equal "$status" $((128 + $(kill -l $signal)))
		get "$PUPPET/song#sha256=$(sha256 lalalalala)"
		assert_success
		assert_equal "$(cat song)" lalalalala
		nothing_left
		rm song
	done
}

@test "a known digest vouches without a validator, at other peers, too" {
	interrupted TERM "$(repr_digest lalalalala)"
	scripted 'expect GET /other HTTP/1.1
		lines-until Range: bytes=4-
		expect Accept-Encoding: identity
		'"$(rest lalala 4 10)"
	get -o song "$PUPPET/other#sha256=$(sha256 lalalalala)"
	assert_success
	assert_equal "$(cat song)" lalalalala
	played
}

@test "a file that has changed starts again" {
	interrupted TERM "$ETAG" 'lines-until If-Range: "v1"
		'"$(whole lolo 'ETag: "v2"\r\n')"
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lolo
}

@test "parts that do not fit are refused, and ours stays" {
	local answer

	for answer in "$(rest xxxxxx 3 10)" "$(rest xxxxxx 5 11)" \
		"$(rest xxxxxxx 4 10)" \
		'head
		send HTTP/1.1 206 Rest\r\nContent-Length: 6\r\n\r\nxxxxxx
		wait-close' \
		'head
		send HTTP/1.1 206 Rest\r\nContent-Length: 9\r\nContent-Range: bytes 4-9/10\r\n\r\nxxxxxx
		wait-close' \
		'head
		send HTTP/1.1 206 Rest\r\nTransfer-Encoding: chunked\r\nContent-Range: bytes 4-9/10\r\n\r\n
		send 7\r\nxxxxxxx\r\n0\r\n\r\n
		wait-close'
	do
		interrupted TERM "$ETAG" "$answer"
		get "$PUPPET/song"
		assert_failure 6
		assert_equal "$(cat song.part)" lala
		rm song.part song.part.from
	done
}

@test "a part of another file than the one begun starts it again" {
	local answer

	for answer in "$(rest xxxxxx 4 11)" \
		"$(rest xxxxxx 4 10 'ETag: "v2"\r\n')" \
		'head
		send HTTP/1.1 206 Rest\r\nContent-Range: bytes 4-10/*\r\n\r\nxxxxxxx
		wait-close'
	do
		interrupted TERM "$ETAG" "$answer" \
			'lines-until Accept-Encoding: identity
			'"$(whole lolo)"
		get "$PUPPET/song"
		assert_success
		assert_equal "$(cat song)" lolo
		assert_regex "$stderr" 'what was there before does not fit; trying again'
		nothing_left
		rm song
	done
}

@test "a part that may not be the last does not end a file" {
	local chunk='head
		send HTTP/1.1 200 OK\r\nETag: "v1"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlala\r\n
		close'

	scripted "$chunk" 'lines-until Range: bytes=4-
		head
		send HTTP/1.1 206 Rest\r\nETag: "v1"\r\nContent-Range: bytes 4-5/*\r\n\r\nxx
		wait-close' 'lines-until Accept-Encoding: identity
		'"$(whole lalalala)"
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lalalala
	played
}

@test "a part without the ETag that was asked for proves nothing" {
	scripted "$(cut_short lala 10 "$ETAG")" 'lines-until If-Range: "v1"
		'"$(rest lalala 4 10)" "$(whole lolololo "$ETAG")"
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lolololo
	played
}

@test "416 ends a file that is complete, and starts another again" {
	interrupted TERM 'ETag: "v1"\r\nX: y\r\n' \
		"$(status '416 No' 'Content-Range: bytes */4\r\n')" "$(whole lo)"
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lo
	rm song
	peer 'head
		send HTTP/1.1 200 OK\r\nETag: "v1"\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nlala\r\n
		wait-close' "$(status '416 No' 'Content-Range: bytes */4\r\n')"
	spawn_get "$PUPPET/song"
	wait_until has_size song.part 4
	kill "$NGET"
	finished "$NGET"
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lala
}

@test "what may have been lost with the machine is asked for again" {
	scripted 'lines-until Range: bytes=4-
		'"$(rest lololo 4 10 "$ETAG")"
	printf 'lala\0\0\0' >song.part
	printf 'naputils part 1\nlocator %s\netag "v1"\nsize 10\nhave 4\n' \
		"$PUPPET/song" >song.part.from
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lalalololo
	played
}

@test "what is on the disk is noted while more arrives" {
	local have

	peer 'head
		send HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 9000005\r\n\r\n
		fill 9000000
		wait-close' 'head
		send HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n
		wait-close'
	spawn_get "$PUPPET/song"
	wait_until has_size song.part 9000000
	kill -KILL "$NGET"
	finished "$NGET"
	have=$(sed -n 's/^have //p' song.part.from)
	((have >= 8388608 && have <= 9000000))
	get "$PUPPET/song"
	assert_failure 1
	has_size song.part "$have"
}

@test "a part that is complete by its digest is not asked for again" {
	printf la >song.part
	printf 'naputils part 1\nlocator %s\nsize 2\ndigest %s\nhave 2\n' \
		"$DEAD/song" "$(sha256 la)" >song.part.from
	get "$DEAD/song"
	assert_success
	assert_equal "$(cat song)" la
	nothing_left
}

@test "--no-continue starts again" {
	interrupted TERM "$ETAG" 'lines-until Accept-Encoding: identity
		'"$(whole lolo)"
	get --no-continue "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lolo
	run cat puppet.out
	refute_output --partial Range
}

@test "a damaged .part.from vouches for nothing" {
	local damage

	for damage in 's/part 1/part 2/' 's/^size.*/size -1/' '$d' 's/"v1"/v1/' \
		's/^have.*/have 5/' 's/song$/other/' '1{h;d};2G' '$p' '$s/$/ /'; do
		interrupted TERM "$ETAG" 'lines-until Accept-Encoding: identity
			'"$(whole lolo)"
		sed -i "$damage" song.part.from
		get "$PUPPET/song"
		assert_success
		assert_equal "$(cat song)" lolo
		run cat puppet.out
		refute_output --partial Range
		rm song
	done
}

@test "bytes that are no longer what they were are fetched again" {
	interrupted TERM "$ETAG" "$(rest lalala 4 10)" \
		'lines-until Accept-Encoding: identity
		'"$(whole lalalalala)"
	printf x | dd of=song.part conv=notrunc status=none
	get "$PUPPET/song#sha256=$(sha256 lalalalala)"
	assert_success
	assert_equal "$stderr" "nget: $PUPPET/song: what was there before does not fit; starting again"
	assert_equal "$(cat song)" lalalalala
	nothing_left
}

@test "but once only: what is wrong then is the peer's" {
	interrupted TERM "$ETAG" "$(rest lalala 4 10)" "$(whole lolololo)"
	printf x | dd of=song.part conv=notrunc status=none
	get "$PUPPET/song#sha256=$(sha256 lalalalala)"
	assert_failure 4
	assert_file_not_exists song
	nothing_left
}

@test "what a hostile peer begins does not keep an honest one from ending" {
	local size locator="song#sha256=$(sha256 lalalalala)"

	for size in 4 6 10 1000000; do
		peer "$(cut_short xxxx "$size")" "$(status '404 No')"
		get -q "$PUPPET/$locator"
		assert_failure
		peer "$(rest lalala 4 10)" "$(whole lalalalala)"
		[[ -e song.part ]] || peer "$(whole lalalalala)"
		get "$PUPPET/$locator"
		assert_success
		assert_equal "$(cat song)" lalalalala
		nothing_left
		rm song
	done
}

@test "that nothing vouches for a part is told to those who ask" {
	printf xxxx >song.part
	peer "$(whole la)"
	get "$PUPPET/song"
	assert_success
	assert_equal "$stderr" ''
	printf xxxx >other.part
	get -v "$PUPPET/other"
	assert_success
	assert_regex "$stderr" 'nothing vouches for its .part; starting again'
}
