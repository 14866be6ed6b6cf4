# nget: other peers that have the same content take the place of one that fails,
# and several give a large file at once.

load sources

# sharing NAME DIR OPTION...: a real peer, whose address is in SHARES, too.
sharing() {
	NAME=$1 start_nshare "$2" -v "${@:3}" || return
	SHARES+=("$SHARE")
}

@test "a peer that is gone is replaced by another that an index knows" {
	start_indexd
	other "serve $SONG"
	holder "$OTHER"
	get "$DEAD/song#sha256=$HEX"
	assert_success
	assert_output song
	assert_regex "$stderr" 'no connection: '
	assert_regex "$stderr" "$OTHER/song: going on from there"
	is_the_song
}

@test "without another, what is wrong with the one is said once" {
	start_indexd
	get "$DEAD/song#sha256=$HEX"
	assert_failure 3
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" "^nget: $DEAD/song: no connection: "
}

@test "an index that cannot be asked does not hide what is wrong" {
	NAP_INDEX="$DEAD nowhere.invalid" get "$DEAD/song#sha256=$HEX"
	assert_failure 3
	assert_equal "${#stderr_lines[@]}" 1
}

@test "where one hangs up another goes on, from the byte where that stopped" {
	start_indexd
	once "$(first_bytes 1000000)"
	other "serve $SONG"
	holder "$OTHER" 'another name'
	get "$PUPPET/song#sha256=$HEX"
	assert_success
	is_the_song
	run cat other.out
	assert_line 'got: Range: bytes=1000000-'
}

@test "so it does on standard output" {
	start_indexd
	once "$(first_bytes 1000000)"
	other "serve $SONG"
	holder "$OTHER"
	nget -o - "$PUPPET/song#sha256=$HEX" >song
	is_the_song
}

@test "one that refuses, stalls or has lost the file is replaced" {
	local script

	start_indexd
	other "serve $SONG"
	holder "$OTHER"
	for script in "$(status '404 Not Found')" "$(status '403 Forbidden')" \
		"$(status '503 Busy' 'Retry-After: 3600\r\n')" \
		"$(status '302 Found' 'Location: /\r\n')" \
		"$(stuck lala "$SIZE")" 'head
			send SSH-2.0-lala\r\n
			wait-close'; do
		rm -f song
		peer "$script"
		get --timeout 1 "$PUPPET/song#sha256=$HEX"
		assert_success
		is_the_song
	done
}

@test "one that sends something else is found out and replaced" {
	start_indexd
	head -c "$SIZE" /dev/zero >../zeroes
	peer "serve $PWD/../zeroes"
	other "serve $SONG"
	holder "$OTHER"
	get "$PUPPET/song#sha256=$HEX"
	assert_success
	is_the_song
	assert_regex "$stderr" "$PUPPET/song: digest mismatch"
	assert_regex "$stderr" "$OTHER/song: going on from there"
}

@test "when nobody has the right content the status is 4, and nothing stays" {
	start_indexd
	head -c "$SIZE" /dev/zero >../zeroes
	head -c "$SIZE" /dev/zero | tr '\0' x >../crosses
	peer "serve $PWD/../zeroes"
	other "serve $PWD/../crosses"
	holder "$OTHER"
	get "$PUPPET/song#sha256=$HEX"
	assert_failure 4
	assert_file_not_exists song
	nothing_left
}

@test "a beginning that is wrong costs what it has, not the rest" {
	start_indexd
	head -c "$SIZE" /dev/zero >../zeroes
	once "$(first_bytes 1000000 | sed "s,$SONG,$PWD/../zeroes,")"
	other "serve $SONG"
	holder "$OTHER"
	get "$PUPPET/song#sha256=$HEX"
	assert_success
	is_the_song
	run cat other.out
	assert_line 'got: Range: bytes=1000000-'
	assert_line 'got: Range: bytes=0-999999'
	assert_regex "$stderr" "$PUPPET/song: what it sent was not the file"
}

@test "a holder whose file has another digest by now is not used" {
	start_indexd
	peer "$(status '404 Not Found')"
	other "$(whole lalala "$(repr_digest lalala)")"
	holder "$OTHER"
	get "$PUPPET/song#sha256=$HEX"
	assert_failure 1
	assert_regex "$stderr" "$OTHER/song: the peer says that its file has another"
	nothing_left
}

