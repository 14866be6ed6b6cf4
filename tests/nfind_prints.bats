# nfind: what it prints, in each of its forms, and to whom (nfind(1)).

load nfind

# two: an index with a file of which all is known and one of which nothing is.
two() {
	index "[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C\\t1536\\t1769862896\\t$HEX_A\\t2" \
		'192.0.2.7:9000/x\t-\t-\t-\t-' 'END 2 2'
}

@test "programs get locators with digests" {
	two
	find_ a
	assert_output "[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C#sha256=$HEX_A
192.0.2.7:9000/x"
	find_ --no-digest a
	assert_output "[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C
192.0.2.7:9000/x"
}

@test "people get locators without digests, and sizes to read" {
	script -qec true /dev/null >/dev/null 2>&1 || skip 'no pseudo-terminal'
	two
	run script -qec 'nfind a' /dev/null
	assert_line --index 0 '[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C'$'\r'
	run script -qec 'nfind -H a' /dev/null
	assert_line --index 0 \
		"[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C#sha256=$HEX_A"$'\r'
	run script -qec 'nfind -l a' /dev/null
	assert_line --index 0 --partial "${TAB}1.5K${TAB}2026-"
}

@test "-0 ends each with NUL" {
	two
	nfind -0 --no-digest a >got
	printf '%s\0' '[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C' \
		192.0.2.7:9000/x >want
	run cmp got want
	assert_success
}

@test "-l prints five columns" {
	two
	nfind -l a >got
	printf '%s\t%s\t%s\t%s\t%s\n' '[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C' \
		1536 2026-01-31T12:34:56Z "$HEX_A" 'd/a"é\xff\\' \
		192.0.2.7:9000/x - - - x >want
	run cmp got want
	assert_success
}

