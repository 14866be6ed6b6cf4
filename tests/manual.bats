# The manual: its pages are sound, have the options that the programs have, and
# show what works.

load common

PAGES=("$SOURCE"/man/*.[1-8])

need_mandoc() {
	command -v mandoc >/dev/null || skip 'mandoc is not installed'
}

# own_pages: those of programs.
own_pages() {
	for page in "${PAGES[@]}"; do
		type -P "$(program_of "$page")" >/dev/null && echo "$page"
	done
}

program_of() {
	basename "${1%.[1-8]}"
}

# sections PAGE: their names.
sections() {
	sed -n 's/^\.Sh //p' "$1"
}

@test "mandoc and groff find nothing wrong with a page" {
	need_mandoc
	for page in "${PAGES[@]}"; do
		# Which pages are installed here is not the page's affair.
		run grep -vE 'referenced manual not found|mandoc\.db' \
			<(mandoc -Tlint "$page" 2>&1)
		refute_output
		command -v groff >/dev/null || continue
		run groff -mdoc -Tascii -ww "$page"
		assert_success
		run groff -mdoc -Tascii -ww -z "$page"
		refute_output
	done
}

@test "no line of a page is longer than a terminal is wide" {
	need_mandoc
	for page in "${PAGES[@]}"; do
		mandoc -Tascii -O width=78 "$page" >rendered
		run grep -nE '^.{81}' <(sed 's/.\x08//g' rendered)
		refute_output
	done
}

@test "a page refers to pages that there are" {
	for page in "${PAGES[@]}"; do
		while read -r _ name section _; do
			own=("$SOURCE/man/$name".[1-8])
			[[ ! -e ${own[0]} && $name != nap* ]] ||
				assert_file_exists "$SOURCE/man/$name.$section"
		done < <(grep '^\.Xr ' "$page")
	done
}

@test "the page of a program says all that a page is to say" {
	for page in $(own_pages); do
		run sections "$page"
		for section in NAME SYNOPSIS DESCRIPTION ENVIRONMENT \
			'EXIT STATUS' EXAMPLES DIAGNOSTICS 'SEE ALSO' \
			'SECURITY CONSIDERATIONS'; do
			assert_line "$section"
		done
	done
}

# The options that --help (a page) begins its lines (entries) with.
options_of_help() {
	"$1" --help | awk '$1 ~ /^-/ {
		for (i = 1; $i ~ /^--?[[:alnum:]-]+,?$/; i++) {
			sub(",", "", $i)
			print $i
		}
	}' | sort
}

options_of_page() {
	awk '/^\.It Fl / {
		for (i = 2; i < NF; i++)
			if ($i == "Fl")
				print "-" $(i + 1)
	}' "$1" | sort
}

@test "a page has the options that --help has, and no others" {
	for page in $(own_pages); do
		options_of_help "$(program_of "$page")" >help
		options_of_page "$page" >options
		run diff help options
		assert_success
		assert [ -s options ]
	done
}

# defaults_of_help PROGRAM: an option, and a part of what stands in parentheses
# behind it, for each that is a number or says that there is none.
defaults_of_help() {
	"$1" --help | awk '
	function tell() {
		while (match(text, /\([^()]*\)/)) {
			n = split(substr(text, RSTART + 1, RLENGTH - 2), part,
				/[,;] /)
			for (i = 1; i <= n; i++)
				if (part[i] ~ /[0-9]|^(none|no limit|try)$/)
					print option, part[i]
			text = substr(text, RSTART + RLENGTH)
		}
	}
	$1 ~ /^-/ {
		tell()
		option = $1 ~ /^--/ ? $1 : $2
		sub(",", "", option)
		text = ""
	}
	/^$/ { tell(); option = "" }
	option { text = text " " $0 }
	END { tell() }'
}

# entry PAGE OPTION: what a page says of it.
entry() {
	awk -v option="${2#-}" '
	/^\.(It|El)/ {
		inside = 0
		for (i = 2; i < NF; i++)
			if ($i == "Fl" && $(i + 1) == option)
				inside = 1
	}
	inside' "$1"
}

@test "a page names the defaults that --help names" {
	for page in $(own_pages); do
		defaults_of_help "$(program_of "$page")" >defaults
		assert [ -s defaults ]
		while read -r option default; do
			entry "$page" "$option" | sed "s/Fl /-/g; s/No //g" >said
			grep -qwF -- "${default#else }" said ||
				fail "$page: $option: no word of '$default'"
		done <defaults
	done
}

@test "naputils(7) has every verb and every error of the index" {
	page=$SOURCE/man/naputils.7
	verbs=$(sed -n 's/^    {SLICE("\([A-Z]*\)"), PROTO_.*/\1/p' \
		"$SOURCE/lib/proto.c")
	assert_regex "$verbs" HELLO
	for verb in $verbs; do
		grep -Eq "^\.(It )?Li $verb\\b" "$page" || fail "no word of $verb"
	done
	codes=$(cat "$SOURCE"/indexd/*.c | tr -d '\n\t' | grep -oE \
		'(refuse|end)\((c|s|&s->client), out, ?"[a-z-]+"' | cut -d'"' -f2)
	assert_regex "$codes" need-hello
	for code in $codes; do
		grep -qx ".It Li $code" "$page" || fail "no word of $code"
	done
}

# examples PAGE: what the blocks of its EXAMPLES say: each that begins with a
# prompt as a script, N.sh, and what that prints, N.out, the lines behind no
# prompt; each other as a file, N.file.
examples() {
	rm -rf examples
	mkdir examples
	awk '
	/^\.Sh / { inside = $2 == "EXAMPLES" }
	!inside { next }
	/^\.Bd -literal/ {
		file = "examples/" ++n
		literal = 1
		kind = ""
		next
	}
	/^\.Ed/ { literal = 0 }
	!literal { next }
	{ gsub(/\\e/, "\\") }
	kind == "" { kind = /^[$#] / ? ".out" : ".file" }
	kind == ".out" && (goes_on || sub(/^[$#] /, "")) {
		print >(file ".sh")
		goes_on = /[\\|]$/
		next
	}
	{ print >(file kind) }' "$1"
}

# What an example needs is there: an index and a peer, where it starts none, a
# network with the addresses and the name that it uses, a player.
prepare_room() {
	mkdir -p home/Music/Album bin
	echo la >home/Music/song.mp3
	echo lala >'home/Music/Album/My Song.mp3'
	echo fa >home/Music/Album/song.flac
	truncate -s 10M home/Music/lecture.mp4
	sha256sum home/Music/song.mp3 | cut -c1-64 >song.sha256
	printf '127.0.0.1 localhost\n192.0.2.1 index.example.org\n' >hosts
	printf '#!/bin/sh\nexec cat >/dev/null\n' >bin/mpv
	printf '#!/bin/sh\n[ "$1" != -N ] || shift; exec talk "$@"\n' >bin/nc
	chmod +x bin/*
	cat >room <<-'END'
		set -e -o pipefail
		ip link set lo up
		for n in 1 2 7; do
			ip addr add 192.0.2.$n/32 dev lo
		done
		ip addr add 2001:db8::1/128 dev lo nodad 2>/dev/null || :
		mount --bind hosts /etc/hosts
		mount -t tmpfs run /run
		unset XDG_CONFIG_HOME
		export HOME=$PWD/home PATH=$PWD/bin:$PATH
		share() {
			nshare -d -l 192.0.2.7 ~/Music
			until nfind --hash $(cat song.sha256) >/dev/null; do
				sleep 0.02
			done
		}
		grep -q indexd "$@" || indexd -d
		grep -Eq 'indexd|nshare' "$@" || share
		for example; do
			rm -rf here
			mkdir here
			cp song.sha256 home/Music/song.mp3 here
			echo "$example of the examples:" >&2
			cat "$example" >&2
			(cd here && bash -e -o pipefail "../$example") \
				</dev/null >"${example%.sh}.got"
		done
	END
}

# in_room EXAMPLE...: what they start ends with them.
in_room() {
	timeout -s KILL $((2 * PATIENCE)) unshare -rnm --pid --fork \
		--kill-child --mount-proc bash room "$@" 3>&-
}

# may_run EXAMPLE: whether all that is not ours is installed.
may_run() {
	local program

	for program in curl jq socat; do
		! grep -qw "$program" "$1" || command -v "$program" >/dev/null ||
			return
	done
}

# try_examples EXAMPLE...: whether they end and print as their page says.
try_examples() {
	run in_room "$@"
	assert_success
	for example; do
		example=${example%.sh}
		[[ ! -e $example.out ]] || diff "$example.out" "$example.got"
	done
}

@test "the examples of the pages work" {
	unshare -rnm --pid --fork --mount-proc true 2>/dev/null ||
		skip 'no namespaces of our own may be made here'
	prepare_room
	for page in "${PAGES[@]}"; do
		examples "$page"
		asking=()
		for example in examples/*.sh; do
			may_run "$example" || continue
			if grep -Eqw 'indexd|nshare' "$example"; then
				try_examples "$example"
			else
				asking+=("$example")
			fi
		done
		[[ ${#asking[@]} == 0 ]] || try_examples "${asking[@]}"
	done
}

@test "the file that naputils.conf(5) shows is taken by all programs" {
	mkdir -p config/naputils
	export XDG_CONFIG_HOME=$PWD/config
	examples "$SOURCE/man/naputils.conf.5"
	cat examples/*.file >config/naputils/config
	for command in 'indexd x' nshare nfind nget; do
		run $command
		assert_failure 2
		refute_output --partial naputils/config
	done
}

# keys_of_page PROGRAM, keys_of_table PROGRAM: what files may set of it.
keys_of_page() {
	awk -v program="[$1]" '
	/^\.(It|El)/ { inside = $2 == program }
	inside && $1 == ".Cm"' "$SOURCE/man/naputils.conf.5" |
		sed 's/^.Cm //; s/ *, */\n/g' | grep . | sort
}

keys_of_table() {
	local sets="ALL ${1^^}"

	case $1 in
	indexd) sets+=' SERVERS' ;;
	nshare) sets+=' SERVERS CLIENTS' ;;
	*) sets+=' CLIENTS' ;;
	esac
	sed -n 's/^    {"\([a-z-]*\)", \([A-Z|  ]*\)},$/\1 \2/p' \
		"$SOURCE/lib/presets.c" | grep -Ew "${sets// /|}" |
		cut -d' ' -f1 | sort
}

@test "naputils.conf(5) has the keys that programs take" {
	for program in indexd nshare nfind nget; do
		keys_of_page $program >page
		assert [ -s page ]
		run diff <(keys_of_table $program) page
		assert_success
	done
}
