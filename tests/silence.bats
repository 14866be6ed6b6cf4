# What indexd does about those who fall silent, and nshare about an index that
# does (naputils(7), Silence), with times short enough to wait for.

load nshare
load asking
load network

setup() {
	common_setup
}

lost() {
	! found "$1"
}

# refuses_times COMMAND OPTION...: what is no number of seconds.
refuses_times() {
	local option time

	for option in "${@:2}"; do
		for time in 0 -1 x 1x 1.5 '' 86401; do
			run timeout 10 $1 "--$option" "$time"
			assert_failure 2
			assert_output --partial "--$option"
		done
	done
}

@test "a time of nothing, or of no number, is refused" {
	refuses_times indexd idle-timeout ping-interval ping-timeout stall-timeout
	refuses_times 'nshare .' ping-interval ping-timeout stall-timeout
	for rate in 1 999 x; do
		run timeout 10 indexd --add-rate "$rate"
		assert_failure 2
	done
}

@test "--help names the times that naputils(7) has" {
	for program in indexd nshare; do
		run bash -c "$program --help | tr -s ' \n' ' '"
		assert_output --regexp ' --ping-interval N [a-z ]+ \(15\)'
		assert_output --regexp ' --ping-timeout N [a-z ]+ \(30\)'
		assert_output --regexp ' --stall-timeout N [a-z ]+ \(30\)'
	done
}

@test "a connection that says nothing ends without a word" {
	start_indexd --idle-timeout 1
	run say "$INDEX" -w -t "$PATIENCE" </dev/null
	assert_success
	refute_output
}

@test "one that has asked and falls silent is told why it ends" {
	start_indexd --idle-timeout 1
	run say "$INDEX" -w -t "$PATIENCE" <<<PING
	assert_success
	assert_output $'PONG\nERR limit idle for too long'
}

@test "a silent peer is asked, and dropped when it does not answer" {
	start_indexd --ping-interval 1 --ping-timeout 1
	peer a 'HELLO 9 nap/2' 'ADD 1 1 - x' SYNC
	wait "$PEER"
	run grep -v NOTE a.out
	assert_output 'OK 127.0.0.1:9
OK 1 0
PING
ERR limit silent for too long'
	run say "$INDEX" <<<'FIND limit=0 -- x'
	assert_output 'END 0 0'
}

@test "a peer that answers stays, however long it has nothing to say" {
	start_indexd --ping-interval 1 --ping-timeout 1
	mkfifo hold
	swarm "${INDEX%:*}" "${INDEX##*:}" 1 1 <hold >swarm.out 3>&- &
	PROCESSES+=($!)
	exec 9>hold
	wait_for_line swarm.out ready
	for i in 1 2; do
		peer "a$i" 'HELLO 0 nap/2' SYNC
		wait "$PEER"
	done
	run say "$INDEX" <<<'FIND limit=0 -- song'
	assert_output 'END 0 1'
}

@test "a seed peer is not asked, nor dropped" {
	start_indexd --ping-interval 1 --ping-timeout 1 --idle-timeout 1
	peer seed 'HELLO 9001' 'FILE x' DONE
	seed=$PEER
	for i in 1 2; do
		peer "a$i" 'HELLO 0 nap/2' SYNC
		wait "$PEER"
	done
	found x
	kill -0 "$seed"
	run cat seed.out
	refute_output
}

@test "a peer that hangs vanishes, and is back when it goes on" {
	mkdir share
	touch share/x
	start_indexd --ping-interval 1 --ping-timeout 1
	start_nshare share
	found x
	kill -STOP "$NSHARE"
	wait_until lost x
	kill -CONT "$NSHARE"
	wait_until found x
}

@test "a peer whose network is gone vanishes" {
	open_network
	start_far --ping-interval 1 --ping-timeout 1
	echo $'HELLO 9 nap/2\nADD 1 1 - x\nSYNC' >words
	"${INSIDE[@]}" talk 10.0.0.1 "$PORT" -f 10.0.5.1 -w -t 600 <words \
		>a.out 3>&- &
	PROCESSES+=($!)
	wait_for_line a.out 'OK 1 0'
	[[ $(near 'FIND limit=0 -- x') == 'END 0 1' ]]
	within ip route del table local local 10.0.0.0/16 dev lo
	within ip route del table local local 10.0.0.1 dev lo
	none_left() {
		[[ $(near 'FIND limit=0 -- x') == 'END 0 0' ]]
	}
	wait_until none_left
	stat_is peers '== 0'
	# Nothing that was said has reached it.
	run grep -c -e PING -e ERR a.out
	assert_output 0
}

