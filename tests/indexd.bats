# indexd's conversations, line by line (naputils(7), THE INDEX).

load common
load asking

setup() {
	common_setup
	start_indexd
}

# peer_v2 NAME PORT LINE...: registers and waits for SYNC's answer.
peer_v2() {
	peer "$1" "HELLO $2 nap/2" "${@:3}" SYNC
	wait_for_line "$1.out" '^OK [0-9]+ [0-9]+$'
}

# found NAME: whether a search finds it.
found() {
	ask "SEARCH $1" | grep -q :
}

lost() {
	! found "$1"
}

@test "seed: a file that one peer announced is found by another" {
	peer a 'HELLO 9001' 'FILE song.mp3' DONE
	wait_until found song.mp3
	run ask 'HELLO 9002' 'SEARCH song.mp3'
	assert_output $'127.0.0.1:9001\nEND'
}

@test "seed: the original client's conversation, byte for byte" {
	peer a 'HELLO 9001' 'FILE a b  c.mp3' 'FILE x' DONE
	wait_until found x
	printf 'HELLO 9002\nFILE mine\nDONE\nSEARCH a b  c.mp3\nSEARCH none\n' |
		say "$INDEX" >got
	printf '127.0.0.1:9001\nEND\nEND\n' >want
	run cmp got want
	assert_success
}

@test "seed: HELLO, FILE and DONE are not answered, nor is anything bad" {
	run ask 'HELLO 9001' 'FILE a' 'FILE ../x' 'NONSENSE' 'PING' 'FIND -- a' \
		'HELLO 9002' 'SYNC' DONE
	assert_success
	refute_output
}

@test "seed: a search still works after DONE, and FILE after DONE counts" {
	peer a 'HELLO 9001' DONE 'FILE late'
	wait_until found late
}

@test "seed: a peer never sees itself" {
	run ask 'HELLO 9001' 'FILE mine' 'SEARCH mine'
	assert_output END
}

@test "seed: port 0 is never listed" {
	peer a 'HELLO 0' 'FILE mine' DONE
	peer b 'HELLO 9003' 'FILE other' DONE
	wait_until found other
	run ask 'SEARCH mine'
	assert_output END
}

@test "seed: two connections at one address are listed once" {
	peer a 'HELLO 9001' 'FILE both' 'FILE a'
	peer b 'HELLO 9001' 'FILE both' 'FILE b'
	wait_until found a
	wait_until found b
	run ask 'SEARCH both'
	assert_output $'127.0.0.1:9001\nEND'
}

@test "seed: an answer is at most 1400 bytes, END included" {
	for port in $(seq 10001 10100); do
		echo "$port"
	done >ports
	while read -r port; do
		printf 'HELLO %s\nFILE popular\n' "$port" >"in.$port"
		talk "${INDEX%:*}" "${INDEX##*:}" -w -t 600 <"in.$port" \
			>/dev/null 2>&1 3>&- &
		PROCESSES+=($!)
	done <ports
	all_there() {
		[[ $(ask 'FIND limit=0 -- popular') == 'END 0 100' ]]
	}
	wait_until all_there
	ask 'HELLO 9002' 'SEARCH popular' >got
	assert [ "$(wc -c <got)" -le 1400 ]
	assert [ "$(wc -c <got)" -gt 1370 ]
	assert_equal "$(tail -1 got)" END
	ask 'SEARCH popular' >got
	assert_equal "$(wc -l <got)" 101
}

@test "a last line without LF counts, and CR before LF is dropped" {
	peer_v2 a 9001 'ADD 1 2 - x'
	run bash -c "printf 'PING\r\nSEARCH x' | talk ${INDEX%:*} ${INDEX##*:}"
	assert_output $'PONG\n127.0.0.1:9001\nEND'
}

