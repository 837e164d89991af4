package main

import (
	"math/rand"
	"testing"
)

// A write as a register with timestamps takes it: it counts from `visible` on unless one with a later
// timestamp does.
type taken struct {
	stamp, visible, value int64
}

func stored(writes []taken, time int64) int64 {
	value, newest := int64(absent), int64(-1)
	for _, w := range writes {
		if w.visible <= time && w.stamp > newest {
			value, newest = w.value, w.stamp
		}
	}
	return value
}

// randomHistory is what clients see of one key of such a register. No two times are the same, so they
// are larger than the number of all that happens.
func randomHistory(random *rand.Rand) []call {
	const clients, callsOfClient = 5, 30
	const longest, forever = 1000, int64(1) << 40
	between := func(from, to int64) int64 { return from + random.Int63n(to-from+1) }
	var calls []call
	var writes []taken
	for client := 0; client < clients; client++ {
		now := between(0, longest)
		for i := 0; i < callsOfClient; i++ {
			start := now + between(1, longest)
			end := start + between(1, longest)
			now = end
			c := get(start, end, absent)
			if random.Intn(2) == 0 {
				value := int64(len(calls) + 1)
				c = set(start, end, value)
				if random.Intn(3) == 0 {
					value, c = absent, remove(start, end)
				}
				stamp := between(start, end)
				visible := between(stamp, end)
				switch random.Intn(10) {
				case 0:
					c.Outcomes, visible = "f", forever
				case 1:
					c.Outcomes, visible = "u", forever
				case 2:
					c.Outcomes, visible = "u", between(stamp, end+20*longest)
				}
				writes = append(writes, taken{stamp, visible, value})
			}
			c.Client = client
			calls = append(calls, c)
		}
	}
	for i := range calls {
		if c := &calls[i]; c.Verb == "mget" {
			c.Values[0] = stored(writes, between(c.Start, c.End))
		}
	}
	return calls
}

func TestRandomHistoriesOfARegisterCanBe(t *testing.T) {
	for seed := int64(0); seed < 500; seed++ {
		if wrong := judge(randomHistory(rand.New(rand.NewSource(seed)))).Wrong; len(wrong) != 0 {
			t.Fatalf("seed %d: %q", seed, wrong)
		}
	}
}

// overwritten returns a value that a read cannot have: it was written before another write began that
// was acknowledged before the read.
func overwritten(calls []call, read call) (int64, bool) {
	for _, old := range calls {
		for _, later := range calls {
			if old.Verb == "mset" && later.Verb != "mget" && later.Outcomes == "." && old.End < later.Start && later.End < read.Start {
				return old.Values[0], true
			}
		}
	}
	return 0, false
}

func TestOneStaleReadAmongManyIsFound(t *testing.T) {
	found := 0
	for seed := int64(0); seed < 100; seed++ {
		random := rand.New(rand.NewSource(seed))
		calls := randomHistory(random)
		i := random.Intn(len(calls))
		stale, exists := overwritten(calls, calls[i])
		if calls[i].Verb != "mget" || !exists {
			continue
		}
		found++
		calls[i].Values[0] = stale
		if wrong := judge(calls).Wrong; len(wrong) != 1 {
			t.Errorf("seed %d: %q", seed, wrong)
		}
	}
	if found < 20 {
		t.Errorf("only %d histories had a read to break", found)
	}
}
