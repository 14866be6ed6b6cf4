# indexd under attack: whatever a crowd does, who searches beside it gets what he
# asked for, and memory stays within its bound. How long that took is printed,
# and decides nothing.

load common
load network

ATTACKERS=2000
THREADS=2
# Registrations aside, as limits.h says: all else, what waits for the clients of
# a worker, and what each connection may have said.
ALL_KB=49152
UNSENT_KB=$((THREADS * (64 + 4) * 1024))
EACH_KB=16
EXPENSIVE='FIND limit=10000 -- o a s e\n'

setup() {
	common_setup
	(($(ulimit -Hn) > ATTACKERS + 500)) ||
		skip "no more than $(ulimit -Hn) descriptors here"
	ulimit -n "$(ulimit -Hn)"
	open_network
	mkfifo siege.in swarm.in
}

# start [OPTION...]: an index with 20,000 files.
start() {
	start_far -t $THREADS "$@"
	"${INSIDE[@]}" swarm 127.0.0.1 "$PORT" 20 1000 <swarm.in >swarm.out 3>&- &
	PROCESSES+=($!)
	exec 6>swarm.in
	wait_for_line swarm.out ready
	wait_until stat_is pending '== 0'
}

# besiege COUNT OPTION...: until descriptor 7 is closed.
besiege() {
	"${INSIDE[@]}" siege 10.0.0.1 "$PORT" "$@" <siege.in >siege.out 3>&- 6>&- &
	SIEGE=$!
	PROCESSES+=("$SIEGE")
	exec 7>siege.in
	wait_for_line siege.out stands
}

relieve() {
	exec 7>&-
	wait "$SIEGE"
}

# reads_beside: a search finds what it should, many times, from an address that
# is not spared.
reads_beside() {
	within reader 10.0.0.1 "$PORT" 300 10.0.200.1 >read \
		<<<'FIND -- "peer 7" 999'
	run cat read
	assert_line -n 0 --partial '/peer%2017/a%20song%20of%20some%20length'
	assert_line -n 1 --partial '/peer%207/a%20song%20of%20some%20length'
	assert_line -n 2 'END 2 2'
	echo "# ${lines[3]}" >&3
}

memory_kb() {
	awk '/^VmRSS/ { print $2 }' "/proc/$INDEXD/status"
}

# keeps_within KB: its memory, where sanitizers do not add to it.
keeps_within() {
	local kb

	kb=$(memory_kb)
	[[ -n $NAP_SANITIZED ]] || ((kb <= $1)) || fail "$kb KiB of memory"
}

@test "two thousand that say a byte a second keep nobody out" {
	start
	besiege $ATTACKERS -f 10.0.1.0 -a 50 -t 'FIND -- song\n'
	wait_until stat_is connections ">= $ATTACKERS"
	reads_beside
	keeps_within $((ALL_KB + ATTACKERS * EACH_KB))
	relieve
}

@test "an address that connects again and again keeps no other out" {
	start
	besiege 200 -f 10.0.1.0 -a 200
	run far 10.0.1.0 PING
	assert_output 'ERR limit too many connections'
	reads_beside
	keeps_within $ALL_KB
	relieve
	at_peace() {
		[[ $(far 10.0.1.0 PING) == PONG ]]
	}
	wait_until at_peace
}

@test "an address that registers again and again keeps nobody from it" {
	start
	# The NUL has it hang up.
	besiege 60 -f 10.0.1.0 -s 'HELLO 9 nap/2\nADD 1 1 - x\n\0\n'
	reads_beside
	run far 10.0.2.1 'HELLO 9000 nap/2' 'ADD 1 1 - mine' SYNC
	assert_line 'OK 1 0'
	keeps_within $ALL_KB
	relieve
	wait_until stat_is peers '== 20'
	stat_is unreachable '<= 20'
}

@test "searches that cost much, without end, keep others from none" {
	start
	besiege 64 -f 10.0.1.0 -s "$EXPENSIVE" -n 1000000 -r 65536
	reads_beside
	keeps_within $((ALL_KB + UNSENT_KB))
	relieve
}