@test "a client that takes no answers is cut off" {
	start_indexd --stall-timeout 1
	mkfifo siege.in
	{
		echo 'HELLO 9 nap/2'
		seq -f 'ADD 1 1 - some song %.0f' 10000
		echo SYNC
	} >files
	mkfifo words
	talk "${INDEX%:*}" "${INDEX##*:}" -w -t 600 <words >a.out 3>&- &
	PROCESSES+=($!)
	exec 8>words
	cat files >&8
	wait_for_line a.out 'OK 10000 0'
	siege "${INDEX%:*}" "${INDEX##*:}" 3 -o <siege.in >siege.out 3>&- 8>&- \
		-s 'HELLO 7 nap/2\nFIND limit=10000 -- song\n' -n 100000 &
	siege=$!
	PROCESSES+=($siege)
	exec 7>siege.in
	wait_for_line siege.out stands
	cut_off() {
		say "$INDEX" <<<STAT | grep -qx 'connections 2'
	}
	# The other peer, and who asks.
	wait_until cut_off
	wait_until gone $siege
	exec 7>&- 8>&-
	run tail -1 siege.out
	assert_output --partial '3 ended by them'
}

@test "an index that falls silent is asked, given up, and told everything again" {
	mkdir share
	touch -d @7 share/a share/b
	start_puppet -n 2 'line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send OK 2 0\n
		expect PING
		wait-close' 'line
		send OK 192.0.2.1:9000\n
		expect LOAD 0 256
		expect ADD 0 7 - a
		expect ADD 0 7 - b
		expect SYNC
		send OK 2 0\n
		wait-close'
	puppet=$PID
	NAP_INDEX=$PUPPET start_nshare share -v --ping-interval 1 --ping-timeout 1
	wait_for_line nshare.err "index $PUPPET: Connection timed out; trying again"
	has_every_file_again() {
		(($(grep -c "index $PUPPET: it has every file" nshare.err) == 2))
	}
	wait_until has_every_file_again
	end "$NSHARE"
	wait $puppet
}

@test "an index that answers stays, however long it has nothing to say" {
	mkdir share
	answers=$(printf 'expect PING\nsend PONG\\n\n%.0s' {1..6})
	start_puppet -n 1 "line
		send OK 192.0.2.1:9000\n
		lines-until SYNC
		send OK 0 0\n
		$answers
		send NOTE stays\n
		wait-close"
	puppet=$PID
	NAP_INDEX=$PUPPET start_nshare share -v --ping-interval 1 --ping-timeout 4
	wait_for_line nshare.err 'stays$'
	end "$NSHARE"
	wait $puppet
	run grep 'trying again' nshare.err
	refute_output
}

@test "an index that hangs is given up, and has everything when it goes on" {
	mkdir share
	touch share/x
	start_indexd
	start_nshare share --ping-interval 1 --ping-timeout 1
	kill -STOP "$INDEXD"
	wait_for_line nshare.err "index $INDEX: Connection timed out; trying again"
	kill -CONT "$INDEXD"
	all_there() {
		[[ $(say "$INDEX" <<<STAT | grep -c -x -e 'listings 1' \
			-e 'peers 1') == 2 ]] && found x
	}
	wait_until all_there
}

@test "an index that starts anew soon has everything again, from everyone" {
	start_indexd
	for i in {1..6}; do
		mkdir "share$i"
		touch "share$i/"{a,b,c,d}"$i"
		NAME=nshare$i start_nshare "share$i" -v
	done
	all_there() {
		[[ $(say "$INDEX" <<<STAT | grep -c -x -e 'listings 24' \
			-e 'peers 6') == 2 ]]
	}
	wait_until all_there
	for i in 1 2; do
		kill -KILL "$INDEXD"
		wait_until gone "$INDEXD"
		start_indexd -l "$INDEX"
		wait_until all_there
	done
	for i in {1..6}; do
		assert_regex "$(delays "nshare$i.err" "$INDEX")" .
		comes_back_in_time "nshare$i.err" "$INDEX"
	done
}