@test "--json prints an object a line" {
	two
	nfind --json a >got
	cat >want <<-END
	{"locator":"[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C","host":"2001:db8::7","port":9000,"path":"d/a\\"é�\\\\","size":1536,"mtime":1769862896,"digest":"$HEX_A","class":2}
	{"locator":"192.0.2.7:9000/x","host":"192.0.2.7","port":9000,"path":"x","size":null,"mtime":null,"digest":null,"class":null}
	END
	run cmp got want
	assert_success
	command -v jq >/dev/null || skip 'no jq'
	run jq -r .path got
	assert_line --index 1 x
}

@test "--url prints URLs without fragments" {
	two
	find_ --url -H a
	assert_output 'http://[2001:db8::7]:9000/d/a%22%C3%A9%FF%5C
http://192.0.2.7:9000/x'
}

@test "--peers prints each peer once, in order" {
	scripted 'expect FIND limit=10000 -- a
		send 192.0.2.9:9/x\t5\t6\t-\t1\n
		send 192.0.2.1:9/x\t5\t6\t-\t1\n
		send 192.0.2.9:9/y\t5\t6\t-\t1\n
		send END 3 3\n
		wait-close'
	find_ --peers a
	assert_output $'192.0.2.9:9\n192.0.2.1:9'
	played
}

@test "-c prints the number alone, as the index counts" {
	scripted 'expect FIND limit=0 -- a
		send END 0 123456\n
		wait-close'
	find_ -c a
	assert_success
	assert_output 123456
	assert_equal "$stderr" ''
	played
}

@test "-c says when the number is a lower bound" {
	index 'END 0 123456+'
	find_ -c a
	assert_output 123456
	assert_equal "$stderr" 'nfind: there are at least 123456 matches'
}

@test "-c prints no number when no index can tell one" {
	run --separate-stderr nfind -c -I 127.0.0.1:1 x
	assert_failure 2
	refute_output
}

@test "-c of nothing prints 0 and has status 1" {
	index 'END 0 0'
	find_ -c a
	assert_failure 1
	assert_output 0
}

@test "-c of two indexes counts what they share once" {
	NAME=a index '192.0.2.1:9/x\t5\t6\t-\t1' '192.0.2.2:9/x\t5\t6\t-\t1' \
		'END 2 2'
	a=$PUPPET
	NAME=b index '192.0.2.2:9/x\t5\t6\t-\t1' 'END 1 1'
	find_ -I "$a" -I "$PUPPET" -c x
	assert_output 2
	assert_equal "$stderr" ''
}

@test "-c of two indexes is a lower bound when one has more than it can send" {
	NAME=a index '192.0.2.1:9/x\t5\t6\t-\t1' 'END 1 30000'
	a=$PUPPET
	NAME=b index '192.0.2.2:9/x\t5\t6\t-\t1' 'END 1 1'
	find_ -I "$a" -I "$PUPPET" -c x
	assert_output 30000
	assert_equal "$stderr" 'nfind: there are at least 30000 matches'
}

@test "-q prints nothing" {
	scripted 'expect FIND limit=1 -- a
		send 192.0.2.9:9/x\t5\t6\t-\t1\n
		send END 1 20\n
		wait-close'
	find_ -q a
	assert_success
	assert_output ''
	assert_equal "$stderr" ''
	played
}

@test "a cut is told, with how to see more" {
	index '192.0.2.9:9/x\t5\t6\t-\t1' '192.0.2.9:9/y\t5\t6\t-\t1' 'END 2 5432'
	find_ -n 2 a
	assert_success
	assert_equal "$stderr" \
		'nfind: showing 2 of 5432 matches; -n shows more'
}

@test "what two indexes have together is cut as well" {
	NAME=a index '192.0.2.1:9/x\t5\t6\t-\t1' 'END 1 1'
	a=$PUPPET
	NAME=b index '192.0.2.2:9/x\t5\t6\t-\t1' 'END 1 1'
	find_ -I "$a" -I "$PUPPET" -n 1 x
	assert_output 192.0.2.1:9/x
	assert_equal "$stderr" \
		'nfind: showing 1 of 2 matches; -n shows more'
}

@test "-1 prints the first whose peer accepts a connection" {
	NAME=peer start_puppet 'wait-close'
	peer=$PUPPET
	index "$DEAD/x\\t5\\t6\\t-\\t1" "$DEAD/y\\t5\\t6\\t-\\t1" \
		"$peer/x\\t5\\t6\\t-\\t1" "$peer/y\\t5\\t6\\t-\\t1" 'END 4 4'
	find_ -1 x
	assert_success
	assert_output "$peer/x"
	assert_equal "$stderr" ''
}

@test "-1 prints the best that accepts, though many before do not" {
	local dead=() i

	for ((i = 0; i < 40; i++)); do
		dead+=("127.0.0.$((i + 2)):1/x\\t5\\t6\\t-\\t1")
	done
	NAME=a start_puppet 'wait-close'
	a=$PUPPET
	NAME=b start_puppet 'wait-close'
	b=$PUPPET
	index "${dead[@]}" "$b/x\\t5\\t6\\t-\\t1" "$a/x\\t5\\t6\\t-\\t1" 'END 42 42'
	find_ -1 x
	assert_success
	assert_output "$b/x"
}

@test "-1 does not look up names that an index chose" {
	NAME=peer start_puppet 'wait-close'
	index "localhost:${PUPPET##*:}/x\\t5\\t6\\t-\\t1" 'END 1 1'
	find_ -1 x
	assert_failure 1
	assert_output ''
}

@test "-1 says of a file only what is known of it" {
	NAME=peer start_puppet 'wait-close'
	peer=$PUPPET
	index "$peer/x\\t5\\t6\\t-\\t1" "$peer/xy\\t5\\t6\\t$HEX_A\\t1" 'END 2 2'
	find_ -1 x
	assert_success
	assert_output "$peer/x"
}

@test "-1 says so when no peer accepts a connection" {
	index "$DEAD/x\\t5\\t6\\t-\\t1" 'END 1 1'
	find_ -1 x
	assert_failure 1
	assert_output ''
	assert_equal "$stderr" \
		'nfind: no peer of 1 matches accepts a connection'
}

# --- who reads it -----------------------------------------------------------

@test "a reader that leaves is success, without a word" {
	rows 10000 "$HEX_B" >rows
	start_puppet 'line
		file rows
		send END 10000 10000\n
		wait-close'
	export NAP_INDEX=$PUPPET
	run --separate-stderr bash -c 'set -o pipefail; nfind -n 10000 a | head -1'
	assert_success
	assert_output \
		"192.0.2.1:9/a-name-that-takes-its-space-1#sha256=$HEX_B"
	assert_equal "$stderr" ''
}

@test "a full disk is an error" {
	[[ -e /dev/full ]] || skip 'no /dev/full'
	two
	run bash -c 'nfind a >/dev/full'
	assert_failure 2
	assert_output 'nfind: standard output: No space left on device'
}

@test "a closed standard output is an error, and no connection takes its place" {
	scripted 'line
		send 192.0.2.9:9/x\t5\t6\t-\t1\n
		send END 1 1\n
		wait-close'
	run bash -c 'nfind a >&-'
	assert_failure 2
	assert_output 'nfind: standard output: Bad file descriptor'
	played
}
