# nget: what it asks of peers, what it believes of their answers, what it does
# to files, prints and returns (PROTOCOL.md §2 and §3, nget(1)).

bats_require_minimum_version 1.5.0
load common

DEAD=127.0.0.1:1 # where nobody listens
ETAG='ETag: "v1"\r\n'

sha256() {
	printf '%s' "$1" | sha256sum | cut -d' ' -f1
}

# repr_digest TEXT: the field that states the digest of TEXT (RFC 9530).
repr_digest() {
	printf 'Repr-Digest: sha-256=:%s:\\r\\n' \
		"$(printf '%b' "$(sha256 "$1" | sed 's/../\\x&/g')" | base64)"
}

# whole BODY [FIELDS]: the script of a peer that sends a file to anyone.
whole() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s\nwait-close' \
		${#1} "$2" "$1"
}

# status STATUS [FIELDS]: the script of a peer that answers with it alone.
status() {
	printf 'head\nsend HTTP/1.1 %s\\r\\nContent-Length: 0\\r\\n%s\\r\\n\nwait-close' \
		"$1" "$2"
}

# cut_short BODY LENGTH [FIELDS]: of a peer that sends less than it announces.
cut_short() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s\nclose' \
		"$2" "$3" "$1"
}

# stuck BODY LENGTH [FIELDS]: of a peer that then says nothing more.
stuck() {
	printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n%s\\r\\n%s\nwait-close' \
		"$2" "$3" "$1"
}

# rest BODY FIRST TOTAL [FIELDS]: of a peer that sends a file from FIRST on.
rest() {
	printf 'head\nsend HTTP/1.1 206 Partial Content\\r\\nContent-Length: %d\\r\\nContent-Range: bytes %d-%d/%d\\r\\n%s\\r\\n%s\nwait-close' \
		${#1} "$2" $(($2 + ${#1} - 1)) "$3" "$4" "$1"
}

# peer SCRIPT...: a scripted server at PUPPET; what one before it said is forgotten.
peer() {
	: >puppet.out
	start_puppet "$@"
}

# scripted SCRIPT...: a peer with exactly these conversations; see played.
scripted() {
	peer -n $# "$@"
}

# played: all of them took place, and went as they should.
played() {
	wait "$PID" || {
		cat puppet.err >&2
		return 1
	}
}

# get ARGUMENT...: nget, with output and stderr apart.
get() {
	run --separate-stderr nget "$@"
}

# spawn_get ARGUMENT...: nget in the background, NGET is its process.
spawn_get() {
	spawn nget nget "$@"
	NGET=$PID
}

# finished PID: a process that was spawned has ended, as status says.
finished() {
	status=0
	wait "$1" || status=$?
}

has_size() {
	[[ $(stat -c %s "$1" 2>/dev/null) == "$2" ]]
}

nothing_left() {
	run ls -A
	refute_output --partial .part
}

# --- what it asks for, and how it saves ---------------------------------------

@test "a file is asked for in HTTP and saved as its basename" {
	scripted 'expect GET /Album/My%20Song.mp3 HTTP/1.1
		lines-until Accept-Encoding: identity
		expect Connection: close
		expect
		send HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nla
		wait-close'
	get "$PUPPET/Album/My%20Song.mp3"
	assert_success
	assert_output 'My Song.mp3'
	assert_equal "$stderr" ''
	assert_equal "$(cat 'My Song.mp3')" la
	assert_equal "$(cat puppet.out)" "puppet: listening on $PUPPET
got: Host: $PUPPET
got: Accept-Encoding: identity"
	nothing_left
	played
}

@test "http:// before a locator is accepted" {
	peer "$(whole la)"
	get "http://$PUPPET/song"
	assert_success
	assert_file_exists song
}

@test "an empty file arrives" {
	peer "$(whole '')"
	get "$PUPPET/empty"
	assert_success
	assert_file_empty empty
}

@test "raw names are never decoded" {
	scripted 'expect GET /100%25%20%25%34%31.mp3 HTTP/1.1
		head
		send HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx
		wait-close'
	get "$PUPPET" '100% %41.mp3'
	assert_failure 3
	scripted 'expect GET /100%25%20%2541.mp3 HTTP/1.1
		head
		send HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx
		wait-close'
	get "$PUPPET" '100% %41.mp3'
	assert_success
	assert_output '100% %41.mp3'
	assert_file_exists '100% %41.mp3'
	played
}

@test "several raw names of one peer are fetched in turn" {
	peer "$(whole la)"
	get "$PUPPET" 'dir/one' - two
	assert_success
	assert_output $'one\n-\ntwo'
	assert_file_exists one
	assert_file_exists ./-
}

@test "-d saves in a directory and prints the path" {
	mkdir in
	peer "$(whole la)"
	get -d in "$PUPPET/a" "$PUPPET/b"
	assert_output $'in/a\nin/b'
	get -d in/ "$PUPPET/c"
	assert_output in/c
	assert_file_exists in/c
	get -d none "$PUPPET/d"
	assert_failure 5
	assert_equal "$stderr" 'nget: none/: No such file or directory'
}

@test "-o chooses the name, and the directory with it" {
	mkdir -p in/sub
	peer "$(whole la)"
	get -o .hidden "$PUPPET/a"
	assert_output .hidden
	get -o sub/b -d in "$PUPPET/a"
	assert_output in/sub/b
	assert_file_exists in/sub/b
	get -o "$PWD/in/c" -d none "$PUPPET/a"
	assert_output "$PWD/in/c"
	get -o in/.. "$PUPPET/a"
	assert_failure 2
	get -o in/ "$PUPPET/a"
	assert_failure 2
}

@test "-o - writes the content to standard output, and nothing else" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nla\0la
		wait-close'
	nget -o - "$PUPPET/song" >out
	assert_equal "$(od -c -An out | tr -d ' ')" 'la\0la'
	assert_file_not_exists song
	assert_file_not_exists song.part
}

