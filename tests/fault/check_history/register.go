package main

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/anishathalye/porcupine"
)

// How long Porcupine may think about one key. Longer, and the key counts as wrong.
const patience = time.Minute

// A write, a deletion (of which the value is absent) or a read of one key.
type operation struct {
	client  int
	isRead  bool
	value   int64
	outcome byte
	start   int64
	end     int64 // when the call returned
}

func (o operation) String() string {
	what := fmt.Sprintf("write of %d", o.value)
	if o.isRead {
		what = fmt.Sprintf("read of %d", o.value)
	} else if o.value == absent {
		what = "deletion"
	}
	if o.isRead && o.value == absent {
		what = "read of nothing"
	} else if o.value == torn {
		what = "read of a torn value"
	}
	if o.outcome == unknown {
		what += " (unknown)"
	}
	return fmt.Sprintf("%s by client %d at %.6f to %.6f s", what, o.client, float64(o.start)/1e9, float64(o.end)/1e9)
}

// operationsByKey returns what may have had an effect or shows one. What failed did not happen: if it
// did, a read of it finds no write.
func operationsByKey(calls []call) map[int][]operation {
	keys := map[int][]operation{}
	for _, c := range calls {
		if c.isListing() {
			continue
		}
		for i, key := range c.Keys {
			o := operation{
				client: c.Client, isRead: c.Verb == "mget", outcome: c.Outcomes[i], start: c.Start, end: c.End,
			}
			if c.Verb != "mdelete" {
				o.value = c.Values[i]
			}
			if o.outcome == succeeded || !o.isRead && o.outcome == unknown {
				keys[key] = append(keys[key], o)
			}
		}
	}
	return keys
}

// The state of a key: what is stored, and the latest start of a write that was applied.
type register struct {
	value  int64
	newest int64
}

// The model is a last-write-wins register with the timestamps of clients. A write has a timestamp
// from between its start and its return, which is not recorded. So one that had returned before another
// started is the older of the two: it changes nothing once the other is applied, however late it comes.
// Writes that overlap may have either order.
var model = porcupine.Model{
	Init: func() interface{} { return register{value: absent, newest: math.MinInt64} },
	Step: func(state, input, _ interface{}) (bool, interface{}) {
		now, o := state.(register), input.(operation)
		if o.isRead {
			return now.value == o.value, now
		}
		if o.end < now.newest {
			return true, now
		}
		now.value = o.value
		if o.start > now.newest {
			now.newest = o.start
		}
		return true, now
	},
}

// history returns the operations for Porcupine, whose search takes the longer the more of them are open
// at a time. Of those that are unknown, a write that nobody has read is left out, since then all is as if
// it had not happened; and others need not stay open for ever.
func history(operations []operation) []porcupine.Operation {
	read := map[int64]bool{absent: true}
	for _, o := range operations {
		read[o.value] = read[o.value] || o.isRead
	}
	var made []porcupine.Operation
	for _, o := range operations {
		end := o.end
		if o.outcome == unknown {
			if !read[o.value] {
				continue
			}
			end = lastEffect(o, operations)
		}
		made = append(made, porcupine.Operation{ClientId: o.client, Input: o, Call: o.start, Return: end})
	}
	return made
}

// lastEffect returns until when an unknown write may be applied: until one that started after its return
// is acknowledged.
func lastEffect(o operation, operations []operation) int64 {
	end := int64(math.MaxInt64)
	for _, other := range operations {
		if !other.isRead && other.outcome == succeeded && other.start > o.end && other.end < end {
			end = other.end
		}
	}
	return end
}

// wrongKeys returns a line for each key whose history no such register can have.
func wrongKeys(calls []call) []string {
	byKey := operationsByKey(calls)
	keys := make([]int, 0, len(byKey))
	for key := range byKey {
		keys = append(keys, key)
	}
	sort.Ints(keys)
	var wrong []string
	for _, key := range keys {
		operations := history(byKey[key])
		switch porcupine.CheckOperationsTimeout(model, operations, patience) {
		case porcupine.Illegal:
			wrong = append(wrong, fmt.Sprintf("key %d: %s", key, firstWrong(operations)))
		case porcupine.Unknown:
			wrong = append(wrong, fmt.Sprintf("key %d: not decided within %v", key, patience))
		}
	}
	return wrong
}

// firstWrong names the operation that the longest history that is possible stops at.
func firstWrong(operations []porcupine.Operation) string {
	_, info := porcupine.CheckOperationsVerbose(model, operations, patience)
	explained := map[interface{}]bool{}
	longest := 0
	for _, partial := range info.PartialLinearizationsOperations()[0] {
		if len(partial) <= longest {
			continue
		}
		longest = len(partial)
		explained = map[interface{}]bool{}
		for _, o := range partial {
			explained[o.Input] = true
		}
	}
	first := operation{start: math.MaxInt64, end: math.MaxInt64}
	last := operation{}
	for _, o := range operations {
		input := o.Input.(operation)
		if !explained[o.Input] && input.outcome == succeeded && input.end < first.end {
			first = input
		}
		if explained[o.Input] && !input.isRead && input.start < first.end && input.start > last.start {
			last = input
		}
	}
	return fmt.Sprintf("%v cannot be; the latest write before it is the %v", first, last)
}