@test "requests split at every byte are understood" {
	peer_v2 a 9001 'ADD 1 2 - x'
	run bash -c "printf 'PING\nSEARCH x\nFIND -- x\n' |
		talk ${INDEX%:*} ${INDEX##*:} -s 1"
	assert_output \
		$'PONG\n127.0.0.1:9001\nEND\n127.0.0.1:9001/x\t1\t2\t-\t1\nEND 1 1'
}

@test "a connection whose first line is no verb of ours is closed" {
	run ask 'GET / HTTP/1.1' 'PING'
	refute_output
}

@test "an unknown verb later on is an error, and the next line is served" {
	run ask PING NONSENSE PING
	assert_line -n 0 PONG
	assert_line -n 1 --regexp '^ERR unknown-verb [^:]*$'
	assert_line -n 2 PONG
}

@test "a line of 16 KiB is taken, one byte more is too long" {
	long=$(head -c 16380 /dev/zero | tr '\0' a)
	run ask PING "SAY $long"
	assert_line -n 1 --regexp '^ERR unknown-verb'
	run ask PING "SAY ${long}a"
	assert_line -n 1 --regexp '^ERR too-long '
	assert_equal "${#lines[@]}" 2
}

@test "a NUL in a line is refused" {
	run bash -c "printf 'PING\nFI\0ND\nPING\n' | talk ${INDEX%:*} ${INDEX##*:}"
	assert_line -n 1 --regexp '^ERR bad-line '
	assert_equal "${#lines[@]}" 2
}

@test "HELLO nap/2 is answered with the peer's address" {
	run ask 'HELLO 9001 nap/2'
	assert_output 'OK 127.0.0.1:9001'
}

@test "HELLO refuses ports, versions and hosts that are not right" {
	run ask 'HELLO 65536 nap/2'
	assert_output --regexp '^ERR bad-port '
	run ask 'HELLO x nap/2'
	assert_output --regexp '^ERR bad-line '
	run ask 'HELLO 9001 nap/1'
	assert_output --regexp '^ERR bad-line '
	run ask 'HELLO 9001 nap/2 host=192.0.2.1'
	assert_output --regexp '^ERR denied '
	run ask 'HELLO 9001 nap/2 host=nonsense'
	assert_output --regexp '^ERR denied '
	run ask 'HELLO 9001 nap/2' 'HELLO 9001 nap/2'
	assert_line -n 1 --regexp '^ERR bad-line '
}

@test "verbs that register need HELLO" {
	run ask 'ADD 1 2 - x' 'DEL x' 'LOAD 1 2' 'FILE x' SYNC
	assert_output --regexp '^ERR need-hello '
	assert_equal "${#lines[@]}" 1
}

@test "SYNC counts files and refused lines" {
	run ask 'HELLO 0 nap/2' 'ADD 1 2 - x' 'ADD 1 2 - x' 'ADD 1 2 - y' \
		'DEL x' 'ADD 1 2 - /etc' 'ADD 1 2 - a/../b' 'ADD x 2 - z' \
		'DEL ../x' 'LOAD x' SYNC SYNC
	assert_output $'OK 127.0.0.1:0\nOK 1 5\nOK 1 0'
}

@test "paths that leave the directory, or hold control bytes, are refused" {
	for path in '' / /a a/ a//b . .. ./a ../a a/. a/.. $'a\tb' $'a\eb' \
		$'a\x7f' "$(head -c 4097 /dev/zero | tr '\0' a)"; do
		run ask 'HELLO 9001 nap/2' "ADD 1 2 - $path" SYNC
		assert_line -n 1 'OK 0 1'
	done
}

@test "paths may hold anything else" {
	for path in ... .a 'a b' ' a ' 'a:b' "it's" '"' '\' '%41' '#' '?' -n \
		$'\xff\xfe' "$(head -c 4096 /dev/zero | tr '\0' a)"; do
		run ask 'HELLO 9001 nap/2' "ADD 1 2 - $path" SYNC
		assert_line -n 1 'OK 1 0'
	done
}

@test "FIND prints rows with locator, size, time, digest and class" {
	hex=$(printf x | sha256sum | cut -d' ' -f1)
	peer_v2 a 9001 'ADD 5 6 - Album/My Song.mp3' "ADD 7 8 $hex song" \
		'ADD 1 1 - other'
	run ask 'FIND -- song'
	assert_line -n 0 "127.0.0.1:9001/song"$'\t7\t8\t'"$hex"$'\t1'
	assert_line -n 1 $'127.0.0.1:9001/Album/My%20Song.mp3\t5\t6\t-\t2'
	assert_line -n 2 'END 2 2'
}

@test "FIND finds what a seed announced" {
	peer a 'HELLO 9001' 'FILE seed song.mp3'
	wait_until found 'seed song.mp3'
	run ask 'FIND -- song'
	assert_output $'127.0.0.1:9001/seed%20song.mp3\t-\t-\t-\t2\nEND 1 1'
}

@test "FIND ranks all matches before the limit cuts" {
	peer_v2 a 9001 'ADD 1 1 - song/x' 'ADD 1 1 - resonging' \
		'ADD 1 1 - songs' 'ADD 1 1 - a song' 'ADD 1 1 - song.ogg' \
		'ADD 1 1 - zong'
	run ask 'FIND -- song' 'FIND limit=2 -- SONG' 'FIND limit=0 -- song'
	assert_output "$(
		printf '127.0.0.1:9001/%s\t1\t1\t-\t%s\n' song.ogg 1 \
			a%20song 2 songs 3 resonging 4 song/x 5
		echo END 5 5
		printf '127.0.0.1:9001/%s\t1\t1\t-\t%s\n' song.ogg 1 a%20song 2
		echo END 2 5
		echo END 0 5
	)"
}

@test "FIND narrows by size, extension and words that must not occur" {
	peer_v2 a 9001 'ADD 10 1 - song.mp3' 'ADD 20 1 - song.OGG' \
		'ADD 30 1 - song live.mp3'
	run ask 'FIND limit=0 over=10 under=20 -- song' \
		'FIND limit=0 over=21 -- song' 'FIND limit=0 ext=ogg,flac -- song' \
		'FIND limit=0 not=live -- song' 'FIND limit=0 not=LIVE ext=mp3 -- song'
	assert_output $'END 0 2\nEND 0 1\nEND 0 1\nEND 0 2\nEND 0 1'
}

