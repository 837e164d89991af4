package main

import (
	"reflect"
	"strings"
	"testing"
)

// Histories of key 1 by hand, one operation after another unless said otherwise: times are positions.

func set(start, end int64, value int64) call {
	return call{Verb: "mset", Start: start, End: end, Keys: []int{1}, Values: []int64{value}, Outcomes: "."}
}

func remove(start, end int64) call {
	return call{Verb: "mdelete", Start: start, End: end, Keys: []int{1}, Outcomes: "."}
}

func get(start, end int64, value int64) call {
	return call{Verb: "mget", Start: start, End: end, Keys: []int{1}, Values: []int64{value}, Outcomes: "."}
}

func list(start, end int64, keys ...int) call {
	return call{Verb: "yield_keys", Start: start, End: end, Keys: keys, Outcomes: "."}
}

func with(outcome string, c call) call {
	c.Outcomes = outcome
	return c
}

func TestHistoriesThatCanBe(t *testing.T) {
	for name, calls := range map[string][]call{
		"nothing at all":                             {},
		"a value is written, read and deleted":       {get(1, 2, absent), set(3, 4, 7), get(5, 6, 7), remove(7, 8), get(9, 10, absent)},
		"a read beside a write sees it":              {set(1, 9, 7), get(2, 3, 7), get(4, 5, 7)},
		"a read beside a write does not":             {set(1, 9, 7), get(2, 3, absent), get(4, 5, 7)},
		"of writes side by side either is the later": {set(1, 5, 7), set(2, 6, 8), get(7, 8, 7), get(9, 10, 7)},
		"an unknown write happened":                  {with("u", set(1, 2, 7)), get(3, 4, 7)},
		"an unknown write did not":                   {with("u", set(1, 2, 7)), get(3, 4, absent)},
		"an unknown write comes late":                {with("u", set(1, 2, 7)), get(3, 4, absent), get(5, 6, 7)},
		"an unknown deletion comes late":             {set(1, 2, 7), with("u", remove(3, 4)), get(5, 6, 7), get(7, 8, absent)},
		"an unknown write wins over one beside it":   {with("u", set(1, 4, 7)), set(2, 3, 8), get(5, 6, 8), get(7, 8, 7)},
		"a failed write did not happen":              {with("f", set(1, 2, 7)), get(3, 4, absent)},
		"a read that failed tells nothing":           {set(1, 2, 7), with("f", get(3, 4, absent))},
		"a listing of what is there":                 {set(1, 2, 7), list(3, 4, 1)},
		"a listing without what was deleted":         {set(1, 2, 7), remove(3, 4), list(5, 6)},
		"a listing beside a write, with the key":     {set(1, 9, 7), list(2, 3, 1)},
		"a listing beside a write, without it":       {set(1, 9, 7), list(2, 3)},
		"a listing beside a deletion, without it":    {set(1, 2, 7), list(3, 9), remove(4, 5)},
		"a listing after an unknown deletion":        {set(1, 2, 7), with("u", remove(3, 4)), list(5, 6)},
		"a listing after an unknown write":           {with("u", set(1, 2, 7)), list(3, 4, 1), list(5, 6, 1)},
		"a listing that failed tells nothing":        {set(1, 2, 7), with("f", list(3, 4))},
	} {
		if wrong := judge(calls).Wrong; len(wrong) != 0 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestHistoriesThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		calls []call
		says  string
	}{
		"a lost write":                     {[]call{set(1, 2, 7), get(3, 4, absent)}, "key 1: read of nothing"},
		"a lost deletion":                  {[]call{set(1, 2, 7), remove(3, 4), get(5, 6, 7)}, "key 1: read of 7"},
		"a resurrected deletion":           {[]call{set(1, 2, 7), remove(3, 4), get(5, 6, absent), get(7, 8, 7)}, "key 1: read of 7"},
		"a stale read":                     {[]call{set(1, 2, 7), set(3, 4, 8), get(5, 6, 7)}, "latest write before it is the write of 8"},
		"reads that go back":               {[]call{set(1, 2, 7), set(3, 9, 8), get(4, 5, 8), get(6, 7, 7)}, "key 1: read of 7"},
		"a read of the future":             {[]call{get(1, 2, 7), set(3, 4, 7)}, "key 1: read of 7"},
		"a torn value":                     {[]call{set(1, 2, 7), get(3, 4, torn)}, "read of a torn value"},
		"a value of nobody":                {[]call{set(1, 2, 7), get(3, 4, 9)}, "key 1: read of 9"},
		"a failed write that appears":      {[]call{with("f", set(1, 2, 7)), get(3, 4, absent), get(5, 6, 7)}, "key 1: read of 7"},
		"a failed deletion that happens":   {[]call{set(1, 2, 7), with("f", remove(3, 4)), get(5, 6, absent)}, "key 1: read of nothing"},
		"an unknown write that is undone":  {[]call{with("u", set(1, 2, 7)), get(3, 4, 7), get(5, 6, absent)}, "key 1: read of nothing"},
		"an old unknown write over a new":  {[]call{with("u", set(1, 2, 7)), set(3, 4, 8), get(5, 6, 8), get(7, 8, 7)}, "key 1: read of 7"},
		"an old unknown write over none":   {[]call{with("u", set(1, 2, 7)), remove(3, 4), get(5, 6, 7)}, "key 1: read of 7"},
		"an old unknown deletion of a new": {[]call{with("u", remove(1, 2)), set(3, 4, 8), get(5, 6, absent)}, "key 1: read of nothing"},
		"a listing that skips":             {[]call{set(1, 2, 7), list(3, 4)}, "skipped it"},
		"a listing that skips what an old unknown deletion cannot undo": {
			[]call{with("u", remove(1, 2)), set(3, 4, 7), list(5, 6)}, "skipped it"},
		"a listing that repeats":               {[]call{set(1, 2, 7), list(3, 4, 1, 1)}, "had it 2 times"},
		"a listing of what was deleted":        {[]call{set(1, 2, 7), remove(3, 4), list(5, 6, 1)}, "gone throughout"},
		"a listing of what is written later":   {[]call{list(1, 2, 1), set(3, 4, 7)}, "gone throughout"},
		"a listing of what nobody wrote":       {[]call{list(1, 2, 5)}, "key 5: a listing"},
		"a listing of what a write failed for": {[]call{with("f", set(1, 2, 7)), list(3, 4, 1)}, "gone throughout"},
	} {
		wrong := judge(test.calls).Wrong
		if len(wrong) != 1 || !strings.Contains(wrong[0], test.says) {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestKeysAreJudgedApart(t *testing.T) {
	calls := []call{
		{Verb: "mset", Start: 1, End: 2, Keys: []int{1, 2, 3}, Values: []int64{7, 8, 9}, Outcomes: ".uf"},
		{Verb: "mget", Start: 3, End: 4, Keys: []int{1, 2, 3}, Values: []int64{7, absent, 9}, Outcomes: "..."},
	}
	if wrong := judge(calls).Wrong; len(wrong) != 1 || !strings.HasPrefix(wrong[0], "key 3:") {
		t.Errorf("%q", wrong)
	}
}

func TestRecordsThatAreIncomplete(t *testing.T) {
	for name, c := range map[string]call{
		"a verb that there is not":      {Verb: "mput"},
		"fewer outcomes than keys":      {Verb: "mdelete", Keys: []int{1, 2}, Outcomes: "."},
		"fewer values than keys":        {Verb: "mset", Keys: []int{1}, Outcomes: "."},
		"a listing without an outcome":  {Verb: "yield_keys", Keys: []int{1}},
		"an end that is before a start": {Verb: "yield_keys", Outcomes: ".", Start: 2, End: 1},
	} {
		if c.check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestFigures(t *testing.T) {
	const ms = 1_000_000
	f := figuresOf([]call{
		set(0, 10*ms, 7),
		{Verb: "mget", Start: 10 * ms, End: 13 * ms, Keys: []int{1, 2}, Values: []int64{7, absent}, Outcomes: ".f", Codes: []string{"timeout"}},
		{Verb: "mdelete", Start: 13 * ms, End: 14 * ms, Keys: []int{1, 2}, Outcomes: "u.", Codes: []string{"timeout"}},
		list(14*ms, 40*ms, 1),
		remove(40*ms, 41*ms),
	})
	want := figures{Calls: 5, Acknowledged: 4, Writes: 3, Failed: 1, Unknown: 1, CallsFailed: 2, Listings: 1,
		Codes:   map[string]int{"timeout": 2},
		Seconds: 0.041, LongestGapMs: 30, P50Ms: 3, P99Ms: 10, MaxMs: 10}
	if !reflect.DeepEqual(f, want) {
		t.Errorf("%+v", f)
	}
}
