# What bash completes behind nfind; bash-completion need not be there.

_nfind()
{
	local cur=$2 prev=$3
	local options='-n --limit -1 --first -x --not --ext --over --under
		--exact --hash --stat -l --long --json --url --peers -c --count
		-q --quiet -H --digest --no-digest -0 --null -I --index
		--timeout -v --verbose -h --help -V --version'

	COMPREPLY=()
	# "=" is a word of its own.
	[[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	case $prev in
	-n | --limit | -x | --not | --ext | --over | --under | --exact | \
		--hash | -I | --index | --timeout) ;;
	*)
		# Words are anybody's guess.
		[[ $cur != -* ]] ||
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		;;
	esac
}

complete -o nosort -F _nfind nfind
