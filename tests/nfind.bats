# nfind: what it says to indexes, what it believes of their answers, and its
# command line (naputils(7), nfind(1)). What it prints: nfind_prints.bats.

load nfind

# --- what it says -----------------------------------------------------------

@test "the words of a search go in one line, without a HELLO" {
	scripted 'expect FIND limit=1000 -- my song live
		send 192.0.2.7:9000/My%20Song.mp3\t5\t6\t-\t1\n
		send END 1 1\n
		wait-close'
	find_ 'my song' live
	assert_success
	assert_output '192.0.2.7:9000/My%20Song.mp3'
	[[ -z $stderr ]]
	played
}

@test "filters go before the words, wherever they stand" {
	scripted 'expect FIND limit=7 over=1024 under=2097152 ext=flac,mp3 not=live not=demo -- my song
		send END 0 0\n
		wait-close'
	find_ my -x live --ext flac,mp3 song --over 1K --under 2M -n 7 -x demo
	assert_failure 1
	played
}

@test "what follows -- is words" {
	scripted 'expect FIND limit=1000 -- -n song
		send END 0 0\n
		wait-close'
	find_ -- -n song
	assert_failure 1
	played
}

@test "a digest is asked for with HASH" {
	scripted "expect HASH $HEX_A
		send 192.0.2.7:9000/x\\t5\\t6\\t$HEX_A\\t-\\n
		send END 1 1\\n
		wait-close"
	find_ --hash "sha256:$HEX_A"
	assert_output "192.0.2.7:9000/x#sha256=$HEX_A"
	played
}

@test "an exact name is looked for by its basename, and compared whole" {
	scripted 'expect FIND limit=10000 -- Song.mp3
		send 192.0.2.7:9000/Song.mp3\t5\t6\t-\t1\n
		send 192.0.2.7:9000/a/song.mp3\t5\t6\t-\t1\n
		send 192.0.2.7:9000/a/Song.mp3\t5\t6\t-\t1\n
		send 192.0.2.8:9000/a/Song.mp3\t5\t6\t-\t1\n
		send END 4 4\n
		wait-close'
	find_ --exact a/Song.mp3
	assert_success
	assert_output $'192.0.2.7:9000/a/Song.mp3\n192.0.2.8:9000/a/Song.mp3'
	played
}

@test "an exact name without a letter is asked for with SEARCH" {
	scripted 'expect SEARCH a/--  +
		send 192.0.2.7:9000\n
		send 192.0.2.8:9000\n
		send END\n
		wait-close'
	find_ --exact 'a/--  +'
	assert_output $'192.0.2.7:9000/a/--%20%20%2B\n192.0.2.8:9000/a/--%20%20%2B'
	played
}

