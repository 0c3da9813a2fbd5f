# Ends a server and removes its folder once nobody uses it. Started by keeper.rs, which explains the design.
# $1: the folder, $2: seconds to wait for new users; standard input: the reading end of the gate.
trap '' HUP INT TERM
cd "$1" || exit 1

# Reading ends when the last user is gone. Every user has written a letter, so no letters means no new users.
while [ -n "$(cat)" ]; do sleep "$2"; done

# Nobody comes in any more; who came in just now is waited for.
mv gate closed
cat >/dev/null

# The server removes this file as the last thing it does.
if server=$(head -n 1 data/postmaster.pid 2>/dev/null) && kill -QUIT "$server" 2>/dev/null; then
    tries=200
    while [ -e data/postmaster.pid ] && [ $tries -gt 0 ] && kill -0 "$server" 2>/dev/null; do
        sleep 0.05 2>/dev/null || sleep 1
        tries=$((tries - 1))
    done
fi
cd / || exit 1
rm -rf "$1"
rmdir "${1%/*}" 2>/dev/null
exit 0
