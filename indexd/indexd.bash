# What bash completes behind indexd; bash-completion need not be there.

_indexd()
{
	local cur=$2 prev=$3
	local options='-l --listen -4 -6 -t --threads -d --daemon --pidfile
		-u --user -i --inetd --handoff --idle-exit --sandbox
		--max-conns --max-peers --max-files --find-rate --add-rate
		--idle-timeout --ping-interval --ping-timeout --stall-timeout
		--trust -v --verbose -h --help -V --version'

	COMPREPLY=()
	# "=" is a word of its own.
	[[ $prev != = ]] || prev=${COMP_WORDS[COMP_CWORD - 2]}
	case $prev in
	--handoff | --pidfile)
		compopt -o default
		;;
	--sandbox)
		mapfile -t COMPREPLY < <(compgen -W 'off try require' -- "$cur")
		;;
	-u | --user)
		mapfile -t COMPREPLY < <(compgen -A user -- "$cur")
		;;
	-l | --listen | -t | --threads | --max-* | --*-rate | --*-timeout | \
		--idle-exit | --ping-interval | --trust) ;;
	*)
		mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		;;
	esac
}

complete -o nosort -F _indexd indexd