@test "STAT is printed as it comes, made visible" {
	scripted 'expect STAT
		send peers 3\nfiles \x1b[31m12\nEND\n
		wait-close'
	find_ --stat
	assert_success
	assert_output $'peers 3\nfiles \\x1b[31m12'
	played
}

@test "of several indexes each is named before what it tells" {
	NAME=a index 'peers 1' END
	a=$PUPPET
	NAME=b index 'peers 2' END
	find_ -I "$a" -I "$PUPPET" --stat
	assert_output "$a peers 1"$'\n'"$PUPPET peers 2"
}

# --- the seed's server ------------------------------------------------------

@test "a server that hangs up without a byte is asked in the seed's form" {
	scripted 'expect FIND limit=1000 -- my song
		close' 'expect HELLO 0
		expect SEARCH my song
		send 192.0.2.7:9000\n
		send ::ffff:192.0.2.8:9001\n
		send 2001:db8::9:9002\n
		send 127.0.0.1:9003\n
		send 192.0.2.7:9000\n
		send 192.0.2.9:0\n
		send END\n
		wait-close'
	find_ my song
	assert_success
	assert_output "192.0.2.7:9000/my%20song
127.0.0.1:9003/my%20song
[2001:db8::9]:9002/my%20song
192.0.2.8:9001/my%20song"
	played
}

@test "a server that resets at once is asked in the seed's form" {
	scripted 'line
		reset' 'expect HELLO 0
		expect SEARCH song
		send END\n
		wait-close'
	find_ song
	assert_failure 1
	[[ -z $stderr ]]
	played
}

@test "a seed server is not asked what it cannot answer" {
	scripted 'line
		close'
	find_ --ext mp3 song
	assert_failure 2
	[[ $stderr == "nfind: $PUPPET: a seed server cannot answer this" ]]
	played
}

@test "a server that hangs up on both forms has failed" {
	scripted 'line
		close' 'line
		line
		close'
	find_ song
	assert_failure 2
	[[ $stderr == "nfind: $PUPPET: its answer breaks off" ]]
	played
}

# --- several indexes --------------------------------------------------------

@test "answers of two indexes are merged, and each locator is printed once" {
	NAME=a index '192.0.2.1:9/song.mp3\t5\t6\t-\t1' \
		'192.0.2.1:9/a song\t5\t6\t-\t2' 'END 2 2'
	a=$PUPPET
	NAME=a2 index "192.0.2.1:9/song.mp3\\t5\\t6\\t$HEX_A\\t1" \
		'192.0.2.2:9/song.mp3\t5\t6\t-\t1' \
		'192.0.2.2:9/b/other\t5\t6\t-\t5' 'END 3 3'
	NAP_INDEX="$a, $PUPPET" find_ song
	assert_success
	assert_output "192.0.2.1:9/song.mp3#sha256=$HEX_A
192.0.2.2:9/song.mp3
192.0.2.2:9/b/other"
	assert_equal "$stderr" \
		"nfind: $a: 1 rows that make no sense are left out"
}

@test "one dead index is named and hides nothing" {
	index '192.0.2.1:9/song.mp3\t5\t6\t-\t1' 'END 1 1'
	find_ -I "$DEAD" -I "$PUPPET" song
	assert_success
	assert_output 192.0.2.1:9/song.mp3
	assert_equal "$stderr" "nfind: $DEAD: Connection refused"
}

@test "one late index is named and hides nothing, nor what it said" {
	NAME=late start_puppet 'line
		send 192.0.2.9:9/song\t5\t6\t-\t1\n
		pause 60000'
	late=$PUPPET
	index '192.0.2.1:9/song.mp3\t5\t6\t-\t1' 'END 1 1'
	find_ --timeout 1 -I "$late,$PUPPET" song
	assert_success
	assert_output $'192.0.2.9:9/song\n192.0.2.1:9/song.mp3'
	assert_equal "$stderr" "nfind: $late: no answer in time"
}

@test "nothing found and an index failed: status 2, without one: 1" {
	index 'END 0 0'
	find_ song
	assert_failure 1
	find_ -I "$PUPPET" -I "$DEAD" song
	assert_failure 2
	find_ -I "$DEAD" song
	assert_failure 2
	assert_output ''
}

@test "a refusal is told in the words of the index" {
	index 'ERR busy come \x1b[31mlater'
	find_ song
	assert_failure 2
	assert_equal "$stderr" \
		"nfind: $PUPPET: it refuses: busy come \\x1b[31mlater"
}

@test "an index that does not resolve is named" {
	find_ -I name.invalid song
	assert_failure 2
	[[ $stderr == 'nfind: name.invalid:8080: '* ]]
}

# --- what it believes -------------------------------------------------------

@test "rows that make no sense are left out, counted and never shown" {
	index '192.0.2.1:9/%1B[31m\t5\t6\t-\t1' '192.0.2.1:9/a/../b\t5\t6\t-\t1' \
		'192.0.2.1:9//etc/passwd\t5\t6\t-\t1' '\x1b]0;x\x07\t5\t6\t-\t1' \
		'$(reboot):9/x\t5\t6\t-\t1' '192.0.2.1:0/x\t5\t6\t-\t1' \
		'192.0.2.1:9/x y\t5\t6\t-\t1' 'PING' '' \
		'192.0.2.1:9/fine\t5\t6\t-\t1' 'END 10 10'
	find_ x
	assert_success
	assert_output 192.0.2.1:9/fine
	assert_equal "$stderr" \
		"nfind: $PUPPET: 9 rows that make no sense are left out"
}

@test "more rows than were asked for are not taken" {
	rows 20000 - >rows
	start_puppet 'line
		file rows
		send END 20000 20000\n
		wait-close'
	nfind -n 10000 -I "$PUPPET" f >got 2>err
	assert_equal "$(wc -l <got)" 10000
	assert_equal "$(<err)" \
		"nfind: $PUPPET: it sends more than it was asked for"
}

@test "an answer without an end is left at the limit" {
	yes "192.0.2.1:9/f${TAB}5${TAB}6${TAB}-${TAB}1" | head -n 500000 >rows
	start_puppet 'line
		file rows
		pause 60000'
	find_ -I "$PUPPET" f
	assert_success
	assert_output 192.0.2.1:9/f
}

@test "a line without an end is left at its limit" {
	start_puppet 'line
		fill 1000000
		pause 60000'
	find_ -I "$PUPPET" f
	assert_failure 2
	assert_equal "$stderr" "nfind: $PUPPET: a line of it is too long"
}

@test "a NUL in a line ends the answer" {
	start_puppet 'line
		send 192.0.2.1:9/f\0\n
		pause 60000'
	find_ -I "$PUPPET" f
	assert_failure 2
	assert_equal "$stderr" "nfind: $PUPPET: a line of it holds a NUL"
}

@test "an answer in pieces is read like a whole one" {
	start_puppet 'line
		send 192.0.2.1:9/f
		pause 20
		send oo\t5\t
		pause 20
		send 6\t-\t1\r
		pause 20
		send \nEND 1
		pause 20
		send  1
		close'
	find_ -I "$PUPPET" f
	assert_success
	assert_output 192.0.2.1:9/foo
	assert_equal "$stderr" ''
}

@test "an answer that breaks off is told, and what came is printed" {
	start_puppet 'line
		send 192.0.2.1:9/foo\t5\t6\t-\t1\n192.0.2.1:9/ba
		close'
	find_ -I "$PUPPET" f
	assert_success
	assert_output 192.0.2.1:9/foo
	assert_line --index 0 192.0.2.1:9/foo
	[[ $stderr == *"nfind: $PUPPET: its answer breaks off"* ]]
}

# --- the command line -------------------------------------------------------

# misused ARGUMENT...: refused in one line before any connection is tried.
misused() {
	find_ "$@"
	[[ $status == 2 && -z $output && $stderr == nfind:* ]] || {
		echo "nfind $*: status $status, $output$stderr" >&2
		return 1
	}
	[[ $(wc -l <<<"$stderr") == 1 && $stderr != *refused ]]
}

@test "wrong usage is one line and status 2" {
	export NAP_INDEX=$DEAD
	misused
	misused ''
	misused -- --
	misused $'a\nb'
	misused -n 0 a
	misused -n 10001 a
	misused -n x a
	misused --over x a
	misused --over 2K --under 1K a
	misused --ext a,,b a
	misused --ext 'a b' a
	misused --ext .mp3 a
	misused -x 'a b' a
	misused -x '' a
	misused --hash abc
	misused --hash "$HEX_A" a
	misused --exact /a
	misused --exact ../a
	misused --exact a b
	misused --stat a
	misused -l --json a
	misused -1 -c a
	misused -1 --stat
	misused --timeout 0 a
	misused --nonsense a
	misused -I a:0 a
	misused -I 'a/b' a
	misused -I '' a
	NAP_INDEX=a:b misused a
	misused "$(head -c 20000 /dev/zero | tr '\0' a)"
}

@test "--help and --version are data" {
	find_ --help
	assert_success
	[[ $output == 'Usage: nfind '* && -z $stderr ]]
	find_ -V
	assert_success
	assert_output --regexp '^nfind \(naputils\) [0-9.]+$'
}

# --- with the index of this house -------------------------------------------

# share PORT LINE...: registers at the index for the time of the test.
share() {
	printf '%s\n' "HELLO $1 nap/2" "${@:2}" SYNC >"share$1.in"
	talk "${INDEX%:*}" "${INDEX##*:}" -w -t 600 <"share$1.in" \
		>"share$1.out" 2>&1 3>&- &
	PROCESSES+=("$!")
	wait_for_line "share$1.out" '^OK [0-9]+ 0$'
}

@test "indexd: words, filters, digest and exact name find what is there" {
	start_indexd
	share 9001 "ADD 100 1769862896 $HEX_A Album/My Song.mp3" \
		"ADD 5000 1 - Album/My Song (live).flac" 'ADD 1 1 - --'
	share 9002 "ADD 100 1769862896 $HEX_A other.mp3"
	find_ -x live song
	assert_output "127.0.0.1:9001/Album/My%20Song.mp3#sha256=$HEX_A"
	find_ --ext FLAC song
	assert_output '127.0.0.1:9001/Album/My%20Song%20%28live%29.flac'
	find_ --over 1K song
	assert_output '127.0.0.1:9001/Album/My%20Song%20%28live%29.flac'
	find_ --peers --hash "$HEX_A"
	assert_line 127.0.0.1:9001
	assert_line 127.0.0.1:9002
	find_ --no-digest --exact 'Album/My Song.mp3'
	assert_output '127.0.0.1:9001/Album/My%20Song.mp3'
	find_ --exact 'My Song.mp3'
	assert_failure 1
	find_ --exact --
	assert_output 127.0.0.1:9001/--
	find_ -c mp3
	assert_output 2
	find_ -q none
	assert_failure 1
	find_ --stat
	assert_success
	assert_line --regexp '^[a-z_-]+ [0-9]+$'
}
