# Somebody who searches all the time, and what is made of that in the end: no
# search has listed a peer that was gone for longer than is promised, and none
# has missed one that was known to be listed.
#
# Times are hundredths of a second since the system started. The story notes in
# "lives" what happens to whom, the watcher in "searches" when each search began
# and ended, its status, and the address of each row.

# now: the time is TIME.
now() {
	read -r TIME _ </proc/uptime
	TIME=${TIME/./}
}

# note WHAT [ADDRESS]: in the order in which it is so. "born" before it can be
# listed, or TIME is when that was; "listed" once it is, "dies" before it does,
# "died" when it has; "shaken" before nobody need be listed for a while.
note() {
	now
	echo "$TIME $*" >>lives
}

# watch_searches COMMAND...: until the test ends, or stop_watching.
watch_searches() {
	: >>lives
	spawn searches bash -c '
		set -f
		while :; do
			read -r begun _ </proc/uptime
			rows=($("$@" 2>/dev/null; echo $?))
			read -r ended _ </proc/uptime
			echo "${begun/./} ${ended/./} ${rows[-1]}" \
				"${rows[@]%%/*}"
			sleep 0.02
		done' watcher "$@"
	WATCHER=$PID
}

# judge_searches SECONDS [MOST]: whether nobody was listed after having been gone
# for so long, and nobody missing who was listed and there; but for MOST searches
# (0) that found nobody at all.
judge_searches() {
	end "$WATCHER"
	awk -v "bound=$(($1 * 100))" -v "most=${2:-0}" '
	function complain(what) {
		if (complaints++ < 10)
			print what ": " $0
	}
	function settle(a) {
		if (a in since) {
			who[++spans] = a
			from[spans] = since[a]
			to[spans] = $1
			delete since[a]
		}
	}
	FILENAME == "lives" && $2 == "born" { born[$3, ++lives[$3]] = $1 }
	FILENAME == "lives" && $2 == "listed" && !($3 in since) { since[$3] = $1 }
	FILENAME == "lives" && $2 == "dies" { settle($3) }
	FILENAME == "lives" && $2 == "died" { died[$3, lives[$3]] = $1 }
	FILENAME == "lives" && $2 == "shaken" { for (a in since) settle(a) }
	FILENAME == "lives" { next }
	!begun++ {
		for (a in since) {
			who[++spans] = a
			from[spans] = since[a]
			to[spans] = 1e18
			delete since[a]
		}
	}
	{
		split("", listed)
		# The status is the last of what was printed, too.
		for (i = 4; i < NF; i++) {
			rows++
			if (listed[$i]++)
				continue
			there = 0
			for (n = 1; n <= lives[$i]; n++)
				there += born[$i, n] <= $2 &&
					(!(($i, n) in died) ||
					died[$i, n] + bound >= $1)
			if (!there)
				complain($i " is gone")
		}
		failed += $3 > 1
		missing = ""
		for (n = 1; n <= spans; n++)
			if (from[n] < $1 && $2 < to[n]) {
				held++
				if (!(who[n] in listed))
					missing = missing " " who[n]
			}
		if (missing && (NF > 4 || ++blind > most))
			complain("missing" missing)
	}
	END {
		printf "%d searches, of which %d failed, %d rows, " \
			"%d of them due\n", begun, failed, rows, held
		exit complaints > 0 || !rows || !held
	}' lives searches.out
}