@test "-o to a device writes to it and replaces nothing" {
	peer "$(whole la)"
	get -o /dev/null -f "$PUPPET/song"
	assert_success
	[[ -c /dev/null ]]
	get -o /dev/full "$PUPPET/song"
	assert_failure 5
	assert_equal "$stderr" "nget: $PUPPET/song: No space left on device"
}

@test "a path that cannot be printed is an error, though the file is saved" {
	[[ -e /dev/full ]] || skip 'no /dev/full'
	peer "$(whole la)"
	run bash -c 'nget "$1" >/dev/full' - "$PUPPET/song"
	assert_failure 5
	assert_output 'nget: song: saved, but its path cannot be printed: No space left on device'
	assert_equal "$(cat song)" la
}

@test "a reader of paths that leaves is told to nobody" {
	peer "$(whole la)"
	run bash -c 'nget "$1" 2>err | exec true; echo "${PIPESTATUS[0]}"' \
		- "$PUPPET/song"
	assert_output 0
	assert_file_empty err
	assert_file_exists song
}

@test "a reader of -o - that leaves is told to nobody" {
	peer 'head
		send HTTP/1.1 200 OK\r\n\r\n
		fill 1000000'
	run bash -c 'nget -o - "$1" 2>err | head -c 10; echo " ${PIPESTATUS[0]}"' \
		- "$PUPPET/song"
	assert_output 'xxxxxxxxxx 5'
	assert_file_empty err
}

@test "long names are saved, too" {
	name=$(printf 'n%.0s' {1..255})
	peer "$(whole la)"
	get "$PUPPET/$name"
	assert_success
	assert_file_exists "$name"
	nothing_left
}

@test "locators on standard input are fetched as they come" {
	mkfifo locators
	peer "$(whole la)"
	nget - <locators >out 2>err 3>&- &
	NGET=$!
	exec 8>locators
	echo "$PUPPET/one" >&8
	wait_until test -e one
	printf '\n%s\r\n%s' "$PUPPET/two" "$PUPPET/three" >&8
	exec 8>&-
	wait "$NGET"
	assert_equal "$(cat out)" $'one\ntwo\nthree'
	assert_file_empty err
}

@test "locators are read from a regular file as well" {
	peer "$(whole la)"
	printf '%s\n' "$PUPPET/one" bad "$PUPPET/two" >locators
	run --separate-stderr nget - <locators
	assert_failure 2
	assert_output $'one\ntwo'
	assert_equal "$stderr" \
		'nget: bad: no locator: it holds no / between host:port and path'
}

@test "locators that cannot be read are an error" {
	run --separate-stderr nget - <.
	assert_failure 5
	assert_equal "$stderr" \
		'nget: cannot read standard input: Is a directory'
}

@test "-o with - is for one locator" {
	peer "$(whole la)"
	run --separate-stderr nget -o song - <<<"$PUPPET/one"
	assert_success
	assert_output song
	run --separate-stderr nget -f -o song - <<<"$PUPPET/one"$'\n'"$PUPPET/two"
	assert_failure 2
	assert_output song
}

@test "-j fetches several files at the same time" {
	peer "$(stuck la 10)" "$(whole la)"
	spawn_get -j 2 "$PUPPET/one" "$PUPPET/two"
	wait_until test -e two
	wait_until has_size one.part 2
}

