# What shells complete behind the programs, in the files that are installed.

load common

PROGRAMS='indexd nshare nfind nget'

# need COMMAND: that is not part of every system.
need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# options_told PROGRAM: those that --help names, sorted.
options_told() {
	"$1" --help | sed -nE 's/^ {2,6}(-.*)/\1/p' | sed 's/  .*//' |
		grep -oE -- '-(-[a-z][a-z-]*|[A-Za-z0-9])' | sort
}

# valued PROGRAM: those that take a value, sorted.
valued() {
	"$1" --help |
		sed -nE 's/^ .*(--[a-z-]+) ([A-Z]|sha256).*/\1/p' | sort -u
}

# same_options COMMAND...: it prints what --help of the program that it is told
# names.
same_options() {
	local program

	for program in $PROGRAMS; do
		assert_equal "$("$@" "$program" | sort)" \
			"$(options_told "$program")"
	done
}

# in_bash LINE: what is offered behind it, and what readline is told, a line
# each. Words are cut as readline does, at each blank, colon and equals sign.
in_bash() {
	local program=${1%% *}

	bash --norc -c '
		compopt() { printf "%s\n" "compopt $*"; }
		. "$1"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=() word=
		for ((i = 0; i < ${#2}; i++)); do
			case ${2:i:1} in
			" ") COMP_WORDS+=("$word") word= ;;
			[:=]) COMP_WORDS+=("$word" "${2:i:1}") word= ;;
			*) word+=${2:i:1} ;;
			esac
		done
		COMP_WORDS+=("$word")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"_$3" "$3" "$word" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$SOURCE/$program/$program.bash" "$1" "$program"
}

bash_options() {
	in_bash "$1 -"
}

# zsh_specs PROGRAM: what _arguments would be told of it.
zsh_specs() {
	zsh -f -c '
		_arguments() { print -rl -- "${@:4}" }
		functions[_complete]=$(<$1)
		_complete
	' zsh "$SOURCE/$1/_$1"
}

zsh_options() {
	zsh_specs "$1" | sed -nE 's/^(\([^)]*\))?\*?(-[-A-Za-z0-9]+).*/\2/p'
}

# in_fish LINE: what is offered behind it.
in_fish() {
	local program=${1%% *}

	HOME=$PWD XDG_CONFIG_HOME=$PWD/.config fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
		"$SOURCE/$program/$program.fish" "$1" | cut -f1
}

fish_options() {
	in_fish "$1 -"
}

