# indexd -i: a process for every connection, and one index for all of them.

load common
load asking

setup() {
	common_setup
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 700 run
	PLACE=run/naputils
}

teardown() {
	# They are no children of ours.
	PROCESSES+=($(pgrep -f "^indexd -i .*$PWD/"))
	common_teardown
}

# stand [-w] [OPTION...]: a super-server that starts indexd -i with these.
stand() {
	local wait=() pidfile=(--pidfile "$PWD/pid")

	if [[ ${1:-} == -w ]]; then
		wait=(-w)
		shift
	fi
	[[ -z ${PIDFILE-} ]] || pidfile=()
	spawn doorman doorman "${wait[@]}" indexd -i "${pidfile[@]}" "$@"
	DOORMAN=$PID
	wait_for_line doorman.out "listening on $PATTERN_ADDR" "$PID" || return
	INDEX=${MATCH##* }
	PORT=${INDEX##*:}
}

# one_shares NAME: a peer that shares a file of that name, and stays.
one_shares() {
	peer "$1" 'HELLO 9001 nap/2' "ADD 1 1 - $1" SYNC
	wait_for_line "$1.out" '^OK 1 0'
}

finds() {
	run ask "FIND -- $1"
	assert_line --partial "/$1"
}

finds_nothing() {
	run ask "FIND -- $1"
	assert_output 'END 0 0'
}

# ended STATUS COUNT: so many of those that the super-server started have.
ended() {
	(($(grep -c "ended with $1$" doorman.out) == $2))
}

# alone: whether there is one index, and nobody who hands over to it.
alone() {
	(($(indexes "^indexd -i .*$PWD/") == 1))
}

refused() {
	run ask PING
	refute_output --partial PONG
	wait_until ended 1 1
}

@test "what one connection registers another finds, and each starter leaves" {
	stand
	one_shares song
	finds song
	wait_until ended 0 2
	wait_until alone
	refute [ "$(ps -o ppid= -p "$(cat pid)")" -eq "$DOORMAN" ]
}

@test "the resident keeps nothing of whoever started it" {
	exec 9>held
	stand
	exec 9>&-
	run ask PING
	assert_output PONG
	pid=$(cat pid)
	for fd in 0 1 2; do
		assert_equal "$(readlink "/proc/$pid/fd/$fd")" /dev/null
	done
	run readlink "/proc/$pid/fd"/*
	refute_output --partial held
	refute_output --partial doorman
	assert_equal "$(ps -o sid= -p "$pid" | tr -d ' ')" "$pid"
}

@test "50 first connections at once start exactly one index" {
	# Without a pid file, which would stop a second one.
	PIDFILE=no stand --handoff "$PWD/run/socket"
	pids=()
	for ((i = 0; i < 50; i++)); do
		talk 127.0.0.1 "$PORT" -w -t 120 <<<STAT >"talk.$i" 2>&1 3>&- &
		pids+=($!)
	done
	PROCESSES+=("${pids[@]}")
	all_answered() {
		(($(cat talk.* | grep -cx END) == 50))
	}
	wait_until all_answered
	wait_until ended 0 50
	wait_until alone
	run ask STAT
	assert_line 'connections 51'
}

@test "when the index dies the next connection starts another" {
	stand
	one_shares song
	first=$(cat pid)
	kill -KILL "$first"
	wait_until gone "$first"
	finds_nothing song
	one_shares other
	finds other
	refute [ "$(cat pid)" = "$first" ]
	wait_until alone
}

@test "nshare registers again with the index that comes after" {
	mkdir share
	echo la >share/song
	stand
	NAP_INDEX=$INDEX start_nshare share
	finds song
	kill -KILL "$(cat pid)"
	found() {
		ask 'FIND -- song' | grep -q /song
	}
	wait_until found
}

@test "an idle index leaves, and the next connection starts another" {
	stand --idle-exit 1
	one_shares song
	first=$(cat pid)
	sleep 1.5 # longer than it waits, while somebody is connected
	finds song
	kill "$PEER"
	wait_until gone "$first"
	finds_nothing song
	refute [ "$(cat pid)" = "$first" ]
}

@test "connections that come while an index leaves are all served" {
	stand --idle-exit 1
	for pause in 0.98 1 0; do
		run ask PING
		assert_output PONG
		sleep $pause # whatever moment that hits
	done
}

@test "a listening socket makes the process itself the index, for as long as it is wanted" {
	stand -w --idle-exit 1
	one_shares song
	finds song
	first=$(cat pid)
	assert_equal "$(ps -o ppid= -p "$first" | tr -d ' ')" "$DOORMAN"
	for fd in 0 1 2; do
		assert_equal "$(readlink "/proc/$first/fd/$fd")" /dev/null
	done
	kill "$PEER"
	wait_until ended 0 1
	run ask PING
	assert_output PONG
	refute [ "$(cat pid)" = "$first" ]
}

@test "the resident is confined, and has the options of who started it" {
	stand --max-files 1
	run ask 'HELLO 9001 nap/2' 'ADD 1 1 - a' 'ADD 1 1 - b' SYNC
	assert_line 'OK 1 1'
	run cat "/proc/$(cat pid)/status"
	assert_line --regexp 'NoNewPrivs:[[:space:]]1'
}

@test "the resident becomes the user that -u names, and is found again" {
	((EUID == 0)) || skip 'only root can become another user'
	stand -u nobody
	one_shares song
	assert_equal "$(ps -o user= -p "$(cat pid)")" nobody
	finds song
	wait_until alone
}

@test "the socket lies in a directory of ours alone, and in the place that --handoff names" {
	stand
	run ask PING
	assert_output PONG
	assert_equal "$(stat -c '%a %u' $PLACE)" "700 $EUID"
	assert_equal "$(stat -c %a "$PLACE/indexd-$PORT")" 700
	end "$(cat pid)"
	end "$DOORMAN"
	mkdir -m 755 there
	stand --handoff "$PWD/there/a name"
	run ask PING
	assert_output PONG
	assert_equal "$(stat -c '%a %F' 'there/a name')" '700 socket'
}

@test "a directory that is a symbolic link, or open to others, is refused" {
	mkdir -m 700 elsewhere
	ln -s ../elsewhere $PLACE
	stand
	refused
	assert_equal "$(ls elsewhere)" ''
	end "$DOORMAN"
	rm $PLACE
	for mode in 710 701 777; do
		mkdir -p $PLACE
		chmod $mode $PLACE
		stand
		refused
		end "$DOORMAN"
		assert_equal "$(ls $PLACE)" ''
	done
	mkdir there
	chmod 777 there
	stand --handoff "$PWD/there/socket"
	refused
	assert_equal "$(ls there)" ''
}

@test "a directory of somebody else is refused" {
	((EUID == 0)) || skip 'only root can make one'
	mkdir -m 700 $PLACE there
	chown nobody $PLACE there
	stand
	refused
	end "$DOORMAN"
	stand --handoff "$PWD/there/socket"
	refused
}

@test "what is in the place of the socket, and is none, stays" {
	echo precious >there
	stand --handoff "$PWD/there"
	refused
	assert_equal "$(cat there)" precious
}

@test "a resident that cannot start is a failure, not an endless attempt" {
	stand --pidfile /nonexistent/pid
	refused
}

@test "what is no socket of TCP is told, with status 2" {
	run timeout 10 indexd -i </dev/null
	assert_failure 2
	assert_output 'indexd: --inetd: descriptor 0 is no socket of TCP'
	run timeout 10 bash -c 'true | indexd -i'
	assert_failure 2
}

@test "what is said goes to syslog as a daemon's, and never to the client" {
	command -v socat >/dev/null || skip 'socat is not installed'
	unshare -rm true 2>/dev/null || skip 'no mounts of our own may be made here'
	# A /dev of our own, where we are syslog.
	mkdir dev
	touch dev/null
	spawn syslog socat -u UNIX-RECV:dev/log STDOUT
	wait_until test -S dev/log
	stand_apart() {
		spawn "$1" unshare -rm sh -c 'mount --bind /dev/null dev/null &&
			mount --rbind dev /dev && exec "$@"' \
			sh doorman indexd -i "${@:2}"
		wait_for_line "$1.out" "listening on $PATTERN_ADDR" "$PID"
		INDEX=${MATCH##* }
	}
	stand_apart doorman --pidfile "$PWD/pid"
	run ask PING
	assert_output PONG
	kill -USR1 "$(cat pid)"
	wait_for_line syslog.out '^<30>.* indexd\[[0-9]+\]: [0-9]+ connections, '
	stand_apart mistaken --frobnicate
	run ask PING
	refute_output
	wait_for_line syslog.out '<28>.* indexd\[[0-9]+\]: .*frobnicate'
}

@test "a usage error is not told to the client" {
	stand --frobnicate
	run ask PING
	refute_output
	wait_until ended 2 1
}

@test "--idle-exit ends an index that listens by itself, too" {
	start_indexd --idle-exit 1
	wait "$INDEXD"
	run cat indexd.err
	assert_output --partial 'nobody was connected for 1 seconds'
}