@test "without -j it is one after the other" {
	peer "$(whole la)"
	get "$PUPPET"/{a,b,c,d,e,f,g,h}
	assert_output "$(printf '%s\n' a b c d e f g h)"
}

@test "--rate holds the transfer up" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n
		fill 60000
		wait-close'
	local before=${EPOCHREALTIME/./}
	get --rate 50K "$PUPPET/song"
	assert_success
	((${EPOCHREALTIME/./} - before > 800000))
	has_size song 60000
}

@test "--list prints what a peer shares as locators" {
	scripted 'expect GET / HTTP/1.1
		lines-until Accept: text/plain
		head
		send HTTP/1.1 200 OK\r\n\r\none\nAlbum/My%20Song.mp3\r\n
		send it"s\n../up\n%0a\n\n/abs\n%zz\n\x1b[31m\nend
		close'
	get --list "$PUPPET"
	assert_success
	assert_output "$PUPPET/one
$PUPPET/Album/My%20Song.mp3
$PUPPET/end"
	assert_equal "$stderr" \
		"nget: $PUPPET: 6 lines of its listing are no paths"
	played
}

@test "a listing that is cut, too long or refused is a failure" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\none\n
		close'
	get --list "$PUPPET"
	assert_failure 3
	assert_output "$PUPPET/one"
	peer 'head
		send HTTP/1.1 200 OK\r\n\r\n
		fill 100000
		wait-close'
	get --list "$PUPPET"
	assert_failure 6
	peer "$(status '404 Not Found')"
	get --list "$PUPPET"
	assert_failure 1
	get --list "$DEAD"
	assert_failure 3
	peer 'head
		close'
	get --list "$PUPPET"
	assert_failure 6
}

# --- usage ----------------------------------------------------------------------

@test "no locator at all is a usage error" {
	get
	assert_failure 2
	assert_equal "$stderr" 'nget: no locator given; try --help'
	run --separate-stderr nget - </dev/null
	assert_failure 2
	assert_equal "$stderr" 'nget: no locator given; try --help'
	run --separate-stderr xargs nget </dev/null
	assert_failure 123
}

@test "what makes no sense is a usage error" {
	local arguments

	for arguments in song "$DEAD" "-o x $DEAD/a $DEAD/b" "- $DEAD/a" \
		"--digest sha256:$(sha256 a) $DEAD/a $DEAD/b" -j0 -jx -m \
		"--digest md5:1 $DEAD/a" "--digest sha256:12 $DEAD/a" --list \
		"--list $DEAD $DEAD/a" "--list a/b" "--list *:1" "*:1 a" "--rate x $DEAD/a" \
		"--timeout 0 $DEAD/a" "$DEAD/a%2" "$DEAD/?q" 'a:99999/x' \
		"$DEAD/" "$DEAD/a/" "--digest sha256:$(sha256 a) $DEAD/a#sha256=$(sha256 b)"
	do
		# shellcheck disable=SC2086
		set -f && get $arguments && set +f
		assert_failure 2
		assert_equal "${#stderr_lines[@]}" 1
		assert_equal "$output" ''
	done
}

@test "--help and --version go to standard output" {
	get --help
	assert_success
	assert_output --partial 'Usage: nget'
	get -V
	assert_success
	assert_output --regexp '^nget \(naputils\) [0-9]'
}

@test "the status is that of the first operand that failed" {
	peer "$(status '404 Not Found')"
	get "$PUPPET/a" "$DEAD/b"
	assert_failure 1
	get "$DEAD/b" "$PUPPET/a"
	assert_failure 3
	peer "$(whole la)" "$(status '403 Forbidden')" "$(whole la)"
	get "$PUPPET"/{a,b,c}
	assert_failure 6
	assert_output $'a\nc'
}

# --- digests ----------------------------------------------------------------------

@test "what has the right digest is saved" {
	peer "$(whole la)"
	get "$PUPPET/a#sha256=$(sha256 la)"
	assert_success
	get --digest "sha256:$(sha256 la)" "$PUPPET/b"
	assert_success
	digest=$(sha256 la)
	get --digest "sha256:${digest^^}" "$PUPPET/c"
	assert_success
	assert_file_exists c
}

@test "what has another digest never gets its name" {
	peer "$(whole lo)"
	get "$PUPPET/a#sha256=$(sha256 la)"
	assert_failure 4
	refute_output
	assert_equal "$stderr" "nget: $PUPPET/a: digest mismatch: what arrived has sha256:$(sha256 lo)"
	run ls -A
	refute_line --regexp '^a'
	get --digest "sha256:$(sha256 la)" -o b "$PUPPET/a"
	assert_failure 4
	assert_file_not_exists b
}

