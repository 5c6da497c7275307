# keeper FOLDER IDLE COMMAND...
#
# Runs COMMAND and ends it, with everything it kept in FOLDER/state, once no
# test has held a lock on FOLDER/users for IDLE seconds.
folder=$1 idle=$2
shift 2

# If the keeper itself is killed, the kernel ends the service.
setpriv --pdeathsig KILL "$@" >"$folder/log" 2>&1 </dev/null &
service=$!

# INT is PostgreSQL's fast shutdown; TERM is for a service that, started in the
# background, ignores INT. One that has not ended after five seconds is killed.
finish() {
	kill -INT "$service" 2>/dev/null
	kill -TERM "$service" 2>/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$service" 2>/dev/null || break
		sleep 0.5
	done
	kill -KILL "$service" 2>/dev/null
	wait "$service" 2>/dev/null
	rm -rf "$folder/state"
	exit
}
trap finish TERM INT HUP

quiet=0
while kill -0 "$service" 2>/dev/null; do
	sleep 1
	# Somebody removed the folder: no test can find the service any more.
	[ -e "$folder/users" ] || finish
	if flock --exclusive --nonblock "$folder/users" true; then
		quiet=$((quiet + 1))
	else
		quiet=0
	fi
	if [ "$quiet" -ge "$idle" ]; then
		# Held until the keeper ends, so that a test that comes now waits and
		# then starts the service anew.
		exec 9<"$folder/users"
		if flock --exclusive --nonblock 9; then
			finish
		fi
		exec 9<&-
		quiet=0
	fi
done
wait "$service"
