# indexd under attack: whatever a crowd does, who searches beside it gets what he
# asked for, as soon as without it, and memory stays within its bound.

load common
load network
load beside

ATTACKERS=2000
THREADS=2
# Registrations aside, as limits.h says: all else, what waits for the clients of
# a worker, and what each connection may have said.
ALL_KB=49152
UNSENT_KB=$((THREADS * (64 + 4) * 1024))
EACH_KB=16
EXPENSIVE='FIND limit=10000 -- o a s e\n'
declare -gA REQUESTS=([FIND]='FIND -- "peer 7" 999' [PING]=PING)
HOST=10.0.0.1

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
	fill
}

fill() {
	"${INSIDE[@]}" swarm 127.0.0.1 "$PORT" 20 1000 <swarm.in >swarm.out 3>&- &
	PROCESSES+=($!)
	exec 6>swarm.in
	wait_for_line swarm.out ready
	wait_until stat_is pending '== 0'
}

# finds_right: what is asked beside the crowd was answered as it should be; that
# it is the same each time the reader sees.
finds_right() {
	if [[ -z ${READER-} ]]; then
		within reader $HOST "$PORT" 1 10.0.201.1 \
			<<<"${REQUESTS[FIND]}" >said
		stat_is listings '>= 20000' || figure lost 20000
		stat_is listings '>= 20000'
		figure listed 20000
	fi
	run grep -a -B 2 '^END' said
	assert_line -n 0 --partial '/peer%2017/a%20song%20of%20some%20length'
	assert_line -n 1 --partial '/peer%207/a%20song%20of%20some%20length'
	assert_line -n 2 'END 2 2'
}

# Nobody but the swarm, and who asks.
alone() {
	stat_is connections '<= 22'
}

# empty: all have gone. What they asked for last is still searched for.
empty() {
	eventually $((4 * PATIENCE)) alone || fail "$(near STAT)"
}

BETWEEN=empty

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
	crowd() {
		besiege $ATTACKERS -f 10.0.1.0 -a 50 -t 'FIND -- song\n'
		wait_until stat_is connections ">= $ATTACKERS"
	}
	in_turn crowd finds_right \
		"keeps_within $((ALL_KB + ATTACKERS * EACH_KB))"
}

@test "an address that connects again and again keeps no other out" {
	start
	crowd() {
		besiege 200 -f 10.0.1.0 -a 200
	}
	turned_away() {
		run far 10.0.1.0 PING
		assert_output 'ERR limit too many connections'
	}
	in_turn crowd turned_away finds_right "keeps_within $ALL_KB"
	at_peace() {
		[[ $(far 10.0.1.0 PING) == PONG ]]
	}
	wait_until at_peace
}

@test "an address that registers again and again keeps nobody from it" {
	start
	crowd() {
		# The NUL has it hang up.
		besiege 60 -f 10.0.1.0 -s 'HELLO 9 nap/2\nADD 1 1 - x\n\0\n'
	}
	registers() {
		run far 10.0.2.1 'HELLO 9000 nap/2' 'ADD 1 1 - mine' SYNC
		assert_line 'OK 1 0'
	}
	in_turn crowd finds_right registers "keeps_within $ALL_KB"
	wait_until stat_is peers '== 20'
	stat_is unreachable '<= 20'
}

@test "searches that find much, without end, keep others from none" {
	start
	crowd() {
		besiege 64 -f 10.0.1.0 -s "$EXPENSIVE" -n 1000000 -r 65536
	}
	in_turn crowd finds_right "keeps_within $((ALL_KB + UNSENT_KB))"
}

@test "requests in pieces of a byte keep nobody waiting" {
	start
	crowd() {
		besiege 256 -f 10.0.1.0 -b -s 'PING\nFIND -- "peer 7" 999\n' \
			-n 1000000 -r 65536
	}
	in_turn crowd finds_right "keeps_within $((ALL_KB + UNSENT_KB))"
}

@test "two thousand who do not read are cut off before they fill memory" {
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
	alone() {
		stat_is connections '<= 23'
	}
	crowd() {
		besiege $ATTACKERS -f 10.0.1.0 -a 60 \
			-s 'FIND limit=10000 -- fat\n' -n 1000000
		wait_for_line indexd.err 'does not read its answers'
	}
	in_turn crowd finds_right \
		"keeps_within $((ALL_KB + UNSENT_KB + ATTACKERS * EACH_KB))"
	run grep -c '10\.0\.200\.[0-9]*: does not read' indexd.err
	assert_output 0
}

