# What the stories of nfind share: indexes that follow a script.

bats_require_minimum_version 1.5.0
load common

HEX_A=$(printf 'a%.0s' {1..64})
HEX_B=$(printf 'b%.0s' {1..64})
DEAD=127.0.0.1:1
TAB=$'\t'

# index LINE...: a scripted index that is asked once, for anything, and answers
# with these lines (\t is a tab). NAME=other index for a second one.
index() {
	local script='line' text

	for text in "$@"; do
		script+=$'\n'"send $text\\n"
	done
	start_puppet "$script"$'\nwait-close'
	export NAP_INDEX=$PUPPET
}

# scripted SCRIPT...: conversations that must go exactly so; see played.
scripted() {
	start_puppet -n $# "$@"
	export NAP_INDEX=$PUPPET
}

# played: the conversations of scripted came to their ends.
played() {
	wait "$PID" || {
		cat "${NAME:-puppet}.err" >&2
		return 1
	}
}

# find ARGUMENT...: nfind, with output and stderr apart.
find_() {
	run --separate-stderr nfind "$@"
}

# rows COUNT DIGEST: rows of as many files.
rows() {
	seq "$1" | sed "s,.*,192.0.2.1:9/a-name-that-takes-its-space-&\\t5\\t6\\t$2\\t1,"
}