@test "the peer's own digest is held against what it sends" {
	local digest

	digest=$(repr_digest la)
	peer "$(whole la "$digest")"
	get "$PUPPET/a"
	assert_success
	peer "$(whole lo "$digest")"
	get "$PUPPET/b"
	assert_failure 4
	assert_file_not_exists b
	nothing_left
	peer "$(stuck '' 2 "$digest")"
	get "$PUPPET/c#sha256=$(sha256 lo)"
	assert_failure 4
	nothing_left
}

@test "-o - tells of a mismatch by its status" {
	peer "$(whole lo)"
	get -o - "$PUPPET/a#sha256=$(sha256 la)"
	assert_failure 4
	assert_output lo
}

# --- files that are there ----------------------------------------------------------

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

@test "where nothing may be written is told before anybody is asked" {
	((EUID == 0)) || skip 'needs root to become somebody else'
	mkdir -m 755 in
	run --separate-stderr setpriv --reuid 65534 --clear-groups \
		"$BUILD/nget/nget" -d in "$DEAD/song"
	assert_failure 5
	assert_equal "$stderr" 'nget: in/song: cannot open its .part: Permission denied'
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

@test "a length beyond all disks is an error, not a full disk" {
	peer "$(stuck la $((1 << 60)))"
	get "$PUPPET/song"
	assert_failure 5
	assert_regex "$stderr" 'no room for the .* that the peer announces'
	nothing_left
	peer "$(printf 'head\nsend HTTP/1.1 200 OK\\r\\nContent-Length: 18446744073709551615\\r\\n\\r\\nla\nwait-close')"
	get "$PUPPET/song"
	assert_failure 5
	nothing_left
}

@test "without room for more, what has arrived stays to be gone on from" {
	local body

	body=$(printf 'x%.0s' {1..4000})
	scripted "$(whole "$body" "$ETAG")" 'lines-until Range: bytes=1024-
		expect If-Range: "v1"
		'"$(rest "${body:1024}" 1024 4000 "$ETAG")"
	run --separate-stderr bash -c 'ulimit -f 1 && exec nget "$1"' - "$PUPPET/song"
	assert_failure 5
	assert_equal "$stderr" 'nget: song: File too large'
	has_size song.part 1024
	get "$PUPPET/song"
	assert_success
	assert_equal "$(cat song)" "$body"
	played
}

# --- what it does not believe --------------------------------------------------------

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

# --- going on -------------------------------------------------------------------------

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
		send HTTP/1.1 206 Rest\r\nContent-Range: bytes 2-5/6\r\n\r\nla
		wait-close' 'lines-until Range: bytes=4-
		'"$(rest 'la' 4 6)"
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
		send HTTP/1.1 206 Rest\r\nContent-Range: bytes 4-9/10\r\n\r\n
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

# interrupted SIGNAL [FIELDS]: song.part has 4 bytes of 10, from PUPPET, whose
# next conversations are the scripts that follow.
interrupted() {
	peer "$(stuck lala 10 "$2")" "${@:3}"
	spawn_get "$PUPPET/song"
	wait_until has_size song.part 4
	kill "-$1" "$NGET"
	finished "$NGET"
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
	interrupted TERM "$ETAG" "$(rest lalala 4 10)" \
		"$(whole lolololo)" "$(whole lalalalala)"
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

# --- on a terminal ------------------------------------------------------------------

# on_terminal COMMAND: its standard error is one, and all that it says there.
on_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal'
	script -qec "stty cols 40; $1" /dev/null </dev/null
}

@test "a terminal gets a progress line that fits, and no control bytes" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n
		fill 1000
		pause 900
		fill 1000
		wait-close'
	name=$(printf 'long%%20name%.0s' {1..10})%c2%9b31m
	run on_terminal "nget $PUPPET/$name"
	assert_success
	assert_output --partial '50%'
	refute_output --partial $'\xc2\x9b'
	assert_output --partial '\xc2\x9b31m'
	while IFS= read -r line; do
		((${#line} < 45)) || [[ $line == long\ name*31m ]] || fail "$line"
	done < <(tr '\r' '\n' <<<"$output" | sed 's/\x1b\[[A-Z]//g')
}

@test "-q shows no progress, and neither does what is no terminal" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n
		fill 1000
		pause 600
		fill 1000
		wait-close'
	run on_terminal "nget -q $PUPPET/a"
	refute_output --partial %
	get "$PUPPET/b"
	assert_equal "$stderr" ''
}
