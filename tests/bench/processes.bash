# The processes of the bench: started, awaited by what they say, ended with it.

declare -A PROCESSES # that are running, by process id

# spawn NAME COMMAND...: in the background; PID is its process. Its standard
# input lasts as long as this script.
spawn() {
	local name=$1

	shift
	# Before it runs, so that nobody reads what a namesake has left.
	: >"$TMP/$name.out"
	: >"$TMP/$name.err"
	"$@" >"$TMP/$name.out" 2>"$TMP/$name.err" <"$TMP/hold" {HOLD}>&- &
	PID=$!
	PROCESSES[$PID]=$name
}

# end PID: with SIGTERM, and with SIGKILL when that is not enough; it is gone.
end() {
	local deadline=$((SECONDS + PATIENCE))

	unset "PROCESSES[$1]"
	kill "$1" 2>/dev/null || true
	while running "$1"; do
		((SECONDS < deadline)) || kill -KILL "$1"
		pause
	done
	wait "$1" 2>/dev/null || true
}

# running PID: it has not ended, whether or not it has been waited for.
running() {
	local state

	{ read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null &&
		[[ $state != Z ]]
}

# pause: a moment, without a process that would disturb what is measured.
pause() {
	read -rt 0.03 -u "$HOLD" || true
}

# await_line PID FILE PATTERN: MATCH is the line, once there is one.
await_line() {
	local deadline=$((SECONDS + PATIENCE)) lines ended=

	while ((SECONDS < deadline)); do
		running "$1" || ended=1
		mapfile -t lines <"$2"
		for MATCH in "${lines[@]}"; do
			[[ $MATCH =~ $3 ]] && return
		done
		[[ -z $ended ]] || return 1
		pause
	done
	return 1
}

clean_up() {
	local pid

	for pid in "${!PROCESSES[@]}"; do
		end "$pid"
	done
	rm -rf "$TMP"
}

# start_indexd: INDEXD is its process, INDEX its port.
start_indexd() {
	spawn indexd "$BUILD/indexd/indexd" -l 127.0.0.1:0
	INDEXD=$PID
	await_line "$INDEXD" "$TMP/indexd.err" 'listening on .*:[0-9]+$' ||
		fail "indexd does not start: $(cat "$TMP/indexd.err")"
	INDEX=${MATCH##*:}
}

# start_redis: REDIS is its process, REDIS_PORT its port, which is found by
# trying.
start_redis() {
	local try

	for try in {1..20}; do
		REDIS_PORT=$((20000 + RANDOM % 12000))
		spawn redis redis-server --bind 127.0.0.1 --port "$REDIS_PORT" \
			--save '' --appendonly no --dir "$TMP"
		REDIS=$PID
		await_line "$REDIS" "$TMP/redis.out" 'Ready to accept' && return
		end "$REDIS"
	done
	fail "redis-server does not start after $try times"
}

# rss PID: resident KiB.
rss() {
	awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

# calm_rss PID: once a second has not changed it much.
calm_rss() {
	local before=0 now try

	for try in {1..20}; do
		now=$(rss "$1")
		((now - before < 256 && before - now < 256)) && break
		before=$now
		sleep 1
	done
	echo "$now"
}

# ask_stat KEY: STAT is what indexd tells, nothing when it does not know the key.
ask_stat() {
	local fd key value

	STAT=
	exec {fd}<>"/dev/tcp/127.0.0.1/$INDEX"
	printf 'STAT\n' >&"$fd"
	while read -r key value <&"$fd" && [[ $key != END ]]; do
		[[ $key != "$1" ]] || STAT=$value
	done
	exec {fd}>&-
}

# settle: until every name is in the index; SETTLED is the seconds that took.
settle() {
	local start=$EPOCHREALTIME deadline=$((SECONDS + PATIENCE))

	ask_stat pending
	while ((${STAT:-0} > 0)); do
		((SECONDS < deadline)) || fail "$STAT names stay pending"
		pause
		ask_stat pending
	done
	SETTLED=$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
}