@test "FIND without words, or with settings it does not know, is an error" {
	run ask 'FIND' 'FIND --' 'FIND -- !?' 'FIND size=3 -- x' 'FIND x'
	assert_equal "${#lines[@]}" 5
	refute_line --regexp '^(END|[0-9])'
	assert_line -n 0 --regexp '^ERR bad-line [^:]*$'
}

@test "case and accents: what is typed in one form is found in the other" {
	peer_v2 a 9001 $'ADD 1 1 - \xc3\x89cole.mp3' \
		$'ADD 1 1 - e\xcc\x81cole two' 'ADD 1 1 - ΣΊΣΥΦΟΣ' 'ADD 1 1 - Молоко'
	run ask 'FIND limit=0 -- École' $'FIND limit=0 -- E\xcc\x81COLE' \
		'FIND limit=0 -- σίσυφος' 'FIND limit=0 -- молоко'
	assert_output $'END 0 2\nEND 0 2\nEND 0 1\nEND 0 1'
}

@test "HASH finds the peers that have a content" {
	hex=$(printf x | sha256sum | cut -d' ' -f1)
	peer_v2 a 9001 "ADD 1 2 $hex one"
	peer_v2 b 9002 "ADD 1 2 $hex two" 'ADD 1 2 - three'
	run ask "HASH $hex" "HASH ${hex//[0-9]/0}" "HASH x"
	assert_line $'127.0.0.1:9001/one\t1\t2\t'"$hex"$'\t-'
	assert_line $'127.0.0.1:9002/two\t1\t2\t'"$hex"$'\t-'
	assert_line -n 2 'END 2 2'
	assert_line -n 3 'END 0 0'
	assert_line -n 4 --regexp '^ERR bad-line '
}

@test "LOAD ranks a busy peer behind a free one" {
	peer_v2 a 9001 'ADD 1 2 - song' 'LOAD 5 5'
	peer_v2 b 9002 'ADD 1 2 - song' 'LOAD 0 5'
	peer_v2 c 9003 'ADD 1 2 - song' 'LOAD 3 5'
	run ask 'SEARCH song'
	assert_output $'127.0.0.1:9002\n127.0.0.1:9003\n127.0.0.1:9001\nEND'
}

@test "STAT tells how things stand" {
	peer_v2 a 9001 'ADD 1 2 - x' 'ADD 1 2 - y'
	run ask STAT
	assert_line 'peers 1'
	assert_line 'listings 2'
	assert_line --regexp '^connections [0-9]+$'
	assert_line --regexp '^memory [0-9]+$'
	assert_line --regexp '^uptime [0-9]+$'
	assert_equal "${lines[-1]}" END
}

@test "PING is answered" {
	run ask PING PING
	assert_output $'PONG\nPONG'
}

@test "a peer that closes vanishes from searches" {
	peer_v2 a 9001 'ADD 1 2 - x'
	found x
	kill "$PEER"
	wait_until lost x
}

@test "a peer that is killed vanishes from searches" {
	peer_v2 a 9001 'ADD 1 2 - x'
	found x
	kill -KILL "$PEER"
	wait_until lost x
}

@test "a peer that says it serves on loopback is seen over loopback alone" {
	run ask 'HELLO 9001 nap/2 host=127.0.0.1'
	assert_output 'OK 127.0.0.1:9001'
	run ask 'HELLO 9001 nap/2 host=127.5.5.5'
	assert_output 'OK 127.5.5.5:9001'
}

@test "addresses that the operator trusts may register another host" {
	end "$INDEXD"
	start_indexd --trust 127.0.0.0/8
	peer_v2 a 9001 'ADD 1 2 - x'
	peer b 'HELLO 9002 nap/2 host=192.0.2.7' 'ADD 1 2 - y' SYNC
	wait_for_line b.out '^OK 1 0$'
	run cat b.out
	assert_line -n 0 'OK 192.0.2.7:9002'
	for host in 0.0.0.0 :: 224.0.0.1 255.255.255.255 ff02::1; do
		run ask "HELLO 9002 nap/2 host=$host"
		assert_output --regexp '^ERR denied '
	done
	run ask 'FIND -- y'
	assert_line -n 0 $'192.0.2.7:9002/y\t1\t2\t-\t1'
}

@test "answers come in request order, whatever the requests cost" {
	peer_v2 a 9001 'ADD 1 2 - x'
	for ((i = 0; i < 500; i++)); do
		echo PING
		echo "SEARCH none$i"
		echo 'FIND limit=0 -- x'
	done >requests
	say "$INDEX" <requests >got
	for ((i = 0; i < 500; i++)); do
		printf 'PONG\nEND\nEND 0 1\n'
	done >want
	run cmp got want
	assert_success
}
