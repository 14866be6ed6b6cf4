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

@test "a time of nothing, or of no number, is refused" {
	for option in idle-timeout ping-interval ping-timeout stall-timeout; do
		for time in 0 -1 x '' 86401; do
			run timeout 10 indexd "--$option" "$time"
			assert_failure 2
			assert_output --partial "--$option"
		done
	done
	for rate in 1 999 x; do
		run timeout 10 indexd --add-rate "$rate"
		assert_failure 2
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

@test "an index that starts anew soon has everything again, from everyone" {
	start_indexd
	for i in {1..6}; do
		mkdir "share$i"
		touch "share$i/"{a,b,c,d}"$i"
		NAME=nshare$i start_nshare "share$i"
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
}