@test "millions of small requests whose answers nobody reads are left alone" {
	start
	pings=$(printf 'PING\\n%.0s' {1..1000})
	crowd() {
		besiege 64 -f 10.0.1.0 -s "$pings" -n 100000
	}
	in_turn crowd finds_right "keeps_within $((ALL_KB + UNSENT_KB))"
}

# register: names, without end.
register() {
	echo 'HELLO 9 nap/2'
	seq -f 'ADD 1 1 - dir/a name without end %.0f' 1000000000
}

# register_from ADDRESS...: each likewise, until leave; TALKERS are who do.
register_from() {
	local address

	for address in "$@"; do
		register | "${INSIDE[@]}" talk $HOST "$PORT" -f "$address" -w \
			-t 600 >/dev/null 3>&- 6>&- &
		TALKERS+=($!)
	done
	PROCESSES+=("${TALKERS[@]}")
}

leave() {
	kill "${TALKERS[@]}"
	TALKERS=()
}

@test "who registers without end is held to what one may have" {
	start --max-files 1000 --max-peers 60
	crowd() {
		register_from 10.0.3.{1..30}
		wait_until stat_is listings '== 50000'
	}
	registers() {
		run far 10.0.2.1 'HELLO 9 nap/2' 'ADD 1 1 - mine' SYNC
		assert_line 'OK 1 0'
	}
	GO=leave
	in_turn crowd finds_right "keeps_within $ALL_KB" registers
}

# Letters but for one in so many: whoever looks for many of these is misled.
letters() {
	awk -v n="$1" -v every="$2" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf i % every ? "z" : "y"
	}'
}

# register_costly: long names that mislead, words that are long, and three that
# meet in pairs alone.
register_costly() {
	long=$(letters 3968 128)
	words=$(letters 3900 5000)
	{
		echo 'HELLO 9 nap/2'
		for i in {1..500}; do
			echo "ADD 1 1 - $long.$i"
			echo "ADD 1 1 - $words$i 1"
			echo "ADD 1 1 - $words$i 2"
		done
		awk 'BEGIN {
			for (i = 1; i <= 300000; i++)
				print "ADD 1 1 -", i,
					i % 3 == 0 ? "red green" :
					i % 3 == 1 ? "green blue" : "blue red"
		}'
		echo SYNC
	} >costly
	"${INSIDE[@]}" talk 127.0.0.1 "$PORT" -w -t 600 <costly >costly.out \
		3>&- 6>&- &
	PROCESSES+=($!)
	wait_for_line costly.out 'OK 301500 0'
	wait_until stat_is pending '== 0'
}

# change: names come and go, until leave.
change() {
	{
		echo 'HELLO 9 nap/2'
		while sleep 0.02; do
			seq -f 'ADD 1 1 - a name that goes %.0f red' 2000
			seq -f 'DEL a name that goes %.0f red' 2000
		done
	} 2>/dev/null 3>&- 6>&- 7>&- | "${INSIDE[@]}" talk $HOST "$PORT" \
		-f 10.0.4.1 -w -t 600 >/dev/null 3>&- 6>&- 7>&- &
	TALKERS+=($!)
	PROCESSES+=($!)
}

@test "the costliest searches that we know of keep nobody waiting" {
	start
	register_costly
	alone() {
		stat_is connections '<= 23'
	}
	for i in {128..159}; do
		misled+=" not=$(printf 'z%.0s' $(seq $i))"
		longest+=" $(printf 'z%.0s' $(seq $((i + 72))))"
	done
	crowd() {
		besiege 64 -f 10.0.1.0 -a 16 -n 1000000 -r 65536 \
			-s "FIND$misled -- zzz\nFIND --$longest\nFIND -- red green blue\nFIND limit=10000 -- e\n"
		change
	}
	go() {
		relieve
		leave
	}
	GO=go
	in_turn crowd finds_right
}