# patient: let nfind, which is asked to hurry, take its time; what it is asked
# is in asked.
patient() {
	mkdir bin
	cat >bin/nfind <<-EOF
		#!/bin/bash
		echo "\$*" >>"$PWD/asked"
		args=("\$@")
		for ((i = 0; i < \$#; i++)); do
			[[ \${args[i]} != --timeout ]] || args[i + 1]=$PATIENCE
		done
		exec "$BUILD/nfind/nfind" "\${args[@]}"
	EOF
	chmod +x bin/nfind
	: >asked
	PATH=$PWD/bin:$PATH
}

# typed SHELL LINE...: type each line and a TAB into an interactive shell; what
# nget is then given is a line of got.
typed() {
	local shell=$1

	script -qc true /dev/null >/dev/null 2>&1 ||
		skip 'there are no terminals here'
	shift
	: >screen >got
	cat >rc.bash <<-EOF
		HISTFILE= PS1='ready: '
		. '$SOURCE/nget/nget.bash'
		nget() { printf '%s|' "\$@" >>got; echo >>got; }
	EOF
	cat >.zshrc <<-EOF
		PS1='ready: '
		fpath=('$SOURCE/nget' \$fpath)
		autoload -Uz compinit
		compinit -C -d '$BATS_FILE_TMPDIR/zcompdump'
		nget() { printf '%s|' "\$@" >>got; echo >>got }
	EOF
	{
		wait_for_line screen 'ready: '
		printf '%s\t\n' "$@"
		printf 'exit\n'
	} | HOME=$PWD ZDOTDIR=$PWD INPUTRC=/dev/null TERM=dumb \
		timeout $PATIENCE script -qfc "$shell" screen >/dev/null 3>&-
}

BASH_TYPED='bash --rcfile rc.bash -i'

# songs: an index and a peer with some files; shells ask the index of it.
songs() {
	mkdir -p 'music/An Album'
	echo la >'music/An Album/My Song.mp3'
	echo la >'music/An Album/Song of the [sea].ogg'
	echo la >music/unique
	echo la >music/日本語.txt
	start_indexd "$@"
	start_nshare music
	patient
}

@test "bash completes the options that --help names" {
	same_options bash_options
}

@test "zsh completes the options that --help names" {
	need zsh
	same_options zsh_options
}

@test "fish completes the options that --help names" {
	need fish
	same_options fish_options
}

@test "bash completes values that are known, and nothing for others" {
	for program in $PROGRAMS; do
		for option in $(valued "$program"); do
			run in_bash "$program $option "
			refute_output --regexp $'(^|\n)-'
		done
	done
	for line in 'indexd --sandbox ' 'indexd --sandbox=' 'nshare --sandbox '; do
		run in_bash "$line"
		assert_output $'off\ntry\nrequire'
	done
	run in_bash 'nshare --sandbox=t'
	assert_output try
	run in_bash 'nget --digest sh'
	assert_output $'compopt -o nospace\nsha256:'
	for line in 'nget -d ' 'nget --directory=' 'nshare ' 'nshare -d sh'; do
		run in_bash "$line"
		assert_line 'compopt -o dirnames'
	done
	for line in 'nget -o ' 'indexd --pidfile='; do
		run in_bash "$line"
		assert_line 'compopt -o default'
	done
	run in_bash 'indexd -u roo'
	assert_output root
	for line in 'indexd --trust ' 'indexd --max-conns=' 'nfind wo' \
		'nget --list '; do
		run in_bash "$line"
		refute_output
	done
}

@test "zsh knows what options take" {
	need zsh
	for program in indexd nshare; do
		run zsh_specs $program
		assert_line --regexp '^--sandbox=.*:\(off try require\)$'
		assert_line --regexp '--user=.*:_users$'
	done
	run zsh_specs nget
	assert_line --regexp '--directory=.*:_directories$'
	assert_line --regexp '--output=.*:_files$'
	for program in $PROGRAMS; do
		assert_equal "$(zsh_specs "$program" |
			sed -nE 's/.*(--[a-z-]+)=\[.*/\1/p' | sort -u)" \
			"$(valued "$program")"
	done
}

@test "fish completes values that are known, and nothing for others" {
	need fish
	for line in 'indexd --sandbox ' 'nshare --sandbox '; do
		run in_fish "$line"
		assert_output $'off\nrequire\ntry'
	done
	run in_fish 'nget --digest '
	assert_output sha256:
	mkdir one two
	: >file
	for line in 'nget -d ' 'nshare '; do
		run in_fish "$line"
		assert_output $'one/\ntwo/'
	done
	run in_fish 'nget -o fi'
	assert_output file
	for line in 'indexd --trust ' 'nfind wo' 'nget -j '; do
		run in_fish "$line"
		refute_output
	done
	for program in $PROGRAMS; do
		assert_equal "$(sed -nE 's/.* -l ([a-z-]+) -[rx].*/--\1/p' \
			"$SOURCE/$program/$program.fish" | sort)" \
			"$(valued "$program")"
	done
}

# usable SHELL: nget is given what nfind has found.
usable() {
	typed "$1" 'nget uniq' 'nget my\ so' 'nget "my so' \
		"nget $SHARE/An%20Album/Song%" \
		"nget -o x $SHARE/%E6%97%A5%E6%9" 'nget -qfd . uni'
	run cat got
	assert_line --index 0 "$SHARE/unique|"
	assert_line --index 1 "$SHARE/An%20Album/My%20Song.mp3|"
	assert_line --index 2 "$SHARE/An%20Album/My%20Song.mp3|"
	assert_line --index 3 \
		"$SHARE/An%20Album/Song%20of%20the%20%5Bsea%5D.ogg|"
	assert_line --index 4 \
		"-o|x|$SHARE/%E6%97%A5%E6%9C%AC%E8%AA%9E.txt|"
	assert_line --index 5 "-qfd|.|$SHARE/unique|"
}

@test "bash completes locators of what was typed, as nget takes them" {
	songs
	usable "$BASH_TYPED"
}

@test "zsh completes locators of what was typed, as nget takes them" {
	need zsh
	songs
	usable 'zsh -d -i'
}

@test "fish completes locators of what was typed, as nget takes them" {
	need fish
	songs
	run in_fish 'nget uniq'
	assert_output "$SHARE/unique"
	run in_fish 'nget song'
	assert_output "$(nfind --no-digest song)"
	run in_fish "nget $SHARE/An%20Album/Song%"
	assert_output "$SHARE/An%20Album/Song%20of%20the%20%5Bsea%5D.ogg"
	run in_fish "nget -o x $SHARE/%E6%97%A5%E6%9"
	assert_output "$SHARE/%E6%97%A5%E6%9C%AC%E8%AA%9E.txt"
}

# hostile: files called after what a shell would do with them; each is found by
# the number that it begins with.
hostile() {
	local i=10 name

	LINES_TYPED=()
	mkdir music
	for name in '$(touch run)' ';touch run' '>run' "' touch run '" '" x' \
		'!!' '*' '{a,b}' '~' '#x' '\' '[a-z]' $'\xff'; do
		i=$((i + 1))
		echo la >"music/h$i$name"
	done
	HOSTILE=$((i - 10))
	start_indexd
	start_nshare music
	patient
	for ((i = 11; i <= HOSTILE + 10; i++)); do
		LINES_TYPED+=("nget h$i" "nget $SHARE/h$i")
	done
	nget --list "$SHARE" | sort | sed 's/.*/&|\n&|/' >expected
}

@test "of several locators bash shows all and takes none, zsh takes the best" {
	songs
	typed "$BASH_TYPED" 'nget song'
	assert_equal "$(cat got)" 'song|'
	run in_bash 'nget song'
	assert_output "$(nfind --no-digest song)"$'\n '
	need zsh
	typed 'zsh -d -i' 'nget song'
	assert_equal "$(cat got)" "$(nfind --no-digest song | head -1)|"
}

@test "brackets of IPv6 are no pattern to the shells" {
	songs -l '[::1]:0'
	usable "$BASH_TYPED"
	typed "$BASH_TYPED" 'nget \[::1\]:'"${SHARE##*:}/uni"
	assert_equal "$(cat got)" "$SHARE/unique|"
	need zsh
	usable 'zsh -d -i'
	need fish
	run in_fish "nget $SHARE/uni"
	assert_output "$SHARE/unique"
}

@test "the index that the line names is asked, and only shortly" {
	songs
	local index=$NAP_INDEX

	export NAP_INDEX=127.0.0.1:1
	for form in '-I ' '--index ' --index= -I; do
		run in_bash "nget $form$index uniq"
		assert_output "$SHARE/unique"
		run tail -1 asked
		assert_output --partial ' --timeout 1 -n 50 -- uniq'
	done
	if command -v zsh; then
		typed 'zsh -d -i' "nget -I $index uniq" "nget --index=$index uniq"
		assert_equal "$(grep -c "|$SHARE/unique|" got)" 2
	fi
	need fish
	for form in '-I ' --index=; do
		run in_fish "nget $form$index uniq"
		assert_output "$SHARE/unique"
	done
}

@test "without an index nothing is completed, quietly" {
	export NAP_INDEX=127.0.0.1:1
	run in_bash 'nget song'
	refute_output
	if command -v zsh; then
		typed 'zsh -d -i' 'nget song'
		assert_equal "$(cat got)" 'song|'
		run cat screen
		refute_output --partial nfind
	fi
	need fish
	run in_fish 'nget song'
	refute_output
}

@test "nobody is asked about a letter, nor about names behind HOST:PORT" {
	songs
	local lines=('nget u' 'nget ' "nget $SHARE/u" "nget $SHARE uniq"
		"nget -f 192.0.2.7:80 uniq")

	for line in "${lines[@]}"; do
		run in_bash "$line"
		refute_output
	done
	! command -v zsh || typed 'zsh -d -i' "${lines[@]}"
	if command -v fish; then
		for line in "${lines[@]}"; do
			run in_fish "$line"
			refute_output
		done
	fi
	assert_file_empty asked
}

@test "completions are installed where shells look" {
	# What runs make should not speak for this one.
	run env -u MAKEFLAGS -u MAKELEVEL make -s -C "$BUILD" prefix=/usr \
		DESTDIR="$PWD/root" install-dist_bashcompletionDATA \
		install-dist_zshcompletionDATA install-dist_fishcompletionDATA
	assert_success
	cd root/usr/share
	for program in $PROGRAMS; do
		# Where those of zsh are, systems do not agree.
		for file in bash-completion/completions/$program.bash \
			zsh/*/_$program fish/vendor_completions.d/$program.fish; do
			run cmp "$file" "$SOURCE/$program/${file##*/}"
			assert_success
		done
	done
}

@test "bash runs nothing of what hostile files are called" {
	hostile
	typed "$BASH_TYPED" "${LINES_TYPED[@]}"
	run diff expected got
	assert_success
	assert_file_not_exists run
}

@test "zsh runs nothing of what hostile files are called" {
	need zsh
	hostile
	typed 'zsh -d -i' "${LINES_TYPED[@]}"
	run diff expected got
	assert_success
	assert_file_not_exists run
}

@test "fish runs nothing of what hostile files are called" {
	need fish
	hostile
	for line in "${LINES_TYPED[@]}"; do
		in_fish "$line"
	done | sed 's/$/|/' >got
	run diff expected got
	assert_success
	assert_file_not_exists run
}
