# What bash completes behind nget; bash-completion need not be there. Locators
# are what nfind finds: with the words typed, or in what begins like this one.

# _nget_found LINE LIMIT TEXT: what the indexes that LINE names know of it, a
# locator a line. One that is down must not keep anybody waiting.
_nget_found()
{
	local words word prev="" asked=()

	read -a words <<<"$1" # blanks that are escaped belong to a word
	for word in "${words[@]}"; do
		[[ $prev != -I && $prev != --index ]] || asked+=(-I "$word")
		[[ $word != -I?* && $word != --index=* ]] || asked+=("$word")
		prev=$word
	done
	command nfind "${asked[@]}" --no-digest --timeout 1 -n "$2" -- "$3" \
		</dev/null 2>/dev/null
}

# _nget_names LINE: whether names follow HOST:PORT there, rather than locators.
_nget_names()
{
	local words word prev=""

	read -a words <<<"$1"
	for word in "${words[@]:1}"; do
		[[ $word == -* || $prev =~ ^(-I|--index|--list)$ ||
			! $word =~ ^[^/]+:[0-9]+$ ]] || return 0
		prev=$word
	done
	return 1
}

# _nget_locators CUR: of what is typed, CUR is what readline replaces: it begins
# behind a quote that is open, or else behind the last colon.
_nget_locators()
{
	local line=${COMP_LINE:0:COMP_POINT} quoted="" limit=50 found
	local word=${line##*[[:blank:]]} kept text

	[[ ${COMP_WORDS[COMP_CWORD]} != [\"\']* ]] || quoted=yes
	[[ ! $quoted && $word == *"$1" ]] || word=$1
	line=${line%"$word"}
	kept=${word%"$1"}
	if [[ ! $quoted ]]; then
		word=${word//\\/}
		kept=${kept//\\/}
	fi
	text=$word
	if [[ $word == */* ]]; then
		limit=1000
		text=${word#*/}
		text=${text%\%}
		text=${text%\%?}
		printf -v text %b "${text//%/\\x}"
	fi
	((${#text} > 1)) && ! _nget_names "$line" || return 0
	while IFS= read -r found; do
		[[ $found == "$kept"* ]] || continue
		[[ $word != */* || $found == "$word"* ]] || continue
		found=${found#"$kept"}
		[[ $quoted ]] || printf -v found %q "$found"
		COMPREPLY+=("$found")
	done < <(_nget_found "$line" $limit "$text")
	# What several begin with would replace the words that found them.
	[[ $word == */* ]] || ((${#COMPREPLY[@]} < 2)) || COMPREPLY+=(' ')
}

_nget()
{
	local cur=$2 prev=$3
	local options='-o --output -d --directory -f --force --no-continue
		--digest -m --multiple -j --jobs --rate --timeout --list
		-I --index -q --quiet -v --verbose -h --help -V --version'

	COMPREPLY=()
	# "=" is a word of its own.
	[[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	case $prev in
	-o | --output)
		compopt -o default
		;;
	-d | --directory)
		compopt -o dirnames
		;;
	--digest)
		compopt -o nospace
		mapfile -t COMPREPLY < <(compgen -W sha256: -- "$cur")
		;;
	-j | --jobs | --rate | --timeout | --list | -I | --index) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			_nget_locators "$cur"
		fi
		;;
	esac
}

complete -o nosort -F _nget nget
