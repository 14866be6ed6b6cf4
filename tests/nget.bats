# nget: what it asks of peers, how it saves, prints and returns (naputils(7),
# Locators and PEERS; nget(1)). What answers it believes: nget_answers.bats;
# what it does to files: nget_files.bats; how it goes on: nget_resume.bats.

load nget

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

# No -f with /dev/stdout, which root could lose.
@test "-o to a descriptor writes to it, whatever is behind it" {
	local to

	peer "$(whole la)"
	for to in /dev/stdout /dev/fd/1 /proc/self/fd/1; do
		{ echo mine && nget -o "$to" "$PUPPET/song" && echo end; } >out
		assert_equal "$(cat out)" $'mine\nlaend'
	done
	for to in /dev/fd/1 /proc/self/fd/1; do
		echo mine >out
		nget -f -o "$to" "$PUPPET/song" >>out
		assert_equal "$(cat out)" $'mine\nla'
	done
	nget -d /dev -o fd/7 "$PUPPET/song" 7>out
	assert_equal "$(cat out)" la
	get -o /dev/fd/77 "$PUPPET/song"
	assert_failure 5
	assert_equal "$stderr" 'nget: /dev/fd/77: Bad file descriptor'
}

# Who may write to the directory could have put it there.
@test "no link is followed to what is open, to a device or to a FIFO" {
	local to

	peer "$(whole la)"
	echo mine >out
	exec 7>>out
	mkfifo fifo
	for to in "/proc/$BASHPID/fd/7" /proc/self/fd/1 /dev/stdout /dev/null \
		"$PWD/fifo"; do
		ln -sf "$to" link
		get -o link "$PUPPET/song"
		assert_failure 5
		[[ -L link ]]
		get -f -o link "$PUPPET/song"
		assert_success
		assert_output link
		[[ ! -L link ]]
		assert_equal "$(cat link)" la
	done
	exec 7>&-
	assert_equal "$(cat out)" mine
	[[ -p fifo ]]
}

@test "what another process has open is not written to" {
	peer "$(whole la)"
	echo mine >out
	exec 7>>out
	get -f -o "/proc/$BASHPID/fd/7" "$PUPPET/song"
	exec 7>&-
	assert_failure 5
	assert_equal "$(cat out)" mine
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

@test "who has read enough of a listing leaves, and all is well" {
	peer 'head
		send HTTP/1.1 200 OK\r\n\r\none\n
		close'
	run --separate-stderr bash -c 'set -o pipefail; nget --list "$0" | true' "$PUPPET"
	assert_success
	assert_equal "$stderr" ''
}

@test "a listing that cannot be printed is a failure of ours" {
	[[ -e /dev/full ]] || skip 'no /dev/full'
	peer 'head
		send HTTP/1.1 200 OK\r\n\r\none\n
		close'
	run bash -c 'nget --list "$0" >/dev/full' "$PUPPET"
	assert_failure 5
	assert_output 'nget: standard output: No space left on device'
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
		"-m -" "-m --list $DEAD" "-m $DEAD a" "-m $DEAD/a x" "-I a:0 $DEAD/a" \
		"$DEAD/" "$DEAD/a/" "--digest sha256:$(sha256 a) $DEAD/a#sha256=$(sha256 b)"
	do
		# shellcheck disable=SC2086
		set -f && get $arguments && set +f
		assert_failure 2
		assert_equal "${#stderr_lines[@]}" 1
		assert_equal "$output" ''
	done
	for arguments in -d -o; do
		get "$arguments" '' "$DEAD/a"
		assert_failure 2
		assert_equal "${#stderr_lines[@]}" 1
	done
}

@test "what NAP_INDEX says and makes no sense is told, and asked nobody" {
	peer "$(whole lala)"
	NAP_INDEX=a:99999 get "$PUPPET/song"
	assert_success
	assert_equal "${#stderr_lines[@]}" 1
	assert_regex "$stderr" "NAP_INDEX 'a:99999'.*no index will be asked"
	assert_equal "$(cat song)" lala
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

# --- on a terminal ------------------------------------------------------------------

# on_terminal COMMAND [COLUMNS]: its standard error is one, and all that it says
# there.
on_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal'
	script -qec "stty cols ${2:-40}; $1" /dev/null </dev/null
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

@test "a wide one shows who sends, too, and several files are summed up" {
	peer 'head
		send HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n
		fill 1000
		pause 900
		fill 1000
		wait-close' "$(status '404 Not Found')"
	run on_terminal "nget $PUPPET/song $PUPPET/none" 100
	assert_failure 1
	assert_output --regexp "song +$PUPPET +50%"
	assert_output --regexp '1 file, [0-9.]+K? in 0:00:0[0-9] .*/s\), 1 failed'
	run on_terminal "nget -q $PUPPET/a $PUPPET/b" 100
	refute_output --partial ' in 0:00'
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
