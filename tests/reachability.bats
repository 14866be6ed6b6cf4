# Whether others can connect to a peer: who finds out, and who is told
# (naputils(7), Reachability).

load nshare
load asking

# listen NAME: something that accepts connections; PORT is where.
listen() {
	local name=$1

	spawn "$name" puppet -n 1000 'wait-close'
	wait_for_line "$name.out" "listening on $PATTERN_ADDR"
	PORT=${MATCH##*:}
}

# shut: PORT is one at which nobody listens.
shut() {
	listen shut
	end "$PID"
}

# stat_is KEY VALUE
stat_is() {
	ask STAT | grep -qx "$1 $2"
}

@test "the index connects to a peer, once, and hangs up without a word" {
	start_puppet -n 1 'wait-close'
	peer a "HELLO ${PUPPET##*:} nap/2" 'ADD 1 2 - x' SYNC
	wait_until stat_is peers 1
	wait_until stat_is unreachable 0
	# The puppet takes one connection and ends: a second would be refused.
	wait "$PID"
	peer b "HELLO ${PUPPET##*:} nap/2"
	wait_until stat_is unreachable 1
	run grep -c NOTE a.out
	assert_output 0
}

@test "a peer that cannot be connected to is told so after SYNC" {
	shut
	peer a "HELLO $PORT nap/2" 'ADD 1 2 - x' SYNC
	wait_for_line a.out 'NOTE unreachable'
	run cat a.out
	assert_output "OK 127.0.0.1:$PORT
OK 1 0
NOTE unreachable"
	stat_is unreachable 1
}

@test "one that has not said SYNC is told after its next, and once" {
	shut
	mkfifo words
	talk "${INDEX%:*}" "${INDEX##*:}" -w -t 600 <words >a.out 3>&- &
	PROCESSES+=($!)
	exec 8>words
	echo "HELLO $PORT nap/2" >&8
	wait_until stat_is unreachable 1
	echo PING >&8
	wait_for_line a.out PONG
	run grep -c NOTE a.out
	assert_output 0
	printf 'SYNC\nPING\nSYNC\nPING\n' >&8
	exec 8>&-
	three() {
		[[ $(grep -c PONG a.out) == 3 ]]
	}
	wait_until three
	run cat a.out
	assert_output "OK 127.0.0.1:$PORT
PONG
OK 0 0
NOTE unreachable
PONG
OK 0 0
PONG"
}

@test "a seed peer that cannot be connected to hears nothing of it" {
	shut
	peer a "HELLO $PORT" 'FILE x' DONE 'SEARCH x' 'SEARCH y'
	wait_until stat_is unreachable 1
	wait_for_line a.out END
	printf 'END\nEND\n' >want
	wait_until cmp -s a.out want
}

@test "a peer that does not serve is not dialled, nor told" {
	peer a 'HELLO 0 nap/2' SYNC SYNC
	wait_for_line a.out '^OK 0 0$'
	run ask PING
	run cat a.out
	refute_output --partial NOTE
}

@test "who cannot be connected to comes last, whatever else speaks for him" {
	listen a
	a=$PORT
	listen b
	b=$PORT
	shut
	peer out "HELLO $PORT nap/2" 'ADD 1 2 - song' 'LOAD 0 9' SYNC
	wait_for_line out.out NOTE
	peer a "HELLO $a nap/2" 'ADD 1 2 - song' 'LOAD 9 9' SYNC
	peer b "HELLO $b" 'FILE song' DONE
	wait_until stat_is peers 3
	wait_until stat_is unreachable 1
	all_there() {
		(($(ask 'SEARCH song' | wc -l) == 4))
	}
	wait_until all_there
	run ask 'SEARCH song'
	assert_line -n 0 "127.0.0.1:$b"
	assert_line -n 1 "127.0.0.1:$a"
	assert_line -n 2 "127.0.0.1:$PORT"
	run ask 'FIND limit=2 -- song'
	refute_output --partial ":$PORT/"
}

@test "only the address that was observed is dialled, whatever is named" {
	end "$INDEXD"
	start_indexd --trust 127.0.0.0/8
	listen a
	# 127.0.0.9 has nobody at that port, 127.0.0.1 has.
	peer a "HELLO $PORT nap/2 host=127.0.0.9" SYNC
	wait_until stat_is peers 1
	wait_until stat_is unreachable 0
	shut
	peer b "HELLO $PORT nap/2 host=127.0.0.9" SYNC
	wait_for_line b.out NOTE
}

@test "a peer that leaves while it is dialled leaves nothing behind" {
	shut
	for ((i = 0; i < 20; i++)); do
		printf 'HELLO %s nap/2\n' "$PORT" | say "$INDEX" >/dev/null
	done
	wait_until stat_is peers 0
	stat_is unreachable 0
	run ask PING
	assert_output PONG
}

@test "with hundreds that cannot be connected to, who can be is found out" {
	listen a
	mkfifo hold
	swarm "${INDEX%:*}" "${INDEX##*:}" 300 1 <hold >swarm.out 3>&- &
	PROCESSES+=($!)
	exec 8>hold
	wait_for_line swarm.out ready
	path='peer 250/a song of some length, track 0 of many.mp3'
	peer a "HELLO $PORT nap/2" "ADD 1 2 - $path" SYNC
	wait_until stat_is peers 301
	is_first() {
		[[ $(ask "SEARCH $path" | head -1) == *":$PORT" ]]
	}
	wait_until is_first
	run grep -c NOTE a.out
	assert_output 0
}

@test "nshare is found to be reachable" {
	touch share/a
	start_nshare share
	wait_until stat_is peers 1
	wait_until stat_is unreachable 0
	run grep 'cannot connect' nshare.err
	refute_output
}
