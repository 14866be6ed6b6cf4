# indexd as a process: options, signals, and what it takes from its clients.

load common

refused() {
	run timeout 10 indexd "$@"
	assert_failure 2
	assert_equal "${#lines[@]}" 1
	assert_output --partial 'indexd: '
}

@test "--help and --version go to standard output" {
	run indexd --help
	assert_success
	assert_line -n 0 --partial 'Usage: indexd'
	run --separate-stderr indexd -V
	assert_success
	assert_output --regexp '^indexd \(naputils\) [0-9.]+$'
}

@test "what is wrong on the command line is one line and status 2" {
	refused --frobnicate
	refused operand
	refused -t 0
	refused -t many
	refused -l host:65536
	refused -l 'host:port'
	refused -l ''
	refused -l '::1]:80'
	refused --max-conns -1
	refused --max-files 1x
	refused --trust 300.0.0.0/8
	refused --trust 10.0.0.0/33
}

@test "a port that is taken is told, with status 1" {
	start_indexd
	run timeout 10 indexd -l "$INDEX"
	assert_failure 1
	assert_output --partial "listen on $INDEX"
}

@test "-4 and -6 choose the addresses" {
	start_indexd -4 -l '*:0'
	run cat indexd.err
	assert_output --regexp '^indexd: listening on 0\.0\.0\.0:[0-9]+$'
	end "$INDEXD"
	start_indexd -6 -l '*:0'
	run cat indexd.err
	assert_output --regexp '^indexd: listening on \[::\]:[0-9]+$'
	end "$INDEXD"
	start_indexd -46 -l '*:0'
	wait_for_line indexd.err '0\.0\.0\.0:'
	wait_for_line indexd.err '\[::\]:'
}

@test "every address means one port on IPv4 and IPv6" {
	start_indexd -l '*:0'
	wait_for_line indexd.err '0\.0\.0\.0:'
	four=${MATCH##*:}
	wait_for_line indexd.err '\[::\]:'
	assert_equal "${MATCH##*:}" "$four"
	run say "[::1]:$four" <<<PING
	assert_output PONG
}

@test "SIGTERM and SIGINT end it with status 0 while clients are connected" {
	for signal in TERM INT; do
		start_indexd
		exec 8<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
		echo PING >&8
		read -r -t 10 -u 8 answer
		assert_equal "$answer" PONG
		kill -s $signal "$INDEXD"
		wait "$INDEXD"
		exec 8>&-
	done
}

@test "SIGUSR1 logs how things stand, SIGHUP harms nothing" {
	start_indexd
	kill -HUP "$INDEXD"
	kill -USR1 "$INDEXD"
	wait_for_line indexd.err '0 connections, 0 peers, 0 names, 0 listings'
}

@test "-d returns once it listens, and --pidfile names what lives" {
	run indexd -d -l 127.0.0.1:0 --pidfile pid
	assert_success
	assert_output --regexp 'listening on 127.0.0.1:[0-9]+'
	pid=$(cat pid)
	PROCESSES+=("$pid")
	run say "${output##* }" <<<PING
	assert_output PONG
	end "$pid"
	wait_until test ! -s pid
}

@test "-d with a port that is taken fails in the foreground" {
	start_indexd
	run indexd -d -l "$INDEX"
	assert_failure 1
	assert_output --partial "listen on $INDEX"
}

@test "a pid file that another holds is refused" {
	start_indexd --pidfile pid
	run timeout 10 indexd -l 127.0.0.1:0 --pidfile pid
	assert_failure 1
	assert_output --partial 'another indexd holds it'
	assert_equal "$(cat pid)" "$INDEXD"
}

@test "a user that does not exist is refused" {
	run timeout 10 indexd -l 127.0.0.1:0 -u no-such-user-here
	assert_failure 1
	assert_output --partial 'there is no user no-such-user-here'
}

@test "-u gives up root for good" {
	[[ $(id -u) == 0 ]] || skip 'only root can become another user'
	start_indexd -u nobody
	assert_equal "$(ps -o user= -p "$INDEXD")" nobody
	run say "$INDEX" <<<PING
	assert_output PONG
}

@test "--max-files bounds what one peer registers" {
	start_indexd --max-files 2
	run say "$INDEX" <<-END
		HELLO 9001 nap/2
		ADD 1 1 - a
		ADD 1 1 - b
		ADD 1 1 - c
		SYNC
	END
	assert_line -n 1 'OK 2 1'
}

@test "--max-peers bounds the registrations" {
	start_indexd --max-peers 1
	exec 8<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	echo 'HELLO 9001 nap/2' >&8
	read -r -t 10 -u 8 answer
	assert_equal "$answer" 'OK 127.0.0.1:9001'
	run say "$INDEX" <<<'HELLO 9002 nap/2'
	assert_output --regexp '^ERR limit '
	exec 8>&-
	again() {
		[[ $(say "$INDEX" <<<'HELLO 9002 nap/2') == OK* ]]
	}
	wait_until again
}

@test "with as many clients as there are descriptors for it serves those, and recovers" {
	ulimit -n 40
	start_indexd -t 1
	exec 8<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	crowd=()
	for ((i = 0; i < 40; i++)); do
		talk "${INDEX%:*}" "${INDEX##*:}" -w -t 60 </dev/null \
			>/dev/null 2>&1 3>&- 8>&- &
		crowd+=($!)
	done
	PROCESSES+=("${crowd[@]}")
	turned_away() {
		say "$INDEX" </dev/null | grep -q '^ERR limit '
	}
	wait_until turned_away
	echo PING >&8
	read -r -t 10 -u 8 answer
	assert_equal "$answer" PONG
	kill "${crowd[@]}" 2>/dev/null || true # most were turned away
	recovered() {
		[[ $(say "$INDEX" <<<PING) == PONG ]]
	}
	wait_until recovered
	exec 8>&-
}

@test "a client that does not read is no longer served, and memory stays bounded" {
	memory() {
		awk '/^VmRSS/ { print $2 }' "/proc/$INDEXD/status"
	}
	received() {
		(($(memory) - before < 65536))
	}

	start_indexd -t 1
	{
		echo 'HELLO 9001 nap/2'
		for ((i = 0; i < 2000; i++)); do
			echo "ADD 1 1 - a song with a name that fills answers $i"
		done
		echo SYNC
	} >registration
	exec 7<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	cat registration >&7
	read -r -t 10 -u 7 answer
	read -r -t 10 -u 7 answer
	assert_equal "$answer" 'OK 2000 0'
	before=$(memory)
	for ((i = 0; i < 5000; i++)); do
		echo 'FIND -- song'
	done >greedy
	exec 8<>"/dev/tcp/${INDEX%:*}/${INDEX##*:}"
	timeout 2 cat greedy >&8 || true
	for ((i = 0; i < 5; i++)); do
		run say "$INDEX" -t 60 <<<'FIND limit=0 -- song'
		assert_output 'END 0 2000'
		received || fail "memory grew from $before to $(memory) KiB"
	done
}