@test "what the peer states is enough to know others by" {
	start_indexd
	once "$(ETAG="$ETAG$STATED" first_bytes 1000000)"
	other "serve $SONG"
	holder "$OTHER"
	get "$PUPPET/song"
	assert_success
	is_the_song
}

@test "-m takes several locators for one file" {
	peer "$(status '404 Not Found')"
	other "serve $SONG"
	get -m "$PUPPET/song" "$DEAD/song" "$OTHER/the%20same"
	assert_success
	assert_output song
	is_the_song
}

@test "of more locators than -m takes, the first are used" {
	other "serve $SONG"
	get -m --digest "sha256:$HEX" "$OTHER/song" $(printf "$DEAD/%d " {1..99})
	assert_success
	is_the_song
	assert_regex "$stderr" 'of 100 locators the first 64 are used'
}

@test "with -m the digest may be anywhere, but there is only one" {
	other "serve $SONG"
	get -m "$DEAD/song" "$OTHER/song#sha256=$HEX"
	assert_success
	is_the_song
	rm song
	get -m "$DEAD/song#sha256=$(sha256 la)" "$OTHER/song#sha256=$HEX"
	assert_failure 2
	assert_regex "$stderr" 'different digests'
	get -m -o there --digest "sha256:$HEX" "$DEAD/song" "$OTHER/song"
	assert_success
	cmp there "$SONG"
}

@test "-m without a digest mixes nothing" {
	once "$(first_bytes 1000000)"
	head -c "$SIZE" /dev/zero >../zeroes
	other "serve $PWD/../zeroes"
	get -m "$PUPPET/song" "$OTHER/song"
	assert_success
	cmp song ../zeroes
}

@test "-m from several fetches each byte from one of them" {
	local name

	start_indexd
	mkdir ../share
	cp "$SONG" ../share/song
	for name in one two; do
		sharing "$name" ../share --rate 2M
	done
	get -v -m --digest "sha256:$HEX" "${SHARES[@]/%//song}"
	assert_success
	is_the_song
	for name in one two; do
		run grep -cE ': /song: 20[06]$' "$name.err"
		[[ $output -gt 0 ]]
	done
}

@test "one of several that lies is found out and left out" {
	start_indexd
	mkdir ../share ../lies
	cp "$SONG" ../share/song
	head -c "$SIZE" /dev/zero >../lies/song
	sharing one ../share --rate 2M
	sharing two ../lies --rate 2M
	sharing three ../share --rate 2M
	get -m --digest "sha256:$HEX" "${SHARES[@]/%//song}"
	assert_success
	is_the_song
	assert_regex "$stderr" \
		"${SHARES[1]}/song: (what it sent was not the file|digest mismatch)"
}

@test "one of several that dies loses nothing" {
	start_indexd
	mkdir ../share
	cp "$SONG" ../share/song
	sharing one ../share --rate 500K
	sharing two ../share --rate 500K
	spawn_get -m --digest "sha256:$HEX" "${SHARES[@]/%//song}"
	wait_for_line song.part.from '^held '
	kill -KILL "$NSHARE"
	finished "$NGET"
	assert_equal "$status" 0
	is_the_song
}

@test "what came from several is gone on from, gaps and all" {
	local signal

	start_indexd
	mkdir ../share
	cp "$SONG" ../share/song
	sharing one ../share --rate 500K
	sharing two ../share --rate 500K
	for signal in TERM KILL TERM; do
		spawn_get -m --digest "sha256:$HEX" "${SHARES[@]/%//song}"
		wait_for_line song.part.from '^held '
		kill -$signal "$NGET"
		finished "$NGET"
	done
	get -v -m --digest "sha256:$HEX" "${SHARES[@]/%//song}"
	assert_success
	assert_regex "$stderr" 'going on after [1-9][0-9]* bytes'
	is_the_song
}

@test "a large file comes from all who have it, without being asked to" {
	local name

	start_indexd
	mkdir ../share
	truncate -s 70M ../share/large
	cat "$SONG" >>../share/large
	HEX=$(sha256sum ../share/large | cut -d' ' -f1)
	SIZE=$(stat -c %s ../share/large)
	for name in one two three; do
		sharing "$name" ../share --rate 30M
		holder "$SHARE" large
	done
	get -v "${SHARES[0]}/large#sha256=$HEX"
	assert_success
	cmp large ../share/large
	nothing_left
	for name in one two three; do
		wait_for_line "$name.err" ': /large: 20[06]$'
	done
}
