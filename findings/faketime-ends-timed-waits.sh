#!/usr/bin/env bash
# Under libfaketime, waiting on a condition variable for a while of the monotonic clock ends at once.
#
# Versions: libfaketime 0.9.10-2.1 (Debian 12), GCC of the distribution.
# Behaviour: FAKETIME_DONT_FAKE_MONOTONIC=1 is there to leave CLOCK_MONOTONIC alone, and clock_gettime
# does. But pthread_cond_timedwait on a condition variable of that clock still adapts its deadline, so
# that a wait of 0.1 s times out at once, whichever way the time is shifted. A server on a JVM, whose
# threads wait so, spins, and took 100 s to start in place of 9 s. FAKETIME_FORCE_MONOTONIC_FIX=0, by
# its name a workaround for something else, makes the waits right.
# Seen: without libfaketime: timed out after 0.1 s
#       monotonic clock left alone: timed out after 0.0 s
#       and no monotonic fix: timed out after 0.1 s
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download libfaketime=0.9.10-2.1
dpkg -x libfaketime_*.deb debian
library=$(find "$work/debian" -name libfaketime.so.1)
cat >wait.c <<'END'
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

int main(void) {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_condattr_t attributes;
  pthread_cond_t never;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&never, &attributes);
  pthread_mutex_lock(&mutex);
  struct timespec begin, deadline, end;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  deadline = begin;
  deadline.tv_nsec += 100000000;
  deadline.tv_sec += deadline.tv_nsec / 1000000000;
  deadline.tv_nsec %= 1000000000;
  const int status = pthread_cond_timedwait(&never, &mutex, &deadline);
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double seconds = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
  printf("%s after %.1f s\n", status == ETIMEDOUT ? "timed out" : "woken", seconds);
}
END
gcc -o wait wait.c -pthread
shifted=(env "LD_PRELOAD=$library" FAKETIME=+5 FAKETIME_DONT_FAKE_MONOTONIC=1)
seen="without libfaketime: $(./wait)
monotonic clock left alone: $("${shifted[@]}" ./wait)
and no monotonic fix: $("${shifted[@]}" FAKETIME_FORCE_MONOTONIC_FIX=0 ./wait)"
echo "$seen"
[ "$seen" = "without libfaketime: timed out after 0.1 s
monotonic clock left alone: timed out after 0.0 s
and no monotonic fix: timed out after 0.1 s" ]
