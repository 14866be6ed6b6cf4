# Transfers that are interrupted: nget, by signals at any moment; nshare, killed
# in the middle, or sharing files that change meanwhile. What ends with status 0
# is the file, to the byte. Signals come when a seed says, NAP_SEED or any.

load nget

setup() {
	common_setup
	mkdir share
	SEED=${NAP_SEED:-$EPOCHSECONDS}
	start_indexd
}

# is_true PART: what has arrived, if anything, is what the song begins with.
is_true() {
	[[ -e $1 ]] || return 0
	cmp -n "$(stat -c %s "$1")" "$1" "$BATS_TEST_TMPDIR/share/song"
}

is_the_song() {
	cmp song "$BATS_TEST_TMPDIR/share/song"
}

nothing_beside() {
	run find . -name "song?*"
	refute_output
}

# What runs in the background of a shell is deaf to SIGINT.
need_interrupts() {
	env --default-signal=INT true 2>/dev/null ||
		skip 'env cannot give SIGINT back'
}

# spawn_interruptible ARGUMENT...: as spawn_get, though not deaf.
spawn_interruptible() {
	spawn nget env --default-signal=INT nget "$@"
	NGET=$PID
}

# --- nget -----------------------------------------------------------------------

@test "an interrupt ends nget as it ends others, with all that has arrived noted" {
	local signal

	need_interrupts
	for signal in INT TERM; do
		peer 'head
			send HTTP/1.1 200 OK\r\nETag: "v1"\r\nContent-Length: 10\r\n\r\nlala
			wait-close' "$(rest lalala 4 10 "$ETAG")"
		spawn_interruptible "$PUPPET/song"
		wait_until has_size song.part 4
		kill "-$signal" "$NGET"
		finished "$NGET"
		assert_equal "$status" $((128 + $(kill -l $signal)))
		assert_file_empty nget.out
		assert_file_empty nget.err
		run cat song.part.from
		assert_line 'have 4'
		get "$PUPPET/song"
		assert_success
		assert_equal "$(cat song)" lalalalala
		nothing_left
		rm song
	done
}

# strike LOCATOR: a signal at some moment of an nget's life; status is its end.
strike() {
	local signals=(INT TERM KILL) signal

	signal=${signals[RANDOM % 3]}
	spawn_interruptible -q --rate 8M "$1"
	sleep "$(printf '0.%03d' $((RANDOM % LIFE)))"
	kill "-$signal" "$NGET" 2>/dev/null || true
	finished "$NGET"
	unset "PROCESSES[-1]" # the number may be another's by now
	((status == 0 || status == 128 + $(kill -l $signal)))
	is_true song.part
}

# struck LOCATOR: by one to three strikes that were not too late. LIFE, in
# milliseconds, adapts to how long it takes.
struck() {
	local more=$((1 + RANDOM % 3)) hits=0

	while ((hits < more)); do
		strike "$1"
		((status == 0)) || hits=$((hits + 1))
		[[ -e song ]] || continue
		is_the_song
		assert_file_not_exists song.part
		((hits == 0)) || return 0
		LIFE=$((LIFE * 3 / 4 + 10))
		rm song
	done
}

# endure SEED ROUNDS LOCATOR: as many times.
endure() {
	local round

	RANDOM=$1
	LIFE=300
	for ((round = 1; round <= $2; round++)); do
		echo "seed $1, round $round"
		struck "$3"
		if [[ ! -e song ]]; then
			get -q "$3"
			assert_success
			nothing_beside
		fi
		is_the_song
		rm -f song song.part.from
	done
}

@test "a hundred files are the same to the byte, whatever moments signals come at" {
	local i fragment digest

	need_interrupts
	head -c 2000000 /dev/urandom >share/song
	digest=$(sha256sum <share/song | cut -d' ' -f1)
	start_nshare share
	for i in 0 1 2 3; do
		fragment=
		((i % 2)) || fragment=#sha256=$digest
		aside endure $((SEED + i)) 25 "$SHARE/song$fragment"
	done
	all_well
}

# killed_at CALL N SIGNAL LOCATOR: when it makes that call for the Nth time.
killed_at() {
	status=0
	strace -f -qq -o /dev/null -e trace="?$1" \
		-e inject="?$1:signal=$3:when=$2" nget -q "$4" \
		>nget.out 2>nget.err 3>&- || status=$?
}