@test "who does not read his answers is cut off before they fill memory" {
	start -v --find-rate 0
	# Escaped, each is a row of 9 KiB: an answer is as long as one may be.
	long=$(printf '+%.0s' {1..3000})
	{
		echo 'HELLO 9 nap/2'
		for i in {1..250}; do
			echo "ADD 1 1 - fat $i $long"
		done
		echo SYNC
	} >words
	"${INSIDE[@]}" talk 127.0.0.1 "$PORT" -w -t 600 <words >fat.out 3>&- 6>&- &
	PROCESSES+=($!)
	wait_for_line fat.out 'OK 250 0'
	# The kernel may keep little of it.
	within sh -c 'echo 4096 16384 65536 >/proc/sys/net/ipv4/tcp_wmem'
	besiege 300 -f 10.0.1.0 -a 60 -s 'FIND limit=10000 -- fat\n' -n 1000000
	wait_for_line indexd.err 'does not read its answers'
	reads_beside
	keeps_within $((ALL_KB + UNSENT_KB))
	relieve
	run grep -c '10\.0\.200\.1: does not read' indexd.err
	assert_output 0
}

@test "millions of small requests whose answers nobody reads are left alone" {
	start
	pings=$(printf 'PING\\n%.0s' {1..1000})
	besiege 64 -f 10.0.1.0 -s "$pings" -n 100000
	reads_beside
	keeps_within $((ALL_KB + UNSENT_KB))
	relieve
}

@test "who registers without end is held to what one may have" {
	start --max-files 1000 --max-peers 60
	register() {
		echo 'HELLO 9 nap/2'
		seq -f 'ADD 1 1 - dir/a name without end %.0f' 1000000000
	}
	for i in {1..30}; do
		register | "${INSIDE[@]}" talk 10.0.0.1 "$PORT" -f "10.0.3.$i" -w \
			-t 600 >/dev/null 3>&- 6>&- &
		PROCESSES+=($!)
	done
	wait_until stat_is listings '== 50000'
	reads_beside
	keeps_within $ALL_KB
	run far 10.0.2.1 'HELLO 9 nap/2' 'ADD 1 1 - mine' SYNC
	assert_line 'OK 1 0'
}

@test "with little memory it stays, and names that do not fit are refused" {
	[[ -z $NAP_SANITIZED ]] || skip 'sanitizers want all there is'
	spawn indexd "${INSIDE[@]}" bash -c 'ulimit -v 200000 &&
		exec indexd -t 1 -l 127.0.0.1:8080 --max-files 100000000'
	INDEXD=$PID
	PORT=8080
	wait_for_line indexd.err listening
	mkfifo words
	"${INSIDE[@]}" talk 127.0.0.1 "$PORT" -w -t 600 <words >a.out 3>&- &
	talk=$!
	PROCESSES+=($talk)
	{
		echo 'HELLO 0 nap/2'
		seq -f 'ADD 1 1 - a directory/a name that takes room %.0f' \
			3000000
		echo SYNC
	} >words
	wait_for_line a.out '^OK [0-9]+ [1-9][0-9]*$'
	run near PING 'FIND limit=0 -- nothing'
	assert_output $'PONG\nEND 0 0'
	kill $talk
	wait_until stat_is names '== 0'
	run near 'HELLO 0 nap/2' 'ADD 1 1 - x' SYNC
	assert_line 'OK 1 0'
}

@test "searches past the rate wait, and every one is answered" {
	start --find-rate 50
	# 500 at once, and the others in no less than two seconds.
	before=$SECONDS
	within reader 10.0.0.1 "$PORT" 600 10.0.5.1 <<<'FIND limit=1 -- 999' >read
	((SECONDS - before >= 1))
	run tail -1 read
	assert_output --partial '600 answers, the same each time'
	run far 10.0.6.1 'FIND limit=0 -- "peer 7" 999'
	assert_output 'END 0 2'
}

@test "names past the rate wait, and none is lost" {
	start_far --add-rate 1000
	{
		echo 'HELLO 0 nap/2'
		seq -f 'ADD 1 1 - n%.0f' 12000
		echo SYNC
	} >words
	before=$SECONDS
	run within talk 10.0.0.1 "$PORT" -f 10.0.5.1 -t 600 <words
	assert_line 'OK 12000 0'
	((SECONDS - before >= 1))
}
