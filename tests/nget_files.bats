# nget: what it does to the files that are there, and to what lies beside them.

load nget

@test "a file that is there is not asked for" {
	echo mine >song
	get "$DEAD/song"
	assert_failure 5
	assert_equal "$stderr" 'nget: song: exists already; -f replaces it'
	get "$DEAD/song#sha256=$(sha256 la)"
	assert_failure 5
	assert_equal "$(cat song)" mine
}

@test "a file that is there with the same content counts as fetched" {
	printf la >song
	get "$DEAD/song#sha256=$(sha256 la)"
	assert_success
	assert_output song
	get -f "$DEAD/song#sha256=$(sha256 la)"
	assert_success
}

@test "-f replaces a file, once the new one is complete" {
	echo mine >song
	peer "$(status '404 Not Found')" "$(whole la)"
	get -f "$PUPPET/song"
	assert_failure 1
	assert_equal "$(cat song)" mine
	get -f "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" la
	get -f "$PUPPET/song#sha256=$(sha256 lo)"
	assert_failure 4
	assert_equal "$(cat song)" la
}

@test "-f replaces no directory, and a link instead of what it points to" {
	mkdir dir
	echo mine >target
	ln -s target link
	peer "$(whole la)"
	get "$PUPPET/link"
	assert_failure 5
	get -f "$PUPPET/dir"
	assert_failure 5
	get -f "$PUPPET/link"
	assert_success
	assert_equal "$(cat target)" mine
	[[ ! -L link ]]
}

@test "a file that comes into being meanwhile is not written over" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nla
		pause 300
		send la
		wait-close'
	spawn_get "$PUPPET/song"
	wait_until has_size song.part 2
	echo mine >song
	finished "$NGET"
	assert_equal "$status" 5
	assert_equal "$(cat nget.err)" 'nget: song: exists already; -f replaces it'
	assert_equal "$(cat song)" mine
	assert_equal "$(cat song.part)" lala
}

@test "hostile names are refused before anybody is asked" {
	local name

	for name in ..%2f %2e%2e . .. a/.. .profile %2eprofile a%0ab a%1b%5b31m \
		a%00b a%7f x.part x.part.from ..%2f..%2f; do
		get "$DEAD/$name"
		assert_failure 2
		assert_equal "${#stderr_lines[@]}" 1
		refute_regex "$stderr" $'[\e\x7f]'
	done
	get "$DEAD" $'a\nb'
	assert_failure 2
	assert_equal "${#stderr_lines[@]}" 1
	get "$DEAD" $'a\e[31mb'
	assert_failure 2
	refute_regex "$stderr" $'\e'
}

@test "what lies above the directory stays as it is" {
	mkdir in
	peer "$(whole la)"
	cd in
	get "$PUPPET/..%2fsong" "$PUPPET/..%2f..%2fetc%2fpasswd" "$PUPPET/%2fabs"
	assert_output $'song\npasswd\nabs'
	run ls -A
	assert_output $'abs\npasswd\nsong'
}

@test "a directory that is swapped meanwhile leads nowhere else" {
	mkdir in elsewhere
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nla
		pause 300
		send la
		wait-close'
	spawn_get -d in "$PUPPET/song"
	wait_until has_size in/song.part 2
	mv in moved
	ln -s elsewhere in
	wait "$NGET"
	assert_equal "$(cat moved/song)" lala
	run ls -A elsewhere
	refute_output
}

@test "nothing is written through what lies at NAME.part" {
	echo mine >target
	ln -s target a.part
	ln target b.part
	mkdir c.part
	mkfifo d.part
	peer "$(whole la)"
	for name in a b c d; do
		get "$PUPPET/$name"
		assert_failure 5
		assert_file_not_exists "$name"
	done
	assert_equal "$(cat target)" mine
	assert_equal "$(readlink a.part)" target
}

@test "nothing is written through what lies at NAME.part.from" {
	echo mine >target
	ln -s target a.part.from
	ln -s target a.part.from~
	peer "$(whole la)"
	get "$PUPPET/a"
	assert_success
	assert_equal "$(cat target)" mine
}

@test "a part or a note of somebody else's is not used" {
	((EUID == 0)) || skip 'needs root to give a file away'
	printf xx >song.part
	chown 65534 song.part
	get "$DEAD/song"
	assert_failure 5
	assert_equal "$stderr" \
		'nget: song: cannot open its .part: it belongs to somebody else'
	assert_equal "$(cat song.part)" xx
	rm song.part
	interrupted TERM "$ETAG" 'lines-until Accept-Encoding: identity
		'"$(whole lolo)"
	chown 65534 song.part.from
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" lolo
}

@test "a second nget at the same file leaves it alone" {
	peer "$(stuck la 10)"
	spawn_get "$PUPPET/song"
	wait_until has_size song.part 2
	get "$DEAD/song"
	assert_failure 5
	assert_equal "$stderr" \
		'nget: song: cannot open its .part: another nget is at it'
	has_size song.part 2
}

@test "files of one name are fetched one after the other, with -j as well" {
	local digest

	digest=$(sha256 lala)
	peer "$(stuck x 10)" 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nla
		await go
		send la
		wait-close' "$(whole lo)"
	spawn_get -j4 "$PUPPET"/{other,a/song,b/song}"#sha256=$digest" \
		"$PUPPET/c/song#sha256=$(sha256 lo)"
	wait_until has_size song.part 2
	touch go
	wait_until has_line nget.err 'song: '
	assert_equal "$(cat nget.out)" $'song\nsong'
	assert_equal "$(cat nget.err)" \
		'nget: song: exists already with another content; -f replaces it'
	assert_equal "$(cat song)" lala
}

@test "when the first of one name fails, the next is fetched" {
	peer "$(status '404 Not Found')" "$(whole la)" "$(whole lo)"
	get -f -j3 "$PUPPET"/{a,b,c}/song
	assert_failure 1
	assert_output $'song\nsong'
	assert_equal "$(cat song)" lo
}