# survived LOCATOR: what a killed nget has left, another one completes. (One that
# knows no digest cannot tell that a file with its name is what it wants.)
survived() {
	is_true song.part
	if [[ -e song ]]; then
		is_the_song
		assert_file_not_exists song.part
	fi
	[[ ! -e song || $1 == *#* ]] || return 0
	get -q "$1"
	assert_success
	is_the_song
	nothing_beside
}

# sweep SIGNAL LOCATOR: at every call by which it may change a file.
sweep() {
	local call n hits=0

	for call in openat write pwrite64 pwritev ftruncate fallocate fsync \
		fdatasync renameat renameat2 linkat unlinkat; do
		for ((n = 1; ; n++)); do
			rm -f song song.part.from
			killed_at $call $n "$1" "$2"
			((status > 0)) || break
			echo "killed at $call $n"
			((status == 128 + $(kill -l "$1")))
			survived "$2"
			hits=$((hits + 1))
		done
		is_the_song
		nothing_beside
	done
	((hits > 10))
}

@test "killed at whatever call that changes a file, nget loses nothing" {
	local digest signal

	need_strace
	seq 1 20000 | head -c 100000 >share/song
	digest=$(sha256sum <share/song | cut -d' ' -f1)
	start_nshare share
	for signal in KILL TERM; do
		aside sweep $signal "$SHARE/song"
		aside sweep $signal "$SHARE/song#sha256=$digest"
	done
	all_well
}

# --- nshare ---------------------------------------------------------------------

# fetch_on LOCATOR: nget again and again, until it has an end that stays.
fetch_on() {
	spawn nget bash -c \
		'until nget -q "$1"; do (($? == 3)) || exit; done' - "$1"
	NGET=$PID
}

@test "a peer that is killed and comes back costs no byte" {
	local port size

	head -c 4000000 /dev/urandom >share/song
	start_nshare share --rate 4M
	port=${SHARE##*:}
	fetch_on "$SHARE/song"
	for size in 500000 1500000 2500000; do
		wait_until at_least song.part $size
		kill -KILL "$NSHARE"
		wait "$NSHARE" || true
		start_nshare share --rate 4M -p "$port"
	done
	finished "$NGET"
	assert_equal "$status" 0
	is_the_song
	nothing_left
}

# begun [FRAGMENT]: of old, a part has arrived from nshare when this returns, and
# nshare waits. new is as long, and not yet shared.
begun() {
	yes old | head -c 2000000 >old
	yes new | head -c 2000000 >new
	cp old share/song
	touch -d '1 hour ago' share/song
	start_nshare share -v --rate 4M
	[[ -z ${HASH:-} ]] || wait_for_line nshare.err 'no digest is missing'
	spawn_get -q "$SHARE/song$1"
	wait_until at_least song.part 100000
	kill -STOP "$NSHARE"
}

# replace_song: at once; rewrite_song: in its place.
replace_song() {
	cp new share/.new
	mv share/.new share/song
}

rewrite_song() {
	dd if=new of=share/song bs=64k conv=notrunc status=none
}

# ended: nget, with the whole old file, the whole new one, or none.
ended() {
	kill -CONT "$NSHARE"
	finished "$NGET"
	if ((status > 0)); then
		assert_file_not_exists song
		return
	fi
	cmp -s song old || cmp -s song new ||
		fail "neither old nor new, but a mixture: $(sort song | uniq -c)"
	rm song
}

@test "a file that is replaced meanwhile is fetched as it was or as it is" {
	local HASH

	for HASH in '' yes; do
		begun
		replace_song
		ended
		assert_equal "$status" 0
		end "$NSHARE"
	done
}

@test "a file that was replaced is not gone on from" {
	local HASH

	for HASH in '' yes; do
		begun
		replace_song
		kill -KILL "$NGET"
		finished "$NGET"
		kill -CONT "$NSHARE"
		get -q "$SHARE/song"
		assert_success
		run cmp song new
		assert_success
		nothing_left
		rm song
		end "$NSHARE"
	done
}

@test "nor under the digest that it had" {
	begun "#sha256=$(yes old | head -c 2000000 | sha256sum | cut -d' ' -f1)"
	replace_song
	kill -KILL "$NGET"
	finished "$NGET"
	kill -CONT "$NSHARE"
	get -q "$SHARE/song#sha256=$(sha256sum <old | cut -d' ' -f1)"
	assert_failure 4
	assert_file_not_exists song
}

@test "a file rewritten in its place never comes as a mixture" {
	begun
	rewrite_song
	ended
}

@test "nor when its digest was known" {
	HASH=yes begun
	rewrite_song
	ended
}

@test "a file that becomes shorter meanwhile comes as it is then" {
	begun
	head -c 500000 new >share/song
	kill -CONT "$NSHARE"
	finished "$NGET"
	if ((status > 0)); then
		assert_file_not_exists song
		get -q "$SHARE/song"
		assert_success
	fi
	is_the_song
	nothing_left
}

@test "a file that grows meanwhile comes as it was or as it is" {
	begun
	cat new >>share/song
	cat old new >grown
	kill -CONT "$NSHARE"
	finished "$NGET"
	if ((status > 0)); then
		assert_file_not_exists song
	else
		cmp -s song old || cmp -s song grown
	fi
}