@test "without a free descriptor those who are there are served as ever" {
	spawn indexd "${INSIDE[@]}" bash -c 'ulimit -n 200 &&
		exec indexd -t 2 -l 10.0.0.1:8080 -l 127.0.0.1:8080'
	INDEXD=$PID
	PORT=8080
	wait_for_line indexd.err 'listening on 127.0.0.1:'
	fill
	stay 10.0.200.1
	is_full() {
		[[ $(far 10.0.2.1 PING) != PONG ]]
	}
	crowd() {
		besiege 400 -f 10.0.1.0 -a 40
		wait_until is_full
	}
	alone() {
		[[ $(far 10.0.2.1 PING) == PONG ]]
	}
	in_turn crowd finds_right "keeps_within $ALL_KB"
	exec 8>&-
}

@test "with little memory it stays, and names that do not fit are refused" {
	[[ -z $NAP_SANITIZED ]] || skip 'sanitizers want all there is'
	spawn indexd "${INSIDE[@]}" bash -c 'ulimit -v 200000 &&
		exec indexd -t 1 -l 10.0.0.1:8080 -l 127.0.0.1:8080 \
			--max-files 100000000 --trust 10.0.3.0/24'
	INDEXD=$PID
	PORT=8080
	wait_for_line indexd.err 'listening on 127.0.0.1:'
	fill
	crowd() {
		local before

		register_from 10.0.3.1
		is_short() {
			before=$names
			names=$(near STAT | sed -n 's/^names //p')
			((names > 300000 && names == before))
		}
		wait_until is_short
	}
	GO=leave
	in_turn crowd finds_right
	wait_until stat_is names '== 20000'
	run near 'HELLO 0 nap/2' 'ADD 1 1 - x' SYNC
	assert_line 'OK 1 0'
}

now_ms() {
	echo $((${EPOCHREALTIME//[.,]/} / 1000))
}

# ask_from ADDRESS LINES: say them all at once; TOOK is how long the answers took,
# in ms.
ask_from() {
	local before

	before=$(now_ms)
	within talk $HOST "$PORT" -f "$1" -t 600 <"$2" >answers
	TOOK=$(($(now_ms) - before))
}

# searches COUNT
searches() {
	yes 'FIND limit=1 -- 999' | head -n "$1"
}

@test "searches past the rate wait, and every one is answered" {
	start --find-rate 50
	searches 600 >words
	# 500 at once, and the others in no less than two seconds.
	ask_from 10.0.5.1 words
	((TOOK >= 1900)) || fail "it took $TOOK ms"
	assert_equal "$(grep -c '^END 1 20$' answers)" 600
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
	# 10,000 at once, and the others in two seconds but for those of a turn.
	ask_from 10.0.5.1 words
	((TOOK >= 1400)) || fail "it took $TOOK ms"
	assert_equal "$(tail -n 1 answers)" 'OK 12000 0'
}

@test "rates hold from the start, as SECURITY.md says" {
	start
	# 2,000 at once, and 200 a second.
	searches 2400 >words
	ask_from 10.0.5.1 words
	((TOOK >= 1900)) || fail "searches took $TOOK ms"
	assert_equal "$(grep -c '^END 1 20$' answers)" 2400
	# A million at once, and 100,000 a second.
	{
		echo 'HELLO 0 nap/2'
		yes 'DEL x' | head -n 1200000
		echo SYNC
	} >words
	ask_from 10.0.5.2 words
	((TOOK >= 1900)) || fail "what it took back took $TOOK ms"
	assert_equal "$(tail -n 1 answers)" 'OK 0 0'
}

@test "by default a peer may have a million files, and 256 MiB of paths" {
	[[ -z $NAP_SANITIZED ]] || skip 'sanitizers take their time'
	start_far
	{
		echo 'HELLO 0 nap/2'
		seq -f 'ADD 1 1 - n%.0f' 1000003
		echo SYNC
	} >words
	ask_from 10.0.5.1 words
	assert_equal "$(tail -n 1 answers)" 'OK 1000000 3'
	{
		echo 'HELLO 0 nap/2'
		# Of 4,096 bytes each, which is the longest.
		awk -v fill="$(letters 4088 5000)" 'BEGIN {
			for (i = 1; i <= 65539; i++)
				printf "ADD 1 1 - %s%08d\n", fill, i
		}'
		echo SYNC
	} >words
	ask_from 10.0.5.2 words
	assert_equal "$(tail -n 1 answers)" 'OK 65536 3'
}
